//! The test's hand in the sandbox while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::faults::{Fault, Hold, Rate};
use crate::journal::{Count, Entry};
use crate::options::Options;
use crate::room::Shared;
use crate::state::{Decision, Device};
use crate::world::{AccountAssignment, Assignee, World};

/// Steers a running sandbox; clones steer the same one.
#[derive(Debug, Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

/// What the sandbox's clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockFace {
    /// The sandbox's time.
    pub now: Timestamp,
    /// How much of it was let go by.
    pub advanced: SignedDuration,
    /// How wrong it is.
    pub skew: SignedDuration,
    /// Whether it stands still.
    pub frozen: bool,
}

/// A device that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What the person compares.
    pub user_code: String,
    /// The client's name.
    pub client: String,
    /// Until when.
    pub expires: Timestamp,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Lets time go by: tokens, codes, sessions and credentials age. Requests may
    /// be signed by either time, the real one or the sandbox's.
    pub fn advance(&self, by: Duration) {
        self.shared
            .lock()
            .clock
            .advance(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX));
    }

    /// Stops the sandbox's clock: only `advance` and `set_skew` move it from now on.
    /// The age of signatures still goes by real time.
    pub fn freeze(&self) {
        self.shared.lock().clock.freeze();
    }

    /// Makes the sandbox's clock wrong by this much; unlike `advance` it also
    /// counts against signatures.
    pub fn set_skew(&self, skew: SignedDuration) {
        self.shared.lock().clock.set_skew(skew);
    }

    /// The sandbox's time.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().now()
    }

    /// The sandbox's clock goes on, from the real time.
    pub fn thaw(&self) {
        self.shared.lock().clock.thaw();
    }

    /// What the clock shows, and why.
    pub fn clock(&self) -> ClockFace {
        let clock = self.shared.lock().clock;
        ClockFace {
            now: clock.now(),
            advanced: clock.advanced(),
            skew: clock.skew(),
            frozen: clock.is_frozen(),
        }
    }

    /// Requests of an operation so far, granted or not.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.lock().journal.of(operation).requests
    }

    /// Requests of an operation that were granted (status below 400).
    pub fn count_ok(&self, operation: &str) -> usize {
        self.shared.lock().journal.of(operation).ok
    }

    /// How often each operation was asked for.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.shared.lock().journal.counts().clone()
    }

    /// All requests so far (the last 100,000), oldest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.journal_since(0)
    }

    /// The requests after the one with that ID, oldest first.
    pub fn journal_since(&self, id: u64) -> Vec<Entry> {
        self.shared.lock().journal.since(id).cloned().collect()
    }

    /// At most `limit` entries after the one with that ID, of one operation or of
    /// all; and the ID after which to go on.
    pub(crate) fn journal_page(
        &self,
        since: u64,
        limit: usize,
        operation: Option<&str>,
    ) -> (Vec<Entry>, u64) {
        let room = self.shared.lock();
        let wanted = |entry: &&Entry| operation.is_none_or(|wanted| entry.operation == wanted);
        let entries: Vec<_> = room.journal.since(since).filter(wanted).take(limit).collect();
        let all = entries.len() < limit;
        let last = entries.last().filter(|_| !all).map_or(room.journal.last(), |entry| entry.id);
        (entries.into_iter().cloned().collect(), last.max(since))
    }

    /// Every access token stops working; refresh tokens go on.
    pub fn revoke_access_tokens(&self) {
        self.shared.lock().state.access_tokens.values_mut().for_each(|token| token.revoked = true);
    }

    /// Every session ends, with its access and refresh tokens, as when an admin
    /// ends them. Role credentials already given stay good.
    pub fn revoke_sessions(&self) {
        self.shared.lock().state.sessions.values_mut().for_each(|session| session.revoked = true);
    }

    /// As `revoke_access_tokens`, of one user.
    pub fn revoke_access_tokens_of(&self, user: &str) {
        let state = &mut self.shared.lock().state;
        let sessions = &state.sessions;
        let theirs = |session: &String| sessions.get(session).is_some_and(|s| s.user == user);
        for token in state.access_tokens.values_mut().filter(|token| theirs(&token.session)) {
            token.revoked = true;
        }
    }

    /// As `revoke_sessions`, of one user.
    pub fn revoke_sessions_of(&self, user: &str) {
        let sessions = &mut self.shared.lock().state.sessions;
        for session in sessions.values_mut().filter(|session| session.user == user) {
            session.revoked = true;
        }
    }

    /// Role credentials already given stop working: unknown keys from now on.
    pub fn revoke_role_credentials(&self) {
        self.shared.lock().state.keys.retain(|_, key| key.session_token.is_none());
    }

    /// Every client registration is unknown from now on.
    pub fn forget_registrations(&self) {
        self.shared.lock().state.registrations.clear();
    }

    /// Takes a user's own assignment away; says whether it was there. What a group
    /// gives them stays.
    pub fn unassign(&self, user: &str, account: &str, permission_set: &str) -> bool {
        self.withdraw(Assignee::User(user.to_owned()), account, permission_set)
    }

    /// Takes a group's assignment away; says whether it was there.
    pub fn unassign_group(&self, group: &str, account: &str, permission_set: &str) -> bool {
        self.withdraw(Assignee::Group(group.to_owned()), account, permission_set)
    }

    fn withdraw(&self, to: Assignee, account: &str, permission_set: &str) -> bool {
        let (account, permission_set) = (account.to_owned(), permission_set.to_owned());
        let assignment = AccountAssignment { to, account, permission_set };
        self.shared.lock().world.assignments.remove(&assignment)
    }

    /// The user codes that wait for a person.
    pub fn pending_user_codes(&self) -> Vec<String> {
        let room = self.shared.lock();
        let pending =
            room.state.devices.values().filter(|device| device.decision == Decision::Pending);
        pending.map(|device| device.user_code.clone()).collect()
    }

    /// The devices that wait for a person, the oldest first.
    pub fn waiting_devices(&self) -> Vec<Waiting> {
        let room = self.shared.lock();
        let now = room.now();
        let pending =
            |device: &&Device| device.decision == Decision::Pending && now < device.expires;
        let client = |device: &Device| {
            let client = room.state.registrations.get(&device.client_id);
            client.map(|client| client.name.clone()).unwrap_or_default()
        };
        let devices = room.state.devices.values().filter(pending);
        let mut devices: Vec<_> = devices
            .map(|device| Waiting {
                user_code: device.user_code.clone(),
                client: client(device),
                expires: device.expires,
            })
            .collect();
        devices.sort_by_key(|device| device.expires);
        devices
    }

    /// The world's first user allows a device; says whether the code was waiting.
    pub fn approve_device(&self, user_code: &str) -> bool {
        let user = self.shared.lock().world.users.first().map(|user| user.name.clone());
        self.decide(user_code, Decision::Approved(user.unwrap_or_default()))
    }

    /// That user allows a device; says whether the code was waiting and there is such
    /// a user.
    pub fn approve_device_as(&self, user_code: &str, user: &str) -> bool {
        let known = self.shared.lock().world.user(user).is_some();
        known && self.decide(user_code, Decision::Approved(user.to_owned()))
    }

    /// Denies a device; says whether the code was waiting.
    pub fn deny_device(&self, user_code: &str) -> bool {
        self.decide(user_code, Decision::Denied)
    }

    fn decide(&self, user_code: &str, decision: Decision) -> bool {
        let state = &mut self.shared.lock().state;
        let code = state.device_of(user_code).map(str::to_owned);
        let device = code.and_then(|code| state.devices.get_mut(&code));
        match device {
            Some(device) if device.decision == Decision::Pending => device.decision = decision,
            _ => return false,
        }
        true
    }

    /// The next `times` requests of `operation` meet `fault`.
    pub fn fail_next(&self, operation: &str, fault: Fault, times: usize) {
        self.shared.lock().faults.add(operation, &fault, times);
    }

    /// From now on requests meet this kind of fault by chance; 0 percent ends it.
    pub fn fail_sometimes(&self, rate: Rate) {
        self.shared.lock().faults.set_rate(rate);
    }

    /// The chances as they are.
    pub fn rates(&self) -> Vec<Rate> {
        self.shared.lock().faults.rates().to_vec()
    }

    /// The faults that wait: operation and name.
    pub fn waiting_faults(&self) -> Vec<(String, String)> {
        let room = self.shared.lock();
        let waiting = room.faults.waiting();
        waiting.map(|(operation, fault)| (operation.to_owned(), fault.name())).collect()
    }

    /// What chance began with.
    pub fn seed(&self) -> u64 {
        self.shared.lock().dice.seed()
    }

    /// No faults any more.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Requests of `operation` wait until the answer is dropped.
    pub fn hold(&self, operation: &str) -> Hold {
        self.shared.lock().faults.hold(operation)
    }

    /// Whether the world has a user of that name.
    pub fn has_user(&self, name: &str) -> bool {
        self.shared.lock().world.user(name).is_some()
    }

    /// The world as it is.
    pub fn world(&self) -> World {
        self.shared.lock().world.clone()
    }

    /// The knobs as they are.
    pub fn options(&self) -> Options {
        self.shared.lock().options.clone()
    }

    /// Turns the knobs; `port` has no effect any more.
    pub fn set_options(&self, options: Options) {
        self.shared.lock().options = options;
    }
}
