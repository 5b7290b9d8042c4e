//! `configure sso`: the guide's ten steps.

use super::{Sso, borrowed, from};
use crate::app::App;
use crate::browser::{self, Browser};
use crate::commands::changes;
use crate::commands::s3::uri;
use crate::commands::sso::login::options as login_options;
use crate::commands::vault;
use crate::prompt::Question;
use crate::report::Done;
use crate::wizard::accounts::{self, Choice, Portal, Wishes};
use crate::wizard::login::{self, Login};
use crate::wizard::session::{self, Current};
use crate::wizard::{Interview, Part};
use awsconfig::{Document, FileKind, SectionName, is_portable_name};
use daypass_core::aws::{Aws, Fault};
use daypass_core::edit::{self, Step, edit};
use daypass_core::files::Files;
use daypass_core::names::Region;
use daypass_core::resolve::Origin;
use daypass_core::resolve::login_keys;
use daypass_core::resolve::profile::Chosen;
use daypass_core::resolve::sso::{DEFAULT_SCOPE, Keeping, shell_word};
use daypass_core::start_url::StartUrl;
use daypass_core::token::SsoToken;
use daypass_core::token::refresh::TokenKeeper;
use daypass_core::{Error, Kind, Result};

/// Everything that will be written.
struct Answers {
    login: Login,
    choice: Option<Choice>,
    region: String,
    output: String,
    profile: String,
}

pub fn run(app: &App, wanted: &Sso) -> Result<Done> {
    let step = wanted.changes.step("configure sso");
    match &wanted.from.from {
        Some(place) => from::run(app, wanted, place, &step),
        None => interview(app, wanted, &step),
    }
}

/// Asks, and writes; what options say is not asked for.
pub(super) fn interview(app: &App, wanted: &Sso, step: &Step) -> Result<Done> {
    let files = app.files()?;
    let chosen = app.chosen(&files);
    let aws = app.aws(&chosen)?;
    check_values(app, wanted)?;
    let mut interview = Interview::new(app.prompter());
    interview.may_need("--sso-account-id", wanted.sso_account_id.as_deref());
    interview.may_need("--sso-role-name", wanted.sso_role_name.as_deref());
    let flags = &wanted.session;
    let mut login =
        app.block_on(login::of_profile(&mut interview, &aws, &files, &chosen, flags))?;
    if let Some(policy) = wanted.vault {
        seal_from_the_start(&mut login, policy)?;
    }
    let choice =
        app.block_on(sign_in_and_choose(app, &mut interview, &aws, &mut login, &chosen, wanted))?;
    let region = ask_region(app, &mut interview, &chosen)?;
    let output = ask_output(app, &mut interview, &chosen)?;
    let profile = ask_profile(&mut interview, &chosen, choice.as_ref())?;
    interview.complete()?;
    let answers = Answers { login, choice, region, output, profile };
    warn_of_rivals(app, &files, &answers.profile);
    write(app, step, &files, wanted, &answers)?;
    if let Keeping::Sealed(policy) = answers.login.plan.keeping {
        let files = edit::files(&app.host, step)?;
        vault::seal(app, step, &files, &answers.login.plan, policy)?;
    }
    if !step.writes() {
        return changes::show(app, step);
    }
    app.ui.say(&farewell(&answers));
    if answers.region.is_empty() {
        app.ui.note(
            "warning: the profile has no region: most commands will need --region, or `daypass configure set region`.",
        );
    }
    Ok(Done::Well)
}

/// The token goes into the store as soon as there is one, and never lies in the
/// shared cache.
fn seal_from_the_start(login: &mut Login, policy: vault::Policy) -> Result<()> {
    if login.plan.name.is_none() {
        return Err(Error::new(Kind::Usage, "--vault needs an sso-session")
            .hint("give the session a name: with --sso-session NAME, or at the first question"));
    }
    login.plan.keeping = Keeping::Sealed(policy.into());
    Ok(())
}

/// Values that are written as they were given: wrong ones are met before a login.
fn check_values(app: &App, wanted: &Sso) -> Result<()> {
    let refused = |flag: &str, error: Error| {
        let message = format!("the value of {flag} cannot be used");
        Err(Error::new(Kind::Usage, message).because(error.message()))
    };
    if let Some(Err(error)) = app.global.region.as_deref().map(Region::parse) {
        return refused("--region", error);
    }
    if let Some(Err(error)) = wanted.default_s3_uri.as_deref().map(uri::parse) {
        return refused("--default-s3-uri", error);
    }
    Ok(())
}

async fn sign_in_and_choose(
    app: &App,
    interview: &mut Interview,
    aws: &Aws,
    login: &mut Login,
    chosen: &Chosen<'_>,
    wanted: &Sso,
) -> Result<Option<Choice>> {
    let now = |key| chosen.profile.sso(key).map(|found| found.value);
    let wishes = Wishes {
        account_flag: wanted.sso_account_id.as_deref(),
        role_flag: wanted.sso_role_name.as_deref(),
        account_now: now("sso_account_id"),
        role_now: now("sso_role_name"),
    };
    let (token, fresh) = match cached(app, aws, login).await {
        Some(token) => (token, false),
        None => (sign_in(app, aws, login, wanted).await?, true),
    };
    match choose(interview, aws, login, &token, wishes).await {
        Err(Refused::Portal(_)) if !fresh => {
            let token = sign_in(app, aws, login, wanted).await?;
            let outcome = choose(interview, aws, login, &token, wishes).await;
            settle(app, interview, outcome)
        }
        other => settle(app, interview, other),
    }
}

