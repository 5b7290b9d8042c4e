//! Rows of cells as lines of text that fit a screen.

use super::Find;
use crate::prompt::cells;
use unicode_width::UnicodeWidthStr;

/// No cell is wider, as long as the others have something to say.
const WIDEST: usize = 32;
const GAP: &str = "  ";

/// How much a column gives way on a narrow screen: the highest goes first.
pub type Weight = u8;

/// A column that always stays.
pub const STAYS: Weight = 0;

/// The lines of rows that are shown together, at most `cols` wide if that is possible.
pub fn lines(rows: &[&Find], weights: &[Weight], cols: usize) -> Vec<String> {
    let mut shown = Shown { rows, columns: (0..weights.len()).collect() };
    shown.columns = (0..weights.len()).filter(|at| shown.width(*at) > 0).collect();
    while shown.total() > cols {
        let first = shown.columns.iter().copied().max_by_key(|at| weights[*at]);
        match first.filter(|at| weights[*at] != STAYS) {
            Some(column) => shown.columns.retain(|at| *at != column),
            None => break,
        }
    }
    let widths: Vec<usize> = shown.columns.iter().map(|at| shown.width(*at)).collect();
    rows.iter().map(|row| shown.line(row, &widths)).collect()
}

struct Shown<'a> {
    rows: &'a [&'a Find],
    columns: Vec<usize>,
}

impl Shown<'_> {
    fn cell<'r>(&self, row: &'r Find, column: usize) -> &'r str {
        let alone = column == 0 && !self.columns.iter().any(|at| matches!(at, 1 | 2));
        let own = || row.cells.get(column).map(String::as_str).unwrap_or_default();
        row.stand_in.as_deref().filter(|_| alone).unwrap_or_else(own)
    }

    fn width(&self, column: usize) -> usize {
        let widths = self.rows.iter().map(|row| self.cell(row, column).width());
        widths.max().unwrap_or(0).min(WIDEST)
    }

    fn total(&self) -> usize {
        let widths = self.columns.iter().map(|at| self.width(*at) + GAP.len());
        widths.sum::<usize>().saturating_sub(GAP.len())
    }

    fn line(&self, row: &Find, widths: &[usize]) -> String {
        let cell = |(column, width): (&usize, &usize)| {
            let text = cells::cut(&cells::clean(self.cell(row, *column)), *width);
            let blanks = width.saturating_sub(text.width());
            format!("{text}{}", " ".repeat(blanks))
        };
        let cells: Vec<String> = self.columns.iter().zip(widths).map(cell).collect();
        cells.join(GAP).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(cells: &[&str]) -> Find {
        Find { cells: cells.iter().map(|cell| (*cell).to_owned()).collect(), ..Find::default() }
    }

    #[test]
    fn a_narrow_screen_loses_the_lightest_columns() {
        let rows =
            [find(&["prod", "Disasters", "1234", "", "eu"]), find(&["災害", "x", "56", "", ""])];
        let rows: Vec<&Find> = rows.iter().collect();
        let weights = [STAYS, 1, STAYS, 2, 3];
        assert_eq!(
            lines(&rows, &weights, 80),
            ["prod  Disasters  1234  eu", "災害  x          56"]
        );
        assert_eq!(lines(&rows, &weights, 24), ["prod  Disasters  1234", "災害  x          56"]);
        assert_eq!(lines(&rows, &weights, 15), ["prod  1234", "災害  56"]);
        assert_eq!(lines(&rows, &weights, 3), ["prod  1234", "災害  56"]);
    }

    #[test]
    fn rows_stay_apart_where_their_columns_have_gone() {
        let rows = ["East", "West"].map(|account| Find {
            stand_in: Some(format!("- {account}")),
            ..find(&["-", account, "", "Admin"])
        });
        let rows: Vec<&Find> = rows.iter().collect();
        let weights = [STAYS, 1, 2, STAYS];
        assert_eq!(lines(&rows, &weights, 80)[0], "-  East  Admin");
        assert_eq!(lines(&rows, &weights, 13), ["- East  Admin", "- West  Admin"]);
    }
}
