//! The project's own chores: `cargo xtask test`, `cargo xtask peers`, `cargo xtask bench`.

mod bench;
mod browser;
mod fences;
mod metadata;
mod peers;
mod peers_clients;
mod steps;
mod tally;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask test [--fast]     everything that must pass; --fast leaves the peers out
       cargo xtask peers [ARGS]      only the tests with real clients; ARGS go to pytest
       cargo xtask peers --write-table
                                     docs/compatibility.md says what their latest run said
       cargo xtask pictures          docs/pictures is made anew, by a browser on the sandbox's pages
       cargo xtask bench             how long credentials take, beside other programs
       cargo xtask bench --instructions [--check]
                                     counts those of the cached path, and writes them down or
                                     says whether they have grown
       cargo xtask storm [NxM]       N rounds of M processes at once on an ended login, some of
                                     them killed; 20x200 if nothing is said
       cargo xtask fences            only the check of crate edges and file lengths
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => steps::test(&root(), steps::Extent::Whole),
        ["test", "--fast"] => steps::test(&root(), steps::Extent::Fast),
        ["peers", "--write-table"] => steps::write_table(&root()),
        ["peers", rest @ ..] => steps::only_peers(&root(), rest),
        ["bench", rest @ ..] if bench::is_known(rest) => bench::build_and_run(&root(), rest),
        [bench::BUILT, rest @ ..] => bench::run(&root(), rest),
        ["fences"] => steps::only_fences(&root()),
        ["storm"] => steps::storm(&root(), "20x200"),
        ["storm", size] => steps::storm(&root(), size),
        ["pictures"] => steps::only_peers(&root(), &["-k", "picture", "--write-pictures"]),
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The repository: the folder above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
