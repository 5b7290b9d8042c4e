//! A topic's text for a terminal, and as a man page.
//!
//! Four kinds of blocks: a heading (`# …`), code (indented by four), an item (`- …`),
//! and paragraphs, which are wrapped anew since values have been put into them.

use crate::commands::man::CHANGED;
use crate::output::clean;

const WIDTH: usize = 78;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    Heading(String),
    Code(Vec<String>),
    Item(String),
    Paragraph(String),
}

fn blocks(text: &str) -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match (line, all.last_mut()) {
            ("", Some(Block::Code(lines))) => {
                lines.push(String::new());
                open = false;
            }
            ("", _) => open = false,
            (line, last) if line.starts_with("    ") => match last {
                Some(Block::Code(lines)) => lines.push(line[4..].to_owned()),
                _ => all.push(Block::Code(vec![line[4..].to_owned()])),
            },
            (line, Some(Block::Paragraph(text) | Block::Item(text)))
                if open && !line.starts_with("- ") =>
            {
                *text += " ";
                *text += line.trim();
            }
            (line, _) => {
                all.push(begun(line));
                open = true;
            }
        }
    }
    all
}

fn begun(line: &str) -> Block {
    if let Some(heading) = line.strip_prefix("# ") {
        return Block::Heading(heading.to_owned());
    }
    match line.strip_prefix("- ") {
        Some(item) => Block::Item(item.to_owned()),
        None => Block::Paragraph(line.to_owned()),
    }
}

/// For people, in 80 columns; commands are never broken.
pub fn plain(text: &str) -> String {
    let mut page = String::new();
    let mut after_item = false;
    for block in blocks(text) {
        let is_item = matches!(block, Block::Item(_));
        let goes_on = page.is_empty() || is_item && after_item;
        if !goes_on {
            page += "\n";
        }
        after_item = is_item;
        page += &match block {
            Block::Heading(heading) => format!("{}\n", heading.to_uppercase()),
            Block::Code(lines) => code(&lines),
            Block::Item(item) => wrapped(&item, "- ", "  "),
            Block::Paragraph(text) => wrapped(&text, "", ""),
        };
    }
    page
}

fn code(lines: &[String]) -> String {
    let lines = lines.iter().map(|line| match line.is_empty() {
        true => "\n".to_owned(),
        false => format!("    {}\n", clean(line)),
    });
    lines.collect::<String>().trim_end().to_owned() + "\n"
}

fn wrapped(text: &str, first: &str, further: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut empty = true;
    for word in text.split_whitespace().map(clean) {
        let line = lines.last_mut().expect("one is there from the start");
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{further}{word}"));
            continue;
        }
        if !empty {
            line.push(' ');
        }
        *line += &word;
        empty = false;
    }
    lines.join("\n") + "\n"
}

/// A man page of section 7.
pub fn man(name: &str, about: &str, text: &str) -> String {
    let title = format!("daypass-{name}");
    let mut page = format!(
        ".TH {} 7 {CHANGED} \"daypass {}\" \"daypass\"\n.SH NAME\n{} \\- {}\n",
        roff(&title),
        env!("CARGO_PKG_VERSION"),
        roff(&title),
        roff(about)
    );
    for block in blocks(text) {
        page += &match block {
            Block::Heading(heading) => format!(".SH {}\n", roff(&heading.to_uppercase())),
            Block::Code(lines) => example(&lines),
            Block::Item(item) => format!(".IP \\(bu 2\n{}\n", roff(&item)),
            Block::Paragraph(text) => format!(".PP\n{}\n", roff(&text)),
        };
    }
    page + ".SH SEE ALSO\ndaypass(1)\n"
}

fn example(lines: &[String]) -> String {
    let text: Vec<String> = lines.iter().map(|line| roff(line)).collect();
    format!(".PP\n.nf\n.RS 4\n{}\n.RE\n.fi\n", text.join("\n").trim_end())
}

/// Text that roff takes for nothing else.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('`', "\\(ga");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# One\n\nA line\nand more.\n- an item\n  goes on\n- another\n\n    code  here\n\n    more\n\nEnd.\n";

    #[test]
    fn blocks_are_told_apart() {
        let page = "ONE\n\nA line and more.\n\n- an item goes on\n- another\n\n    code  here\n\n    more\n\nEnd.\n";
        assert_eq!(plain(TEXT), page);
    }

    #[test]
    fn long_lines_are_wrapped_and_what_is_read_is_cleaned() {
        let page = plain(&format!("- {} \u{1b}[2J\n", "word ".repeat(20)));
        assert_eq!(page.lines().count(), 2);
        assert!(page.lines().all(|line| line.len() <= WIDTH));
        assert!(page.lines().nth(1).is_some_and(|line| line.starts_with("  word")));
        assert!(!page.contains('\u{1b}'));
    }

    #[test]
    fn a_line_that_begins_like_a_request_is_none() {
        assert_eq!(roff(".aws `x-y` \\"), "\\&.aws \\(gax\\-y\\(ga \\e");
    }
}
