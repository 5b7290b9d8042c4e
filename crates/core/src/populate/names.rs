//! Names that every SDK reads alike, each once.

use std::collections::{HashMap, HashSet};

/// A name of letters, digits and `-_.`, whatever it was made of: no SDK's parser minds
/// those, and no shell does. Empty if nothing is left.
pub(super) fn safe(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        match plain(c) {
            Some(letters) => name.push_str(letters.trim_end_matches('\0')),
            None if c.is_ascii_alphanumeric() || "_.".contains(c) => name.push(c),
            None if !name.ends_with('-') => name.push('-'),
            None => {}
        }
    }
    // `prod-.Admin`: what stood before the dot was no letter.
    let name = name.replace("-.", ".").replace(".-", ".");
    name.trim_matches(['-', '.']).to_owned()
}

/// Lower case, with `-` between the words.
pub(super) fn slug(text: &str) -> String {
    safe(text).to_lowercase().replace(['.', '_'], "-")
}

/// Letters of western Europe without what stands on them.
fn plain(c: char) -> Option<&'static str> {
    let found = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'À'..='Ã' | 'Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Ä' => "Ae",
        'æ' => "ae",
        'Æ' => "AE",
        'ç' | 'ć' | 'č' => "c",
        'Ç' | 'Ć' | 'Č' => "C",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'È'..='Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'ì'..='ï' | 'ī' => "i",
        'Ì'..='Ï' | 'Ī' => "I",
        'ł' => "l",
        'Ł' => "L",
        'ñ' | 'ń' | 'ň' => "n",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'ř' => "r",
        'Ř' => "R",
        'ś' | 'š' | 'ş' => "s",
        'Ś' | 'Š' | 'Ş' => "S",
        'ß' => "ss",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
        'ý' | 'ÿ' => "y",
        'Ý' => "Y",
        'ź' | 'ż' | 'ž' => "z",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => return None,
    };
    Some(found)
}

/// A name that is wanted, and what makes it another one where it is not free.
#[derive(Clone, Debug)]
pub(super) struct Bid {
    pub name: String,
    /// The account's ID, then the role, then the region.
    pub suffixes: [String; 3],
}

/// A name for each bid. All that want one name get a longer one, so that the order of
/// accounts decides nothing; `default` is nobody's.
pub(super) fn award(bids: &[Bid], taken: &HashSet<String>) -> Vec<String> {
    let mut names: Vec<String> = bids.iter().map(|bid| bid.name.clone()).collect();
    for round in 0..3 {
        let count = counted(&names);
        let clashes = |name: &String| {
            let key = name.to_lowercase();
            key.is_empty() || key == "default" || taken.contains(&key) || count[&key] > 1
        };
        let losers: Vec<usize> = (0..names.len()).filter(|at| clashes(&names[*at])).collect();
        for at in losers {
            let suffix = &bids[at].suffixes[round];
            if !suffix.is_empty() {
                names[at] = joined(&names[at], suffix);
            }
        }
    }
    numbered(names, taken)
}

fn joined(name: &str, suffix: &str) -> String {
    if name.is_empty() { suffix.to_owned() } else { format!("{name}-{suffix}") }
}

fn counted(names: &[String]) -> HashMap<String, usize> {
    let mut count = HashMap::with_capacity(names.len());
    names.iter().for_each(|name| *count.entry(name.to_lowercase()).or_default() += 1);
    count
}

/// Whoever has gone to such lengths to have two alike gets numbers.
fn numbered(names: Vec<String>, taken: &HashSet<String>) -> Vec<String> {
    let mut used = taken.clone();
    let free = |name: String| {
        let numbers = (2..).map(|n| format!("{name}-{n}"));
        let mut tries = std::iter::once(name.clone()).chain(numbers);
        tries.find(|name| used.insert(name.to_lowercase())).unwrap_or(name)
    };
    names.into_iter().map(free).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bid(name: &str, account: &str, role: &str) -> Bid {
        Bid { name: name.into(), suffixes: [account.into(), role.into(), String::new()] }
    }

    #[test]
    fn names_are_plain_whatever_they_are_made_of() {
        for (text, name) in [
            ("Acme Prod (EU).Admin", "Acme-Prod-EU.Admin"),
            ("Büro & Söhne GmbH", "Buro-Sohne-GmbH"),
            ("a]b[c=d:e#f;g\n\u{1b}[31m", "a-b-c-d-e-f-g-31m"),
            ("日本", ""),
            ("--x--", "x"),
            ("\u{202e}evil", "evil"),
        ] {
            assert_eq!(safe(text), name);
            assert!(name.is_empty() || awsconfig::is_portable_name(name));
        }
        assert_eq!(slug("Über_Groß 1.2"), "uber-gross-1-2");
    }

    #[test]
    fn who_wants_the_same_name_gets_a_longer_one_in_any_order() {
        let bids = [bid("sandbox.A", "1", "A"), bid("Sandbox.A", "2", "A"), bid("x.A", "3", "A")];
        assert_eq!(award(&bids, &HashSet::new()), ["sandbox.A-1", "Sandbox.A-2", "x.A"]);
        let turned: Vec<Bid> = bids.iter().rev().cloned().collect();
        assert_eq!(award(&turned, &HashSet::new()), ["x.A", "Sandbox.A-2", "sandbox.A-1"]);
    }

    #[test]
    fn what_is_taken_or_reserved_is_not_given_away() {
        let taken = HashSet::from(["x.a".to_owned(), "y-1".to_owned()]);
        let bids =
            [bid("x.A", "1", "A"), bid("default", "2", "A"), bid("y", "1", "A"), bid("", "7", "A")];
        assert_eq!(award(&bids, &taken), ["x.A-1", "default-2", "y", "7"]);
        let same = [bid("n", "1", "A"), bid("n", "1", "B"), bid("n", "1", "B")];
        assert_eq!(award(&same, &taken), ["n-1-A", "n-1-B", "n-1-B-2"]);
    }
}
