//! Edits that no golden case can show: removals, refusals, line endings.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod common;

use awsconfig::{Document, EditError, FileKind, SectionName, SyntaxErrorKind};
use common::profile;

fn config(text: &str) -> Document {
    Document::parse(FileKind::Config, text).expect("a text that parses")
}

#[test]
fn set_many_keeps_the_given_order() {
    let mut document = config("[profile a]\noutput = text\n[profile b]\n");
    let pairs = [("sso_session", "s"), ("output", "json"), ("region", "r")];
    document.set_many(&profile("a"), &pairs).expect("an edit");
    let want = "[profile a]\noutput = json\nsso_session = s\nregion = r\n[profile b]\n";
    assert_eq!(document.to_text(), want);
}

#[test]
fn set_many_is_all_or_nothing() {
    let mut document = config("[profile a]\n");
    let pairs = [("region", "r"), ("output", "a\nb")];
    assert_eq!(document.set_many(&profile("a"), &pairs), Err(EditError::ControlInValue));
    assert!(!document.is_changed());
}

#[test]
fn several_sections_in_one_edit() {
    let mut document = config("[profile a]\nregion = r\n[profile b]");
    let (a, b, c) = (profile("a"), profile("b"), profile("c"));
    let one: &[(&str, &str)] = &[("region", "s"), ("output", "json")];
    document.set_all(&[(&c, one), (&b, one), (&a, one), (&c, &[("x", "y")])]).expect("an edit");
    let each = "region = s\noutput = json\n";
    let want = format!("[profile a]\n{each}[profile b]\n{each}[profile c]\n{each}x = y\n");
    assert_eq!(document.to_text(), want);
    let before = document.to_text();
    let refused = document.set_all(&[(&a, one), (&b, &[("", "")])]);
    assert_eq!(refused, Err(EditError::EmptyKey));
    assert_eq!(document.to_text(), before);
}

#[test]
fn an_equal_value_is_no_change() {
    let mut document = config("[default]\r\nregion = r\r\n");
    document.set(&profile("default"), "region", "r").expect("an edit");
    assert!(!document.is_changed());
    document.set(&profile("default"), "region", "s").expect("an edit");
    assert_eq!(document.to_text(), "[default]\r\nregion = s\r\n");
    assert!(document.is_changed());
}

#[test]
fn a_replaced_line_keeps_its_own_ending() {
    let mut document = config("[default]\nregion = r\r\noutput = o\n");
    document.set(&profile("default"), "region", "s").expect("an edit");
    document.set(&profile("default"), "new", "n").expect("an edit");
    assert_eq!(document.to_text(), "[default]\nregion = s\r\noutput = o\nnew = n\n");
}

#[test]
fn removing_a_key_takes_its_block_along() {
    let text = "[default]\ns3 =\n  a = b\n\n  # in\n  c = d\n  # in\n# out\n\nregion = r\n";
    let mut document = config(text);
    assert!(document.remove(&profile("default"), "S3"));
    assert_eq!(document.to_text(), "[default]\n# out\n\nregion = r\n");
    assert!(!document.remove(&profile("default"), "s3"));
    assert!(!document.remove(&profile("nobody"), "s3"));
}

#[test]
fn removing_a_section_leaves_the_comments_below() {
    let text = "# top\n[profile a]\n# in\nx = 1\n\n# about b\n[profile b]\ny = 1\n";
    let mut document = config(text);
    assert!(document.remove_section(&profile("a")));
    assert_eq!(document.to_text(), "# top\n# about b\n[profile b]\ny = 1\n");
    assert!(!document.remove_section(&profile("a")));
}

#[test]
fn removing_a_section_takes_the_hidden_ones_along() {
    let mut document = config("[default]\na = 1\n[profile b]\n[profile default]\na = 2\n");
    assert!(document.remove_section(&profile("default")));
    assert_eq!(document.to_text(), "[profile b]\n");
}

#[test]
fn a_header_below_a_removed_section_stays_a_header() {
    let mut document = config("[profile a]\nx = 1\n[profile b]\n  y = 1\n  [profile c]\nz = 1\n");
    assert!(document.remove_section(&profile("b")));
    assert_eq!(document.to_text(), "[profile a]\nx = 1\n[profile c]\nz = 1\n");
}

#[test]
fn other_sections_by_their_header() {
    let mut document = config("[plugins]\n");
    let plugins = SectionName::Other("plugins".to_owned());
    document.set(&plugins, "cli_legacy_plugin_path", "/x").expect("an edit");
    assert_eq!(document.to_text(), "[plugins]\ncli_legacy_plugin_path = /x\n");
}

#[test]
fn nothing_is_nested_under_a_plain_value() {
    let mut document = config("[default]\noutput = text\ns3 = x\n");
    let refused = document.set_nested(&profile("default"), "s3", "a", "b");
    assert_eq!(refused, Err(EditError::PlainValue { line: 3 }));
}

#[test]
fn a_line_that_reads_as_two_is_not_edited() {
    let mut document = config("[default]\ns3 =\n  a = 1\u{c}b = 2\n");
    let refused = document.set_nested(&profile("default"), "s3", "a", "9");
    assert_eq!(refused, Err(EditError::WouldChangeMeaning));
    assert!(!document.is_changed());
}

#[test]
fn refused_files() {
    let refused = |text| Document::parse(FileKind::Config, text).map(|_| ()).map_err(|e| e.kind);
    assert_eq!(refused("\u{feff}[default]\n"), Err(SyntaxErrorKind::ByteOrderMark));
    assert_eq!(refused("[a]\n[a]\n"), Err(SyntaxErrorKind::DuplicateSection { first: 1 }));
    assert_eq!(refused("[default]\nk =\n sub\n"), Err(SyntaxErrorKind::NestedWithoutEquals));
}

#[test]
fn a_renamed_key_keeps_everything_else_and_can_be_named_back() {
    let text = "[profile a]\r\n# why\r\nsso_session : s # not a comment\n  more\nregion=r\n\n[profile b]\n  sso_session=s\n";
    let mut document = config(text);
    let (a, b) = (profile("a"), profile("b"));
    let there =
        [(&a, "sso_session", "daypass_sso_session"), (&b, "sso_session", "daypass_sso_session")];
    document.rename_all(&there).expect("an edit");
    let want = text.replace("sso_session", "daypass_sso_session");
    assert_eq!(document.to_text(), want);
    let back = there.map(|(section, from, to)| (section, to, from));
    document.rename_all(&back).expect("an edit");
    assert_eq!(document.to_text(), text);
}

#[test]
fn a_rename_never_hides_a_key_or_makes_one_up() {
    let text = "[profile a]\nx = 1\ny = 2\n";
    let mut document = config(text);
    let a = profile("a");
    for (from, to) in [("x", "y"), ("z", "w")] {
        assert_eq!(document.rename_all(&[(&a, from, to)]), Err(EditError::WouldChangeMeaning));
    }
    assert_eq!(document.rename_all(&[(&a, "x", "[x")]), Err(EditError::BadKey));
    assert_eq!(
        document.rename_all(&[(&a, "x", "w"), (&a, "x", "v")]),
        Err(EditError::WouldChangeMeaning)
    );
    assert_eq!(document.to_text(), text);
}
