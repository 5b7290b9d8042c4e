//! A house to test in: a home directory, a clock that moves, a sandbox, and
//! people who answer at the browser.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

pub mod browser;
pub mod raw;
pub mod tls;

use browser::{Errand, Invited};
use daypass_core::aws::Aws;
use daypass_core::credentials::Provided;
use daypass_core::critical::Critical;
use daypass_core::files::Files;
use daypass_core::host::{Clock, Host, Vars};
use daypass_core::login::{self, LoggedIn};
use daypass_core::oidc::registration::Flow;
use daypass_core::provide::Provider;
use daypass_core::resolve::{Connection, Origin, Request, SessionPlan, credentials, profile, sso};
use daypass_core::store::Store;
use daypass_core::token::SsoToken;
use daypass_core::token::refresh::TokenKeeper;
use daypass_core::{Error, Result};
use hot::Ambient;
use jiff::{SignedDuration, Timestamp};
use sandbox::person::{Person, PersonError};
use sandbox::{Control, Options, Running, Sandbox, World};
use serde_json::Value;
use sha1::{Digest as _, Sha1};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use vault::LockPlaces;

pub const START_URL: &str = "https://d-9067c5bbc5.awsapps.com/start/#";
pub const ACCOUNT: &str = "867530900000";
pub const ROLE: &str = "Project-Power-User";

/// Two sessions and a legacy profile of the guide's organization.
pub const CONFIG: &str = "\
[sso-session corp]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start/#
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[sso-session lab]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile dev]
sso_session = corp
sso_account_id = 867530900000
sso_role_name = Project-Power-User
region = us-west-2

[profile lab]
sso_session = lab
sso_account_id = 867530900000
sso_role_name = ReadOnlyAccess

[profile legacy]
sso_start_url = https://d-9067c5bbc5.awsapps.com/start
sso_region = us-east-1
sso_account_id = 867530900000
sso_role_name = ReadOnlyAccess
";

/// Longer than anything here takes: a test that waits for it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A home directory, a clock, and where the services are.
pub struct House {
    pub home: TempDir,
    pub host: Host,
    vars: Vec<(String, String)>,
    ahead: Arc<AtomicI64>,
}

