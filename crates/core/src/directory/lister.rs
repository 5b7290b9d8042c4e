//! Asking the portal for everything, at the pace it bears.
//!
//! One loop owns the queue, the pace and the file; each request is a task of its own
//! that comes back with its answer. 429 and faults of the service send a question back
//! into the queue and slow the pace: only 401 is about the login.

use super::bucket::Bucket;
use super::ledger::{Ledger, Note};
use super::place::{self, Place};
use super::{Directory, Progress, Wish};
use crate::aws::portal::{Account, Page};
use crate::aws::{Aws, Fault};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::names::Region;
use crate::resolve::SessionPlan;
use crate::token::SsoToken;
use crate::token::refresh::TokenKeeper;
use crate::token::shelf::Shelf;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use vault::{Appender, Secret};

/// The largest page the portal gives.
const PAGE: Option<i32> = Some(100);

/// Enough to hide half a second of latency at twenty requests a second.
const IN_FLIGHT: usize = 10;

/// How long a portal is asked that says nothing but 429.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a question is asked that meets faults of the service or the network.
const TRIES: u32 = 6;

/// A question to the portal.
#[derive(Debug)]
struct Question {
    about: About,
    next_token: Option<String>,
    /// Roles of the pages before.
    roles: Vec<String>,
    tries: u32,
}

#[derive(Clone, Debug)]
enum About {
    Accounts,
    RolesOf(String),
}

/// What came back.
struct Answer {
    question: Question,
    token: Secret<String>,
    page: Result<Reply, Fault>,
}

enum Reply {
    Accounts(Page<Account>),
    Roles(Page<String>),
}

/// A listing under way.
pub(super) struct Lister<'a> {
    host: &'a Host,
    plan: &'a SessionPlan,
    place: &'a Place<'a>,
    wish: &'a Wish<'a>,
    since: Timestamp,
    aws: Aws,
    once: Aws,
    token: SsoToken,
    /// Whether it stands for a refused one, and was not taken by the portal yet.
    is_renewed: bool,
    looked_at: Instant,
    ledger: Ledger,
    file: Appender,
    queue: VecDeque<Question>,
    flying: JoinSet<Answer>,
    bucket: Bucket,
    heard_at: Instant,
    progress: Progress,
}

impl<'a> Lister<'a> {
    /// Takes up what is known already, and gets a token.
    pub async fn begin(
        host: &'a Host,
        aws: &Aws,
        plan: &'a SessionPlan,
        place: &'a Place<'a>,
        since: Timestamp,
        wish: &'a Wish<'a>,
    ) -> Result<Self> {
        let mut ledger = place.read();
        ledger.learn(Note::Tried(host.now()));
        place.write(&ledger)?;
        let file = Appender::open(place.path())?;
        let token = TokenKeeper::new(host, aws, plan).current().await?;
        let now = Instant::now();
        let mut lister = Self {
            host,
            plan,
            place,
            wish,
            since,
            aws: aws.clone(),
            once: aws.asking_once()?,
            token,
            is_renewed: false,
            looked_at: now,
            progress: place::progress(&ledger, since, wish),
            ledger,
            file,
            queue: VecDeque::new(),
            flying: JoinSet::new(),
            bucket: Bucket::new(now),
            heard_at: now,
        };
        lister.fill_queue()?;
        Ok(lister)
    }

    fn fill_queue(&mut self) -> Result<()> {
        if self.ledger.is_listed_since(self.since) {
            let missing = self.ledger.accounts().filter(|account| self.is_missing(account));
            self.queue = missing.map(Question::about_roles).collect();
            return Ok(());
        }
        self.progress = Progress::default();
        self.queue.push_back(Question::new(About::Accounts));
        self.learn(vec![Note::Begin(self.host.now())])
    }

    fn is_missing(&self, account: &Account) -> bool {
        (self.wish.roles_of)(account) && !self.ledger.has_roles_since(&account.id, self.since)
    }

    fn learn(&mut self, notes: Vec<Note>) -> Result<()> {
        let lines: String = notes.iter().map(Note::line).collect();
        self.file.append(&lines)?;
        notes.into_iter().for_each(|note| self.ledger.learn(note));
        Ok(())
    }

