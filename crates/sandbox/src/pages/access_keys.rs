//! `/start/keys`: role credentials, in the three ways the real portal shows them.

use maud::{Markup, html};

use super::layout::Page;
use super::{browser, visit};
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::services::portal::role_credentials;
use crate::state::Purpose;

/// What is shown of role credentials.
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

pub(super) fn open(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let Some((user, who)) = browser::who(room, ask) else {
        return Ok(visit::begin(room, ask, Purpose::AccessPortal));
    };
    let account = ask.parameter("account_id").unwrap_or_default();
    let role = ask.parameter("role_name").unwrap_or_default();
    let (access_key_id, key) = role_credentials(room, &user, account, role)?;
    let keys = Keys {
        access_key_id,
        secret_access_key: key.secret,
        session_token: key.session_token.unwrap_or_default(),
        expiration: key
            .expires
            .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
            .unwrap_or_default(),
    };
    let content = html! {
        p.lead { "For " strong { (role) } " in account " strong { (account) } ", until " (keys.expiration) ". Anybody who has them can act as this role until then." }
        (recommended(room, account, role))
        (variables(&keys))
        (profile(&keys, account, role))
        (values(&keys))
    };
    Ok(Page::new("Access keys", content).portal(who).answer())
}

/// Whoever logs in with these two needs none of the keys below.
fn recommended(room: &Room, account: &str, role: &str) -> Markup {
    let (url, region) = (&room.world.start_url, &room.world.region);
    let command = format!(
        "daypass configure sso --sso-session practice \\\n  --sso-start-url {url} \\\n  \
         --sso-region {region} --sso-account-id {account} \\\n  --sso-role-name {role}"
    );
    html! {
        section.keys aria-labelledby="sso" {
            h2 #sso { "Log in with IAM Identity Center (recommended)" }
            p { code { "daypass configure sso" } " or " code { "aws configure sso" } " asks for these two. Keys are then renewed by themselves." }
            (value("start-url", "Start URL", url))
            (value("sso-region", "SSO region", region))
            (block("configure", "The same in one command", &command))
        }
    }
}

fn variables(keys: &Keys) -> Markup {
    let pairs = [
        ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        ("AWS_SESSION_TOKEN", &keys.session_token),
    ];
    let lines =
        |line: fn(&str, &str) -> String| pairs.map(|(name, value)| line(name, value)).join("\n");
    html! {
        section.keys aria-labelledby="option-1" {
            h2 #option-1 { "Option 1: environment variables" }
            (block("sh", "macOS and Linux", &lines(|name, value| format!("export {name}=\"{value}\""))))
            (block("powershell", "PowerShell", &lines(|name, value| format!("$Env:{name}=\"{value}\""))))
            (block("cmd", "Windows command prompt", &lines(|name, value| format!("SET {name}={value}"))))
        }
    }
}

fn profile(keys: &Keys, account: &str, role: &str) -> Markup {
    let Keys { access_key_id, secret_access_key, session_token, .. } = keys;
    let text = format!(
        "[{account}_{role}]\naws_access_key_id={access_key_id}\n\
         aws_secret_access_key={secret_access_key}\naws_session_token={session_token}"
    );
    html! {
        section.keys aria-labelledby="option-2" {
            h2 #option-2 { "Option 2: a profile in ~/.aws/credentials" }
            (block("profile", "Section of the file", &text))
        }
    }
}

fn values(keys: &Keys) -> Markup {
    html! {
        section.keys aria-labelledby="option-3" {
            h2 #option-3 { "Option 3: the single values" }
            (value("access-key-id", "AWS access key ID", &keys.access_key_id))
            (value("secret-access-key", "AWS secret access key", &keys.secret_access_key))
            (value("session-token", "AWS session token", &keys.session_token))
        }
    }
}

/// One line to copy.
fn value(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.copy {
            label for=(id) { (label) }
            input type="text" id=(id) value=(text) readonly spellcheck="false" autocomplete="off";
        }
    }
}

/// Lines to copy.
fn block(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.copy {
            label for=(id) { (label) }
            textarea id=(id) rows=(text.lines().count() + 1) readonly spellcheck="false" wrap="off" { (text) }
        }
    }
}
