//! What people write for the AWS CLI and the crate would refuse or answer otherwise:
//! bare words as literals, text compared by order, arithmetic that keeps integers.

use std::sync::LazyLock;

use jmespath::ast::{Ast, Comparator};
use jmespath::functions::Function;
use jmespath::{Context, DEFAULT_RUNTIME, Rcvar, Runtime, Variable};
use serde_json::Value;

/// The crate's functions, those that make floats of integers mended, and
/// the comparisons that [`adapt`] turns into calls.
pub(super) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    for (name, rounds) in [("abs", false), ("sum", false), ("ceil", true), ("floor", true)] {
        if let Some(usual) = DEFAULT_RUNTIME.get_function(name) {
            runtime.register_function(name, keeps_integers(usual, rounds));
        }
    }
    for (name, comparator) in ORDERINGS {
        let compare = move |args: &[Rcvar], _: &mut Context<'_>| Ok(ordered(args, comparator));
        runtime.register_function(name, Box::new(compare));
    }
    runtime
});

/// No expression can call functions of these names.
const ORDERINGS: &[(&str, Comparator)] = &[
    ("<", Comparator::LessThan),
    ("<=", Comparator::LessThanEqual),
    (">", Comparator::GreaterThan),
    (">=", Comparator::GreaterThanEqual),
];

fn keeps_integers(usual: &'static dyn Function, rounds: bool) -> Box<dyn Function> {
    Box::new(move |args: &[Rcvar], context: &mut Context<'_>| {
        let result = usual.evaluate(args, context)?;
        let whole = if rounds || args.iter().all(is_integral) { as_integer(&result) } else { None };
        Ok(whole.map_or(result, Rcvar::new))
    })
}

/// An integer, or a list of nothing else.
fn is_integral(value: &Rcvar) -> bool {
    match &**value {
        Variable::Number(number) => !number.is_f64(),
        Variable::Array(items) => items.iter().all(is_integral),
        _ => false,
    }
}

fn as_integer(value: &Variable) -> Option<Variable> {
    const EXACT: f64 = (1_i64 << f64::MANTISSA_DIGITS) as f64;
    let float = value.as_number().filter(|f| f.fract() == 0.0 && f.abs() <= EXACT)?;
    Some(Variable::Number((float as i64).into()))
}

/// The crate orders numbers alone; dates and names are text.
fn ordered(args: &[Rcvar], comparator: &Comparator) -> Rcvar {
    let [left, right] = args else { return Rcvar::new(Variable::Null) };
    let holds = match (&**left, &**right) {
        (Variable::String(a), Variable::String(b)) => {
            let side = Variable::Number((a.cmp(b) as i8).into());
            side.compare(comparator, &Variable::Number(0.into()))
        }
        _ => left.compare(comparator, right),
    };
    Rcvar::new(holds.map_or(Variable::Null, Variable::Bool))
}

/// Turns comparisons by order into calls of our own, and holds the steps of slices
/// below the size at which the crate's index would overflow.
pub(super) fn adapt(ast: &mut Ast) {
    const LONGEST_STEP: i32 = 1 << 30;
    if let Ast::Slice { step, .. } = ast {
        *step = (*step).clamp(-LONGEST_STEP, LONGEST_STEP);
    }
    if let Ast::Comparison { offset, comparator, lhs, rhs } = ast
        && let Some((name, _)) = ORDERINGS.iter().find(|(_, known)| known == comparator)
    {
        let offset = *offset;
        let take = |side: &mut Ast| std::mem::replace(side, Ast::Identity { offset });
        let args = vec![take(lhs), take(rhs)];
        *ast = Ast::Function { offset, name: (*name).into(), args };
    }
    children(ast).into_iter().for_each(adapt);
}

/// The expressions an expression is made of.
pub(super) fn children(ast: &mut Ast) -> Vec<&mut Ast> {
    match ast {
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => Vec::new(),
        Ast::Expref { ast: node, .. }
        | Ast::Flatten { node, .. }
        | Ast::Not { node, .. }
        | Ast::ObjectValues { node, .. } => vec![node],
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Condition { predicate: lhs, then: rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => vec![lhs, rhs],
        Ast::Function { args: nodes, .. } | Ast::MultiList { elements: nodes, .. } => {
            nodes.iter_mut().collect()
        }
        Ast::MultiHash { elements, .. } => elements.iter_mut().map(|e| &mut e.value).collect(),
    }
}

/// Quotes the literals that are no JSON: `` `running` `` means the text, as all of the
/// AWS CLI's older examples have it.
pub(super) fn quote_literals(expression: &str) -> String {
    let mut out = String::new();
    let mut rest = expression;
    while let Some(start) = rest.find(['\'', '"', '`']) {
        let (before, quoted) = rest.split_at(start);
        let Some(end) = closing(quoted) else { break };
        let (quoted, after) = quoted.split_at(end + 1);
        out += before;
        match quoted.strip_prefix('`').and_then(|q| q.strip_suffix('`')) {
            Some(body) if !is_json(&body.replace("\\`", "`")) => {
                out += &format!("`\"{}\"`", body.trim_start());
            }
            _ => out += quoted,
        }
        rest = after;
    }
    out + rest
}

/// Where the quote that `text` begins with ends; all three kinds are one byte long.
fn closing(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut inside = text.char_indices().skip(1);
    while let Some((at, c)) = inside.next() {
        if c == quote {
            return Some(at);
        }
        if c == '\\' {
            inside.next();
        }
    }
    None
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::output::Query;

    #[test]
    fn words_between_backticks_are_text() {
        let cases = [
            ("[?a==`b c`]", "[?a==`\"b c\"`]"),
            ("`  x`||` [1] `||`1`", "`\"x\"`||` [1] `||`1`"),
            ("'`x`'.\"`y`\".'\\''.`z`", "'`x`'.\"`y`\".'\\''.`\"z\"`"),
            ("``", "`\"\"`"),
            ("`a\\`b`", "`\"a\\`b\"`"),
            ("`a", "`a"),
        ];
        for (written, want) in cases {
            assert_eq!(quote_literals(written), want);
        }
    }

    #[test]
    fn text_has_an_order_and_integers_stay_integers() {
        let data = json!([{ "d": "2026-01-02", "n": 2 }, { "d": "2026-02-01", "n": -3 }]);
        let cases = [
            ("[?d>='2026-02'].n", json!([-3])),
            ("[?d < `2026-02` || n > `5`].n", json!([2])),
            ("sum([].n)", json!(-1)),
            ("sum([*].[n][])", json!(-1)),
            ("[abs([1].n), ceil(`1.5`), floor(`-1.5`), abs(`-1.0`)]", json!([3, 2, -2, 1.0])),
            ("sum(`[1.5, 1.5]`)", json!(3.0)),
            ("[1::2147483647].n", json!([-3])),
        ];
        for (expression, want) in cases {
            let query = Query::compile(expression).expect("it parses");
            assert_eq!(query.search(&data), Ok(want), "{expression}");
        }
    }
}