/// A token that serves without a browser: of a login the config file knows, or of
/// the same one in a run of this command that did not come to its end.
pub(super) async fn cached(app: &App, aws: &Aws, login: &Login) -> Option<SsoToken> {
    let keeper = TokenKeeper::new(&app.host, aws, &login.plan);
    let known = login.known || login.plan.name.is_none() || was_begun(app, aws, login);
    if known { keeper.current().await.ok() } else { None }
}

/// Whether the cache has a token of this name, portal and region. It does not say
/// for which scopes: only the usual ones are taken for granted.
fn was_begun(app: &App, aws: &Aws, login: &Login) -> bool {
    let plan = &login.plan;
    let found = TokenKeeper::new(&app.host, aws, plan).kept();
    plan.effective_scopes() == [DEFAULT_SCOPE]
        && found.is_some_and(|token| {
            let same_portal =
                StartUrl::parse(&token.start_url).is_ok_and(|url| url == plan.start_url.value);
            same_portal && token.region == plan.region.value.as_str()
        })
}

pub(super) async fn sign_in(
    app: &App,
    aws: &Aws,
    login: &mut Login,
    wanted: &Sso,
) -> Result<SsoToken> {
    let keys = login_keys::of(&app.files()?, &login.plan);
    let options = login_options(app, &wanted.login, &login.plan, &keys);
    let browser = Browser::new(None, None, &keys, app.host.vars.get("BROWSER"))?;
    let mut companion = browser::Host::new(&app.ui, !wanted.login.no_browser, browser);
    let done =
        daypass_core::login::login(&app.host, aws, &login.plan, options, &mut companion).await?;
    if let Some(region) = done.moved_to {
        app.ui.say(&format!("SSO region updated to {region}"));
        login.move_to(region);
    }
    Ok(done.token)
}

enum Refused {
    /// The portal does not take the token.
    Portal(Fault),
    Other(Error),
}

async fn choose(
    interview: &mut Interview,
    aws: &Aws,
    login: &Login,
    token: &SsoToken,
    wishes: Wishes<'_>,
) -> Result<Choice, Refused> {
    let portal =
        Portal { aws, region: &login.plan.region.value, access_token: &token.access_token };
    let refused = |fault: Fault| match fault.is("UnauthorizedException") {
        true => Refused::Portal(fault),
        false => Refused::Other(fault.into_error(aws.clock().now())),
    };
    let offered = portal.accounts().await.map_err(refused)?;
    let account_id = accounts::account(interview, &offered, wishes).map_err(Refused::Other)?;
    let roles = portal.roles(&account_id).await.map_err(refused)?;
    let role_name = accounts::role(interview, &roles, wishes).map_err(Refused::Other)?;
    Ok(Choice { account_id, role_name })
}

/// A login without the portal's scope can still be written down, for bearer
/// tokens of other services.
fn settle(
    app: &App,
    interview: &mut Interview,
    outcome: Result<Choice, Refused>,
) -> Result<Option<Choice>> {
    match outcome {
        Ok(choice) => Ok(Some(choice)),
        Err(Refused::Other(error)) => Err(error),
        Err(Refused::Portal(fault)) => {
            tracing::debug!(error = %fault.into_error(app.host.now()), "the portal refused the token");
            interview.say(
                "Unable to list AWS accounts and/or roles. Skipping configuring AWS credential provider for profile.",
            );
            Ok(None)
        }
    }
}

fn ask_region(app: &App, interview: &mut Interview, chosen: &Chosen<'_>) -> Result<String> {
    let current = chosen.profile.config_only("region").map(|found| found.value.to_owned());
    interview.ask(&Part {
        flag: "--region",
        given: app.global.region.as_deref(),
        optional: true,
        question: Question {
            note: Some("Where your calls go: the region of your data or services.".to_owned()),
            default: current.clone(),
            check: &session::check_client_region,
            ..Question::new(format!(
                "Default client Region [{}]:",
                session::shown(current.as_ref())
            ))
        },
    })
}

fn ask_output(app: &App, interview: &mut Interview, chosen: &Chosen<'_>) -> Result<String> {
    let current = chosen.profile.config_only("output").map(|found| found.value.to_owned());
    let formats = crate::output::Format::ALL.map(|format| format.name().to_owned());
    interview.ask(&Part {
        flag: "--output",
        given: app.global.output.map(crate::output::Format::name),
        optional: true,
        question: Question {
            note: Some("json, text, table, yaml, yaml-stream or off.".to_owned()),
            default: current.clone(),
            suggestions: formats.to_vec(),
            ..Question::new(format!(
                "CLI default output format (json if not specified) [{}]:",
                session::shown(current.as_ref())
            ))
        },
    })
}

