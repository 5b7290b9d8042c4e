#![no_main]

use awsconfig::{FileKind, SectionName, parse, scan::scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for kind in [FileKind::Config, FileKind::Credentials] {
        let _ = scan(bytes, kind, &[SectionName::Profile("default".to_owned())]);
        let Some(parsed) = std::str::from_utf8(bytes).ok().and_then(|t| parse(kind, t).ok()) else {
            continue;
        };
        for (name, section) in parsed.sections() {
            let Ok(scanned) = scan(bytes, kind, std::slice::from_ref(name)) else {
                panic!("a file that parses was not scanned")
            };
            assert_eq!(scanned.section(name), Some(section));
        }
    }
});
