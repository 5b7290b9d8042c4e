//! An invitation made from what is set up here.

use super::{InvitedProfile, VERSION};
use crate::error::{Error, Kind, Result};
use crate::files::Files;
use crate::resolve::profile::Profile;
use crate::resolve::sso::SessionPlan;

/// What goes into an invitation besides what the files say.
#[derive(Clone, Debug, Default)]
pub struct Suggestion {
    /// The profiles to invite to, by name.
    pub profiles: Vec<String>,
    /// Whether others are to choose account and role themselves.
    pub leave_roles_open: bool,
    /// What `daypass s3 ls` lists, where a profile does not say.
    pub default_s3_uri: Option<String>,
    /// Whose invitation it is.
    pub organization: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// A word for whoever is invited.
    pub text: Option<String>,
}

/// The invitation's text. It is read back before it is given out.
///
/// # Errors
/// [`Kind::Config`] for what no invitation may say, as a start URL over http.
pub fn to_text(files: &Files, plan: &SessionPlan, more: &Suggestion) -> Result<String> {
    let name = plan.name.as_ref().ok_or_else(|| {
        Error::new(Kind::Config, format!("{} is no sso-session", plan.shown()))
            .hint("give it one with `daypass configure sso`, and invite to that")
    })?;
    let mut text = format!(
        "# An invitation to log in to AWS: daypass configure sso --from THIS-FILE\n\
         daypass_invitation = {VERSION}\n\n[sso_session]\n"
    );
    let mut put = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            text.push_str(&format!("{key} = {}\n", quoted_toml(value)));
        }
    };
    put("name", Some(name.as_str()));
    put("start_url", Some(plan.start_url.value.raw()));
    put("region", Some(plan.region.value.as_str()));
    let scopes: Vec<String> = plan.effective_scopes().iter().map(|s| quoted_toml(s)).collect();
    text.push_str(&format!("scopes = [{}]\n", scopes.join(", ")));
    for name in &more.profiles {
        text.push_str("\n[[profile]]\n");
        text.push_str(&profile_text(&invited(files, name, more)));
    }
    let help =
        [("organization", &more.organization), ("contact", &more.contact), ("text", &more.text)];
    if help.iter().any(|(_, value)| value.is_some()) {
        text.push_str("\n[help]\n");
    }
    for (key, value) in help {
        if let Some(value) = value {
            text.push_str(&format!("{key} = {}\n", quoted_toml(value)));
        }
    }
    super::parse("made here", text.as_bytes())
        .map_err(|error| error.while_doing("this set-up cannot be put into an invitation"))?;
    Ok(text)
}

fn invited(files: &Files, name: &str, more: &Suggestion) -> InvitedProfile {
    let profile = Profile::named(files, name);
    let value = |key: &str| profile.sso(key).map(|found| found.value.to_owned());
    let role = |key: &str| if more.leave_roles_open { None } else { value(key) };
    InvitedProfile {
        name: name.to_owned(),
        account_id: role("sso_account_id"),
        role_name: role("sso_role_name"),
        region: value("region"),
        output: value("output"),
        default_s3_uri: value("default_s3_uri").or_else(|| more.default_s3_uri.clone()),
    }
}

fn profile_text(profile: &InvitedProfile) -> String {
    let name = Some(profile.name.clone());
    let lines = [
        ("name", &name),
        ("account_id", &profile.account_id),
        ("role_name", &profile.role_name),
        ("region", &profile.region),
        ("output", &profile.output),
        ("default_s3_uri", &profile.default_s3_uri),
    ];
    let line = |(key, value): (&str, &Option<String>)| {
        Some(format!("{key} = {}\n", quoted_toml(value.as_deref()?)))
    };
    lines.into_iter().filter_map(line).collect()
}

fn quoted_toml(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
