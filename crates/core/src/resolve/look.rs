//! What a profile says for people's eyes: its colour, its tags, where its console opens.
//!
//! None of it is read by an SDK: the keys have our prefix. What a profile does not say,
//! its sso-session may say for all of its profiles.

use super::Profile;
use super::profile::lookup;
use awsconfig::SectionName;

/// Keys of a profile or an sso-session.
pub mod keys {
    /// One of [`super::Color::NAMES`].
    pub const COLOR: &str = "daypass_color";
    /// Words with commas between them.
    pub const TAGS: &str = "daypass_tags";
    /// The icon of the Firefox container.
    pub const ICON: &str = "daypass_icon";
    /// The browser of the console.
    pub const BROWSER: &str = "daypass_browser";
    /// The browser's profile that the console opens in, or `auto`: one for each account.
    pub const BROWSER_PROFILE: &str = "daypass_browser_profile";
    /// The Firefox container that the console opens in, or `auto`: one for each account.
    pub const CONTAINER: &str = "daypass_container";
}

/// A colour that terminals and Firefox's containers have both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    /// Most people's word for production.
    Red,
    /// Between red and yellow.
    Orange,
    /// The colour of care.
    Yellow,
    /// Most people's word for safe.
    Green,
    /// Also `cyan`.
    Turquoise,
    /// The sky's.
    Blue,
    /// Also `magenta`.
    Purple,
    /// A light purple.
    Pink,
}

impl Color {
    /// Their names, as Firefox has them.
    pub const NAMES: [(&'static str, Color); 8] = [
        ("red", Color::Red),
        ("orange", Color::Orange),
        ("yellow", Color::Yellow),
        ("green", Color::Green),
        ("turquoise", Color::Turquoise),
        ("blue", Color::Blue),
        ("purple", Color::Purple),
        ("pink", Color::Pink),
    ];

    /// The colour called so; terminals' names for two of them count.
    pub fn parse(text: &str) -> Option<Self> {
        let name = match text.trim().to_ascii_lowercase().as_str() {
            "cyan" => "turquoise".to_owned(),
            "magenta" => "purple".to_owned(),
            other => other.to_owned(),
        };
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, color)| *color)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, color)| *color == self).map_or("", |(name, _)| name)
    }
}

/// A profile as it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// `daypass_color`, if there is such a colour.
    pub color: Option<Color>,
    /// `daypass_tags`: those of the sso-session, and the profile's own.
    pub tags: Vec<String>,
    /// `daypass_icon`.
    pub icon: Option<String>,
    /// `daypass_browser`.
    pub browser: Option<String>,
    /// `daypass_browser_profile`.
    pub browser_profile: Option<String>,
    /// `daypass_container`.
    pub container: Option<String>,
}

impl Look {
    /// How a profile looks.
    pub fn of(profile: &Profile<'_>) -> Self {
        let session = profile.sso("sso_session").map(|found| found.value);
        let of_session = |key| session.and_then(|name| session_value(profile, name, key));
        let own = |key| profile.config_only(key).map(|found| found.value);
        let text = |key| own(key).or_else(|| of_session(key)).map(str::to_owned);
        let mut tags = words(of_session(keys::TAGS));
        tags.extend(words(own(keys::TAGS)));
        let mut seen = std::collections::HashSet::new();
        tags.retain(|tag| seen.insert(tag.to_lowercase()));
        Self {
            color: text(keys::COLOR).as_deref().and_then(Color::parse),
            tags,
            icon: text(keys::ICON),
            browser: text(keys::BROWSER),
            browser_profile: text(keys::BROWSER_PROFILE),
            container: text(keys::CONTAINER),
        }
    }
}

fn session_value<'a>(profile: &Profile<'a>, name: &str, key: &str) -> Option<&'a str> {
    let file = &profile.files().config;
    let section = file.parsed.section(&SectionName::SsoSession(name.to_owned()));
    lookup(section, file, key).map(|found| found.value)
}

fn words(text: Option<&str>) -> Vec<String> {
    let words = text.unwrap_or_default().split(',').map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Files, LoadedFile};
    use awsconfig::FileKind;

    fn files(text: &str) -> Files {
        let file = |kind, text: &str| LoadedFile {
            path: "config".into(),
            shown: "config".to_owned(),
            text: text.to_owned(),
            parsed: awsconfig::parse(kind, text).unwrap(),
        };
        Files { config: file(FileKind::Config, text), credentials: file(FileKind::Credentials, "") }
    }

    #[test]
    fn the_profile_says_more_than_its_session() {
        let files = files(
            "[profile a]\nsso_session = s\ndaypass_color = Red\ndaypass_tags = prod, Team\n\
             [profile b]\nsso_session = s\n[profile c]\ndaypass_color = plaid\n\
             [sso-session s]\ndaypass_color = cyan\ndaypass_tags = team, ,eu\ndaypass_container = auto\n",
        );
        let look = |name| Look::of(&Profile::named(&files, name));
        assert_eq!((look("a").color, look("b").color), (Some(Color::Red), Some(Color::Turquoise)));
        assert_eq!(look("a").tags, ["team", "eu", "prod"]);
        assert_eq!(look("b").container.as_deref(), Some("auto"));
        assert_eq!(look("c"), Look::default());
    }

    #[test]
    fn a_colour_has_a_name_and_the_name_a_colour() {
        for (name, color) in Color::NAMES {
            assert_eq!((Color::parse(name), color.name()), (Some(color), name));
        }
        assert_eq!(Color::parse(" MAGENTA "), Some(Color::Purple));
    }
}
