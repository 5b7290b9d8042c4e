//! The list of accounts and roles: its pace, what is kept of it, and who may ask.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Lab, PATIENCE, strict, told};
use daypass_core::aws::portal::Account;
use daypass_core::directory::{self, Directory, Progress, Wish};
use daypass_core::logout;
use daypass_core::{Kind, Result};
use jiff::SignedDuration;
use sandbox::{Fault, Options, World};
use std::path::PathBuf;
use std::time::Duration;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const ANEW: SignedDuration = SignedDuration::ZERO;

fn every(_: &Account) -> bool {
    true
}

/// Accounts of one user, each with two roles; the guide's three come with five.
fn many(accounts: usize) -> World {
    let mut world = World::guide();
    for number in 0..accounts {
        let id = format!("{}", 100_000_000_000 + number);
        world = world.with_account(&id, &format!("Team {number:03}"));
        world = world.with_assignment("ada", &id, &["ReadOnlyAccess", "Project-Admin"]);
    }
    world
}

async fn lab(accounts: usize, options: Options) -> Lab {
    let lab = Lab::of(many(accounts), options);
    lab.login("corp").await;
    lab
}

async fn list(lab: &Lab, max_age: SignedDuration) -> Result<Directory> {
    list_some(lab, max_age, &every).await
}

async fn list_some(
    lab: &Lab,
    max_age: SignedDuration,
    roles_of: &dyn Fn(&Account) -> bool,
) -> Result<Directory> {
    let wish = Wish { max_age, roles_of };
    directory::list(&lab.host, &lab.aws(), &lab.session("corp"), &wish, &mut |_| {}).await
}

fn cached(lab: &Lab) -> Option<Directory> {
    directory::cached(&lab.host, &lab.session("corp"))
}

