//! Conversations on a pseudo-terminal.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::talk::{ENTER, Talk};
use common::{CONFIG, Machine};
use sandbox::World;

const DOWN: &str = "\x1b[B";

fn ask_for_session(talk: &mut Talk, region: &str) {
    talk.answer("SSO session name (Recommended):", "disasters");
    talk.answer("SSO start URL [None]:", "https://d-9067c5bbc5.awsapps.com/start/#");
    talk.answer("SSO region [None]:", region);
    talk.answer("SSO registration scopes [sso:account:access]:", "");
}

#[test]
fn configure_sso_as_the_guide_tells_it() {
    let machine = Machine::new();
    let mut talk = Talk::start(&machine, "configure sso");
    ask_for_session(&mut talk, "us-east-1");
    talk.see("There are 3 AWS accounts available to you.");
    talk.press(ENTER);
    talk.see("Using the account ID 867530900000");
    talk.see("There are 3 roles available to you.");
    talk.press(&format!("{DOWN}{ENTER}"));
    talk.see("Using the role name \"Project-Power-User\"");
    talk.answer("Default client Region [None]:", "us-east-1");
    talk.answer("CLI default output format (json if not specified) [None]:", "json");
    talk.answer("Profile name [Project-Power-User-867530900000]:", "disasters-sso");
    talk.see("daypass sts get-caller-identity --profile disasters-sso");
    talk.end(0);
    assert_eq!(machine.read("~/.aws/config"), CONFIG);
}

#[test]
fn a_question_stays_open_until_its_answer_will_do() {
    let machine = Machine::new();
    let mut talk = Talk::start(&machine, "configure sso-session");
    talk.answer("SSO session name:", "");
    talk.see("A value is required");
    talk.press(&format!("team{ENTER}"));
    talk.answer("SSO start URL [None]:", "nonsense");
    talk.see("Not a valid Start URL");
    talk.press(&format!("\x15https://d-1.awsapps.com/start{ENTER}"));
    talk.answer("SSO region [None]:", "eu-west-1");
    talk.answer("SSO registration scopes [sso:account:access]:", "");
    talk.see("daypass sso login --sso-session team");
    talk.end(0);
    let written = "[sso-session team]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n";
    assert_eq!(machine.read("~/.aws/config"), written);
}

#[test]
fn one_of_five_thousand_accounts_is_found_by_typing() {
    let world = World::guide().with_many_accounts(5000);
    let machine = Machine::with(world, sandbox::Options::default());
    let mut talk = Talk::start(&machine, "configure sso");
    ask_for_session(&mut talk, "us-east-1");
    talk.see("AWS accounts available to you.");
    talk.press("867530900000");
    talk.see("(867530900000)");
    talk.press(ENTER);
    talk.see("Using the account ID 867530900000");
    talk.see("roles available to you.");
    talk.press("power");
    talk.press(ENTER);
    talk.see("Using the role name \"Project-Power-User\"");
    talk.answer("Default client Region [None]:", "");
    talk.answer("[None]:", "");
    talk.answer("Profile name [Project-Power-User-867530900000]:", "");
    talk.end(0);
    assert!(
        machine.read("~/.aws/config").starts_with("[profile Project-Power-User-867530900000]\n")
    );
}

#[test]
fn what_the_profile_has_is_chosen_already() {
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    machine.daypass("sso login --sso-session disasters").must_be(0);
    let mut talk = Talk::start(&machine, "configure sso --profile disasters-sso");
    talk.answer("SSO session name [disasters]:", "");
    talk.see("There are 3 AWS accounts available to you.");
    talk.press(ENTER);
    talk.see("Using the account ID 867530900000");
    talk.see("There are 3 roles available to you.");
    talk.press(ENTER);
    talk.see("Using the role name \"Project-Power-User\"");
    talk.answer("Default client Region [us-east-1]:", "");
    talk.answer("[json]:", "");
    talk.see("daypass sts get-caller-identity --profile disasters-sso");
    talk.end(0);
    assert_eq!(machine.read("~/.aws/config"), CONFIG);
}

