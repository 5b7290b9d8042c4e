//! The honest clocks, against the sandbox.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{ACCOUNT, House, Lab, ROLE, block_on};
use daypass_core::Kind;
use daypass_core::clocks::{
    Basis, Override, Renewal, RoleEnd, SessionClock, SessionEnd, Standing, StoreState, Survey,
    TokenState, Unseen,
};
use daypass_core::resolve::Request;
use daypass_core::store::Store;
use daypass_core::token::decide::Why;
use jiff::SignedDuration;
use sandbox::Options;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use vault::{Choice, LockPlaces, OldKey, Place, Secret, Surroundings};

fn session(house: &House, name: &str) -> SessionClock {
    let (files, request) = (house.files(), Request::default());
    let sessions = Survey::new(&house.host, &files, &request).sessions();
    sessions.into_iter().find(|one| one.name.as_deref() == Some(name)).expect("the session")
}

fn role(house: &House, profile: &str) -> RoleEnd {
    let (files, request) = (house.files(), Request::default());
    Survey::new(&house.host, &files, &request).role(profile).end
}

/// Works until the portal refuses to go on.
fn work_on(lab: &Lab, session: &str) {
    let plan = lab.session(session);
    for _ in 0..30 {
        lab.pass(2500);
        if let Err(error) = block_on(lab.token(&plan)) {
            assert_eq!(error.kind(), Kind::LoginNeeded, "{error}");
            return;
        }
    }
    panic!("the session does not end");
}

#[test]
fn the_clocks_of_a_login() {
    let lab = Lab::new();
    let before = session(&lab, "corp");
    assert_eq!(before.standing(lab.host.now()), Standing::LoginNeeded(Why::Absent));
    assert_eq!(before.end, SessionEnd::Unknown(Unseen::NoLogin));
    block_on(lab.login("corp"));
    let corp = session(&lab, "corp");
    let token = corp.token.held().expect("a token");
    let left = token.expires_at.duration_since(lab.host.now()).as_secs();
    assert!((3500..=3600).contains(&left), "{left}");
    let Renewal::Until(Some(end)) = token.renewal else { panic!("{token:?}") };
    assert_eq!(end.duration_since(lab.host.now()).as_hours(), 24 * 90 - 1);
    assert_eq!(corp.end, SessionEnd::Unknown(Unseen::NoneEnded));
    assert_eq!(corp.profiles, ["dev"]);
    assert_eq!(corp.standing(lab.host.now()), Standing::LoggedIn);
    lab.pass(3700);
    assert_eq!(session(&lab, "corp").standing(lab.host.now()), Standing::Renewable);
    assert_eq!(session(&lab, "lab").standing(lab.host.now()), Standing::LoginNeeded(Why::Absent));
}

#[test]
fn the_end_of_a_session_is_learnt_from_the_one_before() {
    let lab = Lab::new();
    block_on(lab.login("corp"));
    work_on(&lab, "corp");
    let ended = session(&lab, "corp");
    assert!(matches!(ended.end, SessionEnd::Ended(_)), "{:?}", ended.end);
    assert_eq!(ended.standing(lab.host.now()), Standing::LoginNeeded(Why::SessionEnded));
    block_on(lab.login("corp"));
    let corp = session(&lab, "corp");
    let SessionEnd::Estimated { earliest, basis, .. } = corp.end else { panic!("{corp:?}") };
    assert_eq!(basis, Basis::Earlier(1));
    let left = earliest.duration_since(lab.host.now());
    assert!((left - SignedDuration::from_hours(8)).abs() < SignedDuration::from_mins(2), "{left}");
    assert!(corp.end.is_sharp());
    // Another login at the same portal learns from it: the length is the organization's.
    block_on(lab.login("lab"));
    assert!(session(&lab, "lab").end.expected().is_some());
}

#[test]
fn a_token_that_is_cut_short_shows_the_end() {
    let lab = Lab::with(Options { session_seconds: 7200, ..Options::default() });
    block_on(lab.login("corp"));
    let end = lab.host.now() + SignedDuration::from_secs(7200);
    for _ in 0..2 {
        lab.pass(2500);
        block_on(lab.token(&lab.session("corp"))).unwrap();
    }
    let corp = session(&lab, "corp");
    let SessionEnd::Estimated { earliest, latest, basis } = corp.end else { panic!("{corp:?}") };
    assert_eq!((basis, earliest), (Basis::CutToken, latest));
    assert!(earliest.duration_since(end).abs() < SignedDuration::from_secs(30));
}

