//! One thing that is wrong, and what mends it.

use super::mend::Mend;
use crate::resolve::Origin;

/// How much it hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work, or works as somebody else.
    Broken,
    /// Some tools do not work, or a secret is in danger.
    Risk,
    /// Good to know.
    Note,
}

impl Severity {
    /// For programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Risk => "risk",
            Self::Note => "note",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its name, for programs and for `--fix=ID`.
    pub id: &'static str,
    /// How much it hurts.
    pub severity: Severity,
    /// What is wrong: one line that stands alone.
    pub what: String,
    /// Why that hurts.
    pub why: String,
    /// The one command that mends it, for the user's shell.
    pub command: Option<String>,
    /// Where it is.
    pub origins: Vec<Origin>,
    /// What doctor itself can do.
    pub mend: Option<Mend>,
}

impl Finding {
    pub(super) fn new(
        id: &'static str,
        severity: Severity,
        what: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        let (what, why) = (what.into(), why.into());
        Self { id, severity, what, why, command: None, origins: Vec::new(), mend: None }
    }

    pub(super) fn run(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    pub(super) fn at(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.origins.extend(origins);
        self
    }

    /// Doctor can mend it: then that is the command.
    pub(super) fn fix(mut self, mend: Mend) -> Self {
        self.command.get_or_insert_with(|| format!("daypass doctor --fix={}", self.id));
        self.mend = Some(mend);
        self
    }
}

/// The line that takes variables away from the user's shell.
pub(super) fn unset(names: &[&str]) -> String {
    match cfg!(windows) {
        true => {
            let places: Vec<String> = names.iter().map(|name| format!("Env:{name}")).collect();
            format!("Remove-Item {}", places.join(", "))
        }
        false => format!("unset {}", names.join(" ")),
    }
}

/// The line that sets one there.
pub(super) fn export(name: &str, value: &str) -> String {
    let word = crate::resolve::sso::shell_word(value);
    match cfg!(windows) {
        true => format!("$Env:{name} = {word}"),
        false => format!("export {name}={word}"),
    }
}
