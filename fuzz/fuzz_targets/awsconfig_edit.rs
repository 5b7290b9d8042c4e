#![no_main]

use awsconfig::{Document, FileKind, SectionName, parse};
use libfuzzer_sys::fuzz_target;

// The input is section, key, sub-key, value and file, with a NUL after each of the first four.
fuzz_target!(|input: &str| {
    let mut fields = input.splitn(5, '\0');
    let mut next = || fields.next().unwrap_or_default();
    let (name, key, sub, value, text) = (next(), next(), next(), next(), next());
    for kind in [FileKind::Config, FileKind::Credentials] {
        let section = SectionName::parse_header(kind, name);
        edit(kind, &section, (key, sub, value), text);
        remove(kind, &section, key, text);
    }
});

fn edit(kind: FileKind, section: &SectionName, (key, sub, value): (&str, &str, &str), text: &str) {
    let Ok(mut document) = Document::parse(kind, text) else { return };
    let apply = |document: &mut Document| match sub {
        "" => document.set(section, key, value),
        sub => document.set_nested(section, key, sub, value),
    };
    if apply(&mut document).is_err() {
        assert_eq!(document.to_text(), text);
        return;
    }
    let after = document.to_text();
    let Ok(parsed) = parse(kind, &after) else { panic!("an edit broke a file") };
    if *section != SectionName::Other("DEFAULT".to_owned()) {
        let key = key.to_lowercase();
        let got = parsed.section(section).and_then(|s| match sub {
            "" => s.get(&key),
            sub => s.nested(&key, sub),
        });
        let got = got.and_then(|v| v.as_str()).map(str::to_owned);
        assert_eq!(got.as_deref(), Some(value.trim()));
    }
    assert_eq!(apply(&mut document), Ok(()));
    assert_eq!(document.to_text(), after);
}

fn remove(kind: FileKind, section: &SectionName, key: &str, text: &str) {
    let Ok(mut document) = Document::parse(kind, text) else { return };
    document.remove(section, key);
    let Ok(_) = parse(kind, &document.to_text()) else { panic!("a removal broke a file") };
    document.remove_section(section);
    let Ok(parsed) = parse(kind, &document.to_text()) else { panic!("a removal broke a file") };
    assert!(parsed.section(section).is_none());
}
