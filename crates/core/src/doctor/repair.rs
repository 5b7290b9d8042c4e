//! Taking out of a file what botocore refuses, line by line, as comments.

use awsconfig::{FileKind, SyntaxErrorKind};

/// The text with the refused lines commented out, as few as possible; `None` where that
/// does not help.
pub fn without_refused(kind: FileKind, text: &str) -> Option<String> {
    let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    let most = text.lines().count() + 1;
    for _ in 0..most {
        let Err(error) = awsconfig::parse(kind, &text) else { return Some(text) };
        text = match error.kind {
            SyntaxErrorKind::DuplicateSection { .. } => comment_section(&text, error.line),
            SyntaxErrorKind::DuplicateKey { first } => comment(&text, first..first + 1),
            SyntaxErrorKind::NotUtf8 | SyntaxErrorKind::ByteOrderMark => return None,
            _ => comment(&text, error.line..error.line + 1),
        };
    }
    None
}

/// Of a section that stands twice, the one that comes later says less: most tools merge
/// the two, botocore reads neither.
fn comment_section(text: &str, header: usize) -> String {
    let rest = text.lines().skip(header);
    let length = rest.take_while(|line| !line.starts_with('[')).count();
    comment(text, header..header + 1 + length)
}

/// Comments out these lines, counted from 1; blank ones and comments stay.
pub fn comment(text: &str, lines: std::ops::Range<usize>) -> String {
    let mark = |(number, line): (usize, &str)| {
        let bare = line.trim();
        let keep = !lines.contains(&number) || bare.is_empty() || bare.starts_with(['#', ';']);
        if keep { line.to_owned() } else { format!("# {}", line.trim_start()) }
    };
    (1..).zip(text.split_inclusive('\n')).map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> Option<String> {
        without_refused(FileKind::Config, text)
    }

    #[test]
    fn the_last_of_two_keys_stays_as_in_the_tools_that_read_both() {
        let text = "[profile p]\nregion = a\nregion = b\n";
        assert_eq!(mended(text).unwrap(), "[profile p]\n# region = a\nregion = b\n");
    }

    #[test]
    fn a_section_that_comes_again_is_a_comment_with_all_it_has() {
        let text = "[default]\na = 1\n[profile x]\n\n[default]\n# c\nb = 2\n[profile y]\n";
        let want = "[default]\na = 1\n[profile x]\n\n# [default]\n# c\n# b = 2\n[profile y]\n";
        assert_eq!(mended(text).unwrap(), want);
    }

    #[test]
    fn stray_lines_marks_and_whole_files() {
        assert_eq!(mended("<<<<<<< HEAD\n[default]\n").unwrap(), "# <<<<<<< HEAD\n[default]\n");
        assert_eq!(mended("\u{feff}[default]\n").unwrap(), "[default]\n");
        assert_eq!(mended("[default]\noops\r\n").unwrap(), "[default]\n# oops\r\n");
        assert_eq!(mended("[default]\n").unwrap(), "[default]\n");
    }
}
