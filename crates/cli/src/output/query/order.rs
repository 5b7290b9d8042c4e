//! The order of keys, which the crate's sorted objects lose.

use std::collections::BTreeMap;

use jmespath::ast::Ast;
use jmespath::{Rcvar, Variable};
use serde_json::Value;

use super::dialect::children;

/// The keys of every multi-select hash of an expression, in the order they are written.
pub(super) fn hashes(ast: &mut Ast) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    if let Ast::MultiHash { elements, .. } = ast {
        found.push(elements.iter().map(|element| element.key.clone()).collect());
    }
    found.extend(children(ast).into_iter().flat_map(hashes));
    found
}

/// Every order of keys that an object of a result can have come with.
pub(super) struct Orders<'a> {
    hashes: Vec<Vec<&'a str>>,
    sources: Vec<Vec<&'a str>>,
}

impl<'a> Orders<'a> {
    /// The orders of an expression's hashes and of the objects in the data it is
    /// applied to.
    pub(super) fn new(hashes: &'a [Vec<String>], data: &'a Value) -> Self {
        let hashes = hashes.iter().map(|keys| keys.iter().map(String::as_str).collect()).collect();
        let mut orders = Self { hashes, sources: Vec::new() };
        orders.collect(data);
        orders
    }

    fn collect(&mut self, data: &'a Value) {
        match data {
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(map) => {
                let keys: Vec<_> = map.keys().map(String::as_str).collect();
                if !self.sources.contains(&keys) {
                    self.sources.push(keys);
                }
                map.values().for_each(|value| self.collect(value));
            }
            _ => {}
        }
    }

    /// A result with its objects' keys in order. A function reference is nothing that
    /// could be printed: null.
    pub(super) fn restore(&self, found: &Variable) -> Value {
        match found {
            Variable::Null | Variable::Expref(_) => Value::Null,
            Variable::Bool(b) => Value::Bool(*b),
            Variable::Number(number) => Value::Number(number.clone()),
            Variable::String(text) => Value::String(text.clone()),
            Variable::Array(items) => items.iter().map(|item| self.restore(item)).collect(),
            Variable::Object(map) => {
                let order = self.order_of(map);
                let place = |key: &str| order.and_then(|keys| keys.iter().position(|k| *k == key));
                let mut pairs: Vec<_> = map.iter().collect();
                pairs.sort_by_cached_key(|(key, _)| place(key));
                pairs.into_iter().map(|(key, value)| (key.clone(), self.restore(value))).collect()
            }
        }
    }

    /// The order of a hash that has exactly these keys, or else of a source object that
    /// has them, best without others.
    fn order_of(&self, map: &BTreeMap<String, Rcvar>) -> Option<&Vec<&'a str>> {
        let within = |keys: &&Vec<&str>| map.keys().all(|key| keys.contains(&key.as_str()));
        let same =
            |keys: &&Vec<&str>| keys.iter().all(|key| map.contains_key(*key)) && within(keys);
        let mut sources = self.sources.iter();
        self.hashes
            .iter()
            .find(same)
            .or_else(|| sources.clone().find(same))
            .or_else(|| sources.find(within))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::output::Query;

    #[test]
    fn keys_keep_the_order_of_their_source_or_hash() {
        let data =
            json!({ "z": { "c": 1, "b": { "y": 1, "x": 2 }, "a": 3 }, "e": [{ "a": 1, "c": 2 }] });
        let cases = [
            ("z", r#"{"c":1,"b":{"y":1,"x":2},"a":3}"#),
            ("z.{d:a,c:c}", r#"{"d":3,"c":1}"#),
            ("[z.{b:b,a:a},z.{a:a,c:c}]", r#"[{"b":{"y":1,"x":2},"a":3},{"a":3,"c":1}]"#),
            ("merge(z.{a:a},z.{c:c,b:`0`})", r#"{"c":1,"b":0,"a":3}"#),
            ("e", r#"[{"a":1,"c":2}]"#),
            (r#"`{"q":1,"p":2}`"#, r#"{"p":2,"q":1}"#),
        ];
        for (expression, want) in cases {
            let query = Query::compile(expression).expect("it parses");
            assert_eq!(query.search(&data).map(|found| found.to_string()), Ok(want.into()));
        }
    }
}
