use super::*;

const GUIDE: &str = r#"daypass_invitation = 1

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
default_s3_uri = "s3://nasa-disasters"

[help]
contact = "help@example.org"
"#;

fn error_of(text: &str) -> Error {
    parse("x.toml", text.as_bytes()).unwrap_err()
}

#[test]
fn the_guide_s_values() {
    let read = parse("x.toml", GUIDE.as_bytes()).unwrap();
    assert_eq!(read.session, "disasters");
    assert_eq!(read.scopes, ["sso:account:access"]);
    assert_eq!(read.start_url.raw(), "https://d-9067c5bbc5.awsapps.com/start/#");
    assert_eq!(read.profiles.len(), 1);
    assert_eq!(read.profiles[0].role_name.as_deref(), Some("Project-Power-User"));
    assert_eq!(read.contact.as_deref(), Some("help@example.org"));
}

#[test]
fn what_may_not_stand_there_is_named_with_its_line() {
    let table = [
        ("region = \"us-east-1\"\n\n[[p", "region = \"us east\"\n\n[[p", 6, "not a region"),
        ("https://d-9067c5bbc5", "http://d-9067c5bbc5", 5, "https://"),
        ("https://d-9067c5bbc5", "https://me:pw@d-9067c5bbc5", 5, "https://"),
        ("name = \"disasters-sso\"", "name = \"default\"", 9, "`default`"),
        ("name = \"disasters-sso\"", "name = \"a b\"", 9, "letters, digits"),
        (
            "name = \"disasters-sso\"",
            "name = \"a\"\ncredential_process = \"sh\"",
            10,
            "unknown field",
        ),
        ("output = \"json\"", "ca_bundle = \"/x\"", 13, "unknown field"),
        ("output = \"json\"", "output = \"xml\"", 13, "one of json"),
        ("\"867530900000\"", "\"8675\"", 10, "account ID"),
        ("\"867530900000\"", "867530900000", 10, "invalid type"),
        ("\"Project-Power-User\"", "\"x\\nrole_arn = y\"", 11, "characters"),
        ("\"Project-Power-User\"", "\"x # y\"", 11, "characters"),
        ("s3://nasa-disasters", "https://nasa", 14, "s3://"),
        ("daypass_invitation = 1", "daypass_invitation = 2", 1, "version 2"),
        ("[help]", "[plugins]", 16, "unknown field"),
    ];
    for (from, to, line, why) in table {
        let text = GUIDE.replacen(from, to, 1);
        assert_ne!(text, GUIDE, "{from}");
        let error = error_of(&text);
        assert_eq!(
            error.message(),
            format!("cannot use the invitation `x.toml`, line {line}"),
            "{to}: {error}"
        );
        assert!(error.to_string().contains(why), "{to}: {error}");
    }
}

#[test]
fn control_characters_do_not_survive() {
    let text = GUIDE.replace("help@example.org", "x\\u001b[2J\\u0007y\\nz");
    let read = parse("x.toml", text.as_bytes()).unwrap();
    assert_eq!(read.contact.as_deref(), Some("x[2Jy z"));
}

#[test]
fn large_and_broken_files_are_no_invitations() {
    let error = error_of(&format!("#{}", "x".repeat(MOST_BYTES)));
    assert!(error.to_string().contains("larger than 64 KiB"), "{error}");
    let error = parse("x", b"a = 1\n\xff\n").unwrap_err();
    assert!(error.message().ends_with("line 2"), "{error}");
    let error = error_of("daypass_invitation = 1\n[sso_session\n");
    assert!(error.message().ends_with("line 2"), "{error}");
}

#[test]
fn a_profile_twice_is_one_too_many() {
    let profile = "\n[[profile]]\nname = \"disasters-sso\"\n";
    let error = error_of(&GUIDE.replace("\n[help]", &format!("{profile}\n[help]")));
    assert!(error.to_string().contains("twice"), "{error}");
}

/// The keys that the parser says it knows at a place where there is a stranger.
fn keys_known(text: &str) -> Vec<String> {
    let error = error_of(text).to_string();
    let (_, names) = error.split_once("expected one of ").expect(&error);
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_published_schema_has_the_same_keys() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/invitation.schema.json")).unwrap();
    let stranger_below = |header: &str| GUIDE.replacen(header, &format!("{header}\nx = 1"), 1);
    for (place, text) in [
        ("/properties", format!("x = 1\n{GUIDE}")),
        ("/properties/sso_session/properties", stranger_below("[sso_session]")),
        ("/properties/profile/items/properties", stranger_below("[[profile]]")),
        ("/properties/help/properties", stranger_below("[help]")),
    ] {
        let described: Vec<&String> =
            schema.pointer(place).and_then(|keys| keys.as_object()).unwrap().keys().collect();
        assert_eq!(keys_known(&text).iter().collect::<Vec<_>>(), described, "{place}");
    }
}
