//! `--output text`: values between tabs, one record a line, no keys.

use super::RenderError;
use super::node::{Link, Node};

/// Prints a whole result. Keys are sorted; what hangs below a key is on lines of its
/// own that begin with the key in capitals.
///
/// # Errors
/// A list that mixes objects with other things.
pub(super) fn format(node: &Node) -> Result<String, RenderError> {
    let mut out = String::new();
    write(&mut out, node, None, None)?;
    Ok(out)
}

fn write(
    out: &mut String,
    node: &Node,
    label: Option<&str>,
    keys: Option<&[&str]>,
) -> Result<(), RenderError> {
    match node {
        Node::List(items) => list(out, items, label),
        Node::Map(_) => map(out, node, label, keys),
        scalar => {
            line(out, &[scalar.display()]);
            Ok(())
        }
    }
}

fn list(out: &mut String, items: &[Link], label: Option<&str>) -> Result<(), RenderError> {
    if items.iter().any(|item| matches!(**item, Node::Map(_))) {
        let keys = scalar_keys(items)?;
        return items.iter().try_for_each(|item| write(out, item, label, Some(&keys)));
    }
    let (scalars, rest): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_scalar());
    let cells: Vec<_> = scalars.iter().map(|item| item.display()).collect();
    match label {
        Some(label) => cells.into_iter().for_each(|cell| line(out, &[label.to_uppercase(), cell])),
        None if cells.is_empty() => {}
        None => line(out, &cells),
    }
    rest.iter().try_for_each(|item| write(out, item, label, None))
}

/// One record: its scalars on one line, then everything below it. Records of one list
/// share `keys`, so that a missing value leaves its column empty.
fn map(
    out: &mut String,
    node: &Node,
    label: Option<&str>,
    keys: Option<&[&str]>,
) -> Result<(), RenderError> {
    let pairs = node.sorted();
    let (cells, rest): (Vec<String>, Vec<_>) = match keys {
        Some(keys) => (
            keys.iter().map(|key| node.get(key).map(|v| v.display()).unwrap_or_default()).collect(),
            pairs.into_iter().filter(|(k, _)| !keys.contains(&k.as_str())).collect(),
        ),
        None => {
            let (scalars, rest): (Vec<_>, Vec<_>) =
                pairs.into_iter().partition(|(_, v)| v.is_scalar());
            (scalars.iter().map(|(_, v)| v.display()).collect(), rest)
        }
    };
    if !cells.is_empty() {
        let label = label.map(str::to_uppercase);
        line(out, &label.into_iter().chain(cells).collect::<Vec<_>>());
    }
    rest.iter().try_for_each(|(key, value)| write(out, value, Some(key), None))
}

fn scalar_keys(items: &[Link]) -> Result<Vec<&str>, RenderError> {
    let mut keys = Vec::new();
    for item in items {
        let Node::Map(pairs) = &**item else {
            let kind = item.python_type();
            return Err(RenderError::Shape(format!("'{kind}' object has no attribute 'items'")));
        };
        keys.extend(pairs.iter().filter(|(_, v)| v.is_scalar()).map(|(k, _)| k.as_str()));
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn line(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join("\t"));
    out.push('\n');
}
