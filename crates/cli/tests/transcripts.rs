//! Transcripts of the command line that read as documentation: `transcripts/*.md`.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test -p daypass --test transcripts` writes down what
//! happens; read the diff before you keep it. What the fences mean:
//! `common/transcript.rs`.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use std::fs;
use std::path::PathBuf;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn holds(name: &str) {
    let path = directory().join(format!("{name}.md"));
    let expected = fs::read_to_string(&path).expect("the transcript");
    let actual = common::transcript::play(&expected);
    if actual == expected {
        return;
    }
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, actual).expect("written");
        return;
    }
    panic!(
        "{name}.md says otherwise (- what it says, + what happens):\n\n{}",
        common::diff::lines(&expected, &actual)
    );
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                holds(stringify!($name));
            }
        )*

        #[test]
        fn every_transcript_is_played() {
            let mut names: Vec<String> = fs::read_dir(directory())
                .expect("the directory")
                .map(|entry| entry.expect("an entry").path())
                .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

transcripts! {
    audit
    aws_errors
    config_errors
    configure
    console
    credentials
    doctor
    edits
    exec
    help
    invite
    lint
    login
    login_errors
    login_sure
    login_ways
    logout
    migrate
    network
    pick
    portal
    reach
    remove
    s3_ls
    sandbox
    sandbox_ctl
    serve
    setup
    shells
    status
    sts
    tour
    usage
    vault
    whose
}