fn files(lab: &Lab) -> Vec<PathBuf> {
    let dir = lab.home.path().join(".aws/daypass/accounts");
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn requests(lab: &Lab) -> usize {
    lab.control.count("ListAccounts") + lab.control.count("ListAccountRoles")
}

#[tokio::test]
async fn everything_is_listed_kept_and_not_asked_again() {
    let lab = lab(30, Options { empty_pages: true, page_size: 7, ..strict() }).await;
    assert_eq!(cached(&lab), None);
    let listed = list(&lab, DAY).await.unwrap();
    assert!(listed.complete && !listed.is_stale());
    assert_eq!((listed.accounts.len(), listed.roles()), (33, 65));
    assert!(listed.accounts.windows(2).all(|pair| pair[0].title() <= pair[1].title()));
    let asked = requests(&lab);
    let again = list(&lab, DAY).await.unwrap();
    assert_eq!(again.accounts, listed.accounts);
    assert_eq!(cached(&lab).unwrap().accounts, listed.accounts);
    assert_eq!(requests(&lab), asked);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_kept_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let lab = lab(1, strict()).await;
    list(&lab, DAY).await.unwrap();
    let [file] = files(&lab).try_into().unwrap();
    for (path, mode) in [(file.as_path(), 0o600), (file.parent().unwrap(), 0o700)] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[tokio::test]
async fn roles_are_asked_of_the_accounts_that_are_wanted_only() {
    // One page for each question, so that questions can be counted.
    let lab = lab(12, Options::default()).await;
    let some = |account: &Account| account.name.as_deref() == Some("Team 003");
    let listed = list_some(&lab, DAY, &some).await.unwrap();
    assert!(listed.all_accounts && !listed.complete);
    assert_eq!(lab.control.count_ok("ListAccountRoles"), 1);
    let asked: Vec<&str> = listed.accounts.iter().filter(|a| a.asked).map(|a| a.title()).collect();
    assert_eq!(asked, ["Team 003"]);
    let all = list(&lab, DAY).await.unwrap();
    assert!(all.complete);
    assert_eq!(lab.control.count_ok("ListAccountRoles"), 15, "that one is not asked again");
}

#[tokio::test]
async fn the_age_is_told_and_a_new_list_takes_the_place_of_the_old_one() {
    let lab = lab(2, strict()).await;
    list(&lab, DAY).await.unwrap();
    lab.control.unassign("ada", "100000000001", "Project-Admin");
    lab.control.unassign("ada", "100000000001", "ReadOnlyAccess");
    lab.pass(25 * 3600);
    let old = cached(&lab).unwrap();
    assert!(old.is_stale() && old.complete && old.age >= SignedDuration::from_hours(25));
    assert!(directory::is_refresh_due(&lab.host, &lab.session("corp")));
    lab.login("corp").await;
    directory::refresh(&lab.host, &lab.aws(), &lab.session("corp")).await.unwrap();
    assert_eq!(cached(&lab).unwrap().accounts.len(), 4);
    assert!(!directory::is_refresh_due(&lab.host, &lab.session("corp")));
}

#[tokio::test]
async fn a_refresh_that_fails_is_not_due_again_at_once_and_keeps_the_old_list() {
    let lab = lab(2, strict()).await;
    list(&lab, DAY).await.unwrap();
    lab.pass(25 * 3600);
    let plan = lab.session("corp");
    let error = directory::refresh(&lab.host, &lab.aws(), &plan).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
    assert!(cached(&lab).unwrap().complete);
    assert!(!directory::is_refresh_due(&lab.host, &plan));
    lab.pass(11 * 60);
    assert!(directory::is_refresh_due(&lab.host, &plan));
}

#[tokio::test]
async fn a_storm_of_429_and_faults_is_ridden_out_and_never_taken_for_a_refusal() {
    for fault in [
        Fault::Status(429, "TooManyRequestsException".into()),
        Fault::Bare(429),
        Fault::Bare(503),
        Fault::DropBefore,
    ] {
        let lab = lab(3, strict()).await;
        lab.control.fail_next("ListAccounts", fault.clone(), 1);
        lab.control.fail_next("ListAccountRoles", fault.clone(), 2);
        let listed = list(&lab, DAY).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert!(listed.complete, "{fault:?}");
        assert_eq!(lab.refreshes(), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn the_real_limit_is_kept_to() {
    let options = Options { portal_requests_per_second: Some(20), page_size: 100, ..strict() };
    let lab = lab(50, Options { strict: false, ..options }).await;
    let mut throttled = 0;
    let wish = Wish { max_age: DAY, roles_of: &every };
    let mut report = |progress: &Progress| throttled = progress.throttled;
    directory::list(&lab.host, &lab.aws(), &lab.session("corp"), &wish, &mut report).await.unwrap();
    assert!(throttled <= 2, "{throttled} requests were refused");
}

#[tokio::test]
async fn a_lower_limit_is_learnt() {
    let options = Options { portal_requests_per_second: Some(5), ..Options::default() };
    let lab = lab(12, options).await;
    let listed = list(&lab, DAY).await.unwrap();
    assert!(listed.complete);
    let refused = requests(&lab)
        - lab.control.count_ok("ListAccounts")
        - lab.control.count_ok("ListAccountRoles");
    assert!(refused > 0 && refused < 20, "{refused}");
}

#[tokio::test]
async fn a_portal_that_fails_half_way_leaves_what_it_said_and_is_gone_on_from() {
    let mut lab = lab(10, Options::default()).await;
    lab.house.set_var("AWS_MAX_ATTEMPTS", "1");
    let calm = failing_after(&lab, 5);
    let error = list(&lab, DAY).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Service, "{error}");
    assert!(told(&error).contains("goes on from there"), "{}", told(&error));
    let part = cached(&lab).unwrap();
    assert!(!part.complete);
    let known = part.accounts.iter().filter(|account| account.asked).count();
    calm();
    let before = lab.control.count("ListAccountRoles");
    assert!(list(&lab, DAY).await.unwrap().complete);
    assert_eq!(lab.control.count("ListAccountRoles") - before, 13 - known);
}

/// The questions for roles fail after a few, until it is called off.
fn failing_after(lab: &Lab, after: usize) -> impl FnOnce() {
    let control = lab.control.clone();
    lab.control.fail_next("ListAccountRoles", Fault::Delay(Duration::from_millis(1)), after);
    lab.control.fail_next("ListAccountRoles", Fault::Bare(503), 100);
    move || control.clear_faults()
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_all_requests_in_flight() {
    let lab = lab(20, strict()).await;
    lab.control.revoke_access_tokens();
    assert!(list(&lab, DAY).await.unwrap().complete);
    assert_eq!(lab.refreshes(), 1);
}

#[tokio::test]
async fn a_refused_login_is_told_with_the_command() {
    let lab = lab(3, strict()).await;
    lab.control.fail_next("ListAccounts", Fault::Bare(401), 2);
    let error = list(&lab, DAY).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
    assert_eq!(error.next_step(), Some("run `daypass sso login --sso-session corp`"));
    assert_eq!((lab.refreshes(), lab.control.count("ListAccounts")), (1, 2));
}

#[tokio::test]
async fn a_suspended_account_has_no_roles_and_stops_nobody() {
    let mut world = many(3);
    world.accounts.last_mut().unwrap().suspended = true;
    let lab = Lab::of(world, strict());
    lab.login("corp").await;
    let listed = list(&lab, DAY).await.unwrap();
    assert!(listed.complete);
    let bare: Vec<&str> =
        listed.accounts.iter().filter(|a| a.roles.is_empty()).map(|a| a.title()).collect();
    assert_eq!(bare, ["100000000002"], "the portal does not tell its name");
}

#[tokio::test]
async fn a_403_of_somebody_in_between_is_not_an_account_without_roles() {
    let page = ("content-type".to_owned(), "text/html".to_owned());
    let body = "<html><h1>Blocked by policy</h1></html>".to_owned();
    for fault in [Fault::Bare(403), Fault::Bare(404), Fault::Reply(403, vec![page], body)] {
        let lab = lab(3, strict()).await;
        lab.control.fail_next("ListAccountRoles", fault.clone(), 1);
        let error = list(&lab, DAY).await.expect_err(&format!("{fault:?}"));
        assert!(told(&error).contains("goes on from there"), "{fault:?}: {}", told(&error));
        let part = cached(&lab).unwrap();
        let bare = part.accounts.iter().filter(|account| account.asked && account.roles.is_empty());
        assert_eq!((part.complete, bare.count()), (false, 0), "{fault:?}");
        assert!(list(&lab, DAY).await.unwrap().complete);
    }
}

#[tokio::test]
async fn two_at_once_ask_for_everything_once() {
    let lab = lab(15, Options { page_size: 100, ..Options::default() }).await;
    let hold = lab.control.hold("ListAccounts");
    std::thread::scope(|scope| {
        let one = scope.spawn(|| common::block_on(list(&lab, DAY)).unwrap());
        assert!(hold.wait_for(1, PATIENCE));
        let other = scope.spawn(|| common::block_on(list(&lab, ANEW)).unwrap());
        drop(hold);
        let (one, other) = (one.join().unwrap(), other.join().unwrap());
        assert!(one.complete && other.complete);
        assert_eq!(one.accounts, other.accounts);
    });
}

#[tokio::test]
async fn a_list_that_another_process_makes_is_waited_for_and_used() {
    let lab = lab(15, Options { page_size: 100, ..Options::default() }).await;
    let hold = lab.control.hold("ListAccountRoles");
    std::thread::scope(|scope| {
        let one = scope.spawn(|| common::block_on(list(&lab, DAY)).unwrap());
        assert!(hold.wait_for(1, PATIENCE));
        let (sender, waits) = std::sync::mpsc::channel();
        let lab = &lab;
        let other = scope.spawn(move || {
            let wish = Wish { max_age: DAY, roles_of: &every };
            let mut report = |progress: &Progress| {
                let _ = sender.send(progress.waiting);
            };
            let (aws, plan) = (lab.aws(), lab.session("corp"));
            let listing = directory::list(&lab.host, &aws, &plan, &wish, &mut report);
            common::block_on(listing).unwrap()
        });
        assert!(waits.recv_timeout(PATIENCE).unwrap(), "it says that it waits");
        drop(hold);
        assert!(one.join().unwrap().complete && other.join().unwrap().complete);
    });
    assert_eq!(lab.control.count_ok("ListAccountRoles"), 18);
}

#[tokio::test]
async fn a_log_out_takes_the_list_away_even_from_a_listing_under_way() {
    let lab = lab(5, strict()).await;
    list(&lab, DAY).await.unwrap();
    let (plan, aws) = (lab.session("corp"), lab.aws());
    let done = logout::one(&lab.host, Ok(&aws), &lab.files(), &plan).await;
    assert!(done.left.is_empty(), "{done:?}");
    assert_eq!(files(&lab), Vec::<PathBuf>::new());
    lab.login("corp").await;
    let hold = lab.control.hold("ListAccountRoles");
    std::thread::scope(|scope| {
        let listing = scope.spawn(|| common::block_on(list(&lab, DAY)));
        assert!(hold.wait_for(1, PATIENCE));
        let leaving = || common::block_on(logout::all(&lab.host, Ok(&aws)));
        scope.spawn(leaving).join().unwrap();
        drop(hold);
        let _ = listing.join().unwrap();
    });
    assert_eq!(files(&lab), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn another_portal_under_the_same_name_has_a_list_of_its_own() {
    let lab = lab(1, strict()).await;
    list(&lab, DAY).await.unwrap();
    lab.put(".aws/config", &common::CONFIG.replace("d-9067c5bbc5", "d-0000000000"));
    assert_eq!(cached(&lab), None);
}
