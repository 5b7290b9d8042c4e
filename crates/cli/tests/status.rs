//! `status` on a terminal, on a pipe, and as data.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::screen::Screen;
use common::talk::Talk;
use common::{CONFIG, Machine, fixed, schema, until};
use sandbox::{Options, World};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

const OLD_KEYS: &str = "[old]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                        aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

/// A screen as it is kept in `tests/screens`: `UPDATE_SCREENS=1` writes it anew.
#[track_caller]
fn looks_like(name: &str, actual: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/{name}.txt"));
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(&path, actual).expect("written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{} is another", path.display());
}

fn worked() -> Machine {
    let mut machine = Machine::logged_in(Options::default());
    machine.set("AWS_PROFILE", "disasters-sso");
    machine.daypass("whoami").must_be(0);
    machine
}

#[test]
fn the_name_alone_on_a_terminal_says_where_one_stands() {
    let machine = Machine::new();
    let blank = Talk::start(&machine, "").end(0);
    assert!(blank.contains("Nothing is set up yet"), "{blank}");
    let machine = worked();
    let shown = Talk::start(&machine, "").end(0).replace("\r\n", "\n");
    // Where the store's key is, which is said once, is the machine's own affair.
    let shown = shown.split("Credentials are kept sealed").next().unwrap_or_default();
    looks_like("status", &fixed::words(&machine, shown));
    // A script has forgotten something.
    let outcome = machine.daypass("");
    assert_eq!(outcome.code(), 2);
    assert!(outcome.stderr.contains("Usage: daypass"), "{}", outcome.stderr);
}

#[test]
fn whoever_watches_sees_what_changes_and_gets_the_terminal_back() {
    let machine = worked();
    let mut talk = Talk::start_raw(&machine, "status --watch");
    let mut screen = Screen::default();
    screen.write(&talk.see("q ends this."));
    assert!(screen.is_other, "what was on the terminal comes back");
    looks_like(
        "status_watch",
        &fixed::words(&machine, &(screen.text().trim_end().to_owned() + "\n")),
    );
    machine.daypass("sso logout").must_be(0);
    talk.see("logged out");
    screen.write(&talk.see("q ends this."));
    talk.press("q");
    screen.write(&talk.end(0));
    assert!(!screen.is_other && !screen.has_colour, "NO_COLOR is obeyed");
}

#[test]
fn whoever_ends_it_gets_the_terminal_back() {
    let machine = worked();
    for (by_signal, code) in [(false, 0), (true, 143)] {
        let mut talk = Talk::start_raw(&machine, "status --watch");
        talk.see("q ends this.");
        match by_signal {
            true => talk.terminate(),
            false => talk.control('c'),
        }
        let rest = talk.end(code);
        assert!(rest.contains("\u{1b}[?1049l") && rest.contains("\u{1b}[?25h"), "{rest:?}");
    }
}

/// Grace's browser: she has a password and an authenticator app.
const GRACE: &str = "#!/bin/sh\nexec >/dev/null 2>&1 </dev/null\n\
    daypass sandbox approve --user grace --password nanoseconds \
    --mfa-secret GRACEHOPPERNANOSECONDSGRACEHOPPE \"$1\" &\n";

/// Grace has many accounts; the profiles' roles live for different times.
#[test]
fn a_company_s_accounts_have_names_and_its_roles_clocks_of_their_own() {
    let mut machine = Machine::with(World::company(), Options::default());
    machine.write("~/browser", GRACE);
    let browser = machine.path("~/browser");
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("a program");
    machine.set("BROWSER", &format!("{} %s", browser.display()));
    let profile = |name: &str, account: &str, role: &str| {
        format!(
            "[profile {name}]\nsso_session = company\nsso_account_id = {account}\n\
             sso_role_name = {role}\n"
        )
    };
    machine.write(
        "~/.aws/config",
        &[
            "[sso-session company]\nsso_start_url = https://d-2222222222.awsapps.com/start\n\
             sso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n"
                .to_owned(),
            profile("logs", "100000000002", "AdministratorAccess"),
            profile("reader", "100000000001", "ReadOnlyAccess"),
            profile("shop", "100000000005", "AdministratorAccess"),
        ]
        .concat(),
    );
    machine.daypass("sso login --sso-session company").must_be(0);
    let whoami = machine.daypass("whoami --profile reader").must_be(0).stdout;
    assert!(whoami.contains("account:       100000000001 (Management)\n"), "{whoami}");
    // No region is named: it is asked where Identity Center lives.
    assert!(whoami.contains("region:        none named"), "{whoami}");
    machine.daypass("whoami --profile shop").must_be(0);
    let value = status(&machine, "");
    let left = |at: usize| value["Roles"][at]["Credentials"]["SecondsLeft"].as_i64();
    assert_eq!(value["Roles"][0]["Credentials"]["State"], "none");
    assert!(left(1).is_some_and(|left| left > 11 * 3600), "{value}");
    assert!(left(2).is_some_and(|left| (1800..=3600).contains(&left)), "{value}");
    let text = machine.daypass("status").stdout;
    let profiles = text.lines().find(|line| line.starts_with("  profiles:")).expect("a row");
    assert!(profiles.contains("reader (1") && profiles.ends_with(", logs"), "{profiles}");
}

