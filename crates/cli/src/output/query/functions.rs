//! The functions of JMESPath, with the argument checks and errors of the AWS CLI.

use std::cmp::Ordering;
use std::rc::Rc;

use super::eval::{UNPRINTABLE, boolean, eval, float, null, order, put, same};
use super::parser::Ast;
use crate::output::json;
use crate::output::node::{Link, Node};

pub(super) enum Argument<'a> {
    Value(Link),
    /// `&expression`: evaluated by the function, once for each item.
    Reference(&'a Ast),
}

type Types = &'static [&'static str];
type Run = fn(&[Link], Option<&Ast>) -> Result<Link, String>;

struct Function {
    /// The types each argument may have; none: any.
    arguments: &'static [Types],
    /// Further arguments may follow the last, unchecked.
    variadic: bool,
    run: Run,
}

const ANY: Types = &[];
const NUMBER: Types = &["number"];
const NUMBERS: Types = &["array-number"];
const STRING: Types = &["string"];
const ARRAY: Types = &["array"];
const OBJECT: Types = &["object"];
const EXPREF: Types = &["expref"];
const NUMBERS_OR_STRINGS: Types = &["array-number", "array-string"];

fn find(name: &str) -> Option<Function> {
    let (arguments, run): (&'static [Types], Run) = match name {
        "abs" => (&[NUMBER], |a, _| Ok(abs(&a[0]))),
        "avg" => (&[NUMBERS], |a, _| Ok(avg(list(&a[0])))),
        "ceil" => (&[NUMBER], |a, _| Ok(rounded(&a[0], f64::ceil))),
        "contains" => (&[&["array", "string"], ANY], |a, _| contains(&a[0], &a[1])),
        "ends_with" => (&[STRING, STRING], |a, _| Ok(boolean(text(&a[0]).ends_with(text(&a[1]))))),
        "floor" => (&[NUMBER], |a, _| Ok(rounded(&a[0], f64::floor))),
        "join" => (&[STRING, &["array-string"]], |a, _| Ok(join(text(&a[0]), list(&a[1])))),
        "keys" => (&[OBJECT], |a, _| Ok(keys(&a[0]))),
        "length" => (&[&["string", "array", "object"]], |a, _| Ok(length(&a[0]))),
        "map" => (&[EXPREF, ARRAY], |a, by| map(list(&a[0]), by)),
        "max" => (&[NUMBERS_OR_STRINGS], |a, _| Ok(best(list(&a[0]), Ordering::Greater))),
        "max_by" => (&[ARRAY, EXPREF], |a, by| best_by(a, by, Ordering::Greater, "max_by")),
        "merge" => (&[OBJECT], |a, _| merge(a)),
        "min" => (&[NUMBERS_OR_STRINGS], |a, _| Ok(best(list(&a[0]), Ordering::Less))),
        "min_by" => (&[ARRAY, EXPREF], |a, by| best_by(a, by, Ordering::Less, "min_by")),
        "not_null" => (&[ANY], |a, _| Ok(not_null(a))),
        "reverse" => (&[&["array", "string"]], |a, _| Ok(reverse(&a[0]))),
        "sort" => (&[&["array-string", "array-number"]], |a, _| Ok(sort(list(&a[0])))),
        "sort_by" => (&[ARRAY, EXPREF], sort_by),
        "starts_with" => {
            (&[STRING, STRING], |a, _| Ok(boolean(text(&a[0]).starts_with(text(&a[1])))))
        }
        "sum" => (&[NUMBERS], |a, _| Ok(Rc::new(sum(list(&a[0]))))),
        "to_array" => (&[ANY], |a, _| Ok(to_array(&a[0]))),
        "to_number" => (&[ANY], |a, _| Ok(to_number(&a[0]))),
        "to_string" => (&[ANY], |a, _| Ok(to_string(&a[0]))),
        "type" => (&[ANY], |a, _| Ok(Node::text(type_of(&a[0])))),
        "values" => (&[OBJECT], |a, _| Ok(values(&a[0]))),
        _ => return None,
    };
    let variadic = matches!(name, "merge" | "not_null");
    Some(Function { arguments, variadic, run })
}

/// Checks the arguments and calls the function.
pub(super) fn call(name: &str, arguments: &[Argument]) -> Result<Link, String> {
    let function = find(name).ok_or_else(|| format!("Unknown function: {name}()"))?;
    check_count(name, &function, arguments.len())?;
    for (argument, types) in arguments.iter().zip(function.arguments) {
        check_type(name, argument, types)?;
    }
    let mut values = Vec::new();
    let mut reference = None;
    for argument in arguments {
        match argument {
            Argument::Value(value) => values.push(Rc::clone(value)),
            Argument::Reference(ast) => reference = Some(*ast),
        }
    }
    // A reference where any value would do: nothing to compute with, nothing to print.
    let references = function.arguments.iter().filter(|types| **types == EXPREF).count();
    if values.len() + references < arguments.len() {
        return if name == "type" { Ok(null()) } else { Err(UNPRINTABLE.into()) };
    }
    (function.run)(&values, reference)
}

