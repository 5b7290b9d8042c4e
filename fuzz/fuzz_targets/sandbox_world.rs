//! World files: read, or refused with a place.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| sandbox::fuzzing::world(text));
