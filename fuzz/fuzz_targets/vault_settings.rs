#![no_main]

use libfuzzer_sys::fuzz_target;

// Settings that are read are written and read back the same.
fuzz_target!(|text: &str| {
    assert!(vault::parsers::parse_settings(text));
});
