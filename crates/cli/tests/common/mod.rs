//! A throw-away home, a sandbox beside it, and daypass run in them.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]
#![allow(dead_code, reason = "each test file uses its part")]

pub mod ask;
pub mod diff;
pub mod fixed;
pub mod listing;
pub mod schema;
pub mod screen;
pub mod storm;
pub mod talk;
pub mod transcript;
pub mod window;

use daypass_core::store::Store;
use sandbox::{Control, Options, Running, Sandbox, World};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use vault::Store as _;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The guide's config file, with the bucket that `s3 ls` lists.
pub const CONFIG: &str = "[profile disasters-sso]
sso_session = disasters
sso_account_id = 867530900000
sso_role_name = Project-Power-User
region = us-east-1
output = json
[sso-session disasters]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start/#
sso_region = us-east-1
sso_registration_scopes = sso:account:access
";

/// What a command left behind.
#[derive(Debug)]
pub struct Outcome {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The code a shell would show.
    pub fn code(&self) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    #[track_caller]
    pub fn must_be(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{self:#?}");
        self
    }
}

/// A machine of ada's: nothing of the real one is seen from it.
pub struct Machine {
    pub root: TempDir,
    pub running: Running,
    variables: BTreeMap<String, String>,
}

impl Machine {
    pub fn new() -> Self {
        Self::with(World::guide(), Options::default())
    }

    /// The service takes all its freedoms ([`Options::strict`]).
    pub fn with(world: World, options: Options) -> Self {
        let options = Options { strict: true, ..options };
        let root = tempfile::Builder::new().prefix("daypass-cli-").tempdir().expect("a directory");
        let running = Sandbox::start_blocking(world, options).expect("a sandbox");
        let mut machine = Self { root, running, variables: BTreeMap::new() };
        fs::create_dir_all(machine.home().join(".aws")).expect("a home");
        machine.make_browsers();
        machine.make_tools();
        for (name, value) in [("TZ", "UTC"), ("LC_ALL", "C.UTF-8")] {
            machine.set(name, value);
        }
        machine.set("HOME", &machine.home().display().to_string());
        let daypass = PathBuf::from(env!("CARGO_BIN_EXE_daypass"));
        let dir = daypass.parent().expect("the target directory").display().to_string();
        let programs = machine.root.path().join("programs").display().to_string();
        machine.set("PATH", &format!("{programs}:{dir}:/usr/bin:/bin"));
        machine.use_browser("allow");
        machine.enter_sandbox();
        machine
    }

    /// With the guide's config file, and somebody logged in.
    pub fn logged_in(options: Options) -> Self {
        let machine = Self::with(World::guide(), options);
        machine.write("~/.aws/config", CONFIG);
        machine.daypass("sso login --sso-session disasters").must_be(0);
        machine
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().join("home/ada")
    }

    pub fn control(&self) -> Control {
        self.running.control()
    }

    /// Another organization, from now on.
    pub fn move_to(&mut self, world: World) {
        let options = Options { strict: true, ..Options::default() };
        self.running = Sandbox::start_blocking(world, options).expect("a sandbox");
        self.enter_sandbox();
    }

