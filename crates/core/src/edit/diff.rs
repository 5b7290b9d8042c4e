//! What a change looks like: a unified diff that may be shown to anybody.

use super::secrets::{Reading, masked_lines};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use std::fmt;

/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;

/// The changes of a step, file by file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// One for each file that is changed.
    pub files: Vec<FileDiff>,
}

/// The change of one file, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// The file as people know it.
    pub shown: String,
    /// The lines, in the order of a unified diff.
    pub lines: Vec<Line>,
}

/// A line of a diff, without its sign. It may hold control characters: what is in the
/// file is the user's matter, what reaches the terminal is the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub sign: Sign,
    /// Its text.
    pub text: String,
}

/// What a line of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `---` and `+++`, with the file.
    File,
    /// `@@`.
    Hunk,
    /// Not changed.
    Same,
    /// Taken away.
    Removed,
    /// Put there.
    Added,
}

impl Diff {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// All lines of all files.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.files.iter().flat_map(|file| &file.lines)
    }
}

impl FileDiff {
    /// From one text to the other; `None` stands for no file.
    pub(super) fn of(
        shown: &str,
        reading: Reading,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Self {
        let (old, new) = (before.unwrap_or_default(), after.unwrap_or_default());
        let (old_shown, new_shown) = (masked_lines(old, reading), masked_lines(new, reading));
        let name = |text: Option<&str>| if text.is_some() { shown } else { "/dev/null" };
        let mut lines = vec![file_line("---", name(before)), file_line("+++", name(after))];
        // Compared as they are and shown masked: a secret that is another one shows as
        // changed.
        let split =
            |text: &'_ str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
        let ops = capture_diff_slices(Algorithm::Patience, &split(old), &split(new));
        for hunk in group_diff_ops(ops, CONTEXT) {
            lines.push(Line { sign: Sign::Hunk, text: hunk_header(&hunk) });
            hunk.iter().for_each(|op| push(&mut lines, op, &old_shown, &new_shown));
        }
        for (text, sign) in [(old, Sign::Removed), (new, Sign::Added)] {
            mark_missing_end(&mut lines, text, reading, sign);
        }
        Self { shown: shown.to_owned(), lines }
    }
}

fn file_line(sign: &str, name: &str) -> Line {
    Line { sign: Sign::File, text: format!("{sign} {name}") }
}

fn push(lines: &mut Vec<Line>, op: &DiffOp, old: &[String], new: &[String]) {
    let (tag, old_range, new_range) = op.as_tag_tuple();
    let mut add = |sign, texts: &[String]| {
        lines.extend(texts.iter().map(|text| Line { sign, text: text.clone() }));
    };
    if tag == DiffTag::Equal {
        return add(Sign::Same, old.get(old_range).unwrap_or_default());
    }
    add(Sign::Removed, old.get(old_range).unwrap_or_default());
    add(Sign::Added, new.get(new_range).unwrap_or_default());
}

fn hunk_header(hunk: &[DiffOp]) -> String {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return String::new() };
    let old = first.old_range().start..last.old_range().end;
    let new = first.new_range().start..last.new_range().end;
    format!("@@ -{} +{} @@", range(&old), range(&new))
}

/// As `diff -u` counts: an empty range names the line before it.
fn range(lines: &std::ops::Range<usize>) -> String {
    match lines.len() {
        1 => (lines.start + 1).to_string(),
        0 => format!("{},0", lines.start),
        length => format!("{},{length}", lines.start + 1),
    }
}

/// A last line that gets its line feed would look the same before and after.
fn mark_missing_end(lines: &mut [Line], text: &str, reading: Reading, sign: Sign) {
    let ends_well = text.is_empty() || text.ends_with('\n');
    let last =
        text.lines().next_back().map(|_| masked_lines(text, reading).pop().unwrap_or_default());
    let found = lines.iter_mut().rev().find(|line| line.sign == sign);
    if let (false, Some(last), Some(line)) = (ends_well, last, found)
        && line.text == last
    {
        line.text.push_str("  (no line feed at the end)");
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::File | Sign::Hunk => "",
            Sign::Same => " ",
            Sign::Removed => "-",
            Sign::Added => "+",
        };
        write!(f, "{sign}{}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(before: Option<&str>, after: Option<&str>) -> String {
        Diff { files: vec![FileDiff::of("~/.aws/config", Reading::Aws, before, after)] }.to_string()
    }

    #[test]
    fn a_changed_line_with_its_surroundings() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = before.replace("5\n", "five\n");
        let want = "--- ~/.aws/config\n+++ ~/.aws/config\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(text(Some(before), Some(&after)), want);
    }

    #[test]
    fn a_new_file_and_one_that_goes() {
        assert_eq!(
            text(None, Some("[default]\nk = v\n")),
            "--- /dev/null\n+++ ~/.aws/config\n@@ -0,0 +1,2 @@\n+[default]\n+k = v\n"
        );
        assert_eq!(
            text(Some("x\n"), None),
            "--- ~/.aws/config\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        );
    }

    #[test]
    fn a_secret_shows_as_changed_and_not_as_itself() {
        let shown = text(
            Some("[p]\naws_secret_access_key = OLD\nregion = x\n"),
            Some("[p]\naws_secret_access_key = NEW\nregion = x\n"),
        );
        assert!(!shown.contains("OLD") && !shown.contains("NEW"), "{shown}");
        assert!(shown.contains("-aws_secret_access_key = ****"), "{shown}");
        assert!(shown.contains("+aws_secret_access_key = ****"), "{shown}");
    }

    #[test]
    fn a_line_feed_that_is_added_is_said() {
        let shown = text(Some("k = v"), Some("k = v\nl = w\n"));
        assert!(shown.contains("-k = v  (no line feed at the end)\n+k = v\n"), "{shown}");
    }
}
