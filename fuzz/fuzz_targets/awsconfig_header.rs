#![no_main]

use awsconfig::{Document, FileKind, SectionName, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|name: &str| {
    for kind in [FileKind::Config, FileKind::Credentials] {
        let read = SectionName::parse_header(kind, name);
        let made =
            [SectionName::Profile(name.to_owned()), SectionName::SsoSession(name.to_owned())];
        for section in made.into_iter().chain([read]) {
            let Ok(mut document) = Document::parse(kind, "") else {
                panic!("an empty file parses")
            };
            if document.set(&section, "k", "v").is_ok() {
                let Ok(parsed) = parse(kind, &document.to_text()) else {
                    panic!("an edit broke a file")
                };
                let inherited = section == SectionName::Other("DEFAULT".to_owned());
                assert!(
                    inherited || parsed.section(&section).is_some_and(|s| s.get("k").is_some())
                );
            }
        }
    }
});