#[test]
fn use_tells_the_region_that_it_sets() {
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    let switch = "use --shell bash disasters-sso";
    for (words, region) in [("", "us-east-1"), (" --region us-west-2", "us-west-2")] {
        let mut talk = Talk::start(&machine, &format!("{switch}{words}"));
        talk.see(&format!("now using disasters-sso  (867530900000, Project-Power-User, {region})"));
        talk.end(0);
    }
}

#[test]
fn ctrl_c_writes_nothing() {
    let machine = Machine::new();
    for last in
        ["SSO start URL [None]:", "AWS accounts available to you.", "Default client Region [None]:"]
    {
        let mut talk = Talk::start(&machine, "configure sso");
        if last == "SSO start URL [None]:" {
            talk.answer("SSO session name (Recommended):", "disasters");
        } else {
            ask_for_session(&mut talk, "us-east-1");
        }
        if last.starts_with("Default") {
            talk.see("AWS accounts available to you.");
            talk.press(ENTER);
            talk.see("roles available to you.");
            talk.press(ENTER);
        }
        talk.see(last);
        talk.control('c');
        talk.end(130);
        assert_eq!(machine.read("~/.aws/config"), "", "{last}");
    }
}

const INVITATION: &str = r#"daypass_invitation = 1

[sso_session]
name = "disasters"
start_url = "https://d-9067c5bbc5.awsapps.com/start/#"
region = "us-east-1"

[[profile]]
name = "disasters-sso"
account_id = "867530900000"
role_name = "Project-Power-User"
region = "us-east-1"
output = "json"

[help]
organization = "the disasters programme\u001b[2J"
text = "Welcome."
"#;

#[test]
fn an_invitation_is_shown_and_asked_about_once() {
    let machine = Machine::new();
    machine.write("~/invitation.toml", INVITATION);
    let mut talk = Talk::start(&machine, "configure sso --from invitation.toml");
    talk.see("An invitation of the disasters programme[2J to log in at");
    talk.see("Welcome.");
    talk.see("+sso_role_name = Project-Power-User");
    talk.answer("Write this, and log in? [y/N]:", "");
    talk.see("No: nothing was written.");
    talk.end(1);
    let mut talk = Talk::start(&machine, "configure sso --from invitation.toml");
    talk.answer("Write this, and log in? [y/N]:", "y");
    talk.see("daypass sts get-caller-identity --profile disasters-sso");
    talk.end(0);
    let session = machine.read("~/.aws/config");
    assert!(
        session.contains("sso_start_url = https://d-9067c5bbc5.awsapps.com/start/#\n"),
        "{session}"
    );
    let mut talk = Talk::start(&machine, "sts get-caller-identity --profile disasters-sso");
    talk.see("867530900000");
    talk.end(0);
}

#[test]
fn a_removal_is_asked_about() {
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    let mut talk = Talk::start(&machine, "configure remove --sso-session disasters");
    talk.see("-[profile disasters-sso]");
    talk.answer("Remove all this? [y/N]:", "n");
    talk.see("No: nothing was removed.");
    talk.end(1);
    assert_eq!(machine.read("~/.aws/config"), CONFIG);
    let mut talk = Talk::start(&machine, "configure remove --sso-session disasters");
    talk.answer("Remove all this? [y/N]:", "yes");
    talk.see("Removed.");
    talk.end(0);
    assert_eq!(machine.read("~/.aws/config"), "");
}

#[test]
fn doctor_asks_before_it_mends() {
    const KEYS: &str = "[disasters-sso]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                        aws_secret_access_key = x\n";
    let machine = Machine::new();
    machine.write("~/.aws/config", CONFIG);
    machine.write("~/.aws/credentials", KEYS);
    let mut talk = Talk::start(&machine, "doctor --offline --fix=leftover-keys");
    talk.answer("Mend this? [y/N]:", "n");
    talk.see("Nothing was changed.");
    talk.end(1);
    assert_eq!(machine.read("~/.aws/credentials"), KEYS);
    let mut talk = Talk::start(&machine, "doctor --offline --fix=leftover-keys");
    talk.answer("Mend this? [y/N]:", "y");
    talk.see("is out of [disasters-sso]");
    talk.end(0);
    assert_eq!(machine.read("~/.aws/credentials"), "");
}
