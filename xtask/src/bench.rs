//! `cargo xtask bench`: how long a tool waits for its credentials, from one run.

mod instructions;
mod measure;
mod others;
mod storm;
mod table;
mod world;

use crate::metadata::target_dir;
use crate::steps::cargo;
use measure::{Job, Row, in_turn};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use table::{milliseconds, target, times};
use world::{Home, Sandbox};

/// Numbers of profiles in the homes.
const SIZES: [usize; 3] = [10, 1000, 10_000];
/// The one that the targets speak of.
const USUAL: usize = 1000;
/// Runs of what takes a millisecond, ten, and half a second.
const ROUNDS: [usize; 3] = [400, 60, 7];
const MANY: usize = 200;
const STORMS: usize = 3;

/// The programs, as they are shipped.
struct Programs {
    daypass: PathBuf,
    noop: PathBuf,
    /// What daypass is linked for, where that is not this system's own.
    target: Option<String>,
}

/// Builds what is measured as it is shipped, and this program too: the kernel counts the
/// memory of whoever starts a process as that process's, and a small one is no matter.
pub fn build_and_run(root: &Path, words: &[&str]) -> ExitCode {
    println!("==> cargo build --release");
    let target = static_target();
    match &target {
        Some(target) => println!("    daypass for {target}"),
        None => println!("    no static target is installed: daypass is linked for this system"),
    }
    let shipped: Vec<&str> = target.iter().flat_map(|name| ["--target", name]).collect();
    let ours = ["--package", "xtask", "--bins", "--example", "noop"];
    let builds = [
        [&["--package", "daypass", "--bins"], shipped.as_slice()].concat(),
        [&["--package", "xtask", "--example", "noop"], shipped.as_slice()].concat(),
        ours.to_vec(),
    ];
    for words in builds {
        let mut command = cargo(root, &["build", "--release", "--quiet"]);
        if !command.args(words).status().is_ok_and(|status| status.success()) {
            return ended(Err("cargo build failed".to_owned()));
        }
    }
    let mut ourselves = Command::new(release(root, None, "xtask"));
    let status = ourselves.arg(BUILT).args(words).status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The target of the Linux program that is shipped, if rustc can link for it here.
fn static_target() -> Option<String> {
    let name = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let mut rustc = Command::new("rustc");
    let libraries = rustc.args(["--print", "target-libdir", "--target", &name]).output().ok()?;
    let place = PathBuf::from(String::from_utf8(libraries.stdout).ok()?.trim_end());
    (cfg!(target_os = "linux") && place.is_dir()).then_some(name)
}

/// The word by which this program, built anew, is told to go on.
pub const BUILT: &str = "bench-built";

fn release(root: &Path, target: Option<&str>, name: &str) -> PathBuf {
    let place = target.into_iter().fold(target_dir(root), |place, target| place.join(target));
    place.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Whether these are options of `bench`.
pub fn is_known(words: &[&str]) -> bool {
    matches!(words, [] | ["--instructions"] | ["--instructions", "--check"])
}

/// With everything built: the times, or the instructions, which are written down or
/// compared with what was.
pub fn run(root: &Path, words: &[&str]) -> ExitCode {
    ended(match words {
        [] => times_of_all(root).map(|()| Vec::new()),
        [_] => {
            counted(root).and_then(|counts| instructions::keep(root, &counts)).map(|()| Vec::new())
        }
        _ => counted(root).and_then(|counts| instructions::growth(root, &counts)),
    })
}

/// Nothing to complain of is success.
fn ended(result: Result<Vec<String>, String>) -> ExitCode {
    match result {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            complaints.iter().for_each(|complaint| println!("{complaint}"));
            ExitCode::FAILURE
        }
        Err(reason) => {
            println!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn counted(root: &Path) -> Result<Vec<instructions::Count>, String> {
    let programs = Programs::of(root);
    let sandbox = Sandbox::start(&programs.daypass)?;
    let counts = instructions::count(&programs.noop, &homes(&sandbox)?)?;
    for (name, count) in &counts {
        println!("{name:>8} {count:>12}");
    }
    Ok(counts)
}

fn homes(sandbox: &Sandbox) -> Result<Vec<(usize, Home)>, String> {
    SIZES.into_iter().map(|size| Ok((size, Home::new(sandbox, size)?))).collect()
}

/// Times and ratios, and whether the targets are met.
fn times_of_all(root: &Path) -> Result<(), String> {
    let programs = Programs::of(root);
    let sandbox = Sandbox::start(&programs.daypass)?;
    let homes = homes(&sandbox)?;
    let cached = cached(root, &programs, &homes)?;
    let (wire, cold) = cold(&programs, &sandbox)?;
    let others = others(root, &programs, &homes)?;
    let stormy = Home::new(&sandbox, 1)?;
    let mut verdicts = verdicts_on_times(&cached, &others);
    verdicts.extend(verdict_on_cold(wire, &cold));
    for _ in 0..STORMS {
        let storm = storm::storm(&sandbox, &stormy, MANY)?;
        println!("{}", table::storm(MANY, &storm));
        let what = format!("{MANY} at once: one refresh, one GetRoleCredentials, no failure");
        verdicts.push(target(storm.is_calm(), &what, &format!("{} failures", storm.failures)));
    }
    println!();
    verdicts.iter().for_each(|verdict| println!("{verdict}"));
    Ok(())
}

fn cached(root: &Path, programs: &Programs, homes: &[(usize, Home)]) -> Result<Vec<Row>, String> {
    let mut jobs = vec![programs.noop()];
    jobs.extend(homes.iter().map(|(size, home)| cached_job(*size, home)));
    jobs.extend(programs.static_noop(root));
    show(in_turn(&mut jobs, ROUNDS[0])?)
}

fn cached_job<'a>(size: usize, home: &Home) -> Job<'a> {
    let name = format!("daypass, cached, {size} profiles");
    Job::new(name, home.credential_process())
}

/// One GetRoleCredentials over TLS: the wire's share of it, and all of it.
fn cold(programs: &Programs, sandbox: &Sandbox) -> Result<(Duration, Vec<Row>), String> {
    let home = Home::new(sandbox, SIZES[0])?;
    let roots = native_roots(sandbox, &home)?;
    let mut native = home.credential_process();
    native.env_remove("AWS_CA_BUNDLE").env("SSL_CERT_FILE", &roots);
    let wire = others::wire(sandbox, &home, ROUNDS[1])?;
    let cold = |name: &str, command| {
        Job::new(format!("daypass, cold, {name}"), command).after(|| home.forget_credentials())
    };
    let mut jobs = [
        programs.noop(),
        cold("TLS, one CA file", home.credential_process()),
        cold("TLS, native roots", native),
    ];
    let rows = show(in_turn(&mut jobs, ROUNDS[1])?)?;
    println!("the wire's share, by curl: {} ms\n", milliseconds(wire));
    Ok((wire, rows))
}

/// The system's roots and the sandbox's, in one file: as many as people have.
fn native_roots(sandbox: &Sandbox, home: &Home) -> Result<PathBuf, String> {
    let ours = crate::peers::read(Path::new(sandbox.variable("AWS_CA_BUNDLE")?))?;
    let system = crate::peers::read(Path::new("/etc/ssl/certs/ca-certificates.crt"))?;
    home.write("roots.pem", &(system + &ours))
}

fn others(root: &Path, programs: &Programs, homes: &[(usize, Home)]) -> Result<Vec<Row>, String> {
    let mut jobs = vec![programs.noop()];
    for (size, home) in homes.iter().filter(|(size, _)| *size == USUAL) {
        jobs.push(cached_job(*size, home));
        jobs.extend(others::jobs(root, &target_dir(root), home));
    }
    show(in_turn(&mut jobs, ROUNDS[2])?)
}

fn show(rows: Vec<Row>) -> Result<Vec<Row>, String> {
    println!("{}", table::table(&rows));
    Ok(rows)
}

fn verdicts_on_times(cached: &[Row], others: &[Row]) -> Vec<String> {
    let mut verdicts = Vec::new();
    if let [floor, few, usual, most, ..] = cached {
        let (ratio, found) = (times(usual.wall, floor.wall), usual.resident as f64 / 1e6);
        let what = format!("cached, {USUAL} profiles: at most 1.5 times a no-op process");
        verdicts.push(target(ratio <= 1.5, &what, &format!("{ratio:.2}")));
        verdicts.push(target(found < 6.0, "in less than 6 MB", &format!("{found:.1} MB")));
        let more = most.wall.saturating_sub(few.wall);
        let what = format!("at {} profiles at most 1 ms more than at {}", SIZES[2], SIZES[0]);
        verdicts.push(target(more.as_millis() < 1, &what, &format!("{} ms", milliseconds(more))));
    }
    let what = "at least 200 times faster than the AWS CLI";
    match (others.get(1), others.iter().find(|row| row.name == others::AWS_CLI)) {
        (Some(ours), Some(aws)) => {
            let ratio = times(aws.wall, ours.wall);
            verdicts.push(target(ratio >= 200.0, what, &format!("{ratio:.0}")));
        }
        _ => verdicts.push(format!("NOT RUN: {what}")),
    }
    verdicts
}

fn verdict_on_cold(wire: Duration, cold: &[Row]) -> Option<String> {
    let over = cold.last()?.wall.saturating_sub(wire);
    let what = "cold, native roots: within 12 ms of the wire";
    Some(target(over.as_millis() < 12, what, &format!("{} ms", milliseconds(over))))
}

impl Programs {
    fn of(root: &Path) -> Self {
        let target = static_target();
        let daypass = release(root, target.as_deref(), "daypass");
        Self { daypass, noop: release(root, None, "examples/noop"), target }
    }

    /// The floor under the floor: what a process costs that nothing is loaded for.
    fn static_noop(&self, root: &Path) -> Option<Job<'static>> {
        let mut command = Command::new(release(root, self.target.as_deref(), "examples/noop"));
        command.env_clear();
        self.target.as_ref().map(|_| Job::new("the no-op, linked as daypass is", command))
    }

    fn noop(&self) -> Job<'static> {
        let mut command = Command::new(&self.noop);
        command.env_clear();
        Job::new("a Rust process that does nothing", command)
    }
}
