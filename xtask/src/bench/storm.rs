//! Many at once on an expired token.

use super::world::{Home, Sandbox};
use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// What one round of it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storm {
    pub refreshes: usize,
    pub fetches: usize,
    pub failures: usize,
    /// Should be one: everybody is handed the same credentials.
    pub answers: usize,
    pub wall: Duration,
}

impl Storm {
    pub fn is_calm(&self) -> bool {
        (self.refreshes, self.fetches, self.failures, self.answers) == (1, 1, 0, 1)
    }
}

/// So many processes ask for one profile whose token has expired and whose credentials
/// are gone.
pub fn storm(sandbox: &Sandbox, home: &Home, many: usize) -> Result<Storm, String> {
    let refreshes = || sandbox.count("CreateToken", "\"subject\":\"refresh_token\"");
    let fetches = || sandbox.count("GetRoleCredentials", "");
    let before = (refreshes()?, fetches()?);
    home.expire_token()?;
    home.forget_credentials();
    let started = Instant::now();
    let running: Vec<Child> = (0..many).map(|_| start(home)).collect::<Result<_, _>>()?;
    let ended = running.into_iter().map(Child::wait_with_output);
    let ended: Vec<_> = ended.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let wall = started.elapsed();
    let answers: BTreeSet<_> =
        ended.iter().filter(|one| one.status.success()).map(|one| &one.stdout).collect();
    for one in ended.iter().filter(|one| !one.status.success()).take(3) {
        println!("    {}: {}", one.status, String::from_utf8_lossy(&one.stderr).trim());
    }
    Ok(Storm {
        refreshes: refreshes()? - before.0,
        fetches: fetches()? - before.1,
        failures: ended.iter().filter(|one| !one.status.success()).count(),
        answers: answers.len(),
        wall,
    })
}

fn start(home: &Home) -> Result<Child, String> {
    let mut command = home.credential_process();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|error| error.to_string())
}