    /// Asks until nothing is left to ask.
    pub async fn run(&mut self, report: &mut dyn FnMut(&Progress)) -> Result<()> {
        loop {
            self.tell(report);
            let may_send = !self.queue.is_empty() && self.flying.len() < IN_FLIGHT;
            if !may_send && self.flying.is_empty() {
                return Ok(());
            }
            let due = tokio::time::Instant::from_std(self.bucket.due());
            tokio::select! {
                biased;
                Some(done) = self.flying.join_next(), if !self.flying.is_empty() => {
                    let ended = |_| Error::new(Kind::Bug, "a request's task ended");
                    self.take(done.map_err(ended)?).await?;
                }
                () = tokio::time::sleep_until(due), if may_send => self.send().await?,
            }
        }
    }

    fn tell(&mut self, report: &mut dyn FnMut(&Progress)) {
        let rate = self.bucket.rate();
        self.progress.rate = rate;
        let left = self.queue.len() + self.flying.len();
        let seconds = f64::from(u32::try_from(left).unwrap_or(u32::MAX)) / rate;
        let left = Duration::from_secs_f64(seconds);
        self.progress.left = self.progress.all_accounts.then_some(left);
        report(&self.progress);
    }

    async fn send(&mut self) -> Result<()> {
        self.keep_token_alive().await?;
        let Some(question) = self.queue.pop_front() else { return Ok(()) };
        self.bucket.take(Instant::now(), lot());
        let (aws, token) = (self.once.clone(), self.token.access_token.clone());
        let region = self.plan.region.value.clone();
        self.flying.spawn(async move {
            let page = ask(&aws, &region, &token, &question).await;
            Answer { question, token, page }
        });
        Ok(())
    }

    /// Thousands of accounts take longer than an access token may have left.
    async fn keep_token_alive(&mut self) -> Result<()> {
        const LEFT: SignedDuration = SignedDuration::from_mins(5);
        const LOOK: Duration = Duration::from_secs(30);
        let left = self.token.expires_at.duration_since(self.host.now());
        if left > LEFT || self.looked_at.elapsed() < LOOK {
            return Ok(());
        }
        self.looked_at = Instant::now();
        self.token = TokenKeeper::new(self.host, &self.aws, self.plan).current().await?;
        Ok(())
    }

    async fn take(&mut self, answer: Answer) -> Result<()> {
        let Answer { question, token, page } = answer;
        let now = Instant::now();
        let (fault, status) = match page {
            Ok(reply) => {
                self.bucket.granted(now);
                return self.hear(question, &token, reply);
            }
            Err(fault) => (fault.clone(), status(&fault)),
        };
        match status {
            Some(401) => self.renew(&token, fault).await?,
            _ if question.is_of_no_account(&fault) => {
                return self.hear(question, &token, Reply::none());
            }
            _ if !fault.is_passing() || self.is_over(&question, status) => {
                return Err(self.given_up(fault));
            }
            Some(429) => {
                self.progress.throttled += 1;
                self.bucket.refused(now, lot());
            }
            _ => {
                let pause = Duration::from_millis(500 << question.tries.min(4));
                self.bucket.pause(now, pause.mul_f64(0.5 + 0.5 * lot()));
            }
        }
        self.queue.push_front(Question { tries: question.tries + 1, ..question });
        Ok(())
    }

    /// Whether a question is asked no more. Whoever has set a number of attempts gets
    /// just those.
    fn is_over(&self, question: &Question, status: Option<u16>) -> bool {
        let connection = self.aws.connection();
        let tries = question.tries + 1;
        match (connection.attempts_are_set, status) {
            (true, _) => tries >= connection.max_attempts,
            (false, Some(429)) => self.heard_at.elapsed() > PATIENCE,
            (false, _) => tries >= TRIES,
        }
    }

    fn given_up(&self, fault: Fault) -> Error {
        let (known, accounts) = (self.progress.known, self.progress.accounts);
        let error = fault.into_error(self.host.now()).while_doing(format!(
            "the accounts and roles of {} could not all be listed",
            self.plan.shown()
        ));
        match accounts {
            0 => error,
            _ => error.because(format!(
                "{accounts} accounts are known so far, and the roles of {known}: the next try goes on from there"
            )),
        }
    }

    /// Another token for the one that was refused: once.
    async fn renew(&mut self, refused: &Secret<String>, fault: Fault) -> Result<()> {
        if self.token.access_token != *refused {
            return Ok(());
        }
        if self.is_renewed {
            return Err(self.refused(fault));
        }
        let keeper = TokenKeeper::new(self.host, &self.aws, self.plan);
        self.token = keeper.after_refusal(&self.token).await?;
        self.is_renewed = true;
        Ok(())
    }

