#![no_main]

use awsconfig::{Document, FileKind, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [FileKind::Config, FileKind::Credentials] {
        let parsed = parse(kind, text).map(|_| ());
        match Document::parse(kind, text) {
            Ok(document) => {
                assert!(parsed.is_ok() && !document.is_changed());
                assert_eq!(document.to_text(), text);
            }
            Err(error) => {
                assert!((1..=text.len()).contains(&error.line));
                assert_eq!(parsed, Err(error));
            }
        }
    }
});
