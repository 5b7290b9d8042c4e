//! Everything one sandbox holds, behind one lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::dice::Dice;
use crate::faults::{Fault, Faults};
use crate::journal::Journal;
use crate::options::Options;
use crate::random;
use crate::server::Endpoints;
use crate::services::Service;
use crate::state::{Key, Principal, State};
use crate::world::{IamKey, World};

/// What services work on.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) world: World,
    pub(crate) options: Options,
    pub(crate) endpoints: Endpoints,
    pub(crate) clock: Clock,
    pub(crate) state: State,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) dice: Dice,
}

impl Room {
    pub(crate) fn new(world: World, options: Options, endpoints: Endpoints) -> Self {
        let keys = world
            .iam_keys
            .iter()
            .map(|key| (key.access_key_id.clone(), iam_user_key(key)))
            .collect();
        let state = State { keys, page_secret: random::id(), ..State::default() };
        let (clock, faults, journal) = (Clock::default(), Faults::default(), Journal::default());
        let dice = Dice::new(options.seed.unwrap_or_else(random::seed));
        Self { world, options, endpoints, clock, state, faults, journal, dice }
    }

    /// What goes wrong with a request.
    pub(crate) fn fault(&mut self, service: Service, operation: &str) -> Option<Fault> {
        self.faults.take(service, operation, &mut self.dice)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn iam_user_key(key: &IamKey) -> Key {
    let principal = Principal {
        account: key.account.clone(),
        arn: format!("arn:aws:iam::{}:user/{}", key.account, key.user),
        user_id: random::role_id(&key.account, &key.user).replacen("AROA", "AIDA", 1),
        ..Principal::default()
    };
    Key { secret: key.secret_access_key.clone(), session_token: None, expires: None, principal }
}

/// The room, shared by connections and [`crate::Control`].
#[derive(Debug)]
pub(crate) struct Shared(Mutex<Room>);

impl Shared {
    pub(crate) fn new(room: Room) -> Self {
        Self(Mutex::new(room))
    }

    /// The room to oneself. A panic elsewhere does not take it from the others.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Room> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
