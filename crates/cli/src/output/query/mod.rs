//! `--query`: JMESPath as the AWS CLI 2 understands it.
//!
//! Written by hand because the messages for a bad expression, the order of keys, the
//! difference between `1` and `1.0`, and the identity of shared parts (YAML anchors)
//! are all part of what the AWS CLI prints, and a general JMESPath crate keeps none.

mod eval;
mod functions;
mod lexer;
mod parser;

use super::node::Link;

/// A compiled `--query` expression.
#[derive(Debug)]
pub struct Query(parser::Ast);

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

impl Query {
    /// Parses an expression.
    ///
    /// # Errors
    /// [`QueryError::Syntax`] in the words of the AWS CLI.
    pub fn compile(expression: &str) -> Result<Self, QueryError> {
        parser::parse(expression)
            .map(Self)
            .map_err(|reason| QueryError::Syntax { expression: expression.into(), reason })
    }

    /// The result of the query, which shares parts with `node`; null where the
    /// expression finds nothing.
    ///
    /// # Errors
    /// [`QueryError::Evaluation`]: unknown functions, arguments of a wrong type or
    /// number, text compared with numbers.
    pub(super) fn search(&self, node: &Link) -> Result<Link, QueryError> {
        eval::eval(&self.0, node).map_err(QueryError::Evaluation)
    }
}
