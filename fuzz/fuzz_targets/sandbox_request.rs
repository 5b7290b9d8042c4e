//! Requests to the sandbox's services: whatever is sent, an answer comes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| sandbox::fuzzing::request(bytes));
