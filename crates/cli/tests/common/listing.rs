//! The accounts and roles of a login, listed as `list-accounts` lists them.

use super::Machine;
use daypass_core::aws::Aws;
use daypass_core::critical::Critical;
use daypass_core::directory::{self, Wish};
use daypass_core::files::Files;
use daypass_core::host::{Clock, Host, Vars};
use daypass_core::resolve::{Origin, Request, connection, profile, sso};
use daypass_core::store::Store;
use jiff::{SignedDuration, Timestamp};
use vault::LockPlaces;

/// Lists everything that the sso-session reaches.
pub fn list(machine: &Machine, session: &str) {
    list_roles(machine, session, true);
}

/// The same where there are so many accounts that the portal would take minutes: their
/// roles, which are all called `role`, are put where a listing keeps them.
pub fn list_many(machine: &Machine, session: &str, role: &str) {
    list_roles(machine, session, false);
    let dir = machine.path("~/.aws/daypass/accounts");
    let file = std::fs::read_dir(dir).expect("a directory").next().expect("a file");
    let path = file.expect("a file").path();
    let known = std::fs::read_to_string(&path).expect("a list");
    let now = Timestamp::now().as_second();
    let roles = known.lines().filter_map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        let line = serde_json::json!({ "of": value["id"].as_str()?, "roles": [role], "at": now });
        Some(format!("{line}\n"))
    });
    let roles: String = roles.collect();
    std::fs::write(&path, known + &roles).expect("written");
}

fn list_roles(machine: &Machine, session: &str, all: bool) {
    let home = machine.home();
    let host = Host {
        vars: machine.running.environment().into_iter().collect::<Vars>(),
        clock: Clock::new(Timestamp::now),
        locks: LockPlaces::for_user(&home.join(".aws/daypass/locks")),
        store: Store::in_home(&home),
        critical: Critical::default(),
        trail: daypass_core::audit::Trail::default(),
        home,
    };
    let files = Files::load(&host).expect("files");
    let plan = sso::session(&files, session, Origin::Default).expect("a session");
    let chosen = profile::choose(&Request::default(), &host, &files);
    let connection = connection::resolve(&Request::default(), &host, &chosen.profile);
    let aws = Aws::new(connection.expect("a connection"), host.clock.clone()).expect("services");
    let wish = Wish { max_age: SignedDuration::ZERO, roles_of: &|_| all };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let mut unseen = |_: &directory::Progress| {};
    let listed = directory::list(&host, &aws, &plan, &wish, &mut unseen);
    runtime.expect("a runtime").block_on(listed).expect("a list");
}