fn check_count(name: &str, function: &Function, got: usize) -> Result<(), String> {
    let want = function.arguments.len();
    if got == want || (function.variadic && got > want) {
        return Ok(());
    }
    let least = if function.variadic { "at least " } else { "" };
    let plural = if want == 1 { "" } else { "s" };
    Err(format!("Expected {least}{want} argument{plural} for function {name}(), received {got}"))
}

fn check_type(name: &str, argument: &Argument, types: Types) -> Result<(), String> {
    if types.is_empty() {
        return Ok(());
    }
    let base = |t: &&str| t.split('-').next() == Some(argument_type(argument));
    if !types.iter().any(base) {
        let value = match argument {
            Argument::Value(value) => value.display(),
            Argument::Reference(_) => "<expression>".into(),
        };
        return Err(mismatch(name, &value, types, argument_type(argument)));
    }
    let Argument::Value(value) = argument else { return Ok(()) };
    check_items(name, list(value), types)
}

/// Items are all of one allowed type, the one of the first.
fn check_items(name: &str, items: &[Link], types: Types) -> Result<(), String> {
    let mut allowed: Vec<_> = types.iter().filter_map(|t| t.strip_prefix("array-")).collect();
    if allowed.is_empty() {
        return Ok(());
    }
    for item in items {
        if !allowed.contains(&type_of(item)) {
            return Err(mismatch(name, &item.display(), types, item.python_type()));
        }
        allowed = vec![type_of(item)];
    }
    Ok(())
}

fn mismatch(name: &str, value: &str, types: &[&str], got: &str) -> String {
    let types: Vec<_> = types.iter().map(|t| format!("'{t}'")).collect();
    let types = types.join(", ");
    format!(
        "In function {name}(), invalid type for value: {value}, \
         expected one of: [{types}], received: \"{got}\""
    )
}

fn argument_type(argument: &Argument) -> &'static str {
    match argument {
        Argument::Value(value) => type_of(value),
        Argument::Reference(_) => "expref",
    }
}

fn type_of(node: &Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "boolean",
        Node::Int(_) | Node::Float(_) => "number",
        Node::Text(_) => "string",
        Node::List(_) => "array",
        Node::Map(_) => "object",
    }
}

fn list(node: &Node) -> &[Link] {
    if let Node::List(items) = node { items } else { &[] }
}

fn text(node: &Node) -> &str {
    if let Node::Text(text) = node { text } else { "" }
}

fn abs(node: &Node) -> Link {
    Rc::new(match node {
        Node::Int(i) => Node::Int(i.saturating_abs()),
        other => Node::Float(float(other).unwrap_or_default().abs()),
    })
}

fn rounded(node: &Link, round: fn(f64) -> f64) -> Link {
    match **node {
        Node::Float(f) => Rc::new(Node::Int(round(f) as i128)),
        _ => Rc::clone(node),
    }
}

fn avg(items: &[Link]) -> Link {
    if items.is_empty() {
        return null();
    }
    let total = float(&sum(items)).unwrap_or_default();
    Rc::new(Node::Float(total / items.len() as f64))
}

/// Whole numbers stay whole; floats are added with Neumaier's correction, as in Python.
fn sum(items: &[Link]) -> Node {
    let add = |total: i128, item: &Link| match **item {
        Node::Int(i) => total.checked_add(i),
        _ => None,
    };
    if let Some(total) = items.iter().try_fold(0, add) {
        return Node::Int(total);
    }
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for x in items.iter().filter_map(|item| float(item)) {
        let next = total + x;
        let (large, small) = if total.abs() >= x.abs() { (total, x) } else { (x, total) };
        lost += (large - next) + small;
        total = next;
    }
    Node::Float(if lost.is_finite() { total + lost } else { total })
}

fn contains(subject: &Node, search: &Node) -> Result<Link, String> {
    match (subject, search) {
        (Node::Text(text), Node::Text(part)) => Ok(boolean(text.contains(part))),
        (Node::Text(_), other) => Err(format!(
            "'in <string>' requires string as left operand, not {}",
            other.python_type()
        )),
        _ => Ok(boolean(list(subject).iter().any(|item| same(item, search)))),
    }
}

fn join(separator: &str, items: &[Link]) -> Link {
    let items: Vec<_> = items.iter().map(|item| text(item)).collect();
    Node::text(items.join(separator))
}

fn keys(node: &Node) -> Link {
    let Node::Map(pairs) = node else { return null() };
    Rc::new(Node::List(pairs.iter().map(|(key, _)| Node::text(key)).collect()))
}