fn ask_profile(
    interview: &mut Interview,
    chosen: &Chosen<'_>,
    choice: Option<&Choice>,
) -> Result<String> {
    if chosen.name.origin != Origin::Default {
        return Ok(chosen.name.value.clone());
    }
    let default = choice.map(|choice| format!("{}-{}", choice.role_name, choice.account_id));
    interview.ask(&Part {
        flag: "--profile",
        given: None,
        optional: false,
        question: Question {
            note: Some("What you will pass to --profile.".to_owned()),
            check: &|name| {
                if name.is_empty() { Err("A value is required".to_owned()) } else { Ok(()) }
            },
            default: default.clone(),
            ..Question::new(format!("Profile name [{}]:", session::shown(default.as_ref())))
        },
    })
}

/// What else the profile has to give credentials from, and who would use it.
const RIVALS: [(&str, &str); 5] = [
    ("aws_access_key_id", "Go, JavaScript and C++ programs will use that instead"),
    ("role_arn", "daypass, the AWS CLI and the SDKs will assume that role instead"),
    ("web_identity_token_file", "daypass and the AWS CLI will use that instead"),
    ("source_profile", "it is not used beside Identity Center"),
    ("credential_process", "daypass and the AWS CLI will not run it any more; other programs may"),
];

fn warn_of_rivals(app: &App, files: &Files, profile: &str) {
    let section = SectionName::Profile(profile.to_owned());
    let place = |key: &str| {
        [&files.credentials, &files.config].into_iter().find_map(|file| {
            let found = file.parsed.section(&section)?.get(key)?;
            Some(format!("{}:{}", file.shown, found.line))
        })
    };
    for (key, who) in RIVALS {
        // It belongs to the role_arn that is warned of.
        if key == "source_profile" && place("role_arn").is_some() {
            continue;
        }
        let what = if key == "aws_access_key_id" { "an access key" } else { key };
        if let Some(place) = place(key) {
            app.ui.note(&format!(
                "warning: profile `{profile}` also has {what} ({place}): {who}. \
                 Remove it if you no longer need it."
            ));
        }
    }
    if !is_portable_name(profile) {
        app.ui.note(&format!(
            "warning: only the AWS CLI and Python read a profile named `{profile}`: other programs know \
             names of letters, digits and _-/.%@:+ only."
        ));
    }
}

/// One replacement of the file for all changes: a crash leaves no profile that
/// names a session which is not there.
fn write(app: &App, step: &Step, files: &Files, wanted: &Sso, answers: &Answers) -> Result<()> {
    let Answers { login, choice, .. } = answers;
    let mut keys: Vec<(String, String)> = match &login.plan.name {
        Some(name) => vec![("sso_session".to_owned(), name.to_string())],
        None => login.keys.clone(),
    };
    let chosen = choice.as_ref();
    let more = [
        ("sso_account_id", chosen.map(|choice| choice.account_id.to_string())),
        ("sso_role_name", chosen.map(|choice| choice.role_name.to_string())),
        ("region", Some(answers.region.clone()).filter(|text| !text.is_empty())),
        ("output", Some(answers.output.clone()).filter(|text| !text.is_empty())),
        ("default_s3_uri", wanted.default_s3_uri.clone()),
    ];
    keys.extend(more.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    let profile = SectionName::Profile(answers.profile.clone());
    let was_legacy = Current::of(files, &profile).is_some_and(|now| now.start_url.is_some());
    edit(&app.host, step, FileKind::Config, |document| {
        unhide(document, &profile);
        document.set_many(&profile, &borrowed(&keys))?;
        let Some(name) = &login.plan.name else { return Ok(()) };
        if was_legacy {
            // The Rust SDK refuses a profile that has these beside sso_session.
            document.remove(&profile, "sso_start_url");
            document.remove(&profile, "sso_region");
        }
        let section = SectionName::SsoSession(name.to_string());
        document.set_many(&section, &borrowed(&login.keys))
    })?;
    Ok(())
}

/// A profile of a sealed session is written anew in the open form; sealing hides it
/// again.
fn unhide(document: &mut Document, profile: &SectionName) {
    let hidden = hot::keys::SSO.map(hot::keys::hidden);
    let mut was_hidden = false;
    for key in &hidden {
        was_hidden |= document.remove(profile, key);
    }
    if was_hidden {
        document.remove(profile, "credential_process");
    }
}

fn farewell(answers: &Answers) -> String {
    let profile = &answers.profile;
    if answers.choice.is_none() {
        return format!("Successfully configured SSO for profile: {profile}");
    }
    match profile.as_str() {
        "default" => "The AWS CLI is now configured to use the default profile.\n\
                      Run the following command to verify your configuration:\n\n\
                      daypass sts get-caller-identity"
            .to_owned(),
        _ => format!(
            "To use this profile, specify the profile name using --profile, as shown:\n\n\
             daypass sts get-caller-identity --profile {}",
            shell_word(profile)
        ),
    }
}
