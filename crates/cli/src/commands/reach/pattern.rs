//! `prod-*`, or `/^prod-(eu|us)/`.

use daypass_core::{Error, Kind, Result};
use regex_lite::{Regex, RegexBuilder};

/// What is wanted and what is not.
pub struct Patterns {
    wanted: Vec<Regex>,
    excluded: Vec<Regex>,
}

impl Patterns {
    /// # Errors
    /// [`Kind::Usage`]: a regular expression that is none.
    pub fn new(wanted: &[String], excluded: &[String]) -> Result<Self> {
        let all =
            |texts: &[String]| texts.iter().map(|text| compile(text)).collect::<Result<Vec<_>>>();
        Ok(Self { wanted: all(wanted)?, excluded: all(excluded)? })
    }

    /// Whether one of the texts fits one of the patterns; all do if there is none.
    pub fn fit(&self, texts: &[&str]) -> bool {
        let any = |patterns: &[Regex]| {
            patterns.iter().any(|one| texts.iter().any(|text| one.is_match(text)))
        };
        (self.wanted.is_empty() || any(&self.wanted)) && !any(&self.excluded)
    }
}

fn compile(text: &str) -> Result<Regex> {
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let source = inner.map_or_else(|| of_glob(text), str::to_owned);
    RegexBuilder::new(&source).case_insensitive(true).build().map_err(|error| {
        Error::new(Kind::Usage, format!("`{text}` is not a regular expression"))
            .because(error.to_string())
            .hint("without the slashes it is a name, in which * and ? stand for others")
    })
}

fn of_glob(text: &str) -> String {
    let part = |c: char| match c {
        '*' => ".*".to_owned(),
        '?' => ".".to_owned(),
        other => regex_lite::escape(&other.to_string()),
    };
    format!("^(?s:{})$", text.chars().map(part).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Patterns::new(&[pattern.to_owned()], &[]).unwrap().fit(&[text])
    }

    #[test]
    fn a_name_is_a_name_and_a_star_is_anything() {
        assert!(fits("prod", "PROD") && !fits("prod", "prod-eu"));
        assert!(fits("prod-*", "prod-eu") && fits("*eu", "prod-eu") && fits("p?od", "prod"));
        assert!(fits("a.b", "a.b") && !fits("a.b", "axb"));
        assert!(fits("/^prod|^dev/", "Dev-1") && !fits("/^prod|^dev/", "x-dev"));
    }

    #[test]
    fn exclusion_wins_and_a_wrong_expression_is_told() {
        let both = Patterns::new(&["a*".into()], &["*z".into()]).unwrap();
        assert!(both.fit(&["ab"]) && !both.fit(&["az"]));
        let error = Patterns::new(&["/(/".into()], &[]).err().unwrap();
        assert_eq!(error.kind(), Kind::Usage);
    }
}
