//! Where a profile's credentials come from: a plan, before anything is fetched.

use super::profile::{self, Chosen, Profile};
use super::sso::{self, Keeping, Policy, RolePlan, SessionPlan};
use super::{Origin, Sourced};
use crate::error::{Error, Kind, Result, quoted};
use crate::host::Host;
use crate::names::Region;
use vault::Secret;

/// One way to get credentials.
#[derive(Clone, Debug)]
pub enum CredentialPlan {
    /// Long-lived or copied keys, from variables or a file.
    Static(StaticKeys),
    /// A role behind Identity Center.
    Sso(Box<RolePlan>),
    /// A role assumed with other credentials.
    AssumeRole(Box<AssumeRolePlan>),
    /// A role assumed with a token file (EKS, hubs).
    WebIdentity(WebIdentityPlan),
    /// Session credentials of a long-lived key in the store.
    Kept(KeptPlan),
    /// What a program prints.
    Process(ProcessPlan),
    /// The container or instance this runs in, if it has credentials.
    Surroundings,
}

impl CredentialPlan {
    /// Where the login is kept that pays for it, if a login does.
    pub fn keeping(&self) -> Option<Keeping> {
        self.session().map(|session| session.keeping)
    }

    /// The login that pays for it, if other programs read a mirror of its token.
    pub(crate) fn mirrored(&self) -> Option<&SessionPlan> {
        self.session().filter(|session| session.keeping == Keeping::Sealed(Policy::Mirror))
    }

    /// The login that pays for it, if one does.
    pub(crate) fn session(&self) -> Option<&SessionPlan> {
        match self {
            Self::Sso(role) => Some(&role.session),
            Self::AssumeRole(role) => role.source.session(),
            _ => None,
        }
    }
}

/// Keys at hand.
#[derive(Clone, Debug)]
pub struct StaticKeys {
    /// Not a secret.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret<String>,
    /// For temporary ones.
    pub session_token: Option<Secret<String>>,
    /// RFC 3339, from `AWS_CREDENTIAL_EXPIRATION`.
    pub expiration: Option<String>,
    /// Where they came from.
    pub origin: Origin,
    /// What `configure list` calls that.
    pub method: &'static str,
}

/// `role_arn` with `source_profile` or `credential_source`.
#[derive(Clone, Debug)]
pub struct AssumeRolePlan {
    /// The role.
    pub role_arn: String,
    /// Whose credentials assume it.
    pub source: CredentialPlan,
    /// `external_id`.
    pub external_id: Option<String>,
    /// `role_session_name`.
    pub session_name: Option<String>,
    /// `duration_seconds`.
    pub duration_seconds: Option<i32>,
    /// `mfa_serial`.
    pub mfa_serial: Option<String>,
    /// The profile's region, for STS.
    pub region: Option<Region>,
}

/// `web_identity_token_file` with `role_arn`.
#[derive(Clone, Debug)]
pub struct WebIdentityPlan {
    /// The role.
    pub role_arn: String,
    /// The file that holds the token.
    pub token_file: std::path::PathBuf,
    /// `role_session_name`, or one made from the time.
    pub session_name: String,
    /// Where that was configured.
    pub origin: Origin,
}

/// `daypass_keys`: a long-lived key in the store.
#[derive(Clone, Debug)]
pub struct KeptPlan {
    /// The key's name in the store.
    pub keys: Sourced<String>,
    /// `daypass_mfa_serial`: the device that its sessions need.
    pub mfa_serial: Option<String>,
    /// `duration_seconds`: how long its sessions last.
    pub duration_seconds: Option<i32>,
    /// The profile's region, for STS.
    pub region: Option<Region>,
    /// The profile that has it.
    pub profile: String,
}

/// `credential_process`.
#[derive(Clone, Debug)]
pub struct ProcessPlan {
    /// The command line, split as a POSIX shell would split it.
    pub command: Sourced<String>,
    /// The profile that has it.
    pub profile: String,
}

/// Plans as botocore's chain decides: keys in variables (unless `--profile` was
/// given), assumed roles, Identity Center, keys in files, a process, and at last
/// what the machine offers.
///
/// # Errors
/// [`Kind::Profile`] for a profile that is absent or incomplete.
pub fn plan(host: &Host, chosen: &Chosen<'_>) -> Result<CredentialPlan> {
    chosen.must_exist()?;
    if !matches!(chosen.name.origin, Origin::Flag(_))
        && let Some(keys) = variables(host)?
    {
        return Ok(CredentialPlan::Static(keys));
    }
    let planned = of_profile(host, &chosen.profile, &chosen.name.value, &mut Vec::new())?;
    Ok(planned.unwrap_or(CredentialPlan::Surroundings))
}

