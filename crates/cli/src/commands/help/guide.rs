//! The guide's values: the organization's own, as the user's config file has them.

use crate::app::App;
use daypass_core::files::Files;
use daypass_core::resolve::Origin;
use daypass_core::resolve::profile::Profile;
use daypass_core::resolve::sso::{self, shell_word};

/// What the guide tells people to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    whose: String,
    start_url: String,
    sso_region: String,
    session: String,
    account: String,
    role: String,
    region: String,
    profile: String,
    bucket: String,
}

const EXAMPLE: &str = "The values below are an example. Once a profile is set up, or filled in by an invitation \
of your organization, `daypass help guide` shows your own.";

impl Default for Values {
    fn default() -> Self {
        Self {
            whose: EXAMPLE.into(),
            start_url: "https://d-9067c5bbc5.awsapps.com/start".into(),
            sso_region: "us-east-1".into(),
            session: "disasters".into(),
            account: "867530900000".into(),
            role: "Project-Power-User".into(),
            region: "us-east-1".into(),
            profile: "disasters-sso".into(),
            bucket: "s3://nasa-disasters".into(),
        }
    }
}

impl Values {
    /// Those of the profile in force, else of the first one with a login. A file that
    /// cannot be read is no reason to keep the guide back, which may help to mend it.
    pub fn of_user(app: &App) -> Self {
        let Ok(files) = app.files() else { return Self::default() };
        let chosen = app.chosen(&files);
        let mut names =
            std::iter::once(chosen.name.value.as_str()).chain(files.config.parsed.profiles());
        let found = names.find_map(|name| Self::of_profile(&files, name));
        found.or_else(|| Self::of_session(&files)).unwrap_or_default()
    }

    /// What an invitation without profiles leaves: a login, and nothing to use it for yet.
    fn of_session(files: &Files) -> Option<Self> {
        let name = files.config.parsed.sso_sessions().next()?;
        let session = sso::session(files, name, Origin::Default).ok()?;
        Some(Self {
            whose: format!("The values below are those of your sso-session {name}."),
            start_url: session.start_url.value.raw().to_owned(),
            sso_region: session.region.value.to_string(),
            session: shell_word(name),
            account: "ACCOUNT".into(),
            role: "ROLE".into(),
            region: session.region.value.to_string(),
            profile: "PROFILE".into(),
            bucket: "s3://BUCKET".into(),
        })
    }

    fn of_profile(files: &Files, name: &str) -> Option<Self> {
        let profile = Profile::named(files, name);
        let session = sso::of_profile(&profile, name).ok()?;
        let other = Self::default();
        let value = |key: &str| profile.sso(key).map(|value| shell_word(value.value));
        let or = |found: Option<String>, placeholder: &str| found.unwrap_or(placeholder.to_owned());
        Some(Self {
            whose: format!(
                "The values below are those of your profile {name}, in {}.",
                files.config.shown
            ),
            start_url: session.start_url.value.raw().to_owned(),
            sso_region: session.region.value.to_string(),
            session: value("sso_session").unwrap_or(other.session),
            account: or(value("sso_account_id"), "ACCOUNT"),
            role: or(value("sso_role_name"), "ROLE"),
            region: or(value("region"), &session.region.value.to_string()),
            profile: shell_word(name),
            bucket: or(value("default_s3_uri"), "s3://BUCKET"),
        })
    }
}

/// The text with its `{NAMES}` replaced.
pub fn filled(text: &str, values: &Values) -> String {
    let pairs = [
        ("{WHOSE}", &values.whose),
        ("{START_URL}", &values.start_url),
        ("{SSO_REGION}", &values.sso_region),
        ("{SESSION}", &values.session),
        ("{ACCOUNT}", &values.account),
        ("{ROLE}", &values.role),
        ("{REGION}", &values.region),
        ("{PROFILE}", &values.profile),
        ("{BUCKET}", &values.bucket),
    ];
    pairs.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}
