//! Walking an expression over a tree.

use std::rc::Rc;

use super::functions::{Argument, call};
use super::lexer::Kind;
use super::parser::Ast;
use crate::output::node::{Link, Node};

/// What the AWS CLI says when a reference, `&a`, is to be printed.
pub(super) const UNPRINTABLE: &str = "Encountered unrecognized type in JSON encoder.";

/// The result of `ast` at `node`. Parts of the tree are shared, never copied.
pub(super) fn eval(ast: &Ast, node: &Link) -> Result<Link, String> {
    match ast {
        Ast::Current => Ok(Rc::clone(node)),
        Ast::Field(name) => Ok(node.get(name).map_or_else(null, Rc::clone)),
        Ast::Index(index) => Ok(index_of(node, *index).unwrap_or_else(null)),
        Ast::Slice(parts) => slice(node, *parts),
        Ast::Literal(value) => Ok(Rc::clone(value)),
        Ast::Pipe(left, right) | Ast::Indexed(left, right) => eval(right, &eval(left, node)?),
        Ast::Flatten(base) => Ok(flatten(&*eval(base, node)?)),
        Ast::Each(base, then) => match &*eval(base, node)? {
            Node::List(items) => project(items, then),
            _ => Ok(null()),
        },
        Ast::EachValue(base, then) => match &*eval(base, node)? {
            Node::Map(pairs) => project(pairs.iter().map(|(_, value)| value), then),
            _ => Ok(null()),
        },
        Ast::Filter { base, condition, then } => filter(&*eval(base, node)?, condition, then),
        Ast::Compare(kind, left, right) => {
            compare(*kind, &*eval(left, node)?, &*eval(right, node)?)
        }
        Ast::And(left, right) => either(&eval(left, node)?, right, node, true),
        Ast::Or(left, right) => either(&eval(left, node)?, right, node, false),
        Ast::Not(inner) => Ok(not(&*eval(inner, node)?)),
        Ast::List(items) => multi_list(items, node),
        Ast::Map(pairs) => multi_map(pairs, node),
        Ast::Call(name, arguments) => call(name, &resolve(arguments, node)?),
        Ast::Reference(_) => Err(UNPRINTABLE.into()),
    }
}

pub(super) fn null() -> Link {
    Rc::new(Node::Null)
}

pub(super) fn boolean(b: bool) -> Link {
    Rc::new(Node::Bool(b))
}

fn resolve<'a>(arguments: &'a [Ast], node: &Link) -> Result<Vec<Argument<'a>>, String> {
    let one = |ast: &'a Ast| match ast {
        Ast::Reference(inner) => Ok(Argument::Reference(inner)),
        other => eval(other, node).map(Argument::Value),
    };
    arguments.iter().map(one).collect()
}

/// Applies `then` to each item and leaves out what comes to nothing.
fn project<'a>(items: impl IntoIterator<Item = &'a Link>, then: &Ast) -> Result<Link, String> {
    let mut results = Vec::new();
    for item in items {
        let result = eval(then, item)?;
        if !matches!(*result, Node::Null) {
            results.push(result);
        }
    }
    Ok(Rc::new(Node::List(results)))
}

fn filter(base: &Node, condition: &Ast, then: &Ast) -> Result<Link, String> {
    let Node::List(items) = base else { return Ok(null()) };
    let mut kept = Vec::new();
    for item in items {
        if !is_false(&*eval(condition, item)?) {
            kept.push(item);
        }
    }
    project(kept, then)
}

fn flatten(base: &Node) -> Link {
    let Node::List(items) = base else { return null() };
    let mut flat = Vec::new();
    for item in items {
        match &**item {
            Node::List(inner) => flat.extend(inner.iter().cloned()),
            _ => flat.push(Rc::clone(item)),
        }
    }
    Rc::new(Node::List(flat))
}

fn index_of(node: &Node, index: i128) -> Option<Link> {
    let Node::List(items) = node else { return None };
    let at = if index < 0 { index.saturating_add(items.len() as i128) } else { index };
    items.get(usize::try_from(at).ok()?).cloned()
}

