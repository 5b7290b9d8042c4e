//! `--output table`: boxes drawn with ASCII, one for each level of the result.

mod draw;
mod section;
mod width;

use super::RenderError;
use super::node::{Link, Node};
use section::Section;

/// Prints a whole result below `title`; nothing for an empty one.
///
/// A table wider than `columns` turns its one-row sections on their side.
///
/// # Errors
/// Rows of one section that differ in length, and lists that mix objects with scalars.
pub(super) fn format(
    title: &str,
    node: &Node,
    color: bool,
    columns: usize,
) -> Result<String, RenderError> {
    let mut table = Table::default();
    if !table.add(Some(title), node, 0)? {
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
    fn add(&mut self, title: Option<&str>, node: &Node, level: usize) -> Result<bool, RenderError> {
        if !node.truthy() {
            return Ok(false);
        }
        if let Some(title) = title {
            self.sections.push(Section::new(title, level));
        }
        match node {
            Node::List(items) if matches!(items.first().map(|i| &**i), Some(Node::Map(_))) => {
                self.add_records(title, items, level)?;
            }
            Node::List(items) => {
                items.iter().try_for_each(|item| self.add_item(item))?;
            }
            Node::Map(_) => self.add_record(node, level)?,
            _ => {}
        }
        Ok(true)
    }

    fn add_item(&mut self, item: &Node) -> Result<(), RenderError> {
        match item {
            Node::List(cells) if cells.iter().all(|cell| cell.is_scalar()) => {
                self.row(cells.iter().map(|cell| cell.display()).collect())
            }
            // Python iterates a dict by its keys, and so they become the row.
            Node::Map(pairs) => self.row(pairs.iter().map(|(key, _)| key.clone()).collect()),
            Node::List(_) => self.add(None, item, 0).map(|_| ()),
            scalar => self.row(vec![scalar.display()]),
        }
    }

    fn add_record(&mut self, node: &Node, level: usize) -> Result<(), RenderError> {
        let (scalars, rest): (Vec<_>, Vec<_>) =
            node.sorted().into_iter().partition(|(_, v)| v.is_scalar());
        match *scalars {
            [] => {}
            [(key, value)] => self.row(vec![key.clone(), value.display()])?,
            _ => {
                self.header(scalars.iter().map(|(key, _)| key.clone()).collect())?;
                self.row(scalars.iter().map(|(_, value)| value.display()).collect())?;
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
        items: &[Link],
        level: usize,
    ) -> Result<(), RenderError> {
        let (header, nested) = grouped_keys(items)?;
        self.header(header.clone())?;
        for (i, item) in items.iter().enumerate() {
            if i > 0 && !nested.is_empty() {
                self.sections.push(Section::new(title.unwrap_or_default(), level));
                self.header(header.clone())?;
            }
            let cell = |key: &String| item.get(key).map(|v| v.display()).unwrap_or_default();
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
fn grouped_keys(items: &[Link]) -> Result<(Vec<String>, Vec<String>), RenderError> {
    let (mut scalars, mut nested) = (Vec::new(), Vec::new());
    for item in items {
        let Node::Map(pairs) = &**item else {
            return Err(RenderError::Shape(not_a_record(item)));
        };
        for (key, value) in pairs {
            let keys = if value.is_scalar() { &mut scalars } else { &mut nested };
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
fn not_a_record(item: &Node) -> String {
    match item {
        Node::Text(_) => "string indices must be integers, not 'str'".into(),
        Node::List(_) => "list indices must be integers or slices, not str".into(),
        _ => format!("'{}' object is not iterable", item.python_type()),
    }
}
