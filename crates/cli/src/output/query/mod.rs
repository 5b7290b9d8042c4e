//! `--query`: JMESPath as the AWS CLI 2 understands it.
//!
//! The crate [`jmespath`] does the work; [`dialect`] and [`order`] add the little that
//! the AWS CLI's users would miss.

mod dialect;
mod order;

use std::fmt;

use jmespath::Expression;
use serde_json::Value;

/// A compiled `--query` expression.
pub struct Query {
    expression: Expression<'static>,
    /// The keys of each multi-select hash as they were written.
    hashes: Vec<Vec<String>>,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.expression.as_str()).finish()
    }
}

/// Why a query has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The expression does not parse; the AWS CLI says so before it calls a service,
    /// as an error of kind `ParamValidation` with exit code 252.
    #[error("Bad value for --query {expression}: {reason}")]
    Syntax {
        /// What the user wrote.
        expression: String,
        /// Where it went wrong, with the place marked below the expression.
        reason: String,
    },
    /// The expression does not fit the data: exit code 255, and this text alone.
    #[error("{0}")]
    Evaluation(String),
}

/// The crate parses and evaluates by recursion, a level or two for each of [`NESTING`]:
/// a megabyte of stack, the least that a system gives us, has room for 570.
const MOST_NESTING: usize = 400;
const NESTING: &[char] = &['[', '(', '{', '!', '&', '|', '.', '*', '<', '=', '>'];

impl Query {
    /// Parses an expression.
    ///
    /// # Errors
    /// [`QueryError::Syntax`]: the expression is none, or too deep.
    pub fn compile(expression: &str) -> Result<Self, QueryError> {
        let bad = |reason| QueryError::Syntax { expression: expression.into(), reason };
        if expression.matches(NESTING).count() > MOST_NESTING {
            return Err(bad(format!("it has more than {MOST_NESTING} operators")));
        }
        let quoted = dialect::quote_literals(expression);
        let mut ast = jmespath::parse(&quoted).map_err(|e| bad(e.to_string().trim_end().into()))?;
        dialect::adapt(&mut ast);
        let hashes = order::hashes(&mut ast);
        Ok(Self { expression: Expression::new(expression, ast, &dialect::RUNTIME), hashes })
    }

    /// The result of the query; null where the expression finds nothing.
    ///
    /// # Errors
    /// [`QueryError::Evaluation`]: unknown functions, arguments of a wrong type or number.
    pub(super) fn search(&self, value: &Value) -> Result<Value, QueryError> {
        let found = self.expression.search(value);
        let found = found.map_err(|e| QueryError::Evaluation(e.to_string().trim_end().into()))?;
        Ok(order::Orders::new(&self.hashes, value).restore(&found))
    }
}
