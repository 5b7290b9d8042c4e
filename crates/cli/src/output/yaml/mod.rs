//! `--output yaml` and `yaml-stream`: block style as libyaml writes it for the AWS CLI.
//!
//! Mappings are sorted, sequences are not indented below their key, lines fold after
//! column 80, and a list or map that occurs twice gets an anchor and aliases.

mod emit;
mod resolve;
mod scalar;

use std::collections::HashMap;
use std::rc::Rc;

use super::json;
use super::node::{Link, Node};

/// One document. A lone scalar is printed as JSON, since YAML would end it with `...`.
///
/// `terminal`: escape every character that a terminal would obey.
pub(super) fn document(node: &Link, terminal: bool) -> String {
    if node.is_scalar() {
        return json::pretty(node, terminal);
    }
    emit::Emitter::new(Anchors::find(node), terminal).document(node)
}

/// One item of a stream: a document that is a list of one.
pub(super) fn item(node: &Link, terminal: bool) -> String {
    document(&Rc::new(Node::List(vec![Rc::clone(node)])), terminal)
}

/// The lists and maps that occur more than once, numbered by their second occurrence.
#[derive(Default)]
struct Anchors {
    seen: HashMap<*const Node, Anchor>,
    count: usize,
}

#[derive(Default)]
struct Anchor {
    number: Option<usize>,
    written: bool,
}

impl Anchors {
    fn find(root: &Link) -> Self {
        let mut anchors = Self::default();
        anchors.visit(root);
        anchors
    }

    fn visit(&mut self, node: &Link) {
        if node.is_scalar() {
            return;
        }
        if let Some(anchor) = self.seen.get_mut(&Rc::as_ptr(node)) {
            if anchor.number.is_none() {
                self.count += 1;
                anchor.number = Some(self.count);
            }
            return;
        }
        self.seen.insert(Rc::as_ptr(node), Anchor::default());
        match &**node {
            Node::List(items) => items.iter().for_each(|item| self.visit(item)),
            map => map.sorted().iter().for_each(|(_, value)| self.visit(value)),
        }
    }

    /// The name of a part that occurs more than once, and whether it was printed before.
    fn name(&mut self, node: &Link) -> Option<(String, bool)> {
        let anchor = self.seen.get_mut(&Rc::as_ptr(node))?;
        let name = format!("id{:03}", anchor.number?);
        Some((name, std::mem::replace(&mut anchor.written, true)))
    }
}
