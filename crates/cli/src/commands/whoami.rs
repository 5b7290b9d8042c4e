//! `whoami`: whom commands act as, and for how long.

use super::status::words::left;
use super::status::{Ink, Sheet, text, value};
use crate::app::App;
use crate::report::Done;
use clap::Args;
use daypass_core::aws::Aws;
use daypass_core::aws::sts::CallerIdentity;
use daypass_core::clocks::{self, InForce, SessionEnd, Survey};
use daypass_core::credentials::Provided;
use daypass_core::directory;
use daypass_core::explain;
use daypass_core::names::Region;
use daypass_core::resolve::connection::Service;
use daypass_core::resolve::credentials::CredentialPlan;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::RolePlan;
use daypass_core::token::format_time;
use daypass_core::token::refresh::TokenKeeper;
use daypass_core::{Result, resolve};
use jiff::Timestamp;
use serde_json::{Value, json};

/// See whom your commands act as, and for how long
///
/// Asks AWS, with the credentials that a command would get here and now, and says where
/// they come from: the profile, keys in the environment, or the role of a hub.
#[derive(Args, Debug)]
#[command(after_help = "daypass whoami --profile NAME\n\
                        daypass whoami --output json --query AccountId")]
pub struct Whoami {
    /// Ask nobody: show what the files and the kept credentials say
    #[arg(long)]
    offline: bool,
}

/// What is known of whoever answers.
struct Person {
    now: Timestamp,
    force: InForce,
    keys_of: Option<String>,
    /// What AWS says; `None` if it was not asked.
    identity: Option<CallerIdentity>,
    account_name: Option<String>,
    /// When the credentials end.
    expires_at: Option<Timestamp>,
    /// The session behind them, if a login pays.
    session: Option<SessionEnd>,
}

pub fn run(app: &App, wanted: &Whoami) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    chosen.must_exist()?;
    let plan = resolve::credentials::plan(&app.host, &chosen)?;
    let answer = match wanted.offline {
        true => None,
        false => Some(app.block_on(ask(app, &chosen, &plan))?),
    };
    // Looked at afterwards: getting credentials has moved the clocks.
    let survey = Survey::new(&app.host, &files, &app.request);
    let force = survey.in_force();
    let login = force.clock.plan.as_ref().ok().and_then(crate::deliver::lifetime::login);
    let (identity, account_name, ends) = answer.map_or((None, None, None), |answer| {
        (Some(answer.identity), answer.account_name, answer.provided.credentials.expiration)
    });
    let account_name = account_name.or_else(|| known_name(app, login?));
    let session = login.map(|role| survey.of_login(&role.session).end);
    let person = Person {
        now: survey.now,
        expires_at: ends.or_else(|| force.clock.end.living(survey.now)),
        session,
        keys_of: app.host.vars.get(crate::vars::PROFILE).map(str::to_owned),
        force,
        identity,
        account_name,
    };
    if app.wants_data() {
        return app.show(&app.renderer(&chosen)?, "whoami", &person.value());
    }
    app.print(&person.text(app))
}

struct Answer {
    identity: CallerIdentity,
    provided: Provided,
    account_name: Option<String>,
}

async fn ask(app: &App, chosen: &Chosen<'_>, plan: &CredentialPlan) -> Result<Answer> {
    let aws = app.aws_for(Service::Sts, chosen)?;
    let provided = app.credentials(&aws, chosen).await?;
    let region = region(app, chosen, plan)?;
    let answered = aws.caller_identity(&region, &provided.credentials).await;
    let identity = answered.map_err(|fault| {
        explain::signed(fault, app.host.now(), chosen, Some(&provided), Some(&region))
    })?;
    let mut account_name = None;
    if let CredentialPlan::Sso(role) = plan {
        clocks::note_user(&app.host, &role.session, &identity.arn);
        account_name = name_of_account(app, &aws, role).await;
    }
    Ok(Answer { identity, provided, account_name })
}

/// The profile's region; else where Identity Center lives, which is in the right
/// partition at least.
fn region(app: &App, chosen: &Chosen<'_>, plan: &CredentialPlan) -> Result<Region> {
    let found = resolve::profile::region(&app.request, &app.host, &chosen.profile)?;
    let login = crate::deliver::lifetime::login(plan);
    match (found, login) {
        (Some(found), _) => Ok(found.value),
        (None, Some(role)) => Ok(role.session.region.value.clone()),
        (None, None) => Region::parse("us-east-1"),
    }
}

