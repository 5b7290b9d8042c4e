//! Does a value fit a JSON schema? As much of JSON Schema 2020-12 as our published
//! schemas use; a word it does not know fails the test, so that no promise goes
//! unchecked.

use serde_json::{Map, Value};

/// What does not fit, with its place.
pub fn misfits(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Checker { root: schema }.check(schema, value, "$", &mut found);
    found
}

struct Checker<'s> {
    root: &'s Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
        let words = schema.as_object().expect("a schema is an object");
        for (word, said) in words {
            let fits = match word.as_str() {
                "$schema" | "$id" | "title" | "description" | "$defs" => true,
                "$ref" => {
                    let pointer = said.as_str().expect("text").trim_start_matches('#');
                    let there = self.root.pointer(pointer).expect("what is referred to");
                    self.check(there, value, place, found);
                    true
                }
                "type" => names(said).any(|name| is_of(name, value)),
                "enum" => said.as_array().expect("a list").contains(value),
                "const" => said == value,
                "minimum" => value.as_f64().is_none_or(|n| n >= said.as_f64().expect("a number")),
                "format" => {
                    value.as_str().is_none_or(|text| text.parse::<jiff::Timestamp>().is_ok())
                }
                "anyOf" => said.as_array().expect("a list").iter().any(|one| {
                    let mut inner = Vec::new();
                    self.check(one, value, place, &mut inner);
                    inner.is_empty()
                }),
                "items" => {
                    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(said, item, &format!("{place}[{at}]"), found);
                    }
                    true
                }
                "properties" | "required" | "additionalProperties" => {
                    if let Value::Object(map) = value {
                        self.object(word, said, words, map, place, found);
                    }
                    true
                }
                other => panic!("the checker does not know `{other}`"),
            };
            if !fits {
                found.push(format!("{place}: {value} does not fit {word} {said}"));
            }
        }
    }

    fn object(
        &self,
        word: &str,
        said: &Value,
        schema: &Map<String, Value>,
        map: &Map<String, Value>,
        place: &str,
        found: &mut Vec<String>,
    ) {
        match word {
            "properties" => {
                for (key, schema) in said.as_object().expect("an object") {
                    if let Some(value) = map.get(key) {
                        self.check(schema, value, &format!("{place}.{key}"), found);
                    }
                }
            }
            "required" => {
                let missing = names(said).filter(|key| !map.contains_key(*key));
                found.extend(missing.map(|key| format!("{place}: {key} is missing")));
            }
            _ => {
                assert_eq!(said, &Value::Bool(false), "only `false` is known here");
                let known = schema["properties"].as_object().expect("an object");
                let strange = map.keys().filter(|key| !known.contains_key(*key));
                found.extend(strange.map(|key| format!("{place}: {key} is not in the schema")));
            }
        }
    }
}

fn names(said: &Value) -> impl Iterator<Item = &str> {
    let list = said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice);
    list.iter().map(|name| name.as_str().expect("a name"))
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type `{other}`"),
    }
}
