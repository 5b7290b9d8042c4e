//! Many sections changed at once come out as they do one by one.

use awsconfig::{Document, FileKind, SectionEdit, SectionName};

const TEXT: &str = "# top\n[default]\nregion = a\n\n[profile a]\n# about a\nregion = x\noutput = json\n\n\
                    # about b\n[profile b]\ns3 =\n    addressing_style = path\nregion = y\n\n[profile c]\nregion = z\n";

fn profile(name: &str) -> SectionName {
    SectionName::Profile(name.to_owned())
}

fn set(name: &str, pairs: &[(&str, &str)]) -> SectionEdit {
    let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    SectionEdit::setting(profile(name), pairs)
}

fn document(text: &str) -> Document {
    Document::parse(FileKind::Config, text).unwrap()
}

#[test]
fn sets_are_those_of_one_edit_after_the_other() {
    let edits = [
        set("a", &[("region", "n"), ("new", "1")]),
        set("c", &[("new", "2")]),
        set("d", &[("k", "v")]),
    ];
    for text in [TEXT, TEXT.trim_end(), &TEXT.replace('\n', "\r\n"), ""] {
        let mut bulk = document(text);
        bulk.edit_sections(&edits).unwrap();
        let mut single = document(text);
        for edit in &edits {
            let pairs: Vec<_> = edit.set.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            single.set_many(&edit.section, &pairs).unwrap();
        }
        assert_eq!(bulk.to_text(), single.to_text());
    }
}

#[test]
fn removals_are_those_of_one_edit_after_the_other() {
    let mut bulk = document(TEXT);
    let keys = SectionEdit { unset: vec!["OUTPUT".into(), "none".into()], ..set("a", &[]) };
    bulk.edit_sections(&[
        keys,
        SectionEdit::removing(profile("b")),
        SectionEdit::removing(profile("gone")),
    ])
    .unwrap();
    let mut single = document(TEXT);
    single.remove(&profile("a"), "output");
    single.remove_section(&profile("b"));
    assert_eq!(bulk.to_text(), single.to_text());
    assert!(bulk.to_text().contains("# about b"));
}

#[test]
fn nothing_is_changed_by_an_edit_that_cannot_be_written() {
    let mut bulk = document(TEXT);
    bulk.edit_sections(&[set("a", &[("k", "v")]), set("x]", &[("k", "v")])]).unwrap_err();
    bulk.edit_sections(&[set("a", &[("k", "two\nlines")])]).unwrap_err();
    assert!(!bulk.is_changed());
}

#[test]
fn tens_of_thousands_of_sections_are_no_matter() {
    let edits: Vec<_> =
        (0..25_000).map(|n| set(&format!("p{n}"), &[("region", "r"), ("k", "v")])).collect();
    let mut bulk = document(TEXT);
    bulk.edit_sections(&edits).unwrap();
    assert_eq!(bulk.to_text().lines().count(), TEXT.lines().count() + 75_000);
    let changed: Vec<_> = (0..25_000).map(|n| set(&format!("p{n}"), &[("region", "q")])).collect();
    bulk.edit_sections(&changed).unwrap();
    let removed: Vec<_> =
        (0..25_000).map(|n| SectionEdit::removing(profile(&format!("p{n}")))).collect();
    bulk.edit_sections(&removed).unwrap();
    assert_eq!(bulk.to_text(), TEXT);
}
