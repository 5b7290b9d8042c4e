//! Completing what is typed from a list of known values.

/// A walk through the values that fit what was typed; the typed text itself is
/// its last stop.
pub struct Completion {
    stops: Vec<String>,
    at: usize,
}

impl Completion {
    /// The suggestions that fit the last item typed: first those that begin with
    /// it, then those that contain it.
    pub fn of(typed: &str, suggestions: &[String]) -> Self {
        let (kept, item) = last_item(typed);
        let item = item.to_lowercase();
        let begins = |value: &&String| value.to_lowercase().starts_with(&item);
        let contains = |value: &&String| !begins(value) && value.to_lowercase().contains(&item);
        let fitting = suggestions.iter().filter(begins).chain(suggestions.iter().filter(contains));
        let mut stops: Vec<String> = fitting.map(|value| format!("{kept}{value}")).collect();
        stops.push(typed.to_owned());
        Self { at: stops.len() - 1, stops }
    }

    /// One stop on.
    pub fn next(&mut self) -> &str {
        self.at = (self.at + 1) % self.stops.len();
        &self.stops[self.at]
    }

    /// One stop back.
    pub fn previous(&mut self) -> &str {
        self.at = (self.at + self.stops.len() - 1) % self.stops.len();
        &self.stops[self.at]
    }

    /// The values on offer, on one line; none when there is nothing to choose.
    pub fn offers(&self) -> Option<String> {
        let (typed, values) = self.stops.split_last()?;
        let items: Vec<&str> = values.iter().map(|value| last_item(value).1).collect();
        let is_whole = matches!(values, [only] if only == typed);
        (!items.is_empty() && !is_whole).then(|| items.join("  "))
    }
}

/// The list typed so far, up to and with its last comma, and the item after it.
fn last_item(typed: &str) -> (&str, &str) {
    let comma = typed.rfind(',').map_or(0, |at| at + 1);
    let blanks = typed[comma..].len() - typed[comma..].trim_start().len();
    typed.split_at(comma + blanks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions() -> Vec<String> {
        ["ap-east-1", "eu-west-1", "us-east-1", "us-east-2"].map(str::to_owned).to_vec()
    }

    #[test]
    fn beginnings_come_before_middles() {
        assert_eq!(Completion::of("US-e", &regions()).offers().unwrap(), "us-east-1  us-east-2");
        assert_eq!(Completion::of("east", &regions()).next(), "ap-east-1");
        assert_eq!(Completion::of("e", &regions()).next(), "eu-west-1");
    }

    #[test]
    fn the_typed_text_comes_back() {
        let mut completion = Completion::of("us", &regions());
        assert_eq!(completion.next(), "us-east-1");
        assert_eq!(completion.next(), "us-east-2");
        assert_eq!(completion.next(), "us");
        assert_eq!(completion.previous(), "us-east-2");
    }

    #[test]
    fn lists_complete_their_last_item() {
        let scopes = ["sso:account:access".to_owned(), "codewhisperer:completions".to_owned()];
        let mut completion = Completion::of("sso:account:access, code", &scopes);
        assert_eq!(completion.offers().unwrap(), "codewhisperer:completions");
        assert_eq!(completion.next(), "sso:account:access, codewhisperer:completions");
    }

    #[test]
    fn nothing_to_offer() {
        assert_eq!(Completion::of("us-east-2", &regions()).offers(), None);
        assert_eq!(Completion::of("zz", &regions()).offers(), None);
        assert_eq!(Completion::of("x", &[]).next(), "x");
    }
}
