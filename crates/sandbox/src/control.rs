//! The test's hand in the sandbox while it runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::faults::{Fault, Hold};
use crate::journal::Entry;
use crate::options::Options;
use crate::room::Shared;
use crate::state::Decision;
use crate::world::{AccountAssignment, Assignee};

/// Steers a running sandbox; clones steer the same one.
#[derive(Debug, Clone)]
pub struct Control {
    shared: Arc<Shared>,
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

    /// Requests of an operation so far, granted or not.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.lock().journal.count(operation, |_| true)
    }

    /// Requests of an operation that were granted (status below 400).
    pub fn count_ok(&self, operation: &str) -> usize {
        self.shared.lock().journal.count(operation, Entry::ok)
    }

    /// All requests so far, oldest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.lock().journal.entries().to_vec()
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

    /// The world's first user allows a device; says whether the code was waiting.
    pub fn approve_device(&self, user_code: &str) -> bool {
        let user = self.shared.lock().world.users.first().map(|user| user.name.clone());
        self.decide(user_code, Decision::Approved(user.unwrap_or_default()))
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

    /// No faults any more.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Requests of `operation` wait until the answer is dropped.
    pub fn hold(&self, operation: &str) -> Hold {
        self.shared.lock().faults.hold(operation)
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
