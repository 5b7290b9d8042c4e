//! The published schema against the parser, so that neither changes alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::File;

const SCHEMA: &str = include_str!("../../../../../docs/world.schema.json");
const ORGANIZATION: &str = "[organization]\nstart_url = \"x\"\nregion = \"x\"\n";

/// Each table of a world file: its definition in the schema, and the TOML that
/// comes before its first key.
const TABLES: [(&str, &str); 11] = [
    ("world", ""),
    ("organization", "[organization]\n"),
    ("user", "[[user]]\n"),
    ("group", "[[group]]\n"),
    ("account", "[[account]]\n"),
    ("permission_set", "[[permission_set]]\n"),
    ("assignment", "[[assignment]]\n"),
    ("bucket", "[[bucket]]\n"),
    ("object", "[[bucket]]\nname = \"x\"\nregion = \"x\"\naccount = \"x\"\n[[bucket.objects]]\n"),
    ("iam_key", "[[iam_key]]\n"),
    ("role", "[[role]]\n"),
];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("the schema is JSON")
}

/// The definition of a table; the world is the schema itself.
fn definition(table: &str) -> Value {
    let schema = schema();
    if table == "world" { schema } else { schema["$defs"][table].clone() }
}

fn names(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn properties(table: &str) -> BTreeSet<String> {
    let definition = definition(table);
    definition["properties"].as_object().into_iter().flat_map(|all| all.keys().cloned()).collect()
}

fn complaint(toml: &str) -> String {
    let read = toml::from_str::<File>(toml);
    read.err().map(|error| error.message().to_owned()).unwrap_or_default()
}

/// The keys the parser says it knows, when it is given one it does not.
fn known(before: &str) -> BTreeSet<String> {
    let complaint = complaint(&format!("{before}no_such_key = 1\n"));
    assert!(complaint.contains("no_such_key"), "{complaint}");
    complaint.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// A value of the type the schema gives a property.
fn sample(table: &str, key: &str) -> (&'static str, &'static str) {
    let definition = definition(table);
    match definition["properties"][key]["type"].as_str() {
        Some("string") => ("\"x\"", "1"),
        Some("integer") => ("1", "\"x\""),
        Some("boolean") => ("true", "\"x\""),
        Some("array") => ("[]", "1"),
        other => panic!("{table}.{key} has the type {other:?}"),
    }
}

fn lines<'a>(table: &str, keys: impl IntoIterator<Item = &'a String>) -> String {
    let line = |key: &'a String| format!("{key} = {}\n", sample(table, key).0);
    keys.into_iter().map(line).collect()
}

/// The tables below the world's own.
fn inner() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.into_iter().filter(|(table, _)| *table != "world")
}

/// A whole file with this table in it.
fn file(table: &str, before: &str, keys: &str) -> String {
    let organization = if table == "organization" { "" } else { ORGANIZATION };
    format!("{organization}{before}{keys}")
}

#[test]
fn the_schema_has_the_keys_that_the_parser_has() {
    for (table, before) in TABLES {
        assert_eq!(properties(table), known(before), "{table}");
        assert_eq!(definition(table)["additionalProperties"], false, "{table}");
    }
}

#[test]
fn the_schema_requires_what_the_parser_requires() {
    for (table, before) in inner() {
        let required = names(&definition(table)["required"]);
        assert_eq!(complaint(&file(table, before, &lines(table, &required))), "", "{table}");
        for missing in &required {
            let others = required.iter().filter(|key| *key != missing);
            let complaint = complaint(&file(table, before, &lines(table, others)));
            assert_eq!(complaint, format!("missing field `{missing}`"), "{table}");
        }
    }
}

#[test]
fn the_schema_has_the_types_that_the_parser_has() {
    for (table, before) in inner() {
        for key in properties(table).iter().filter(|key| *key != "objects") {
            let mut others = names(&definition(table)["required"]);
            others.remove(key);
            let (right, wrong) = sample(table, key);
            let with = |value| {
                let keys = format!("{}{key} = {value}\n", lines(table, &others));
                complaint(&file(table, before, &keys))
            };
            assert_eq!(with(right), "", "{table}.{key}");
            assert!(with(wrong).starts_with("invalid type"), "{table}.{key}: {}", with(wrong));
        }
    }
}
