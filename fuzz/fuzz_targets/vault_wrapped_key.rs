#![no_main]

use libfuzzer_sys::fuzz_target;

// The input is the file as it is, and what follows the magic number.
fuzz_target!(|input: &[u8]| {
    vault::parsers::parse_wrapped_key(input);
    vault::parsers::parse_wrapped_key(&[b"dppass\0\x01", input].concat());
});