fn variables(host: &Host) -> Result<Option<StaticKeys>> {
    let Some(id) = host.vars.get("AWS_ACCESS_KEY_ID") else { return Ok(None) };
    let Some(secret) = host.vars.get("AWS_SECRET_ACCESS_KEY") else {
        return Err(Error::new(
            Kind::Profile,
            "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY",
        )
        .hint("set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID"));
    };
    let token = host.vars.first(&["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"]);
    Ok(Some(StaticKeys {
        access_key_id: id.to_owned(),
        secret_access_key: Secret::from(secret),
        session_token: token.map(|(_, value)| Secret::from(value)),
        expiration: host.vars.get("AWS_CREDENTIAL_EXPIRATION").map(str::to_owned),
        origin: Origin::Variable("AWS_ACCESS_KEY_ID"),
        method: "env",
    }))
}

/// The profile's own part of the chain; `None` where it says nothing.
fn of_profile(
    host: &Host,
    profile: &Profile<'_>,
    name: &str,
    visited: &mut Vec<String>,
) -> Result<Option<CredentialPlan>> {
    visited.push(name.to_owned());
    if let Some(role_arn) = profile.get("role_arn")
        && profile.get("web_identity_token_file").is_none()
    {
        return assume_role(host, profile, name, role_arn.value, visited).map(Some);
    }
    if let Some(web) = web_identity(host, profile)? {
        return Ok(Some(CredentialPlan::WebIdentity(web)));
    }
    if sso::names_a_role(profile) {
        return Ok(Some(CredentialPlan::Sso(Box::new(sso::role(profile, name)?))));
    }
    if let Some(keys) = file_keys(profile, Place::Credentials)? {
        return Ok(Some(CredentialPlan::Static(keys)));
    }
    if let Some(keys) = profile.get(hot::keys::KEPT_KEYS) {
        return kept(profile, name, keys).map(Some);
    }
    if let Some(login) = profile.get("login_session") {
        return Err(console_login(name, &login));
    }
    if let Some(command) = profile.get("credential_process") {
        let command = command.map(str::to_owned);
        return Ok(Some(CredentialPlan::Process(ProcessPlan {
            command,
            profile: name.to_owned(),
        })));
    }
    Ok(file_keys(profile, Place::Config)?.map(CredentialPlan::Static))
}

fn kept(profile: &Profile<'_>, name: &str, keys: Sourced<&str>) -> Result<CredentialPlan> {
    Ok(CredentialPlan::Kept(KeptPlan {
        keys: keys.map(str::to_owned),
        mfa_serial: profile.get(hot::keys::KEPT_MFA).map(|found| found.value.to_owned()),
        duration_seconds: duration(profile)?,
        region: region_of(profile)?,
        profile: name.to_owned(),
    }))
}

fn duration(profile: &Profile<'_>) -> Result<Option<i32>> {
    let Some(found) = profile.get("duration_seconds") else { return Ok(None) };
    found.value.parse().map(Some).map_err(|_| {
        Error::new(Kind::Profile, "duration_seconds must be a number of seconds")
            .because(format!("it comes from {}", found.origin))
    })
}

fn region_of(profile: &Profile<'_>) -> Result<Option<Region>> {
    Ok(profile.get("region").map(profile::parse_region).transpose()?.map(|found| found.value))
}

/// `aws login` keeps its tokens in a form of its own. To go on to the machine's
/// role would be to act as somebody else.
fn console_login(name: &str, login: &Sourced<&str>) -> Error {
    let shown = quoted(name);
    let message = format!("profile {shown} uses `aws login`, which daypass does not read");
    Error::new(Kind::Profile, message)
        .because(format!("login_session is at {}", login.origin))
        .hint("use the AWS CLI with this profile, or another one made by `daypass configure sso`")
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Credentials,
    Config,
}

fn file_keys(profile: &Profile<'_>, place: Place) -> Result<Option<StaticKeys>> {
    let get = |key| match place {
        Place::Credentials => profile.credentials_only(key),
        Place::Config => profile.config_only(key),
    };
    let Some(id) = get("aws_access_key_id") else { return Ok(None) };
    let method =
        if place == Place::Credentials { "shared-credentials-file" } else { "config-file" };
    let Some(secret) = get("aws_secret_access_key") else {
        return Err(Error::new(
            Kind::Profile,
            format!("Partial credentials found in {method}, missing: aws_secret_access_key"),
        )
        .because(format!("{} has aws_access_key_id alone", id.origin)));
    };
    let token = get("aws_session_token").or_else(|| get("aws_security_token"));
    Ok(Some(StaticKeys {
        access_key_id: id.value.to_owned(),
        secret_access_key: Secret::from(secret.value),
        session_token: token.map(|found| Secret::from(found.value)),
        expiration: None,
        origin: id.origin,
        method,
    }))
}

fn session_name(host: &Host, configured: Option<&str>) -> String {
    configured.map_or_else(|| format!("daypass-{}", host.now().as_second()), str::to_owned)
}