    fn enter_sandbox(&mut self) {
        for (name, value) in self.running.environment() {
            self.set(&name, &value);
        }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// Who sits at the browser: `allow`, `deny`, or `nobody`.
    pub fn use_browser(&mut self, who: &str) {
        let path = self.root.path().join("bin").join(who);
        self.set("BROWSER", &format!("{} %s", path.display()));
    }

    fn make_browsers(&self) {
        let daypass = env!("CARGO_BIN_EXE_daypass");
        let visit = format!("'{daypass}' sandbox approve");
        let scripts = [
            ("allow", format!("{visit} \"$1\" &\n")),
            ("deny", format!("{visit} --deny \"$1\" &\n")),
            ("nobody", String::new()),
        ];
        for (name, script) in scripts {
            let text = format!("exec >/dev/null 2>&1 </dev/null\n{script}");
            self.make_program(&format!("bin/{name}"), &text);
        }
    }

    /// What doctor asks for its version, of an age that it has nothing to say about,
    /// whatever the real machine has.
    fn make_tools(&self) {
        for (name, said) in [("aws", "aws-cli/2.36.7 Python/3.13.1"), ("gdal-config", "3.12.0")] {
            self.make_program(&format!("programs/{name}"), &format!("echo {said}\n"));
        }
    }

    fn make_program(&self, place: &str, script: &str) {
        let path = self.root.path().join(place);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(&path, format!("#!/bin/sh\n{script}")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }

    /// A place as the tests write it: `~/…`.
    pub fn path(&self, place: &str) -> PathBuf {
        match place.strip_prefix("~/") {
            Some(rest) => self.home().join(rest),
            None => PathBuf::from(place),
        }
    }

    pub fn write(&self, place: &str, text: &str) {
        let path = self.path(place);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub fn read(&self, place: &str) -> String {
        fs::read_to_string(self.path(place)).unwrap_or_default()
    }

    /// A program in this world, with nobody at its standard input.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.variables).current_dir(self.home()).stdin(Stdio::null());
        command
    }

    /// What `sh` makes of a line.
    pub fn shell(&self, line: &str) -> Outcome {
        let mut command = self.command("/bin/sh");
        command.args(["-c", line]);
        finish(self.start(command))
    }

    /// Runs daypass with words that need no quoting.
    pub fn daypass(&self, words: &str) -> Outcome {
        finish(self.start_daypass(words))
    }

    pub fn start_daypass(&self, words: &str) -> Job {
        let mut command = self.command(env!("CARGO_BIN_EXE_daypass"));
        command.args(words.split_whitespace());
        self.start(command)
    }

    /// Starts a program; its output goes to files, so that nothing it leaves
    /// behind can keep us waiting for the end of a pipe.
    pub fn start(&self, mut command: Command) -> Job {
        let papers = tempfile::tempdir_in(self.root.path()).expect("a directory");
        let paper = |name| fs::File::create(papers.path().join(name)).expect("a file");
        command.stdout(paper("stdout")).stderr(paper("stderr"));
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let words: Vec<_> = command.get_args().collect();
        Job { child, what: format!("{words:?} ends"), papers }
    }

    /// The token files and their JSON; registrations are not among them.
    pub fn tokens(&self) -> Vec<(PathBuf, serde_json::Value)> {
        let Ok(entries) = fs::read_dir(self.home().join(".aws/sso/cache")) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let read = |path: PathBuf| {
            let value = serde_json::from_str(&fs::read_to_string(&path).ok()?).ok()?;
            Some((path, value))
        };
        let files = paths.filter_map(read);
        files
            .filter(|(_, value): &(_, serde_json::Value)| !value["accessToken"].is_null())
            .collect()
    }

    /// As if no role credentials had been got yet.
    pub fn forget_roles(&self) {
        let store = Store::in_home(&self.home());
        for name in store.names().unwrap_or_default() {
            if ["role.", "keyed."].iter().any(|kind| name.as_str().starts_with(kind)) {
                store.remove(&name).expect("removed");
            }
        }
    }

    /// Lets the tokens on this machine be older by so much, as if nobody had used
    /// them for that long.
    pub fn age_tokens(&self, by: Duration) {
        self.forget_roles();
        self.age_sightings(by);
        self.age_sealed_tokens(by);
        for (path, value) in self.tokens() {
            let written = fs::metadata(&path).and_then(|meta| meta.modified()).expect("a time");
            fs::write(&path, aged(value, by)).expect("written");
            let file = fs::File::options().write(true).open(&path).expect("the file");
            file.set_modified(written - by).expect("a time");
        }
    }

    /// What was seen of sessions was seen earlier.
    fn age_sightings(&self, by: Duration) {
        let place = "~/.aws/daypass/sessions.json";
        let text = self.read(place);
        let time = regex_lite::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").expect("a pattern");
        let aged =
            time.replace_all(&text, |found: &regex_lite::Captures<'_>| earlier(&found[0], by));
        if !text.is_empty() {
            self.write(place, &aged);
        }
    }

    fn age_sealed_tokens(&self, by: Duration) {
        let store = Store::in_home(&self.home());
        let names = store.names().unwrap_or_default();
        for name in names.into_iter().filter(|name| name.as_str().starts_with("token.")) {
            let (end, body) = store.load_dated(&name).expect("a record").expect("a record");
            let text = std::str::from_utf8(body.expose()).expect("text");
            let (head, json) = text.split_once('\n').expect("two lines");
            let (file, issued) = head.split_once(' ').expect("two words");
            let issued: u64 = issued.parse().expect("seconds");
            let json = aged(serde_json::from_str(json).expect("JSON"), by);
            let body = format!("{file} {}\n{json}", issued.saturating_sub(by.as_secs()));
            store.save_until(&name, &vault::Secret::new(body.into_bytes()), end).expect("saved");
        }
    }
}

/// A token's JSON that ends earlier.
fn aged(mut value: serde_json::Value, by: Duration) -> String {
    value["expiresAt"] = earlier(value["expiresAt"].as_str().expect("a time"), by).into();
    value.to_string()
}

fn earlier(time: &str, by: Duration) -> String {
    let time: jiff::Timestamp = time.parse().expect("a time");
    let earlier = time - jiff::SignedDuration::try_from(by).expect("a duration");
    earlier.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A key in the kernel's keyring would outlive the home.
impl Drop for Machine {
    fn drop(&mut self) {
        let _ = Store::in_home(&self.home()).forget();
    }
}

/// A program that was started.
pub struct Job {
    pub child: Child,
    what: String,
    papers: TempDir,
}

/// What runs until it is told to end must not outlive a test that fails.
impl Drop for Job {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Job {
    /// What it has said so far.
    pub fn stdout(&self) -> String {
        read_lossy(&self.papers.path().join("stdout"))
    }

    /// What it has said so far to the person.
    pub fn stderr(&self) -> String {
        read_lossy(&self.papers.path().join("stderr"))
    }

    /// Waits until it has said `words` on standard output.
    #[track_caller]
    pub fn says(&self, words: &str) {
        until(&format!("it says {words}"), || self.stdout().contains(words));
    }
}

fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

/// Waits for the end of a program.
#[track_caller]
pub fn finish(mut job: Job) -> Outcome {
    let mut status = None;
    let what = job.what.clone();
    until(&what, || {
        status = job.child.try_wait().expect("a child");
        status.is_some()
    });
    Outcome {
        status: status.expect("it ended"),
        stdout: job.stdout(),
        stderr: read_lossy(&job.papers.path().join("stderr")),
    }
}

/// Polls until it is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