/// Python's `items[start:stop:step]`.
fn slice(node: &Node, [start, stop, step]: [Option<i128>; 3]) -> Result<Link, String> {
    let Node::List(items) = node else { return Ok(null()) };
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err("slice step cannot be zero".into());
    }
    let len = items.len() as i128;
    let (first, last) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let bound = |part: Option<i128>, default: i128| match part {
        Some(n) if n < 0 => n.saturating_add(len).clamp(first, last),
        Some(n) => n.clamp(first, last),
        None => default,
    };
    let (from, to) = if step > 0 { (first, last) } else { (last, first) };
    let (mut at, end) = (bound(start, from), bound(stop, to));
    let mut taken = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        taken.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Ok(Rc::new(Node::List(taken)))
}

/// `&&` and `||` give the value that decided, not a boolean.
fn either(left: &Link, right: &Ast, node: &Link, and: bool) -> Result<Link, String> {
    if is_false(left) == and { Ok(Rc::clone(left)) } else { eval(right, node) }
}

/// Zero is false to Python but true to JMESPath, also when it is negated.
fn not(node: &Node) -> Link {
    boolean(match node {
        Node::Int(_) | Node::Float(_) => false,
        other => !other.truthy(),
    })
}

fn is_false(node: &Node) -> bool {
    !matches!(node, Node::Int(_) | Node::Float(_)) && !node.truthy()
}

fn multi_list(items: &[Ast], node: &Link) -> Result<Link, String> {
    if matches!(**node, Node::Null) {
        return Ok(null());
    }
    let items: Result<_, _> = items.iter().map(|item| eval(item, node)).collect();
    Ok(Rc::new(Node::List(items?)))
}

fn multi_map(pairs: &[(String, Ast)], node: &Link) -> Result<Link, String> {
    if matches!(**node, Node::Null) {
        return Ok(null());
    }
    let mut map = Vec::new();
    for (key, value) in pairs {
        put(&mut map, key, eval(value, node)?);
    }
    Ok(Rc::new(Node::Map(map)))
}

/// Sets a key; one that is there already keeps its place.
pub(super) fn put(map: &mut Vec<(String, Link)>, key: &str, value: Link) {
    match map.iter_mut().find(|(k, _)| k == key) {
        Some(pair) => pair.1 = value,
        None => map.push((key.into(), value)),
    }
}

fn compare(kind: Kind, left: &Node, right: &Node) -> Result<Link, String> {
    let sign = match kind {
        Kind::Eq => return Ok(boolean(equals(left, right))),
        Kind::Ne => return Ok(boolean(!equals(left, right))),
        Kind::Lt => "<",
        Kind::Lte => "<=",
        Kind::Gt => ">",
        _ => ">=",
    };
    let ordered = |n: &Node| matches!(n, Node::Int(_) | Node::Float(_) | Node::Text(_));
    if !ordered(left) || !ordered(right) {
        return Ok(null());
    }
    let text = |n: &Node| matches!(n, Node::Text(_));
    if text(left) != text(right) {
        let (a, b) = (left.python_type(), right.python_type());
        return Err(format!("'{sign}' not supported between instances of '{a}' and '{b}'"));
    }
    Ok(boolean(order(left, right).is_some_and(|order| match kind {
        Kind::Lt => order.is_lt(),
        Kind::Lte => order.is_le(),
        Kind::Gt => order.is_gt(),
        _ => order.is_ge(),
    })))
}

/// How two numbers or two strings compare; nothing for other pairs.
pub(super) fn order(a: &Node, b: &Node) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Node::Text(a), Node::Text(b)) => Some(a.cmp(b)),
        (Node::Int(a), Node::Int(b)) => Some(a.cmp(b)),
        _ => float(a)?.partial_cmp(&float(b)?),
    }
}

pub(super) fn float(node: &Node) -> Option<f64> {
    match node {
        Node::Int(i) => Some(*i as f64),
        Node::Float(f) => Some(*f),
        _ => None,
    }
}

/// JMESPath's `==`: a boolean is no number.
fn equals(a: &Node, b: &Node) -> bool {
    matches!(a, Node::Bool(_)) == matches!(b, Node::Bool(_)) && same(a, b)
}

/// Python's `==`: inside lists and maps, true is one and false is zero.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (Node::Null, Node::Null) => true,
        (Node::Bool(a), b) => same(&Node::Int((*a).into()), b),
        (a, Node::Bool(b)) => same(a, &Node::Int((*b).into())),
        (Node::List(a), Node::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Node::Map(pairs), Node::Map(others)) => {
            pairs.len() == others.len()
                && pairs.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => order(a, b).is_some_and(std::cmp::Ordering::is_eq),
    }
}
