//! `--output yaml` and `yaml-stream`: block style as libyaml writes it for the AWS CLI.
//!
//! Mappings are sorted, sequences are not indented below their key, and lines fold
//! after column 80.

mod emit;
mod resolve;
mod scalar;

use serde_json::Value;

use super::json;
use super::python::is_scalar;

/// One document. A lone scalar is printed as JSON, since YAML would end it with `...`.
///
/// `terminal`: escape every character that a terminal would obey.
pub(super) fn document(value: &Value, terminal: bool) -> String {
    if is_scalar(value) {
        return json::pretty(value, terminal);
    }
    emit::Emitter::new(terminal).document(value)
}

/// One item of a stream: a document that is a list of one.
pub(super) fn item(value: &Value, terminal: bool) -> String {
    document(&Value::Array(vec![value.clone()]), terminal)
}
