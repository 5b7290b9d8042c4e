//! Requests to the sandbox's management by whoever holds the token.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::management(bytes));
