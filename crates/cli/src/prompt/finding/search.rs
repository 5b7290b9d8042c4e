//! Finding rows by words: every word in some field, the likeliest rows first.

use super::Find;
use std::cmp::Reverse;

/// Rows made ready, so that a key only compares.
pub struct Index {
    rows: Vec<Row>,
}

struct Row {
    /// The fields in lower case, each ended by a line feed; the weightiest first.
    text: String,
    bonus: i32,
}

/// A row that fits, and how well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub row: usize,
    pub score: i32,
    /// Every word is there as it was typed, not only its letters in their order.
    pub plain: bool,
}

/// What a word is worth by where it stands.
const WHOLE: i32 = 120;
const START: i32 = 80;
const WORD: i32 = 60;
const INSIDE: i32 = 40;
const SCATTERED: i32 = 15;

impl Index {
    pub fn new(rows: &[Find]) -> Self {
        let row = |find: &Find| Row {
            text: find.fields.iter().map(|field| format!("{}\n", field.to_lowercase())).collect(),
            bonus: find.bonus,
        };
        Self { rows: rows.iter().map(row).collect() }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows that fit, the best first. Where `among` is given, only those are looked
    /// at: a query that has grown fits no other rows than before.
    pub fn search(&self, query: &str, among: Option<&[Hit]>) -> Vec<Hit> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let hit = |row: usize| self.rows[row].hit(row, &words);
        let mut hits: Vec<Hit> = match among {
            Some(hits) => hits.iter().filter_map(|known| hit(known.row)).collect(),
            None => (0..self.rows.len()).filter_map(hit).collect(),
        };
        if !words.is_empty() {
            hits.sort_unstable_by_key(|hit| (Reverse(hit.score), hit.row));
        }
        hits
    }
}

impl Row {
    fn hit(&self, row: usize, words: &[&str]) -> Option<Hit> {
        let mut hit = Hit { row, score: self.bonus, plain: true };
        for word in words {
            match plain(&self.text, word) {
                Some(score) => hit.score += score,
                None => {
                    hit.score += scattered(&self.text, word)?;
                    hit.plain = false;
                }
            }
        }
        Some(hit)
    }
}

/// The best place of a word.
fn plain(text: &str, word: &str) -> Option<i32> {
    const LOOKS: usize = 8;
    text.match_indices(word).take(LOOKS).map(|(at, _)| worth(text, at, word.len())).max()
}

fn worth(text: &str, at: usize, length: usize) -> i32 {
    let before = text[..at].chars().next_back();
    let ends = text[at + length..].starts_with('\n');
    let place = match before {
        None | Some('\n') if ends => WHOLE,
        None | Some('\n') => START,
        Some(c) if !c.is_alphanumeric() => WORD,
        Some(_) => INSIDE,
    };
    // Each field counts a little less than the one before it.
    let field = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
    place - 3 * i32::try_from(field).unwrap_or(10)
}

/// The letters of a word in their order, within one field: `prdadm` for `prod-admin`.
fn scattered(text: &str, word: &str) -> Option<i32> {
    // A number is typed as it is: account IDs have all digits in every order.
    if word.chars().count() < 2 || word.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.lines().filter_map(|field| letters(field, word)).max()
}

fn letters(field: &str, word: &str) -> Option<i32> {
    let (mut score, mut before, mut was_hit) = (SCATTERED, '\0', false);
    let mut rest = field.chars();
    for wanted in word.chars() {
        loop {
            let c = rest.next()?;
            let begins = !before.is_alphanumeric();
            before = c;
            if c == wanted {
                score += i32::from(begins) * 3 + i32::from(was_hit) * 2;
                was_hit = true;
                break;
            }
            was_hit = false;
        }
    }
    Some(score.min(INSIDE - 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Index {
        let find = |fields: &&[&str]| Find {
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            ..Find::default()
        };
        Index::new(&rows.iter().map(find).collect::<Vec<_>>())
    }

    fn found(index: &Index, query: &str) -> Vec<usize> {
        index.search(query, None).iter().map(|hit| hit.row).collect()
    }

    #[test]
    fn every_word_counts_in_any_field_and_order() {
        let index = rows(&[
            &["prod-admin", "Disasters Prod", "Admin", "867530900000"],
            &["prod-read", "Disasters Prod", "ReadOnly", "867530900000"],
            &["", "Übung", "Admin", "111111111111"],
        ]);
        assert_eq!(found(&index, "ADMIN disa"), [0]);
        assert_eq!(found(&index, "8675"), [0, 1]);
        assert_eq!(found(&index, "übu"), [2]);
        assert_eq!(found(&index, "prod übung"), [0; 0]);
        assert_eq!(found(&index, "  "), [0, 1, 2]);
    }

    #[test]
    fn whole_before_start_before_word_before_inside_before_scattered() {
        let index = rows(&[&["xaxdxm"], &["badm"], &["x-adm"], &["admx"], &["adm"]]);
        assert_eq!(found(&index, "adm"), [4, 3, 2, 1, 0]);
        let plain: Vec<bool> = index.search("adm", None).iter().map(|hit| hit.plain).collect();
        assert_eq!(plain, [true, true, true, true, false]);
    }

    #[test]
    fn letters_do_not_wander_from_field_to_field() {
        let index = rows(&[&["prod", "admin"], &["prod-admin", ""]]);
        assert_eq!(found(&index, "prdadm"), [1]);
        assert_eq!(found(&index, "z"), [0; 0]);
    }

    #[test]
    fn use_lifts_a_row_over_its_equals() {
        let fields = || vec!["prod".to_owned()];
        let finds = [
            Find { fields: fields(), ..Find::default() },
            Find { fields: fields(), bonus: 9, ..Find::default() },
        ];
        assert_eq!(found(&Index::new(&finds), "pro"), [1, 0]);
    }

    #[test]
    fn a_longer_query_finds_the_same_among_what_was_found() {
        let names: Vec<String> = (0..400).map(|n| format!("team-{n:03}-admin")).collect();
        let names: Vec<[&str; 1]> = names.iter().map(|name| [name.as_str()]).collect();
        let index = rows(&names.iter().map(|name| &name[..]).collect::<Vec<_>>());
        let mut hits = index.search("", None);
        for query in ["t", "te", "te ", "te 1", "te 12", "te 12 adm"] {
            hits = index.search(query, Some(&hits));
            assert_eq!(hits, index.search(query, None), "{query}");
        }
    }
}
