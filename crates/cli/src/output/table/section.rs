//! One box of a table: a title, an optional header, rows of equal length.

use super::width::width;
use crate::output::RenderError;

/// Two blanks before a cell, and room after it.
const PADDING: usize = 4;
/// The left and the right edge.
const BORDER: usize = 2;

pub(super) struct Section {
    pub(super) title: String,
    pub(super) level: usize,
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    columns: Option<usize>,
    widths: Vec<usize>,
}

impl Section {
    pub(super) fn new(title: &str, level: usize) -> Self {
        Self {
            title: title.into(),
            level,
            headers: Vec::new(),
            rows: Vec::new(),
            columns: None,
            widths: Vec::new(),
        }
    }

    pub(super) fn header(&mut self, cells: Vec<String>) -> Result<(), RenderError> {
        self.widen(&cells)?;
        self.columns.get_or_insert(cells.len());
        self.headers = cells;
        Ok(())
    }

    pub(super) fn row(&mut self, cells: Vec<String>) -> Result<(), RenderError> {
        let want = *self.columns.get_or_insert(cells.len());
        if cells.len() != want {
            return Err(RenderError::Shape(format!(
                "Row should have {want} elements, instead it has {}",
                cells.len()
            )));
        }
        self.widen(&cells)?;
        self.rows.push(cells);
        Ok(())
    }

    fn widen(&mut self, cells: &[String]) -> Result<(), RenderError> {
        if self.widths.is_empty() {
            self.widths = cells.iter().map(|cell| width(cell)).collect();
            return Ok(());
        }
        for (i, cell) in cells.iter().enumerate() {
            let Some(widest) = self.widths.get_mut(i) else {
                return Err(RenderError::Shape("list index out of range".into()));
            };
            *widest = width(cell).max(*widest);
        }
        Ok(())
    }

    /// The columns this section asks for, the bars of the levels above it included.
    pub(super) fn total_width(&self) -> usize {
        let bars = 2 * self.level;
        let cells: usize = self.widths.iter().map(|w| w + PADDING).sum();
        let title = width(&self.title);
        title.max(cells) + BORDER + bars
    }

    /// The widths of the columns, stretched so that they add up to `total`.
    pub(super) fn column_widths(&self, total: usize) -> Vec<usize> {
        let asked: Vec<usize> = self.widths.iter().map(|w| w + PADDING).collect();
        let scale = total as f64 / asked.iter().sum::<usize>() as f64;
        let mut widths: Vec<usize> =
            asked.iter().map(|&w| (scale * w as f64).round_ties_even() as usize).collect();
        settle(&mut widths, total);
        widths
    }

    /// One row below a header, turned into one line for each of its cells.
    pub(super) fn on_its_side(self) -> Self {
        let [row] = &*self.rows else { return self };
        if self.headers.is_empty() {
            return self;
        }
        let mut turned = Self::new(&self.title, self.level);
        turned.rows = self
            .headers
            .iter()
            .zip(row)
            .map(|(header, cell)| vec![header.clone(), cell.clone()])
            .collect();
        turned.columns = Some(2);
        turned.widths = (0..2)
            .map(|i| turned.rows.iter().map(|row| width(&row[i])).max().unwrap_or(0))
            .collect();
        turned
    }
}

/// Takes off from the left, or adds from the right, what rounding left over.
fn settle(widths: &mut [usize], total: usize) {
    while !widths.is_empty() {
        let sum: usize = widths.iter().sum();
        match sum.cmp(&total) {
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => {
                for w in widths.iter_mut().take(sum - total) {
                    *w = w.saturating_sub(1);
                }
            }
            std::cmp::Ordering::Less => {
                for w in widths.iter_mut().rev().take(total - sum) {
                    *w += 1;
                }
            }
        }
    }
}
