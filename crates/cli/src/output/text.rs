//! `--output text`: values between tabs, one record a line, no keys.

use serde_json::Value;

use super::RenderError;
use super::python::{display, is_scalar, sorted, type_name};

/// Prints a whole result. Keys are sorted; what hangs below a key is on lines of its
/// own that begin with the key in capitals.
///
/// # Errors
/// A list that mixes objects with other things.
pub(super) fn format(value: &Value) -> Result<String, RenderError> {
    let mut out = String::new();
    write(&mut out, value, None, None)?;
    Ok(out)
}

fn write(
    out: &mut String,
    value: &Value,
    label: Option<&str>,
    keys: Option<&[&str]>,
) -> Result<(), RenderError> {
    match value {
        Value::Array(items) => list(out, items, label),
        Value::Object(_) => map(out, value, label, keys),
        scalar => {
            line(out, &[display(scalar)]);
            Ok(())
        }
    }
}

fn list(out: &mut String, items: &[Value], label: Option<&str>) -> Result<(), RenderError> {
    if items.iter().any(|item| item.is_object()) {
        let keys = scalar_keys(items)?;
        return items.iter().try_for_each(|item| write(out, item, label, Some(&keys)));
    }
    let (scalars, rest): (Vec<_>, Vec<_>) = items.iter().partition(|item| is_scalar(item));
    let cells: Vec<_> = scalars.iter().map(|item| display(item)).collect();
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
    value: &Value,
    label: Option<&str>,
    keys: Option<&[&str]>,
) -> Result<(), RenderError> {
    let pairs = sorted(value);
    let (cells, rest): (Vec<String>, Vec<_>) = match keys {
        Some(keys) => (
            keys.iter().map(|key| value.get(*key).map(display).unwrap_or_default()).collect(),
            pairs.into_iter().filter(|(k, _)| !keys.contains(&k.as_str())).collect(),
        ),
        None => {
            let (scalars, rest): (Vec<_>, Vec<_>) =
                pairs.into_iter().partition(|(_, v)| is_scalar(v));
            (scalars.iter().map(|(_, v)| display(v)).collect(), rest)
        }
    };
    if !cells.is_empty() {
        let label = label.map(str::to_uppercase);
        line(out, &label.into_iter().chain(cells).collect::<Vec<_>>());
    }
    rest.iter().try_for_each(|(key, value)| write(out, value, Some(key), None))
}

fn scalar_keys(items: &[Value]) -> Result<Vec<&str>, RenderError> {
    let mut keys = Vec::new();
    for item in items {
        let Value::Object(pairs) = item else {
            let kind = type_name(item);
            return Err(RenderError::Shape(format!("'{kind}' object has no attribute 'items'")));
        };
        keys.extend(pairs.iter().filter(|(_, v)| is_scalar(v)).map(|(k, _)| k.as_str()));
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn line(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join("\t"));
    out.push('\n');
}
