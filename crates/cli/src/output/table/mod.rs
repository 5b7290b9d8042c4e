//! `--output table`: boxes drawn with ASCII, one for each level of the result.

mod draw;
mod section;
mod width;

use serde_json::Value;

use super::RenderError;
use super::python::{display, is_scalar, sorted, truthy, type_name};
use section::Section;

/// Prints a whole result below `title`; nothing for an empty one.
///
/// A table wider than `columns` turns its one-row sections on their side.
///
/// # Errors
/// Rows of one section that differ in length, and lists that mix objects with scalars.
pub(super) fn format(
    title: &str,
    value: &Value,
    color: bool,
    columns: usize,
) -> Result<String, RenderError> {
    let mut table = Table::default();
    if !table.add(Some(title), value, 0)? {
        return Ok(String::new());
    }
    Ok(draw::table(table.sections, color, columns))
}

#[derive(Default)]
struct Table {
    sections: Vec<Section>,
}

impl Table {
    /// Adds one value: a section of its own, or more rows of the present one when it
    /// has no title. Says whether there was anything to show.
    fn add(
        &mut self,
        title: Option<&str>,
        value: &Value,
        level: usize,
    ) -> Result<bool, RenderError> {
        if !truthy(value) {
            return Ok(false);
        }
        if let Some(title) = title {
            self.sections.push(Section::new(title, level));
        }
        match value {
            Value::Array(items) if matches!(items.first(), Some(Value::Object(_))) => {
                self.add_records(title, items, level)?;
            }
            Value::Array(items) => {
                items.iter().try_for_each(|item| self.add_item(item))?;
            }
            Value::Object(_) => self.add_record(value, level)?,
            _ => {}
        }
        Ok(true)
    }

    fn add_item(&mut self, item: &Value) -> Result<(), RenderError> {
        match item {
            Value::Array(cells) if cells.iter().all(is_scalar) => {
                self.row(cells.iter().map(display).collect())
            }
            // Python iterates a dict by its keys, and so they become the row.
            Value::Object(map) => self.row(map.keys().cloned().collect()),
            Value::Array(_) => self.add(None, item, 0).map(|_| ()),
            scalar => self.row(vec![display(scalar)]),
        }
    }

    fn add_record(&mut self, value: &Value, level: usize) -> Result<(), RenderError> {
        let (scalars, rest): (Vec<_>, Vec<_>) =
            sorted(value).into_iter().partition(|(_, v)| is_scalar(v));
        match *scalars {
            [] => {}
            [(key, value)] => self.row(vec![key.clone(), display(value)])?,
            _ => {
                self.header(scalars.iter().map(|&(key, _)| key.clone()).collect())?;
                self.row(scalars.iter().map(|(_, value)| display(value)).collect())?;
            }
        }
        for (key, value) in rest {
            self.add(Some(key), value, level + 1)?;
        }
        Ok(())
    }

    /// A list of objects: one header for all, and a section for each as soon as one of
    /// them has something below it.
    fn add_records(
        &mut self,
        title: Option<&str>,
        items: &[Value],
        level: usize,
    ) -> Result<(), RenderError> {
        let (header, nested) = grouped_keys(items)?;
        self.header(header.clone())?;
        for (i, item) in items.iter().enumerate() {
            if i > 0 && !nested.is_empty() {
                self.sections.push(Section::new(title.unwrap_or_default(), level));
                self.header(header.clone())?;
            }
            let cell = |key: &String| item.get(key).map(display).unwrap_or_default();
            self.row(header.iter().map(cell).collect())?;
            for key in &nested {
                if let Some(value) = item.get(key) {
                    self.add(Some(key), value, level + 1)?;
                }
            }
        }
        Ok(())
    }

    fn header(&mut self, cells: Vec<String>) -> Result<(), RenderError> {
        self.sections.last_mut().map_or(Ok(()), |section| section.header(cells))
    }

    fn row(&mut self, cells: Vec<String>) -> Result<(), RenderError> {
        self.sections.last_mut().map_or(Ok(()), |section| section.row(cells))
    }
}

/// The sorted keys that hold a scalar, and those that hold more, in any of the objects.
fn grouped_keys(items: &[Value]) -> Result<(Vec<String>, Vec<String>), RenderError> {
    let (mut scalars, mut nested) = (Vec::new(), Vec::new());
    for item in items {
        let Value::Object(pairs) = item else {
            return Err(RenderError::Shape(not_a_record(item)));
        };
        for (key, value) in pairs {
            let keys = if is_scalar(value) { &mut scalars } else { &mut nested };
            keys.push(key.clone());
        }
    }
    for keys in [&mut scalars, &mut nested] {
        keys.sort_unstable();
        keys.dedup();
    }
    Ok((scalars, nested))
}

/// What Python says when it treats something else as a dict.
fn not_a_record(item: &Value) -> String {
    match item {
        Value::String(_) => "string indices must be integers, not 'str'".into(),
        Value::Array(_) => "list indices must be integers or slices, not str".into(),
        _ => format!("'{}' object is not iterable", type_name(item)),
    }
}
