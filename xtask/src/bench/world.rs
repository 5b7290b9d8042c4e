//! A sandbox of the bench's own, and homes in it.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// The last line that the sandbox prints before it waits.
const LAST: &str = "NODE_EXTRA_CA_CERTS";

pub const SESSION: &str = "bench";
pub const START_URL: &str = "https://d-9067c5bbc5.awsapps.com/start";
pub const ACCOUNT: &str = "867530900000";
pub const ROLE: &str = "Project-Power-User";

/// A running `daypass sandbox --tls`; it ends with this value.
pub struct Sandbox {
    daypass: PathBuf,
    process: Child,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    pub fn start(daypass: &Path) -> Result<Self, String> {
        let mut command = Command::new(daypass);
        command.args(["sandbox", "--tls", "--portal-rate", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| format!("the sandbox: {error}"))?;
        let lines = process.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let mut variables = Vec::new();
        for line in lines.map_while(Result::ok) {
            let Some((name, value)) = exported(&line) else { continue };
            variables.push((name.to_owned(), value.to_owned()));
            if name == LAST {
                break;
            }
        }
        variables.retain(|(name, _)| name != "HOME");
        Ok(Self { daypass: daypass.to_owned(), process, variables })
    }

    /// A variable that the sandbox printed.
    pub fn variable(&self, name: &str) -> Result<&str, String> {
        let found = self.variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| format!("the sandbox set no {name}"))
    }

    /// How many requests of that operation there were, of those that say the words.
    pub fn count(&self, operation: &str, words: &str) -> Result<usize, String> {
        let mut command = Command::new(&self.daypass);
        command.args(["--output", "json", "sandbox", "ctl", "journal", "--operation", operation]);
        command.envs(self.variables.iter().cloned());
        let journal = well(&mut command)?;
        let journal = String::from_utf8_lossy(&journal.stdout);
        Ok(journal.lines().filter(|line| line.contains(words)).count())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Asked kindly, it takes its own home directory with it.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// `export NAME=VALUE`
fn exported(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("export ")?.split_once('=')
}

/// A home directory in which somebody is logged in.
pub struct Home {
    dir: TempDir,
    daypass: PathBuf,
    variables: Vec<(String, String)>,
    /// The profile to ask for, in the middle of the file.
    pub profile: String,
}

impl Home {
    /// With so many profiles in its config file.
    pub fn new(sandbox: &Sandbox, profiles: usize) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("daypass-bench-").tempdir();
        let dir = dir.map_err(|error| format!("no temporary directory: {error}"))?;
        let home = Self {
            dir,
            daypass: sandbox.daypass.clone(),
            variables: sandbox.variables.clone(),
            profile: name(profiles / 2),
        };
        let config = home.write(".aws/config", "")?;
        let written = fs::File::create(&config).map(BufWriter::new);
        written.and_then(|file| write_config(file, profiles)).map_err(|error| error.to_string())?;
        home.log_in(&home.profile)?;
        well(&mut home.credential_process())?;
        Ok(home)
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A command in this home, with nothing of the caller's environment.
    pub fn command(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).env_clear().env("HOME", self.path());
        command.env("PATH", "/usr/bin:/bin").envs(self.variables.iter().cloned());
        command.env("AWS_CLI_SESSION_ID_DISABLED", "true").env("AWS_PAGER", "");
        command
    }

    /// `daypass credential-process --profile …`
    pub fn credential_process(&self) -> Command {
        self.command(&self.daypass, &["credential-process", "--profile", &self.profile])
    }

    /// As if nothing had been fetched yet.
    pub fn forget_credentials(&self) {
        let _ = fs::remove_dir_all(self.path().join(".aws/daypass/vault/records"));
    }

    /// As if the access token had been issued long ago.
    pub fn expire_token(&self) -> Result<(), String> {
        let (file, text) = self.token_file()?;
        let old = member(&text, "expiresAt").ok_or("the token has no `expiresAt`")?;
        self.write_at(&file, &text.replace(old, "2020-01-01T00:00:00Z"))
    }

    pub fn access_token(&self) -> Result<String, String> {
        let (_, text) = self.token_file()?;
        member(&text, "accessToken").map(str::to_owned).ok_or("there is no access token".into())
    }

    pub fn write(&self, path: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.path().join(path);
        self.write_at(&path, text)?;
        Ok(path)
    }

    fn write_at(&self, path: &Path, text: &str) -> Result<(), String> {
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(path, text)).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn token_file(&self) -> Result<(PathBuf, String), String> {
        let entries = fs::read_dir(self.path().join(".aws/sso/cache"));
        let files = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        let texts = files.filter_map(|file| Some((fs::read_to_string(&file).ok()?, file)));
        let mut tokens = texts.filter(|(text, _)| text.contains("\"refreshToken\""));
        tokens.next().map(|(text, file)| (file, text)).ok_or_else(|| "there is no token".into())
    }

    /// By the sandbox's scripted person.
    pub fn log_in(&self, profile: &str) -> Result<(), String> {
        let approve = format!(
            "#!/bin/sh\n'{}' sandbox approve \"$1\" </dev/null >/dev/null 2>&1 &\n",
            self.daypass.display()
        );
        let script = self.write("browser", &approve)?;
        let browser = format!("sh {} %s", script.display());
        let mut login = self.command(&self.daypass, &["sso", "login", "--profile", profile]);
        well(login.env("BROWSER", browser)).map(drop)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A key in the kernel's keyring would outlive the directory.
        let key = self.path().join("key").display().to_string();
        let words = ["vault", "use", "key-file", "--key-file", &key];
        let _ = self.command(&self.daypass, &words).output();
    }
}

/// The profile's name.
fn name(number: usize) -> String {
    format!("team{:02}-app{number:05}", number % 20)
}

/// Profiles as people write them. Never whole in memory, which would be counted as the
/// memory of what is measured.
fn write_config(mut file: impl Write, profiles: usize) -> io::Result<()> {
    writeln!(
        file,
        "[sso-session {SESSION}]\n\
         sso_start_url = {START_URL}\n\
         sso_region = us-east-1\n\
         sso_registration_scopes = sso:account:access"
    )?;
    for number in 0..profiles {
        writeln!(
            file,
            "\n[profile {}]\n\
             # the account of one application of one team\n\
             sso_session = {SESSION}\n\
             sso_account_id = {ACCOUNT}\n\
             sso_role_name = {ROLE}\n\
             region = us-west-2\n\
             output = json\n\
             retry_mode = standard\n\
             max_attempts = 5",
            name(number)
        )?;
    }
    file.flush()
}

/// A string member of a JSON object of ours.
fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("\"{name}\": \""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The output of a command that must end well.
pub fn well(command: &mut Command) -> Result<Output, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(output),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{command:?}: {}: {}", output.status, said.trim()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sandbox_prints_is_read() {
        assert_eq!(exported("export A=b=c"), Some(("A", "b=c")));
        assert_eq!(exported("# export A=b"), None);
        assert_eq!(member("{\"a\": \"b\", \"c\": \"d\"}", "c"), Some("d"));
    }

    #[test]
    fn the_profile_asked_for_is_in_the_file() {
        let mut text = Vec::new();
        write_config(&mut text, 10).expect("memory");
        let text = String::from_utf8(text).expect("text");
        assert!(text.contains(&format!("[profile {}]", name(5))));
        assert_eq!(text.matches("[profile ").count(), 10);
    }
}