/// A profile's own token file first, then the pair of variables a hub sets; an
/// explicit `--profile` with credentials of its own never gets here.
fn web_identity(host: &Host, profile: &Profile<'_>) -> Result<Option<WebIdentityPlan>> {
    let pair = match (profile.get("web_identity_token_file"), profile.get("role_arn")) {
        (Some(file), Some(role)) => {
            Some((file, role.value.to_owned(), profile.get("role_session_name")))
        }
        (Some(file), None) => {
            return Err(Error::new(
                Kind::Profile,
                "web_identity_token_file needs a role_arn beside it",
            )
            .because(format!("it comes from {}", file.origin)));
        }
        _ => None,
    };
    if let Some((file, role_arn, configured)) = pair {
        return Ok(Some(WebIdentityPlan {
            role_arn,
            token_file: host.expand(file.value),
            session_name: session_name(host, configured.map(|c| c.value)),
            origin: file.origin,
        }));
    }
    Ok(hub_role(host).filter(|_| !profile.exists() || !has_own_credentials(profile)))
}

/// The role that a hub's pair of variables names.
pub(crate) fn hub_role(host: &Host) -> Option<WebIdentityPlan> {
    let variable = "AWS_WEB_IDENTITY_TOKEN_FILE";
    Some(WebIdentityPlan {
        role_arn: host.vars.get("AWS_ROLE_ARN")?.to_owned(),
        token_file: host.expand(host.vars.get(variable)?),
        session_name: session_name(host, host.vars.get("AWS_ROLE_SESSION_NAME")),
        origin: Origin::Variable(variable),
    })
}

fn has_own_credentials(profile: &Profile<'_>) -> bool {
    let keys = ["credential_process", "aws_access_key_id", hot::keys::KEPT_KEYS];
    sso::names_a_role(profile) || keys.iter().any(|key| profile.get(key).is_some())
}

fn assume_role(
    host: &Host,
    profile: &Profile<'_>,
    name: &str,
    role_arn: &str,
    visited: &mut Vec<String>,
) -> Result<CredentialPlan> {
    let text = |key| profile.get(key).map(|found| found.value.to_owned());
    let source = source_of(host, profile, name, visited)?;
    Ok(CredentialPlan::AssumeRole(Box::new(AssumeRolePlan {
        role_arn: role_arn.to_owned(),
        source,
        external_id: text("external_id"),
        session_name: text("role_session_name"),
        duration_seconds: duration(profile)?,
        mfa_serial: text("mfa_serial"),
        region: region_of(profile)?,
    })))
}

fn source_of(
    host: &Host,
    profile: &Profile<'_>,
    name: &str,
    visited: &mut Vec<String>,
) -> Result<CredentialPlan> {
    match (profile.get("source_profile"), profile.get("credential_source")) {
        (Some(source), None) => from_profile(host, profile, name, source.value, visited),
        (None, Some(source)) => from_source(host, &source),
        (both, _) => {
            let (has, and) = if both.is_some() { ("both", "and") } else { ("neither", "nor") };
            Err(Error::new(
                Kind::Profile,
                format!("profile {} cannot assume its role", quoted(name)),
            )
            .because(format!(
                "it has {has} source_profile {and} credential_source: one of them is needed"
            )))
        }
    }
}

fn from_source(host: &Host, source: &Sourced<&str>) -> Result<CredentialPlan> {
    match source.value {
        "Environment" => variables(host)?.map(CredentialPlan::Static).ok_or_else(|| {
            Error::new(Kind::Profile, "the role needs keys in the environment, and there are none")
                .because(format!("credential_source comes from {}", source.origin))
        }),
        "Ec2InstanceMetadata" | "EcsContainer" => Ok(CredentialPlan::Surroundings),
        other => {
            Err(Error::new(Kind::Profile, format!("{} is not a credential_source", quoted(other)))
                .because(format!("it comes from {}", source.origin))
                .hint("use Environment, Ec2InstanceMetadata or EcsContainer"))
        }
    }
}

fn from_profile(
    host: &Host,
    profile: &Profile<'_>,
    name: &str,
    source: &str,
    visited: &mut Vec<String>,
) -> Result<CredentialPlan> {
    let next = Profile::named(profile.files(), source);
    if !next.exists() {
        return Err(profile::not_found(source, &next)
            .because(format!("it is the source_profile of {}", quoted(name))));
    }
    if source == name
        && let Some(keys) =
            file_keys(profile, Place::Credentials)?.or(file_keys(profile, Place::Config)?)
    {
        return Ok(CredentialPlan::Static(keys));
    }
    if visited.iter().any(|seen| seen == source) {
        visited.push(source.to_owned());
        return Err(Error::new(Kind::Profile, "the source_profile keys go round in a circle")
            .because(visited.join(" → ")));
    }
    of_profile(host, &next, source, visited)?.ok_or_else(|| {
        Error::new(Kind::Profile, format!("profile {} has no credentials", quoted(source)))
            .because(format!("it is the source_profile of {}", quoted(name)))
    })
}
