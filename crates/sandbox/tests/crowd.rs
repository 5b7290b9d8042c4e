//! Many people at once.

mod common;

use std::thread;

use common::{Client, text};
use sandbox::{Options, World};

/// So many threads, and so many logins one after the other on each.
const THREADS: usize = 50;
const LOGINS: usize = 20;

#[test]
fn a_thousand_logins_side_by_side() {
    let client = Client::of(World::guide(), Options::default(), &common::device_registration());
    let control = client.running.control();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..LOGINS).for_each(|_| log_in(&client)));
        }
    });
    let all = THREADS * LOGINS;
    assert_eq!(control.count_ok("StartDeviceAuthorization"), all);
    assert_eq!(control.count_ok("CreateToken"), all, "no code was anybody else's");
    assert_eq!(control.count_ok("GetRoleCredentials"), all);
    assert!(control.waiting_devices().is_empty());
}

fn log_in(client: &Client) {
    let device = client.start_device();
    assert!(client.running.control().approve_device(text(&device, "userCode")));
    let token = client.poll(text(&device, "deviceCode")).json();
    client.role_credentials(text(&token, "accessToken"));
}