    fn refused(&self, fault: Fault) -> Error {
        let message = format!("the portal does not accept the login of {}", self.plan.shown());
        Error::new(Kind::LoginNeeded, message)
            .because(fault.into_error(self.host.now()).to_string())
            .hint(format!("run `{}`", self.plan.login_command()))
    }

    fn hear(&mut self, question: Question, token: &Secret<String>, reply: Reply) -> Result<()> {
        self.heard_at = Instant::now();
        if self.token.access_token == *token {
            self.is_renewed = false;
        }
        match (question.about.clone(), reply) {
            (About::Accounts, Reply::Accounts(page)) => self.hear_accounts(question, page),
            (About::RolesOf(id), Reply::Roles(page)) => self.hear_roles(id, question, page),
            _ => unreachable!("an answer is about what was asked"),
        }
    }

    fn hear_accounts(&mut self, question: Question, page: Page<Account>) -> Result<()> {
        let wanted = page.items.iter().filter(|account| (self.wish.roles_of)(account)).count();
        let missing = page.items.iter().filter(|account| self.is_missing(account));
        let asked: Vec<Question> = missing.map(Question::about_roles).collect();
        self.progress.accounts += page.items.len();
        self.progress.wanted += wanted;
        self.progress.known += wanted - asked.len();
        self.queue.extend(asked);
        self.learn(page.items.into_iter().map(Note::Account).collect())?;
        let Some(next) = page.next_token else {
            self.progress.all_accounts = true;
            return self.learn(vec![Note::End(self.host.now())]);
        };
        // Before all roles: how long those will take is known at the end of this list.
        self.queue.push_front(question.on(next));
        Ok(())
    }

    fn hear_roles(&mut self, id: String, question: Question, page: Page<String>) -> Result<()> {
        let mut question = question;
        question.roles.extend(page.items);
        if let Some(next) = page.next_token {
            self.queue.push_front(question.on(next));
            return Ok(());
        }
        let mut roles = question.roles;
        roles.sort_by_cached_key(|role| (role.to_lowercase(), role.clone()));
        roles.dedup();
        self.progress.known += 1;
        self.learn(vec![Note::Roles(id, roles, self.host.now())])
    }

    /// Writes the file anew, in order. Whoever has logged out meanwhile finds nothing.
    pub async fn end(self, well: bool) -> Result<Directory> {
        if well {
            self.place.write(&self.ledger)?;
        }
        if !Shelf::of(self.host, self.plan).has_token().await {
            let _ = super::forget(self.host, Some(self.plan));
        }
        let nothing = || Error::new(Kind::Bug, "nothing was listed");
        self.ledger.directory(self.host.now()).ok_or_else(nothing)
    }
}

impl Question {
    fn new(about: About) -> Self {
        Self { about, next_token: None, roles: Vec::new(), tries: 0 }
    }

    fn about_roles(account: &Account) -> Self {
        Self::new(About::RolesOf(account.id.clone()))
    }

    /// A suspended account, or one that was taken away a moment ago. Only the portal's own
    /// words say so: a 403 of a proxy must not make profiles look as if they were gone.
    fn is_of_no_account(&self, fault: &Fault) -> bool {
        matches!(self.about, About::RolesOf(_))
            && ["ForbiddenException", "ResourceNotFoundException"].iter().any(|code| fault.is(code))
    }

    /// The next page.
    fn on(self, next_token: String) -> Self {
        Self { next_token: Some(next_token), tries: 0, ..self }
    }
}

impl Reply {
    /// An account without roles.
    fn none() -> Self {
        Self::Roles(Page { items: Vec::new(), next_token: None })
    }
}

async fn ask(
    aws: &Aws,
    region: &Region,
    token: &Secret<String>,
    question: &Question,
) -> Result<Reply, Fault> {
    let next = question.next_token.clone();
    match &question.about {
        About::Accounts => aws.list_accounts(region, token, PAGE, next).await.map(Reply::Accounts),
        About::RolesOf(id) => {
            aws.list_account_roles(region, token, id, PAGE, next).await.map(Reply::Roles)
        }
    }
}

fn status(fault: &Fault) -> Option<u16> {
    if fault.is_refusal() {
        return Some(401);
    }
    fault.answer().map(|answer| answer.status)
}

/// Between 0 and 1. Without random numbers everybody draws a half.
fn lot() -> f64 {
    let mut byte = [128];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}
