//! Which way a login goes, and why: a pure choice, told in one line.

use crate::error::{Error, Kind, Result};
use crate::whereabouts::Place;

/// How the person's browser and this process come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A browser comes back to this machine by itself.
    Browser,
    /// The person carries the address back that the browser ended on.
    Paste,
    /// A code, typed or compared in any browser.
    Device,
}

/// What the command line and the config file say about it.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// `--use-device-code`.
    pub device: bool,
    /// `--paste`.
    pub paste: bool,
    /// A fixed port: somebody forwards it.
    pub port: bool,
    /// A browser was named on the command line, for here and now.
    pub browser: bool,
    /// `--no-browser`.
    pub no_browser: bool,
    /// The login has no sso-session: its clients only know device codes.
    pub legacy: bool,
    /// Where `sso_use_device_code = true` stands.
    pub configured: Option<String>,
}

/// The way, and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub way: Way,
    /// Whether a browser is opened from here.
    pub open: bool,
    /// Why, where nobody has asked for just that.
    pub reason: Option<String>,
}

/// Chooses: what was asked for, what is configured, and else what can work.
///
/// # Errors
/// [`Kind::Usage`]: a way that this login does not have.
pub fn choose(wishes: &Wishes, place: Place) -> Result<Choice> {
    if wishes.legacy && (wishes.paste || wishes.port) {
        let flag = if wishes.paste { "--paste" } else { "--callback-port" };
        return Err(Error::new(Kind::Usage, format!("{flag} needs an sso-session"))
            .because("a login without one, of the form before 2022, is always by device code")
            .hint("run `daypass configure sso` to give the profile an sso-session"));
    }
    let (way, reason) = way(wishes, place);
    let reachable = place.browser_comes_back() || place.opens_elsewhere() || wishes.browser;
    Ok(Choice { way, open: reachable && !wishes.no_browser, reason })
}

fn way(wishes: &Wishes, place: Place) -> (Way, Option<String>) {
    if wishes.device {
        return (Way::Device, None);
    }
    if wishes.paste {
        return (Way::Paste, None);
    }
    if wishes.legacy {
        return (Way::Device, Some("a login without an sso-session -> device code".to_owned()));
    }
    if wishes.port {
        return (Way::Browser, None);
    }
    if let Some(origin) = &wishes.configured {
        return (Way::Device, Some(format!("sso_use_device_code ({origin}) -> device code")));
    }
    if wishes.browser || place.browser_comes_back() {
        return (Way::Browser, None);
    }
    (Way::Device, Some(format!("{} -> device code{OTHERWISE}", obstacle(place))))
}

const OTHERWISE: &str = "; --paste does without one";

/// Why a browser's answer would not arrive.
pub fn obstacle(place: Place) -> String {
    match place {
        Place::Wsl => {
            "the browser in Windows may not reach this terminal (WSL, network not mirrored)"
                .to_owned()
        }
        place => format!("no browser can reach this terminal here ({place})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_ways() {
        let none = Wishes::default;
        let configured = Some("~/.aws/config:9".to_owned());
        let table: [(Wishes, Place, Way, bool, &str); 14] = [
            (none(), Place::Here, Way::Browser, true, ""),
            (
                none(),
                Place::Ssh,
                Way::Device,
                false,
                "no browser can reach this terminal here (SSH) -> device code; --paste does without one",
            ),
            (
                none(),
                Place::VsCode,
                Way::Device,
                true,
                "no browser can reach this terminal here (VS Code, remote) -> device code; --paste does without one",
            ),
            (
                none(),
                Place::Wsl,
                Way::Device,
                true,
                "the browser in Windows may not reach this terminal (WSL, network not mirrored) -> device code; --paste does without one",
            ),
            (Wishes { no_browser: true, ..none() }, Place::Here, Way::Browser, false, ""),
            (Wishes { device: true, ..none() }, Place::Here, Way::Device, true, ""),
            (Wishes { device: true, ..none() }, Place::Ssh, Way::Device, false, ""),
            (Wishes { paste: true, ..none() }, Place::Ssh, Way::Paste, false, ""),
            (Wishes { paste: true, ..none() }, Place::Here, Way::Paste, true, ""),
            (Wishes { port: true, ..none() }, Place::Ssh, Way::Browser, false, ""),
            (Wishes { browser: true, ..none() }, Place::Ssh, Way::Browser, true, ""),
            (
                Wishes { configured: configured.clone(), ..none() },
                Place::Here,
                Way::Device,
                true,
                "sso_use_device_code (~/.aws/config:9) -> device code",
            ),
            (Wishes { configured, paste: true, ..none() }, Place::Ssh, Way::Paste, false, ""),
            (
                Wishes { legacy: true, browser: true, ..none() },
                Place::Here,
                Way::Device,
                true,
                "a login without an sso-session -> device code",
            ),
        ];
        for (wishes, place, way, open, reason) in table {
            let reason = (!reason.is_empty()).then(|| reason.to_owned());
            let expected = Choice { way, open, reason };
            assert_eq!(choose(&wishes, place).unwrap(), expected, "{wishes:?} {place:?}");
        }
    }

    #[test]
    fn a_way_that_a_login_does_not_have_is_refused() {
        for wishes in [
            Wishes { legacy: true, paste: true, ..Wishes::default() },
            Wishes { legacy: true, port: true, ..Wishes::default() },
        ] {
            assert_eq!(choose(&wishes, Place::Here).unwrap_err().kind(), Kind::Usage);
        }
    }
}
