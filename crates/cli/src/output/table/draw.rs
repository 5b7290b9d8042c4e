//! Drawing sections, all to one width.

use super::section::Section;
use super::width::width;

const RESET: &str = "\x1b[0m";
const BRIGHT_BLUE: &str = "\x1b[1m\x1b[34m";
const DIM_YELLOW: &str = "\x1b[2m\x1b[33m";

pub(super) fn table(mut sections: Vec<Section>, color: bool, columns: usize) -> String {
    let mut total = widest(&sections);
    if total > columns {
        sections = sections.into_iter().map(Section::on_its_side).collect();
        total = widest(&sections);
    }
    let mut canvas = Canvas { out: String::new(), color, level: 0 };
    canvas.write(&format!("{}\n", "-".repeat(total)));
    for section in &sections {
        canvas.section(section, total);
    }
    canvas.out
}

fn widest(sections: &[Section]) -> usize {
    sections.iter().map(Section::total_width).max().unwrap_or(0)
}

struct Canvas {
    out: String,
    color: bool,
    level: usize,
}

impl Canvas {
    fn section(&mut self, section: &Section, total: usize) {
        self.level = section.level;
        let total = total.saturating_sub(2 * section.level);
        let widths = section.column_widths(total);
        self.title(section, total);
        if !section.headers.is_empty() {
            self.rule(&widths);
            let cells = section.headers.iter().zip(&widths).enumerate();
            self.line(&cells.map(|(i, (cell, &w))| centered(cell, w, i == 0)).collect::<String>());
        }
        if !section.rows.is_empty() && !widths.is_empty() {
            self.rule(&widths);
            for row in &section.rows {
                self.row(row, &widths);
            }
            self.rule(&widths);
        }
    }

    fn title(&mut self, section: &Section, total: usize) {
        if section.title.is_empty() {
            return;
        }
        self.line(&centered(&section.title, total, true));
        if section.headers.is_empty() && section.rows.is_empty() {
            self.line(&format!("+{}+", "-".repeat(total.saturating_sub(2))));
        }
    }

    fn row(&mut self, row: &[String], widths: &[usize]) {
        let cells = row.iter().zip(widths).enumerate();
        let line: String = cells.map(|(i, (cell, &w))| self.cell(cell, w, i == 0)).collect();
        self.line(&line);
    }

    fn cell(&self, text: &str, total: usize, first: bool) -> String {
        let edge = if first { "|" } else { "" };
        let room = total.saturating_sub(edge.len() + 1);
        let taken = width(text);
        let left = if taken + 2 <= room { 2 } else { 0 };
        let right = room.saturating_sub(left + taken);
        let text = if self.color { format!("{BRIGHT_BLUE}{text}{RESET}") } else { text.into() };
        format!("{edge}{}{text}{}|", " ".repeat(left), " ".repeat(right))
    }

    fn rule(&mut self, widths: &[usize]) {
        let parts = widths.iter().enumerate().map(|(i, &w)| {
            let (edge, taken) = if i == 0 { ("+", 2) } else { ("", 1) };
            format!("{edge}{}+", "-".repeat(w.saturating_sub(taken)))
        });
        self.line(&parts.collect::<String>());
    }

    /// A line between the bars of its level. In colour every piece ends in a reset,
    /// an empty one too: that is what the AWS CLI's terminal layer writes.
    fn line(&mut self, text: &str) {
        let bar = if self.color { format!("{DIM_YELLOW}|{RESET}") } else { "|".into() };
        let bars = bar.repeat(self.level);
        for part in [&bars, text, &bars, "\n"] {
            self.write(part);
        }
    }

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        if self.color {
            self.out.push_str(RESET);
        }
    }
}

/// `text` in the middle of `total` columns, edges included; a left edge for the first.
fn centered(text: &str, total: usize, first: bool) -> String {
    let edge = if first { "|" } else { "" };
    let taken = width(text);
    let left = (total / 2) as isize - (taken / 2) as isize - 1;
    let right = total as isize - 1 - (edge.len() as isize + left + taken as isize);
    format!("{edge}{}{text}{}|", blanks(left), blanks(right))
}

fn blanks(count: isize) -> String {
    " ".repeat(usize::try_from(count).unwrap_or(0))
}