#[test]
fn on_a_pipe_each_change_is_a_block() {
    let machine = worked();
    let job = machine.start_daypass("status --watch");
    job.says("sso-session disasters: logged in");
    machine.daypass("sso logout").must_be(0);
    job.says("sso-session disasters: logged out");
    let blocks = job.stdout().matches("Profile in force").count();
    // Logging out takes the token and the role credentials one after the other.
    assert!((2..=5).contains(&blocks), "{}", job.stdout());
    machine.write("~/.aws/config", "[profile");
    until("a mistake in the file is told", || job.stderr().contains("cannot parse"));
    machine.write("~/.aws/config", "");
    job.says("Nothing is set up yet");
}

fn status(machine: &Machine, words: &str) -> Value {
    let outcome = machine.daypass(&format!("status --output json {words}"));
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

#[test]
fn the_data_is_what_its_schema_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/status.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let check = |value: &Value| {
        let misfits = schema::misfits(&schema, value);
        assert!(misfits.is_empty(), "{misfits:#?}");
    };
    let mut machine = Machine::new();
    check(&status(&machine, ""));
    machine.write("~/.aws/config", &format!("{CONFIG}\n[sso-session half]\nsso_region = x\n"));
    machine.write("~/.aws/credentials", OLD_KEYS);
    check(&status(&machine, ""));
    machine.daypass("sso login --sso-session disasters").must_be(0);
    machine.set("AWS_PROFILE", "disasters-sso");
    machine.daypass("whoami").must_be(0);
    let value = status(&machine, "--online");
    check(&value);
    assert_eq!(value["Sessions"][0]["Portal"]["Answer"], "accepted");
    assert_eq!(value["Sessions"][1]["Standing"], "broken");
    assert_eq!(value["Sessions"][0]["User"]["Name"], "ada@example.com");
    assert_eq!(value["Profile"]["Credentials"]["State"], "kept");
    machine.set("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    machine.set("AWS_SECRET_ACCESS_KEY", "x");
    machine.set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/hub");
    machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    let value = status(&machine, "");
    check(&value);
    assert_eq!(value["Profile"]["Overrides"].as_array().map(Vec::len), Some(2));
    machine.write("~/.aws/config", "");
    let value = status(&machine, "");
    check(&value);
    assert_eq!(value["Orphans"].as_array().map(Vec::len), Some(1));
}

#[test]
fn names_from_elsewhere_do_not_steer_the_terminal() {
    let machine = Machine::new();
    let config = CONFIG.replace("disasters-sso", "evil\u{1b}]0;pwned\u{7}\u{9b}2J");
    machine.write("~/.aws/config", &config);
    for words in ["", "--prompt --format {profile}{role}"] {
        let shown = Talk::start_raw(&machine, &format!("status {words}")).end(0);
        assert!(!shown.contains('\u{7}') && !shown.contains("\u{1b}]"), "{shown:?}");
    }
}

#[test]
fn a_prompt_never_fails_and_never_asks() {
    let mut machine = worked();
    machine.set("HTTPS_PROXY", "http://127.0.0.1:1");
    let prompt = |machine: &Machine, words: &str| {
        let outcome = machine.daypass(&format!("status --prompt {words}"));
        assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""), "{words}");
        outcome.stdout
    };
    assert!(prompt(&machine, "").starts_with("disasters-sso "));
    assert_eq!(prompt(&machine, "--profile nobody"), "nobody !");
    machine.unset("AWS_PROFILE");
    assert_eq!(prompt(&machine, ""), "", "no profile is in force");
    let file = machine.path("~/.aws/sso/cache/b6cad5355d98fbb1a60e0df9f34b9050901ddaf9.json");
    fs::write(file, "{\"accessToken\": \"to").unwrap();
    machine.forget_roles();
    assert_eq!(prompt(&machine, "--profile disasters-sso"), "disasters-sso !");
    machine.write("~/.aws/config", "\u{fffd}]nonsense[");
    assert_eq!(prompt(&machine, "--profile p"), "p ?");
    machine.set("HOME", "");
    prompt(&machine, "");
}

#[test]
fn two_thousand_profiles_are_a_number() {
    let machine = Machine::with(World::guide(), Options::default());
    let mut config = CONFIG.to_owned();
    for index in 0..2000 {
        config += &format!(
            "\n[profile p{index}]\nsso_session = disasters\nsso_account_id = 867530900000\n\
             sso_role_name = ReadOnlyAccess\n"
        );
    }
    machine.write("~/.aws/config", &config);
    machine.daypass("sso login --sso-session disasters").must_be(0);
    let shown = machine.daypass("status").stdout;
    assert!(shown.contains("and 1995 more") && shown.lines().count() < 20, "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() < 80), "{shown}");
    assert_eq!(machine.daypass("status --prompt --profile p1999").stdout, "p1999");
}
