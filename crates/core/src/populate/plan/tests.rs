use super::*;
use crate::names::{Region, SessionName};
use crate::populate::{Template, comment_lines, has_comment};
use crate::resolve::sso::Keeping;
use crate::resolve::{Origin, SessionPlan, Sourced};
use crate::start_url::StartUrl;
use awsconfig::{Document, FileKind, parse};
use jiff::{SignedDuration, Timestamp};

fn login() -> SessionPlan {
    SessionPlan {
        name: Some(SessionName::parse("corp").unwrap()),
        start_url: Sourced::new(
            StartUrl::parse("https://x.awsapps.com/start").unwrap(),
            Origin::Default,
        ),
        region: Sourced::new(Region::parse("us-east-1").unwrap(), Origin::Default),
        scopes: None,
        keeping: Keeping::Shared,
        profile: None,
    }
}

fn directory(accounts: &[(&str, &str, &[&str])]) -> Directory {
    let listed = accounts.iter().map(|(id, name, roles)| Listed {
        id: (*id).to_owned(),
        name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
        email: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        asked: true,
    });
    Directory {
        accounts: listed.collect(),
        as_of: Timestamp::UNIX_EPOCH,
        age: SignedDuration::ZERO,
        listed_at: None,
        all_accounts: true,
        complete: true,
    }
}

/// How a run differs from the usual one.
#[derive(Clone)]
struct Run {
    template: &'static str,
    style: Style,
    regions: Vec<&'static str>,
    asked: bool,
    extra: Vec<(String, String)>,
    prune: bool,
    rename: bool,
}

fn usual() -> Run {
    let template = "{account_name|slug}.{role}";
    let (regions, extra) = (vec!["us-east-1"], vec![]);
    Run {
        template,
        style: Style::Session,
        regions,
        asked: true,
        extra,
        prune: false,
        rename: false,
    }
}

fn run(text: &str, directory: &Directory, run: &Run) -> (Outcome, String) {
    let login = login();
    let regions: Vec<Region> =
        run.regions.iter().map(|text| Region::parse(text).unwrap()).collect();
    let recipe = Recipe {
        login: &login,
        template: &Template::parse(run.template).unwrap(),
        style: run.style,
        regions: &regions,
        region_is_asked: run.asked,
        extra: &run.extra,
        prune: run.prune,
        rename: run.rename,
        command: &|name| Ok(format!("/bin/daypass credential-process --profile {name}")),
    };
    let places = directory.accounts.iter().enumerate();
    let pairs =
        places.flat_map(|(at, account)| (0..account.roles.len()).map(move |role| (at, role)));
    let wanted = Wanted { directory, pairs: pairs.collect() };
    let config = parse(FileKind::Config, text).unwrap();
    let credentials = parse(FileKind::Credentials, "").unwrap();
    let comments = comment_lines(text);
    let has_comment = |section: &Section| has_comment(&comments, section);
    let outcome = plan(&config, &credentials, &has_comment, &recipe, &wanted).unwrap();
    let mut document = Document::parse(FileKind::Config, text).unwrap();
    document.edit_sections(&outcome.edits).unwrap();
    (outcome, document.to_text())
}

const TWO: &[(&str, &str, &[&str])] =
    &[("111111111111", "Prod", &["Admin", "Read"]), ("222222222222", "Dev", &["Admin"])];

#[test]
fn a_second_run_changes_nothing() {
    let all = directory(TWO);
    for style in [Style::Session, Style::Process] {
        let how = Run { style, ..usual() };
        let (first, text) = run("[profile mine]\nregion = x\n", &all, &how);
        assert_eq!(first.added, ["prod.Admin", "prod.Read", "dev.Admin"]);
        assert!(text.starts_with("[profile mine]\nregion = x\n[profile prod.Admin]\n"), "{text}");
        let (second, again) = run(&text, &all, &how);
        assert_eq!((second.same, again.as_str()), (3, text.as_str()));
    }
}

#[test]
fn a_profile_has_one_kind_of_provider() {
    let (_, text) = run("", &directory(&TWO[1..]), &Run { style: Style::Process, ..usual() });
    let of = |key: &str| text.lines().any(|line| line.starts_with(&format!("{key} =")));
    assert!(of("credential_process") && of("daypass_sso_session") && !of("sso_session"), "{text}");
}

#[test]
fn what_was_changed_by_hand_is_left_alone_whatever_is_asked_for() {
    let (_, text) = run("", &directory(TWO), &usual());
    for edited in [
        text.replacen("region = us-east-1", "region = eu-west-1", 1),
        text.replacen("region = us-east-1", "# close to the data\nregion = us-east-1", 1),
        text.replacen("[profile prod.Admin]", "[profile boss]", 1),
    ] {
        let how = Run { regions: vec!["eu-north-1"], prune: true, rename: true, ..usual() };
        let (outcome, after) = run(&edited, &directory(TWO), &how);
        assert_eq!((outcome.kept.len(), outcome.changed.len(), outcome.added.len()), (1, 2, 0));
        let section = |text: &str| text.split("[profile").nth(1).unwrap().to_owned();
        assert_eq!(section(&after), section(&edited));
    }
}

