//! The topics beside the commands. The same texts become man pages of section 7.

use super::{guide, layout};
use crate::app::App;

/// Something people ask about that is no command.
#[derive(Debug)]
pub struct Topic {
    pub name: &'static str,
    pub about: &'static str,
    source: &'static str,
}

pub const ALL: [Topic; 4] = [
    Topic {
        name: "guide",
        about: "from the first login to every day, with your organization's values",
        source: include_str!("topics/guide.txt"),
    },
    Topic {
        name: "environment",
        about: "the variables that daypass reads, and those it sets",
        source: include_str!("topics/environment.txt"),
    },
    Topic {
        name: "files",
        about: "the files that daypass reads and writes",
        source: include_str!("topics/files.txt"),
    },
    Topic {
        name: "exit-codes",
        about: "what the exit codes mean",
        source: include_str!("topics/exit-codes.txt"),
    },
];

impl Topic {
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|topic| topic.name == name)
    }

    /// With the values of the user's own set-up, for a terminal of 80 columns.
    pub fn text(&self, app: &App) -> String {
        layout::plain(&guide::filled(self.source, &guide::Values::of_user(app)))
    }

    /// A man page, with the values of nobody in particular.
    pub fn man(&self) -> String {
        let text = guide::filled(self.source, &guide::Values::default());
        layout::man(self.name, self.about, &text)
    }
}

pub fn names() -> String {
    ALL.iter().map(|topic| format!("`{}`", topic.name)).collect::<Vec<_>>().join(", ")
}

/// For the end of `help --help`.
pub fn list() -> String {
    let line = |topic: &Topic| format!("  {:<13}{}", topic.name, topic.about);
    format!("Topics:\n{}", ALL.iter().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    fn filled(topic: &Topic) -> String {
        guide::filled(topic.source, &guide::Values::default())
    }

    /// The command lines of a text: what is indented and begins with our name.
    fn commands(text: &str) -> Vec<String> {
        let text = text.replace("\\\n", " ");
        let code = text.lines().filter_map(|line| line.strip_prefix("    daypass "));
        code.map(|rest| format!("daypass {rest}")).collect()
    }

    #[test]
    fn every_command_in_them_can_be_typed() {
        for topic in &ALL {
            for line in commands(&filled(topic)) {
                let words: Vec<String> =
                    line.split_whitespace().map(|word| word.replace('\'', "")).collect();
                let parsed = Cli::try_parse_from(&words);
                assert!(parsed.is_ok(), "{}: {line}: {:?}", topic.name, parsed.err());
            }
        }
        assert!(commands(&filled(&ALL[0])).len() > 10, "the guide has commands");
    }

    #[test]
    fn every_variable_we_ask_for_is_explained() {
        let text = filled(Topic::named("environment").expect("a topic")).to_uppercase();
        for name in crate::vars::NAMES {
            assert!(text.contains(&name.to_uppercase()), "`help environment` is silent on {name}");
        }
    }

    #[test]
    fn nothing_is_wider_than_a_terminal_or_left_unfilled() {
        for topic in &ALL {
            let text = layout::plain(&filled(topic));
            assert!(!text.contains(['{', '}']), "{text}");
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", topic.name);
            }
        }
    }
}
