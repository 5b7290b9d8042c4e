//! Commands run again and again, in turn, so that a noisy minute hits all of them alike.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4;

/// A command to be measured.
pub struct Job<'a> {
    /// What it is.
    pub name: String,
    pub command: Command,
    /// Done before each run, outside of the measured time.
    pub before: Option<Box<dyn Fn() + 'a>>,
}

impl<'a> Job<'a> {
    pub fn new(name: impl Into<String>, command: Command) -> Self {
        Self { name: name.into(), command, before: None }
    }

    pub fn after(mut self, before: impl Fn() + 'a) -> Self {
        self.before = Some(Box::new(before));
        self
    }
}

/// One run.
#[derive(Debug, Clone, Copy)]
struct Sample {
    wall: Duration,
    cpu: Duration,
    resident: u64,
    faults: u64,
}

/// What many runs of one command came to: medians.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    /// The words that were run.
    pub words: String,
    pub runs: usize,
    /// From start to end.
    pub wall: Duration,
    /// The quickest.
    pub least: Duration,
    /// In the program and in the kernel on its behalf.
    pub cpu: Duration,
    /// Most bytes in memory.
    pub resident: u64,
    /// Pages that the kernel had to map.
    pub faults: u64,
}

/// Each job once a round.
///
/// # Errors
/// A run that failed: its time says nothing.
pub fn in_turn(jobs: &mut [Job<'_>], rounds: usize) -> Result<Vec<Row>, String> {
    let mut samples = vec![Vec::with_capacity(rounds); jobs.len()];
    for _ in 0..rounds {
        for (job, samples) in jobs.iter_mut().zip(&mut samples) {
            samples.push(once(job)?);
        }
    }
    Ok(jobs.iter().zip(samples).map(|(job, samples)| row(job, &samples)).collect())
}

fn once(job: &mut Job<'_>) -> Result<Sample, String> {
    if let Some(before) = &job.before {
        before();
    }
    let command = job.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let failed = |error| format!("{}: {error}", job.name);
    let (faults, started) = (faults_of_children(), Instant::now());
    let ended = command.spawn().and_then(Wait4::wait4).map_err(failed)?;
    let wall = started.elapsed();
    if !ended.status.success() {
        return Err(format!("{}: {}: {command:?}", job.name, ended.status));
    }
    Ok(Sample {
        wall,
        cpu: ended.rusage.utime + ended.rusage.stime,
        resident: ended.rusage.maxrss,
        faults: faults_of_children() - faults,
    })
}

/// Of all children that have ended: `cminflt` of proc(5). 0 where there is no such file.
fn faults_of_children() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name, in parentheses, may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    fields.split_ascii_whitespace().nth(8).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn row(job: &Job<'_>, samples: &[Sample]) -> Row {
    let of = |pick: fn(&Sample) -> Duration| samples.iter().map(pick).collect::<Vec<_>>();
    Row {
        name: job.name.clone(),
        words: words(&job.command),
        runs: samples.len(),
        wall: median(of(|sample| sample.wall)),
        least: of(|sample| sample.wall).into_iter().min().unwrap_or_default(),
        cpu: median(of(|sample| sample.cpu)),
        resident: median(samples.iter().map(|sample| sample.resident).collect()),
        faults: median(samples.iter().map(|sample| sample.faults).collect()),
    }
}

pub fn median<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_in_the_middle() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(Vec::<u64>::new()), 0);
    }

    #[test]
    fn a_failed_run_is_no_measurement() {
        let program = std::env::current_exe().expect("a program");
        let mut command = Command::new(program);
        command.arg("--no-such-option-of-a-test");
        let failed = in_turn(&mut [Job::new("it", command)], 1).expect_err("a failure");
        assert!(failed.starts_with("it: "), "{failed}");
    }
}
