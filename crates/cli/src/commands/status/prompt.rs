//! `status --prompt`: a few characters for a shell's prompt, in a few milliseconds.
//!
//! No network, no runtime, nobody asked, and never an error: whoever mistypes a profile
//! must not have it said before every command.

use super::words::short;
use crate::output::clean;
use clap::{Args, ValueEnum};
use daypass_core::Result;
use daypass_core::clocks::{InForce, SessionEnd, Standing, Survey, served};
use daypass_core::files::Files;
use daypass_core::host::Host;
use daypass_core::resolve::{Origin, Request, profile};
use jiff::Timestamp;

/// What is printed when nobody says otherwise.
const FORMAT: &str = "{profile}[ {left}][ {symbol}]";

/// Shown where a login is needed.
const SYMBOL: &str = "!";

/// Shown where nobody can tell.
const UNKNOWN: &str = "?";

/// What the command line says of it.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Print one line for a shell's prompt, at once
    #[arg(long, conflicts_with = "sso_session")]
    pub prompt: bool,
    /// With --prompt: the line, of {profile} {account} {role} {region} {left} {token}
    /// {session} {symbol}; a part in [brackets] goes when it has nothing to show
    #[arg(long, value_name = "TEXT", requires = "prompt")]
    pub format: Option<String>,
    /// With --prompt: what {symbol} is when a login is needed [default: !]
    #[arg(long, value_name = "TEXT", requires = "prompt")]
    pub symbol: Option<String>,
    /// With --prompt: quote for this shell's prompt (zsh expands %)
    #[arg(long, value_name = "SHELL", requires = "prompt")]
    pub shell: Option<Shell>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Starship,
}

/// The values of a line's names.
#[derive(Default)]
struct Glance {
    profile: String,
    account: String,
    role: String,
    region: String,
    left: String,
    token: String,
    session: String,
    symbol: String,
}

/// The line; nothing where no profile is in force, or nothing can be read.
pub fn line(host: &Host, request: &Request, words: &Words) -> String {
    let Some(glance) = look(host, request, words) else { return String::new() };
    let format = words.format.as_deref().unwrap_or(FORMAT);
    let text = filled(format, &|name| glance.value(name));
    let text = clean(&text);
    match words.shell {
        Some(Shell::Zsh) => text.replace('%', "%%"),
        _ => text.into_owned(),
    }
}

fn look(host: &Host, request: &Request, words: &Words) -> Option<Glance> {
    let name = profile::name(request, host);
    let Ok(files) = files(host, request, &name.value) else {
        let symbol = UNKNOWN.to_owned();
        let glance = Glance { profile: name.value, symbol, ..Glance::default() };
        return (name.origin != Origin::Default).then_some(glance);
    };
    let survey = Survey::new(host, &files, request).hurried();
    let force = survey.in_force();
    let is_any = force.place.is_some()
        || force.name.origin != Origin::Default
        || !force.overrides.is_empty();
    is_any.then(|| glance(host, &survey, &force, words))
}

/// What the files say of the profile in force, which can be that of an `exec` around us.
fn files(host: &Host, request: &Request, name: &str) -> Result<Files> {
    let files = Files::of_profile(host, name)?;
    match served(host, &files, request) {
        Some(served) => Files::of_profile(host, served),
        None => Ok(files),
    }
}

fn glance(host: &Host, survey: &Survey<'_>, force: &InForce, words: &Words) -> Glance {
    let now = survey.now;
    let left = |end: Timestamp| short(end.duration_since(now));
    let (account, role) = force.clock.account_and_role();
    let mut glance = Glance {
        profile: name_of(host, force),
        account: account.unwrap_or_default().to_owned(),
        role: role.unwrap_or_default().to_owned(),
        region: force.clock.region.as_ref().map(|r| r.value.clone()).unwrap_or_default(),
        left: force.clock.end.living(now).map(left).unwrap_or_default(),
        ..Glance::default()
    };
    let symbol = || words.symbol.clone().unwrap_or_else(|| SYMBOL.to_owned());
    let Ok(plan) = &force.clock.plan else {
        glance.symbol = symbol();
        return glance;
    };
    let Some(login) = crate::deliver::lifetime::login(plan) else { return glance };
    let session = survey.of_login(&login.session);
    let ends = session.token.held().map(|held| held.expires_at).filter(|end| now < *end);
    glance.token = ends.map(left).unwrap_or_default();
    glance.session = match session.end {
        SessionEnd::Estimated { earliest, .. } if now < earliest => format!("~{}", left(earliest)),
        _ => String::new(),
    };
    glance.symbol = match session.standing(now) {
        Standing::LoginNeeded(_) => symbol(),
        Standing::Locked => UNKNOWN.to_owned(),
        Standing::LoggedIn | Standing::Renewable => String::new(),
    };
    glance
}

