use super::*;

fn source(kind: FileKind, text: &str) -> Source {
    let shown = if kind == FileKind::Config { "config" } else { "credentials" };
    let parsed = awsconfig::parse(kind, text).ok();
    Source { kind, shown: shown.to_owned(), text: text.to_owned(), parsed }
}

fn rules(config: &str, credentials: &str) -> Vec<(String, usize, &'static str)> {
    let (config, credentials) =
        (source(FileKind::Config, config), source(FileKind::Credentials, credentials));
    let mut found = Vec::new();
    for source in [&config, &credentials] {
        texts::look(source, &mut found);
        values::look(source, &mut found);
        keys::look(source, &mut found);
    }
    profiles::look(Some(&config), Some(&credentials), &mut found);
    found.into_iter().map(|f| (f.file, f.line, f.rule)).collect()
}

fn in_config(text: &str) -> Vec<(usize, &'static str)> {
    rules(text, "").into_iter().map(|(_, line, rule)| (line, rule)).collect()
}

const GUIDE: &str = "[profile disasters-sso]\nsso_session = disasters\nsso_account_id = 867530900000\n\
    sso_role_name = Project-Power-User\nregion = us-east-1\noutput = json\n\n[sso-session disasters]\n\
    sso_start_url = https://d-9067c5bbc5.awsapps.com/start/#\nsso_region = us-east-1\n\
    sso_registration_scopes = sso:account:access\n";

#[test]
fn the_guide_s_file_is_clean() {
    assert_eq!(in_config(GUIDE), []);
    assert_eq!(in_config(&GUIDE.replace('\n', "\r\n")), []);
}

#[test]
fn every_syntax_error_is_listed_and_not_the_first_alone() {
    let text = "x = 1\n[a\n[profile p]\nk = 1\nk = 2\ngarbage\n[profile p]\n";
    let found = in_config(text);
    for want in [
        (1, "before-first-section"),
        (2, "unclosed-header"),
        (5, "duplicate-key"),
        (6, "not-an-entry"),
        (7, "duplicate-section"),
    ] {
        assert!(found.contains(&want), "{want:?} in {found:?}");
    }
}

#[test]
fn headers_and_lines_that_are_read_in_two_ways() {
    for (text, want) in [
        ("\u{feff}[profile p]\n", (1, "byte-order-mark")),
        ("[default]\n[profile default]\n", (1, "hidden-section")),
        ("[p]\n", (1, "missing-prefix")),
        ("[profile 'a b']\n", (1, "header-not-portable")),
        ("[profile p] # c\n", (1, "text-after-header")),
        ("[profile p]\n  region = x\n", (2, "indented-key")),
        ("[profile p]\nregion = x # c\n", (2, "inline-comment")),
        ("[profile p]\nRegion = x\n", (2, "upper-case-key")),
        ("[profile p]\nregion = x\n  output = json\n", (2, "swallowed-key")),
        ("[profile p]\nregion = \"x\"\n", (2, "quoted-value")),
        ("[profile p]\nregion =\n", (2, "empty-value")),
        ("[profile p]\nregion = x\r\noutput = json\n", (2, "mixed-line-endings")),
        ("[profile p]\nregion = x\ns3 =\n  region = y\n", (3, "nested-key-repeats")),
        ("[profile p]\nregoin = x\n", (2, "unknown-key")),
        ("[profile p]\ncredential_process = \"/a b/c\"\n", (2, "process-quotes")),
        ("[profile p]\ncredential_process = ~/c\n", (2, "process-shell")),
    ] {
        assert!(in_config(text).contains(&want), "{text:?}: {:?}", in_config(text));
    }
}

#[test]
fn what_sections_say_together() {
    for (from, to, want) in [
        ("sso_role_name = Project-Power-User\n", "", (2, "sso-incomplete")),
        ("[sso-session disasters]", "[sso-session other]", (2, "sso-session-unknown")),
        ("region = us-east-1\no", "sso_region = us-west-2\no", (5, "beside-sso-session")),
        ("output = json", "credential_process = /x", (6, "two-providers")),
        ("output = json", "source_profile = nope", (6, "source-profile-unknown")),
        ("output = json", "role_arn = arn:aws:iam::1:role/x", (6, "role-without-source")),
        ("sso_region = us-east-1\nsso_r", "sso_r", (8, "sso-incomplete")),
        ("https://d", "http://d", (9, "start-url-http")),
    ] {
        let text = GUIDE.replacen(from, to, 1);
        assert_ne!(text, GUIDE, "{from}");
        assert!(in_config(&text).contains(&want), "{to}: {:?}", in_config(&text));
    }
    let twice = format!(
        "{GUIDE}[sso-session b]\nsso_start_url = https://d-9067c5bbc5.awsapps.com/start\nsso_region = us-east-1\n"
    );
    assert_eq!(in_config(&twice), [(13, "start-url-spelling")]);
}

#[test]
fn keys_beside_a_login_and_keys_that_end() {
    let keys = "[disasters-sso]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = SECRET\naws_session_token = t\n";
    let found = rules(GUIDE, keys);
    for rule in ["two-providers", "temporary-keys"] {
        assert!(found.contains(&("credentials".to_owned(), 2, rule)), "{found:?}");
    }
    assert_eq!(
        rules("", "[x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"),
        [("credentials".to_owned(), 2, "half-a-key")]
    );
}

#[test]
fn no_finding_repeats_a_secret() {
    let keys = "[p]\naws_access_key_id = X\naws_secret_access_key = THE-SECRET # x\naws_session_token =THE-SECRET;\nTHE-SECRET\n";
    let credentials = source(FileKind::Credentials, keys);
    let mut found = Vec::new();
    texts::look(&credentials, &mut found);
    values::look(&credentials, &mut found);
    keys::look(&credentials, &mut found);
    profiles::look(None, Some(&credentials), &mut found);
    assert!(!found.is_empty());
    assert!(!format!("{found:?}").contains("THE-SECRET"), "{found:?}");
}
