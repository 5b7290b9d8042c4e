//! Which rows match what was typed.

/// Rows made ready for searching.
pub struct Index {
    rows: Vec<String>,
}

impl Index {
    /// Prepares the rows once, so that every key only compares.
    pub fn new(rows: &[String]) -> Self {
        Self { rows: rows.iter().map(|row| row.to_lowercase()).collect() }
    }

    /// The rows, in order, that contain every word of the filter in any case.
    pub fn matching(&self, filter: &str) -> Vec<usize> {
        let filter = filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let matches = |row: &str| words.iter().all(|word| row.contains(word));
        (0..self.rows.len()).filter(|&at| matches(&self.rows[at])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(filter: &str) -> Vec<usize> {
        let rows =
            ["Disasters-Prod, a@x (867530900000)", "disasters-dev (111111111111)", "ÜBUNG (2)"];
        Index::new(&rows.map(str::to_owned)).matching(filter)
    }

    #[test]
    fn all_words_in_any_order_and_case() {
        assert_eq!(matching(""), [0, 1, 2]);
        assert_eq!(matching("  "), [0, 1, 2]);
        assert_eq!(matching("DIS"), [0, 1]);
        assert_eq!(matching("prod dis"), [0]);
        assert_eq!(matching("1111"), [1]);
        assert_eq!(matching("übung"), [2]);
        assert_eq!(matching("prod dev"), [0; 0]);
    }
}