#[test]
fn what_is_learnt_is_private_and_no_secret() {
    let lab = Lab::new();
    block_on(lab.login("corp"));
    let path = lab.home.path().join(".aws/daypass/sessions.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    let token = lab.token_json("corp");
    for key in ["accessToken", "refreshToken", "clientSecret", "clientId"] {
        assert!(!text.contains(token[key].as_str().unwrap()), "{key}");
    }
    // Where it cannot be written nobody misses it.
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    block_on(lab.login("corp"));
    assert_eq!(session(&lab, "corp").end, SessionEnd::Unknown(Unseen::OtherTool));
}

#[test]
fn roles_are_dated_profile_by_profile() {
    let lab = Lab::new();
    block_on(lab.login("corp"));
    assert_eq!(role(&lab, "dev"), RoleEnd::Absent);
    let provided = block_on(lab.provide("dev")).unwrap();
    let RoleEnd::Held { expires_at, .. } = role(&lab, "dev") else { panic!("nothing is kept") };
    assert_eq!(expires_at.as_second(), provided.credentials.expiration.unwrap().as_second());
    assert_eq!(role(&lab, "lab"), RoleEnd::Absent);
    let (files, request) = (lab.files(), Request::default());
    let dev = Survey::new(&lab.host, &files, &request).role("dev");
    assert_eq!(dev.account_and_role(), (Some(ACCOUNT), Some(ROLE)));
    assert_eq!(dev.region.expect("a region").value, "us-west-2");
    // Whoever logs out, with whatever tool, has ended them.
    std::fs::remove_file(lab.cached("corp")).unwrap();
    assert_eq!(role(&lab, "dev"), RoleEnd::Absent);
}

#[test]
fn tokens_of_nobody_are_found() {
    let lab = Lab::new();
    block_on(lab.login("corp"));
    block_on(lab.login("lab"));
    let config = common::CONFIG.replace("[sso-session corp]", "[sso-session other]");
    lab.put(".aws/config", &config.replace("sso_session = corp", "sso_session = other"));
    let (files, request) = (lab.files(), Request::default());
    let survey = Survey::new(&lab.host, &files, &request);
    let orphans = survey.orphans(&survey.sessions());
    assert_eq!(orphans.len(), 1, "{orphans:?}");
    assert_eq!(orphans[0].path, Some(lab.cached("corp")));
    assert!(matches!(orphans[0].token.renewal, Renewal::Until(_)));
}

/// A store whose passphrase nobody may be asked for.
fn locked(house: &House) -> Store {
    let place = Store::place(house.home.path());
    let store = |ask: vault::Ask| {
        let mut around = Surroundings::for_user(&place, LockPlaces::new([place.join("locks")]));
        around.ask = ask;
        Store::new(around)
    };
    let choice = Choice { place: Place::Passphrase, cache: false, keyring_seconds: 0 };
    let _ = std::fs::remove_dir_all(&place);
    let known = store(Arc::new(|_| Some(Secret::from("open sesame"))));
    known.reseal(choice, OldKey::MayBeLost).unwrap();
    store(Arc::new(|_| panic!("a look at the clocks asks for the passphrase")))
}

#[test]
fn a_locked_store_is_said_to_be_locked_and_nobody_is_asked() {
    let house = House::new([]);
    let store = locked(&house);
    let house = house.with_store(store);
    let sealed = "sso_region = us-east-1\ndaypass_vault = process\n";
    house.put(".aws/config", &common::CONFIG.replacen("sso_region = us-east-1\n", sealed, 1));
    let (files, request) = (house.files(), Request::default());
    let survey = Survey::new(&house.host, &files, &request);
    assert_eq!(survey.store, StoreState::Locked(vault::Backend::Passphrase));
    let sessions = survey.sessions();
    assert!(matches!(sessions[0].token, TokenState::Locked), "{:?}", sessions[0]);
    assert_eq!(sessions[0].standing(survey.now), Standing::Locked);
    assert_eq!(survey.role("dev").end, RoleEnd::Locked);
    assert!(survey.orphans(&sessions).is_empty());
}

#[test]
fn what_beats_the_profile_in_force_is_named() {
    let mut house = House::new([]);
    house.set_var("AWS_PROFILE", "dev");
    let overrides = |house: &House| {
        let (files, request) = (house.files(), Request::default());
        let force = Survey::new(&house.host, &files, &request).in_force();
        assert_eq!(force.name.value, "dev");
        force.overrides
    };
    assert!(overrides(&house).is_empty());
    let arn = "arn:aws:iam::1:role/hub";
    house.set_var("AWS_ROLE_ARN", arn);
    house.set_var("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    assert_eq!(overrides(&house), [Override::HubRoleElsewhere(arn.to_owned())]);
    house.set_var("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    house.set_var("AWS_SECRET_ACCESS_KEY", "x");
    assert_eq!(overrides(&house)[0], Override::Keys);
    let request = Request { profile: Some("dev".to_owned()), ..Request::default() };
    let files = house.files();
    let named = Survey::new(&house.host, &files, &request).in_force();
    assert!(named.overrides.is_empty(), "--profile beats the environment");
    assert!(named.place.is_some_and(|place| place.to_string().ends_with(".aws/config:11")));
}
