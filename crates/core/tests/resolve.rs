//! Request + files → plan, one scenario a directory: `tests/resolve/CASE/` has
//! `case.toml` (what is asked, what is expected) and a home directory.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{House, told};
use daypass_core::files::Files;
use daypass_core::host::{Clock, Host};
use daypass_core::resolve::credentials::{AssumeRolePlan, StaticKeys};
use daypass_core::resolve::sso::Keeping;
use daypass_core::resolve::sso::RolePlan;
use daypass_core::resolve::{CredentialPlan, Request, credentials, profile};
use daypass_core::{Error, Result};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

/// What stands for a secret in the scenarios' files: no text may have it.
const SECRET: &str = "hush-hush";

struct Case {
    name: String,
    host: Host,
    request: Request,
    expected: String,
}

impl Case {
    fn load(dir: &Path) -> Self {
        let table: Table = fs::read_to_string(dir.join("case.toml")).unwrap().parse().unwrap();
        let text = |table: Option<&toml::Value>, key: &str| {
            table.and_then(|t| t.get(key)).and_then(|v| v.as_str()).map(str::to_owned)
        };
        let asked = table.get("request");
        let vars = table.get("vars").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let vars = vars.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap().into()));
        let mut host = House::new(vars).host;
        host.home = dir.join("home");
        host.clock = Clock::new(|| jiff::Timestamp::UNIX_EPOCH);
        Self {
            name: dir.file_name().unwrap().to_string_lossy().into_owned(),
            host,
            request: Request {
                profile: text(asked, "profile"),
                region: text(asked, "region"),
                ..Request::default()
            },
            expected: text(Some(&toml::Value::Table(table.clone())), "expected").unwrap(),
        }
    }

    fn actual(&self) -> String {
        let text = self.plan().unwrap_or_else(|error| refused(&error));
        text.replace(&*self.host.home.to_string_lossy(), "HOME")
    }

    fn plan(&self) -> Result<String> {
        let files = Files::load(&self.host)?;
        let chosen = profile::choose(&self.request, &self.host, &files);
        let plan = credentials::plan(&self.host, &chosen)?;
        let region = profile::region(&self.request, &self.host, &chosen.profile)?;
        let mut out = format!("profile {} from {}\n", chosen.name.value, chosen.name.origin);
        match region {
            Some(region) => writeln!(out, "region {} from {}", region.value, region.origin),
            None => writeln!(out, "no region"),
        }
        .unwrap();
        draw(&mut out, &plan);
        Ok(out)
    }
}

fn refused(error: &Error) -> String {
    format!("{:?}: {}\n", error.kind(), told(error))
}

fn draw(out: &mut String, plan: &CredentialPlan) {
    match plan {
        CredentialPlan::Static(keys) => drop(writeln!(out, "{}", keys_line(keys))),
        CredentialPlan::Sso(role) => sso_lines(out, role),
        CredentialPlan::AssumeRole(role) => role_lines(out, role),
        CredentialPlan::WebIdentity(role) => {
            writeln!(out, "web identity {} as {}", role.role_arn, role.session_name).unwrap();
            writeln!(out, "  token {} from {}", role.token_file.display(), role.origin).unwrap();
        }
        CredentialPlan::Process(process) => {
            let command = &process.command;
            writeln!(out, "process {} from {}", command.value, command.origin).unwrap();
        }
        CredentialPlan::Kept(key) => {
            writeln!(out, "kept {} from {}", key.keys.value, key.keys.origin).unwrap();
            writeln!(out, "  seconds {:?}, mfa {:?}", key.duration_seconds, key.mfa_serial)
                .unwrap();
        }
        CredentialPlan::Surroundings => out.push_str("surroundings\n"),
    }
}

fn keys_line(keys: &StaticKeys) -> String {
    let token = if keys.session_token.is_some() { " with token" } else { "" };
    format!("keys {}{token} from {} ({})", keys.access_key_id, keys.origin, keys.method)
}

fn sso_lines(out: &mut String, role: &RolePlan) {
    let session = &role.session;
    writeln!(out, "sso {} in {}", role.role_name, role.account_id).unwrap();
    writeln!(out, "  {}", session.shown()).unwrap();
    writeln!(out, "  url {} from {}", session.start_url.value, session.start_url.origin).unwrap();
    writeln!(out, "  region {} from {}", session.region.value, session.region.origin).unwrap();
    writeln!(out, "  scopes {:?}", session.scopes).unwrap();
    if session.keeping != Keeping::Shared {
        writeln!(out, "  {:?}", session.keeping).unwrap();
    }
    writeln!(out, "  {}", session.login_command()).unwrap();
}

fn role_lines(out: &mut String, role: &AssumeRolePlan) {
    let name = role.session_name.as_deref().unwrap_or("nobody in particular");
    writeln!(out, "role {} as {name}", role.role_arn).unwrap();
    let seconds = role.duration_seconds.map(|seconds| seconds.to_string());
    let region = role.region.as_ref().map(ToString::to_string);
    for (what, value) in [
        ("external id", role.external_id.clone()),
        ("seconds", seconds),
        ("mfa", role.mfa_serial.clone()),
        ("region", region),
    ] {
        value.iter().for_each(|value| writeln!(out, "  {what} {value}").unwrap());
    }
    out.push_str("  by ");
    draw(out, &role.source);
}

fn cases() -> Vec<Case> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/resolve");
    let mut dirs: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    dirs.sort();
    dirs.iter().map(|dir| Case::load(dir)).collect()
}

#[test]
fn every_scenario_is_planned_as_it_says() {
    let mut wrong = String::new();
    for case in cases() {
        let actual = case.actual();
        assert!(!actual.contains(SECRET), "{}: {actual}", case.name);
        if actual != case.expected {
            write!(wrong, "=== {}\n{actual}", case.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "these are planned otherwise:\n{wrong}=== end");
}