impl House {
    pub fn new(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let vars: Vec<(String, String)> = vars.into_iter().collect();
        let ahead = Arc::new(AtomicI64::new(0));
        let seconds = Arc::clone(&ahead);
        let clock = Clock::new(move || {
            Timestamp::now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst))
        });
        let host = Host {
            home: home.path().to_owned(),
            vars: vars.iter().cloned().collect::<Vars>(),
            clock,
            locks: LockPlaces::new([home.path().join("locks")]),
            store: store_in(home.path()),
            critical: Critical::default(),
            trail: daypass_core::audit::Trail::default(),
        };
        let house = Self { home, host, vars, ahead };
        house.put(".aws/config", CONFIG);
        house
    }

    /// Moves this machine's clock alone.
    pub fn wait(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub fn set_var(&mut self, name: &str, value: &str) {
        self.vars.push((name.to_owned(), value.to_owned()));
        self.host.vars = self.vars.iter().cloned().collect();
    }

    pub fn files(&self) -> Files {
        Files::load(&self.host).unwrap()
    }

    pub fn connection(&self, request: &Request) -> Result<Connection> {
        let files = self.files();
        let chosen = profile::choose(request, &self.host, &files);
        daypass_core::resolve::connection::resolve(request, &self.host, &chosen.profile)
    }

    pub fn aws(&self) -> Aws {
        let connection = self.connection(&Request::default()).unwrap();
        Aws::new(connection, self.host.clock.clone()).unwrap()
    }

    pub fn session(&self, name: &str) -> SessionPlan {
        sso::session(&self.files(), name, Origin::Flag("--sso-session")).unwrap()
    }

    /// The login behind a profile.
    pub fn of_profile(&self, name: &str) -> SessionPlan {
        let files = self.files();
        sso::of_profile(&profile::Profile::named(&files, name), name).unwrap()
    }

    /// `~/.aws/sso/cache/SHA1.json`.
    pub fn cached(&self, hashed: &str) -> PathBuf {
        self.host.sso_cache().join(format!("{}.json", sha1(hashed)))
    }

    pub fn token_text(&self, hashed: &str) -> String {
        fs::read_to_string(self.cached(hashed)).unwrap()
    }

    pub fn token_json(&self, hashed: &str) -> Value {
        serde_json::from_str(&self.token_text(hashed)).unwrap()
    }

    /// Changes a token's file as another tool would: in place, without a lock.
    pub fn rewrite_token(&self, hashed: &str, change: impl FnOnce(&mut Value)) {
        let mut token = self.token_json(hashed);
        change(&mut token);
        fs::write(self.cached(hashed), token.to_string()).unwrap();
    }

    /// The names of all files of the shared cache.
    pub fn cache_names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.host.sso_cache()) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The lock that guards a token's file.
    pub fn lock_name(&self, hashed: &str) -> String {
        format!("token-{}", sha1(&self.cached(hashed).to_string_lossy()))
    }

    /// Returns when so many hold a token's lock or wait for it: each of them has
    /// the lock's file open.
    pub fn until_at_lock(&self, hashed: &str, count: usize) {
        let path = self.home.path().join(format!("locks/{}.lock", self.lock_name(hashed)));
        let begun = std::time::Instant::now();
        while open_files(&path) < count {
            assert!(begun.elapsed() < PATIENCE, "nobody comes to the lock");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// What the fast lane says, at the house's own time.
    pub fn fast(&self, profile: &str) -> Option<String> {
        let aws = self.host.home.join(".aws");
        let get = |name| self.host.vars.get(name).map(str::to_owned);
        let around = Ambient {
            config: aws.join("config"),
            credentials: aws.join("credentials"),
            sso_cache: self.host.sso_cache(),
            vault: Store::place(&self.host.home),
            profile: None,
            chain: None,
            sso_endpoint: get("AWS_ENDPOINT_URL_SSO"),
            sts_endpoint: get("AWS_ENDPOINT_URL_STS").or_else(|| get("AWS_ENDPOINT_URL")),
            trail: None,
            now: self.host.now().as_second().unsigned_abs(),
        };
        let words = ["daypass", "credential-process", "--profile", profile].map(OsString::from);
        let output = hot::answer(&words, || Some(around))?.output;
        Some(String::from_utf8(output.expose().clone()).unwrap())
    }

    /// The same house with another store.
    pub fn with_store(mut self, store: Store) -> Self {
        self.host.store = store;
        self
    }

    /// As if no role credentials had been got yet, in a store that holds more.
    pub fn forget_roles_only(&self) {
        use vault::Store as _;
        let store = &self.host.store;
        let names = store.names().unwrap().into_iter();
        names.filter(|name| name.as_str().starts_with("role.")).for_each(|name| {
            store.remove(&name).unwrap();
        });
    }

    /// As if no role credentials had been got yet.
    pub fn forget_roles(&self) {
        let _ = fs::remove_dir_all(Store::place(self.home.path()).join("records"));
    }

    pub async fn token(&self, plan: &SessionPlan) -> Result<SsoToken> {
        TokenKeeper::new(&self.host, &self.aws(), plan).current().await
    }

    /// Credentials of a profile, from start to end.
    pub async fn provide(&self, name: &str) -> Result<Provided> {
        self.provide_for(&Request { profile: Some(name.to_owned()), ..Request::default() }).await
    }

    pub async fn provide_for(&self, request: &Request) -> Result<Provided> {
        self.provide_living(SignedDuration::ZERO, request).await
    }

    /// Credentials for a job that takes that long.
    pub async fn provide_living(
        &self,
        at_least: SignedDuration,
        request: &Request,
    ) -> Result<Provided> {
        let files = Files::load(&self.host)?;
        let chosen = profile::choose(request, &self.host, &files);
        let plan = credentials::plan(&self.host, &chosen)?;
        let connection = self.connection(request)?;
        let aws = Aws::new(connection, self.host.clock.clone())?;
        let region = profile::region(request, &self.host, &chosen.profile)?;
        let region = region.map(|found| found.value);
        let ask_code = |serial: &str| panic!("nobody is here to be asked for a code of {serial}");
        let (host, region) = (&self.host, region.as_ref());
        let provider = Provider { host, aws: &aws, region, ask_code: &ask_code, at_least };
        provider.provide(&plan).await
    }

    /// Logs in while `errand` does what a person or somebody else does.
    pub async fn login_with<T: Send + 'static>(
        &self,
        plan: &SessionPlan,
        flow: Flow,
        errand: impl FnOnce(Invited) -> T + Send + 'static,
    ) -> (Result<LoggedIn>, Option<T>) {
        let options = login::Options { flow, redirect_port: None, paste: false };
        let mut companion = Errand::new(errand);
        let aws = self.aws();
        let login = login::login(&self.host, &aws, plan, options, &mut companion);
        let outcome = tokio::time::timeout(PATIENCE, login).await.expect("the login ends");
        (outcome, companion.done())
    }

    /// Ada logs in with an authorization code.
    pub async fn login(&self, session: &str) -> LoggedIn {
        let plan = self.session(session);
        self.login_with(&plan, Flow::Code, ada).await.0.unwrap()
    }
}