/// Inside an `exec` the profile is the one whose credentials are there.
fn name_of(host: &Host, force: &InForce) -> String {
    match host.vars.get(crate::vars::PROFILE) {
        Some(profile) if force.overrides.iter().any(|one| one.is_in_force()) => profile.to_owned(),
        _ if force.overrides.iter().any(|one| one.is_in_force()) => "(environment)".to_owned(),
        _ => force.name.value.clone(),
    }
}

impl Glance {
    fn value(&self, name: &str) -> Option<&str> {
        Some(match name {
            "profile" => &self.profile,
            "account" => &self.account,
            "role" => &self.role,
            "region" => &self.region,
            "left" => &self.left,
            "token" => &self.token,
            "session" => &self.session,
            "symbol" => &self.symbol,
            _ => return None,
        })
    }
}

/// A format with its `{names}` replaced; `[…]` stands only if something in it does.
/// What is no name stays as it is.
fn filled<'v>(format: &str, value: &dyn Fn(&str) -> Option<&'v str>) -> String {
    part(format, value).0
}

/// A part of a format, and whether there is something to show in it.
fn part<'v>(format: &str, value: &dyn Fn(&str) -> Option<&'v str>) -> (String, bool) {
    let (mut text, mut rest, mut has_something) = (String::new(), format, false);
    while let Some(open) = rest.find('[') {
        let Some(length) = closing(&rest[open..]) else { break };
        let (before, here) = replaced(&rest[..open], value);
        let (inner, inside) = part(&rest[open + 1..open + length], value);
        text += &before;
        if inside {
            text += &inner;
        }
        has_something |= here || inside;
        rest = &rest[open + length + 1..];
    }
    let (last, here) = replaced(rest, value);
    (text + &last, has_something || here)
}

/// Where the bracket that a text begins with is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, letter)| {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

fn replaced<'v>(part: &str, value: &dyn Fn(&str) -> Option<&'v str>) -> (String, bool) {
    let (mut text, mut rest, mut has_something) = (String::new(), part, false);
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        let (whole, name) = (&rest[open..=open + length], &rest[open + 1..open + length]);
        let found = value(name);
        has_something |= found.is_none_or(|text| !text.is_empty());
        text += &rest[..open];
        text += found.unwrap_or(whole);
        rest = &rest[open + length + 1..];
    }
    (text + rest, has_something)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(format: &str) -> String {
        filled(format, &|name| match name {
            "profile" => Some("dev"),
            "left" => Some("58m"),
            "symbol" | "session" => Some(""),
            _ => None,
        })
    }

    #[test]
    fn parts_without_a_value_go() {
        assert_eq!(fill(FORMAT), "dev 58m");
        assert_eq!(fill("[{symbol} ]{profile}"), "dev");
        assert_eq!(fill("aws:{profile}[ ({left}{session})]"), "aws:dev (58m)");
        assert_eq!(fill("[{left} of {session}]"), "58m of ");
        assert_eq!(fill("[({profile}[ {symbol}][ {left}]) ]$"), "(dev 58m) $");
        assert_eq!(fill("[({symbol}[ {session}]) ]$"), "$");
    }

    #[test]
    fn what_is_no_name_stays() {
        for text in ["{nothing}", "{", "}", "a{b", "[", "]", "x]y[z", "[[a]", "{}", "%d"] {
            assert_eq!(fill(text), text);
        }
        assert_eq!(fill("[{nothing}]"), "{nothing}");
        assert_eq!(fill("[always]"), "", "without a name there is nothing to show");
    }
}