fn values(node: &Node) -> Link {
    let Node::Map(pairs) = node else { return null() };
    Rc::new(Node::List(pairs.iter().map(|(_, value)| Rc::clone(value)).collect()))
}

fn length(node: &Node) -> Link {
    let length = match node {
        Node::Text(text) => text.chars().count(),
        Node::Map(pairs) => pairs.len(),
        other => list(other).len(),
    };
    Rc::new(Node::Int(length as i128))
}

fn map(items: &[Link], by: Option<&Ast>) -> Result<Link, String> {
    let results: Result<_, _> = items.iter().map(|item| apply(by, item)).collect();
    Ok(Rc::new(Node::List(results?)))
}

fn apply(by: Option<&Ast>, item: &Link) -> Result<Link, String> {
    by.map_or_else(|| Ok(null()), |ast| eval(ast, item))
}

/// The first of the items that no other one beats.
fn best(items: &[Link], wins: Ordering) -> Link {
    let beats = |item: &Node, best: &Node| order(item, best) == Some(wins);
    let best = items.iter().reduce(|best, item| if beats(item, best) { item } else { best });
    best.map_or_else(null, Rc::clone)
}

fn best_by(
    arguments: &[Link],
    by: Option<&Ast>,
    wins: Ordering,
    name: &str,
) -> Result<Link, String> {
    let mut best: Option<(Link, &Link)> = None;
    for item in list(&arguments[0]) {
        let key = key_of(item, by, &["number", "string"], name)?;
        if best.as_ref().is_none_or(|(top, _)| order(&key, top) == Some(wins)) {
            best = Some((key, item));
        }
    }
    Ok(best.map_or_else(null, |(_, item)| Rc::clone(item)))
}

fn key_of(item: &Link, by: Option<&Ast>, types: &[&str], name: &str) -> Result<Link, String> {
    let key = apply(by, item)?;
    if types.contains(&type_of(&key)) {
        return Ok(key);
    }
    Err(mismatch(name, &key.display(), types, type_of(&key)))
}

fn sort(items: &[Link]) -> Link {
    let mut items = items.to_vec();
    items.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
    Rc::new(Node::List(items))
}

/// All keys are of the type of the first.
fn sort_by(arguments: &[Link], by: Option<&Ast>) -> Result<Link, String> {
    let items = list(&arguments[0]);
    let Some(first) = items.first() else {
        return Ok(Rc::clone(&arguments[0]));
    };
    let kind = type_of(&*apply(by, first)?);
    if !matches!(kind, "number" | "string") {
        return Err(mismatch("sort_by", &first.display(), &["string", "number"], kind));
    }
    let mut keyed = Vec::new();
    for item in items {
        keyed.push((key_of(item, by, &[kind], "sort_by")?, Rc::clone(item)));
    }
    keyed.sort_by(|(a, _), (b, _)| order(a, b).unwrap_or(Ordering::Equal));
    Ok(Rc::new(Node::List(keyed.into_iter().map(|(_, item)| item).collect())))
}

fn merge(arguments: &[Link]) -> Result<Link, String> {
    let mut merged = Vec::new();
    for argument in arguments {
        let Node::Map(pairs) = &**argument else {
            return Err(format!("'{}' object is not iterable", argument.python_type()));
        };
        for (key, value) in pairs {
            put(&mut merged, key, Rc::clone(value));
        }
    }
    Ok(Rc::new(Node::Map(merged)))
}

fn not_null(arguments: &[Link]) -> Link {
    let found = arguments.iter().find(|argument| !matches!(***argument, Node::Null));
    found.map_or_else(null, Rc::clone)
}

fn reverse(node: &Node) -> Link {
    match node {
        Node::Text(text) => Node::text(text.chars().rev().collect::<String>()),
        other => Rc::new(Node::List(list(other).iter().rev().cloned().collect())),
    }
}

fn to_array(node: &Link) -> Link {
    match **node {
        Node::List(_) => Rc::clone(node),
        _ => Rc::new(Node::List(vec![Rc::clone(node)])),
    }
}

fn to_string(node: &Link) -> Link {
    match **node {
        Node::Text(_) => Rc::clone(node),
        _ => Node::text(json::compact(node)),
    }
}

fn to_number(node: &Link) -> Link {
    match &**node {
        Node::Int(_) | Node::Float(_) => Rc::clone(node),
        Node::Text(text) => parse_number(text.trim()).map_or_else(null, Rc::new),
        _ => null(),
    }
}

/// Python allows one underscore between digits.
fn parse_number(text: &str) -> Option<Node> {
    let digit_at = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let misplaced = |(at, _): (usize, &str)| at == 0 || !digit_at(at - 1) || !digit_at(at + 1);
    if text.match_indices('_').any(misplaced) {
        return None;
    }
    let text = text.replace('_', "");
    let int = text.parse().map(Node::Int).ok();
    int.or_else(|| text.parse().map(Node::Float).ok())
}