/// The account's name, from the list that is kept, else from the portal: nobody else
/// tells it. Not knowing it is no error, and neither thousands of accounts nor a slow
/// portal are waited for.
async fn name_of_account(app: &App, aws: &Aws, role: &RolePlan) -> Option<String> {
    const PAGES: usize = 20;
    if let Some(name) = known_name(app, role) {
        return Some(name);
    }
    let aws = aws.hurried().ok()?;
    let token = TokenKeeper::new(&app.host, &aws, &role.session).kept()?;
    let region = &role.session.region.value;
    let mut next = None;
    for _ in 0..PAGES {
        let page =
            aws.list_accounts(region, &token.access_token, Some(100), next.take()).await.ok()?;
        let id = role.account_id.as_str();
        if let Some(account) = page.items.into_iter().find(|account| account.id == id) {
            return account.name;
        }
        next = Some(page.next_token?);
    }
    None
}

/// The account's name in the list that is kept of the login's accounts.
fn known_name(app: &App, role: &RolePlan) -> Option<String> {
    let known = directory::cached(&app.host, &role.session)?;
    let account = known.accounts.into_iter().find(|one| one.id == role.account_id.as_str())?;
    account.name
}

impl Person {
    fn account_id(&self) -> Option<&str> {
        let said = self.identity.as_ref().map(|identity| identity.account.as_str());
        said.or_else(|| self.force.clock.account_and_role().0)
    }

    /// The role as people know it: AWS wraps the names of Identity Center.
    fn role(&self) -> Option<String> {
        if let (_, Some(role)) = self.force.clock.account_and_role() {
            return Some(role.to_owned());
        }
        let arn = &self.identity.as_ref()?.arn;
        let role = arn.split_once(":assumed-role/")?.1.split('/').next()?;
        Some(match role.strip_prefix("AWSReservedSSO_").and_then(|r| r.rsplit_once('_')) {
            Some((name, _)) => name.to_owned(),
            None => role.to_owned(),
        })
    }

    fn user(&self) -> Option<&str> {
        let arn = &self.identity.as_ref()?.arn;
        clocks::user_of(arn).or_else(|| arn.split_once(":user/").map(|(_, user)| user))
    }

    /// The session behind an assumed role that Identity Center did not make.
    fn role_session(&self) -> Option<&str> {
        let arn = &self.identity.as_ref()?.arn;
        let (_, session) = arn.split_once(":assumed-role/")?.1.split_once('/')?;
        self.user().is_none().then_some(session)
    }

    fn value(&self) -> Value {
        let clock = &self.force.clock;
        let mut value = json!({
            "Profile": self.force.name.value,
            "ProfileOrigin": self.force.name.origin.to_string(),
            "Source": clock.plan.as_ref().ok().map(value::source),
            "AccountId": self.account_id(),
            "AccountName": self.account_name,
            "RoleName": self.role(),
            "UserName": self.user(),
            "Region": clock.region.as_ref().map(|region| region.value.as_str()),
            "Arn": self.identity.as_ref().map(|identity| identity.arn.as_str()),
            "UserId": self.identity.as_ref().map(|identity| identity.user_id.as_str()),
            "ExpiresAt": self.expires_at.map(format_time),
            "SecondsLeft": self.expires_at.map(|end| end.duration_since(self.now).as_secs().max(0)),
            "Overrides": self.force.overrides.iter().map(value::overridden).collect::<Vec<_>>(),
        });
        value["SessionEnd"] = self.session.as_ref().map_or(Value::Null, value::end);
        value
    }

    fn text(&self, app: &App) -> String {
        let paper = app.sheet();
        let mut sheet = Sheet::new(&paper);
        let force = &self.force;
        let ink = if force.overrides.is_empty() { Ink::Good } else { Ink::Fair };
        sheet.heading("Profile", &text::named(force, self.keys_of.as_deref()), ink);
        for one in &force.overrides {
            sheet.row("but", &text::overridden(one, self.keys_of.as_deref()));
        }
        let account = match (&self.account_name, self.account_id()) {
            (Some(name), Some(id)) => Some(format!("{id} ({name})")),
            (_, id) => id.map(str::to_owned),
        };
        let region = force.clock.region.as_ref();
        let region = region.map(|region| format!("{} (from {})", region.value, region.origin));
        let none =
            "none named: add --region, or write one down with `daypass configure set region`";
        for (label, found) in [
            ("account", account),
            ("role", self.role()),
            ("user", self.user().map(str::to_owned)),
            ("role session", self.role_session().map(str::to_owned)),
            ("region", Some(region.unwrap_or_else(|| none.to_owned()))),
            ("source", force.clock.plan.as_ref().ok().map(text::source)),
            ("credentials", Some(self.time_left())),
            ("session", self.session.as_ref().map(|end| text::end(end, self.now))),
        ] {
            if let Some(found) = found {
                sheet.row(label, &found);
            }
        }
        match &self.identity {
            Some(identity) => sheet.row("arn", &identity.arn),
            None => sheet.row("arn", "not asked for, with --offline"),
        }
        sheet.finish()
    }

    fn time_left(&self) -> String {
        match (self.expires_at, self.force.clock.end) {
            (Some(end), _) => left(end, self.now),
            (None, end) => text::credentials(end, self.now),
        }
    }
}
