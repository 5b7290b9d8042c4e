#![no_main]

use libfuzzer_sys::fuzz_target;
use vault::Header;
use vault::parsers::{open_record, sample_record};

// The input is a file, then what a whole record is overlaid with, then a body.
fuzz_target!(|input: &[u8]| {
    let Some(whole) = sample_record(b"a body of some length") else { panic!("not sealed") };
    refused(input);
    refused(&[&whole[..], input, b"x"].concat());
    for at in [0, 8, 16, 24, 48, whole.len() - 16] {
        let mut changed = whole.clone();
        let end = (at + input.len()).min(changed.len());
        changed.splice(at..end, input.iter().copied());
        if changed != whole {
            refused(&changed);
        }
    }
    let Some(sealed) = sample_record(input) else { panic!("not sealed") };
    assert_eq!(open_record(&sealed).as_ref().map(|body| body.expose().as_slice()), Some(input));
});

fn refused(file: &[u8]) {
    let _ = Header::parse(file);
    assert!(open_record(file).is_none());
}
