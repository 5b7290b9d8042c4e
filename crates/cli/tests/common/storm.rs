//! One round of a storm: see `tests/storm.rs`.
#![allow(clippy::print_stdout, reason = "what a storm took is worth knowing")]

use super::{Job, Machine, Outcome, PATIENCE, finish, until};
use sandbox::Control;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const AN_HOUR_AND_A_HALF: Duration = Duration::from_secs(5400);
const COMMAND: &str = "credential-process --profile disasters-sso";

/// How much.
#[derive(Clone, Copy)]
pub struct Size {
    pub rounds: usize,
    pub processes: usize,
}

impl Size {
    /// A breeze; `STORM=20x200` is the full size.
    pub fn of_test() -> Self {
        let text = std::env::var("STORM").unwrap_or_else(|_| "2x24".to_owned());
        let (rounds, processes) = text.split_once('x').expect("ROUNDSxPROCESSES");
        let number = |text: &str| text.parse().expect("a number");
        Self { rounds: number(rounds), processes: number(processes) }
    }
}

/// Numbers that look random and come again with the same seed (xorshift64).
pub struct Chance(u64);

impl Chance {
    /// `STORM_SEED`, or one of the clock's; printed either way.
    pub fn of_test() -> Self {
        let clock = || u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(1);
        let seed = std::env::var("STORM_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or_else(clock).max(1);
        println!("STORM_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

/// Another tool at work in the shared cache, which writes as the SDKs do: truncates first, then writes, without a lock.
pub enum Clerk {
    /// The token that is there, once more.
    Copies,
    /// The token of a login of its own.
    Writes(String),
}

/// What a round took.
#[derive(Debug)]
pub struct Tally {
    served: usize,
    killed: usize,
    refreshes: usize,
    fetches: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { served, killed, refreshes, fetches } = self;
        write!(f, "{served} served, {killed} killed, {refreshes} refreshes, {fetches} fetches")
    }
}

pub struct Storm<'a> {
    machine: &'a Machine,
    clerk: Option<&'a Clerk>,
    control: Control,
    jobs: Vec<Job>,
    killed: BTreeSet<usize>,
    count: usize,
}

impl<'a> Storm<'a> {
    pub fn new(machine: &'a Machine, clerk: Option<&'a Clerk>, count: usize) -> Self {
        let control = machine.control();
        Self { machine, clerk, control, jobs: Vec::new(), killed: BTreeSet::new(), count }
    }

    /// Nobody is killed between the answer of CreateToken and the commit: whoever is
    /// loses a single-use token, and no client can do anything about it. Everywhere else
    /// anybody is, the one process at work among them.
    ///
    /// So there is one refresh at most. One role is fetched, and once more for each of
    /// the few that were killed last, who may have had the answer already.
    pub fn round(mut self, round: usize, chance: &mut Chance) -> Tally {
        self.machine.age_tokens(AN_HOUR_AND_A_HALF);
        let last = self.control.journal().last().map_or(0, |entry| entry.id);
        let over = AtomicBool::new(false);
        let (machine, clerk) = (self.machine, self.clerk);
        let late = std::thread::scope(|scope| {
            if let Some(clerk) = clerk {
                let over = &over;
                scope.spawn(move || clerk.work(&token_file(machine), over));
            }
            let _ends = Over(&over);
            self.play(round, chance)
        });
        let outcomes: Vec<Outcome> =
            std::mem::take(&mut self.jobs).into_iter().map(finish).collect();
        self.judge(&outcomes);
        let tally = self.tally(last);
        assert!(tally.refreshes <= 1, "{tally}");
        assert!((1..=1 + late).contains(&tally.fetches), "{tally}, {late} of them late");
        tally
    }

    /// Returns how many were killed after the services had begun to answer.
    fn play(&mut self, round: usize, chance: &mut Chance) -> usize {
        let refresh = self.control.hold("CreateToken");
        let fetch = self.control.hold("GetRoleCredentials");
        self.jobs = (0..self.count).map(|_| self.machine.start_daypass(COMMAND)).collect();
        let with_leader = round.is_multiple_of(2);
        // A token of another tool's is fresh: nobody refreshes then.
        if !matches!(self.clerk, Some(Clerk::Writes(_))) {
            assert!(refresh.wait_for(1, PATIENCE), "nobody refreshes");
            self.kill_at_hold(with_leader, chance);
            assert!(refresh.wait_for(1 + usize::from(with_leader), PATIENCE), "no successor");
        }
        drop(refresh);
        assert!(fetch.wait_for(1, PATIENCE), "nobody asks for the role");
        self.kill_at_hold(with_leader, chance);
        assert!(fetch.wait_for(1 + usize::from(with_leader), PATIENCE), "no successor");
        drop(fetch);
        // Every other round has no such kills, and exactly one fetch.
        let late = if with_leader { 0 } else { 3 };
        for _ in 0..late {
            std::thread::sleep(Duration::from_millis(chance.below(8) as u64));
            self.kill_one(chance);
        }
        let jobs = &mut self.jobs;
        until("all have ended", || {
            jobs.iter_mut().all(|job| job.child.try_wait().unwrap().is_some())
        });
        late
    }

    /// Kills an eighth of all, and the one that the service keeps waiting if so wished.
    fn kill_at_hold(&mut self, with_leader: bool, chance: &mut Chance) {
        let mut leader = None;
        until("one holds the lock", || {
            leader = self.leader();
            leader.is_some()
        });
        let leader = leader.expect("found");
        for _ in 0..self.count / 8 {
            let one = chance.below(self.count);
            if one != leader {
                self.kill(one);
            }
        }
        if with_leader {
            self.kill(leader);
        }
    }

    fn kill_one(&mut self, chance: &mut Chance) {
        let one = chance.below(self.count);
        self.kill(one);
    }

    fn kill(&mut self, one: usize) {
        let child = &mut self.jobs[one].child;
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("SIGKILL");
            self.killed.insert(one);
        }
    }

    /// Which of them holds the lock of the role.
    fn leader(&self) -> Option<usize> {
        let locks = std::fs::read_to_string("/proc/locks").expect("the kernel's locks");
        let inodes = role_locks(self.machine);
        let pid = locks.lines().find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, "FLOCK", _, "WRITE", pid, place, ..] = words.as_slice() else { return None };
            let inode: u64 = place.rsplit(':').next()?.parse().ok()?;
            inodes.contains(&inode).then(|| pid.parse::<u32>().ok())?
        })?;
        self.jobs.iter().position(|job| job.child.id() == pid)
    }

    /// Not one failure among those that were not killed, and one answer for all.
    #[track_caller]
    fn judge(&self, outcomes: &[Outcome]) {
        for (at, outcome) in outcomes.iter().enumerate() {
            if self.killed.contains(&at) && outcome.code() == 128 + 9 {
                continue;
            }
            assert_eq!(outcome.code(), 0, "process {at}: {outcome:#?}");
            assert_eq!(outcome.stderr, "", "process {at}");
            let line: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
            assert_eq!(line["Version"], 1, "process {at}");
            assert!(line["SecretAccessKey"].is_string(), "process {at}");
        }
    }

    fn tally(&self, last: u64) -> Tally {
        let journal = self.control.journal_since(last);
        let well = |operation: &str| {
            let asked = journal.iter().filter(|entry| entry.operation == operation);
            asked.filter(|entry| entry.status == 200).count()
        };
        let (refreshes, fetches) = (well("CreateToken"), well("GetRoleCredentials"));
        let killed = self.killed.len();
        Tally { served: self.count - killed, killed, refreshes, fetches }
    }
}

