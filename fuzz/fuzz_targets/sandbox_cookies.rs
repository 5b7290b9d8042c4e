//! Cookie headers: what is found was there.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| sandbox::fuzzing::cookies(text));