/// A store whose key lies in a file: it works everywhere and leaves nothing behind.
pub fn store_in(home: &std::path::Path) -> Store {
    Store::with_key_file(home, &home.join("key")).unwrap()
}

/// The store that is there, as another process finds it.
pub fn unopened_store(home: &std::path::Path) -> Store {
    Store::in_home(home)
}

/// How often this process has the file open.
fn open_files(path: &std::path::Path) -> usize {
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| link == path).count()
}

/// Runs a future on a thread of its own, as another process would.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A house with a sandbox behind its variables.
pub struct Lab {
    pub sandbox: Running,
    pub control: Control,
    pub house: House,
}

impl std::ops::Deref for Lab {
    type Target = House;
    fn deref(&self) -> &House {
        &self.house
    }
}

/// Pages of any size, members nobody knows, `slow_down` now and then.
pub fn strict() -> Options {
    Options { strict: true, ..Options::default() }
}

impl Lab {
    /// The sandbox takes every freedom that the real services have.
    pub fn new() -> Self {
        Self::with(strict())
    }

    pub fn with(options: Options) -> Self {
        Self::of(World::guide(), options)
    }

    pub fn of(world: World, options: Options) -> Self {
        let sandbox = Sandbox::start_blocking(world, options).unwrap();
        let house = House::new(sandbox.environment());
        Self { control: sandbox.control(), sandbox, house }
    }

    /// A lab in which ada has logged in to `corp`; what led there is not counted.
    pub async fn logged_in() -> Self {
        let lab = Self::new();
        lab.login("corp").await;
        lab
    }

    /// Time goes by, here and at the services.
    pub fn pass(&self, seconds: i64) {
        self.house.wait(seconds);
        self.control.advance(Duration::from_secs(seconds.unsigned_abs()));
    }

    /// Requests of CreateToken that paid with a refresh token, granted or not.
    pub fn refreshes(&self) -> usize {
        let journal = self.control.journal();
        journal
            .iter()
            .filter(|entry| entry.operation == "CreateToken")
            .filter(|entry| entry.subject.as_deref() != Some("authorization_code"))
            .count()
    }
}

/// Ada goes through the pages and allows the request.
pub fn ada(invited: Invited) -> std::result::Result<String, PersonError> {
    Person::allowing("ada").visit(&invited.link)
}

pub fn sha1(text: &str) -> String {
    Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All a person is told by an error.
pub fn told(error: &Error) -> String {
    format!("{error}\nhint: {}", error.next_step().unwrap_or("none"))
}