#[test]
fn prune_takes_what_is_gone_and_only_if_it_is_ours_and_as_we_left_it() {
    let mine = "[profile hand]\nsso_session = corp\nsso_account_id = 333333333333\nsso_role_name = Admin\n";
    let (_, text) = run(mine, &directory(TWO), &usual());
    let edited = text.replacen("sso_role_name = Read", "sso_role_name = Read\noutput = text", 1);
    let left = directory(&TWO[1..]);
    let (told, same) = run(&edited, &left, &usual());
    assert_eq!(told.gone, ["prod.Admin", "prod.Read"]);
    assert_eq!(same, edited);
    let (outcome, after) = run(&edited, &left, &Run { prune: true, ..usual() });
    assert_eq!(outcome.removed, ["prod.Admin"]);
    assert_eq!(outcome.kept, ["prod.Read"]);
    assert!(after.starts_with(mine) && !after.contains("prod.Admin"), "{after}");
}

#[test]
fn nothing_is_gone_that_was_not_asked_for() {
    let (_, text) = run("", &directory(TWO), &usual());
    let mut part = directory(TWO);
    part.accounts[0].roles.clear();
    part.accounts[0].asked = false;
    let (outcome, _) = run(&text, &part, &Run { prune: true, ..usual() });
    assert!(outcome.removed.is_empty(), "{outcome:?}");
    let unknown = Directory { all_accounts: false, ..directory(&TWO[1..]) };
    assert!(run(&text, &unknown, &Run { prune: true, ..usual() }).0.removed.is_empty());
}

#[test]
fn names_stay_when_an_account_of_the_same_name_comes() {
    let one = [("111111111111", "Box", &["A"][..])];
    let (_, text) = run("", &directory(&one), &usual());
    let two = [("000000000001", "box", &["A"][..]), one[0]];
    let (outcome, _) = run(&text, &directory(&two), &usual());
    assert_eq!(outcome.added, ["box.A-000000000001"]);
    assert_eq!(outcome.same, 1);
    let (fresh, _) = run("", &directory(&two), &usual());
    assert_eq!(fresh.added, ["box.A-000000000001", "box.A-111111111111"]);
}

#[test]
fn another_template_renames_only_if_it_is_told_to() {
    let (_, text) = run("", &directory(TWO), &usual());
    let how = Run { template: "{role}@{account_id}", ..usual() };
    let (outcome, same) = run(&text, &directory(TWO), &how);
    assert_eq!((outcome.old_names, outcome.same, same.as_str()), (3, 3, text.as_str()));
    let (outcome, after) = run(&text, &directory(TWO), &Run { rename: true, ..how });
    assert_eq!(outcome.renamed[0], ("prod.Admin".to_owned(), "Admin-111111111111".to_owned()));
    assert!(!after.contains("prod.Admin"), "{after}");
}

#[test]
fn regions_make_profiles_of_their_own_and_a_new_region_changes_them() {
    let how = Run { regions: vec!["us-east-1", "eu-west-1"], ..usual() };
    let how = Run { template: "{account_name|slug}.{role}.{region|short}", ..how };
    let (outcome, _) = run("", &directory(&TWO[1..]), &how);
    assert_eq!(outcome.added, ["dev.Admin.use1", "dev.Admin.euw1"]);
    let (_, text) = run("", &directory(&TWO[1..]), &usual());
    let moved = Run { regions: vec!["eu-west-1"], ..usual() };
    let (outcome, after) = run(&text, &directory(&TWO[1..]), &moved);
    assert_eq!(outcome.changed, ["dev.Admin"]);
    assert!(after.contains("region = eu-west-1"), "{after}");
    let (outcome, _) = run(&after, &directory(&TWO[1..]), &Run { asked: false, ..usual() });
    assert_eq!(outcome.same, 1, "nobody asked for another region");
}

#[test]
fn names_of_the_user_s_are_not_taken() {
    let mine = "[profile prod.admin]\nregion = x\n";
    let all = directory(&[("111111111111", "Prod", &["Admin"]), ("222222222222", "", &["A"])]);
    let (outcome, text) = run(mine, &all, &usual());
    assert_eq!(outcome.added, ["prod.Admin-111111111111", "222222222222.A"]);
    assert!(text.starts_with(mine));
}

#[test]
fn a_profile_that_another_one_gets_its_keys_from_keeps_its_name_and_its_place() {
    let mine = "[profile chain]\nrole_arn = arn:aws:iam::333333333333:role/x\nsource_profile = prod.Admin\n";
    let (_, text) = run(mine, &directory(TWO), &usual());
    let how = Run { template: "{role}@{account_id}", rename: true, ..usual() };
    let (outcome, after) = run(&text, &directory(TWO), &how);
    let leant_on = [("prod.Admin".to_owned(), "chain".to_owned())];
    assert_eq!((outcome.leant_on.as_slice(), outcome.renamed.len()), (&leant_on[..], 2));
    assert!(after.contains("[profile prod.Admin]"), "{after}");
    let (outcome, after) = run(&text, &directory(&TWO[1..]), &Run { prune: true, ..usual() });
    assert_eq!((outcome.leant_on.as_slice(), outcome.removed.len()), (&leant_on[..], 1));
    assert!(after.contains("[profile prod.Admin]"), "{after}");
    // A profile without a new name has nothing to be told of.
    let (outcome, _) = run(&text, &directory(TWO), &Run { rename: true, ..usual() });
    assert_eq!((outcome.leant_on.len(), outcome.same), (0, 3));
}
