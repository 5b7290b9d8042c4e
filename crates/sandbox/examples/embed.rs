//! The sandbox in a test of yours: copy this.
//!
//! ```text
//! cargo run --example embed
//! ```
//!
//! A test starts a sandbox of its own (they run side by side), gives the variables to
//! the program under test, plays the person, lets time go by, makes things fail, and
//! looks at what was asked.
#![expect(clippy::print_stdout, reason = "the example's output")]

use std::process::Command;
use std::time::Duration;

use sandbox::world::Bucket;
use sandbox::{FaultKind, Options, Sandbox, World};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Who and what exists. `World::guide()`, `World::company()`, or from TOML.
    let world = World::new("https://d-1111111111.awsapps.com/start", "eu-west-1")
        .with_user("grace")
        .with_account("111111111111", "Research")
        .with_permission_set("Analyst", 8)
        .with_group("researchers", &["grace"])
        .with_group_assignment("researchers", "111111111111", &["Analyst"])
        .with_bucket(Bucket::new("research-data", "eu-central-1", "111111111111"));

    // Stops when `running` is dropped.
    let running = Sandbox::start_blocking(world, Options { strict: true, ..Options::default() })?;
    let control = running.control();

    // The program under test: any that reads the AWS endpoint variables.
    let mut program = Command::new("env");
    program.envs(running.environment());
    println!("{}", program.output()?.status);

    // People need no browser: approve the code that the program shows. For the pages
    // there is `sandbox::person::Person::allowing("grace").visit(link)`.
    for device in control.waiting_devices() {
        assert!(control.approve_device_as(&device.user_code, "grace"));
    }

    // Tokens age without waiting; answers are lost when it hurts most.
    control.advance(Duration::from_secs(3600));
    control.fail_next("CreateToken", FaultKind::DropAfter.fault(), 1);
    control.fail_sometimes("503=5".parse()?);

    // What was asked, and by whom.
    for entry in control.journal() {
        println!("{} {} {:?}", entry.operation, entry.status, entry.client);
    }
    assert_eq!(control.count_ok("GetRoleCredentials"), 0);

    // One server for many tests: each has a world, a clock and a journal of its own.
    let lodging = running.lodge("test-1", World::guide(), Options::default())?;
    println!("{:?}", lodging.environment().first());
    running.evict("test-1");
    Ok(())
}