/// Ends the clerk's work when a round ends, in whatever way.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Clerk {
    fn work(&self, path: &Path, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            match self {
                Clerk::Copies => rewrite(path, None),
                Clerk::Writes(text) => rewrite(path, Some(text)),
            }
            std::thread::sleep(Duration::from_millis(40));
        }
    }
}

/// Truncates, waits, writes a half, waits, writes the rest. It writes into the file that
/// it has read: what daypass puts in its place meanwhile is another one.
fn rewrite(path: &Path, text: Option<&str>) {
    let mut options = std::fs::File::options();
    options.read(true).write(true).create(text.is_some()).truncate(false);
    let Ok(mut file) = options.open(path) else { return };
    let mut own = String::new();
    if text.is_none() && file.read_to_string(&mut own).is_err() {
        return;
    }
    let bytes = text.unwrap_or(&own).as_bytes();
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let pause = || std::thread::sleep(Duration::from_millis(3));
    file.set_len(0).expect("truncated");
    pause();
    file.seek(SeekFrom::Start(0)).expect("a file");
    file.write_all(first).expect("written");
    pause();
    file.write_all(rest).expect("written");
}

fn token_file(machine: &Machine) -> PathBuf {
    // SHA-1 of `disasters`.
    machine.home().join(".aws/sso/cache/b6cad5355d98fbb1a60e0df9f34b9050901ddaf9.json")
}

/// The lock files of roles, wherever this machine can lock.
fn role_locks(machine: &Machine) -> Vec<u64> {
    let own = machine.home().join(".aws/daypass/locks");
    let uid = std::fs::metadata(machine.root.path()).expect("the root").uid();
    let places =
        [own, format!("/run/user/{uid}/daypass").into(), format!("/tmp/daypass-{uid}").into()];
    let entries = places.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
    let roles = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("role."));
    roles.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.ino()).collect()
}
