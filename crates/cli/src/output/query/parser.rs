//! Tokens to a tree, by operator precedence.
//!
//! It accepts what the AWS CLI accepts, two oddities included: commas between the
//! arguments of a function may be missing, and a slice right behind an index does not
//! start a projection.

use super::lexer::{Kind, Token, tokens};
use crate::output::node::Link;

/// How a step of a path looks at what stands before it.
#[derive(Debug)]
pub(super) enum Ast {
    Current,
    Field(String),
    Index(i128),
    Slice([Option<i128>; 3]),
    Literal(Link),
    /// The right side applied to the result of the left.
    Pipe(Box<Ast>, Box<Ast>),
    /// The same, for an index: a further index or slice joins it.
    Indexed(Box<Ast>, Box<Ast>),
    Flatten(Box<Ast>),
    /// The right side applied to every item of the left.
    Each(Box<Ast>, Box<Ast>),
    /// The same, for the values of an object.
    EachValue(Box<Ast>, Box<Ast>),
    Filter {
        base: Box<Ast>,
        condition: Box<Ast>,
        then: Box<Ast>,
    },
    Compare(Kind, Box<Ast>, Box<Ast>),
    And(Box<Ast>, Box<Ast>),
    Or(Box<Ast>, Box<Ast>),
    Not(Box<Ast>),
    List(Vec<Ast>),
    Map(Vec<(String, Ast)>),
    Call(String, Vec<Ast>),
    Reference(Box<Ast>),
}

/// Deeper expressions are refused, as Python refuses them, before they end the stack.
const DEEPEST: usize = 200;
/// A token that binds weaker than this ends a projection.
const PROJECTION_STOP: u8 = 10;
const STAR: u8 = 20;
const DOT: u8 = 40;

fn power(kind: Kind) -> u8 {
    match kind {
        Kind::Pipe => 1,
        Kind::Or => 2,
        Kind::And => 3,
        Kind::Eq | Kind::Ne | Kind::Lt | Kind::Lte | Kind::Gt | Kind::Gte => 5,
        Kind::Flatten => 9,
        Kind::Star => STAR,
        Kind::Filter => 21,
        Kind::Dot => DOT,
        Kind::Not => 45,
        Kind::Lbrace => 50,
        Kind::Lbracket => 55,
        Kind::Lparen => 60,
        _ => 0,
    }
}

pub(super) fn parse(expression: &str) -> Result<Ast, String> {
    if expression.is_empty() {
        return Err("Invalid JMESPath expression: cannot be empty.".into());
    }
    let mut parser = Parser { expression, tokens: tokens(expression)?, at: 0, depth: 0 };
    let ast = parser.expression(0)?;
    if parser.kind() == Kind::Eof {
        return Ok(ast);
    }
    let token = parser.token();
    Err(parser.fault(&token, &format!("Unexpected token: {}", token.text)))
}

struct Parser<'a> {
    expression: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn expression(&mut self, least: u8) -> Result<Ast, String> {
        let outer = self.depth;
        let token = self.bump();
        self.deeper()?;
        let mut ast = self.start(token)?;
        while least < power(self.kind()) {
            self.deeper()?;
            let token = self.bump();
            ast = self.continuation(ast, &token)?;
        }
        self.depth = outer;
        Ok(ast)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("maximum recursion depth exceeded".into());
        }
        Ok(())
    }

    fn start(&mut self, token: Token) -> Result<Ast, String> {
        match token.kind {
            Kind::Literal => Ok(Ast::Literal(token.value)),
            Kind::Unquoted => Ok(Ast::Field(token.text)),
            Kind::Quoted => self.quoted_field(token),
            Kind::Current => Ok(Ast::Current),
            Kind::Star => {
                let then = if self.kind() == Kind::Rbracket {
                    Ast::Current
                } else {
                    self.projected(STAR)?
                };
                Ok(Ast::EachValue(Ast::Current.into(), then.into()))
            }
            Kind::Filter | Kind::Flatten => self.continuation(Ast::Current, &token),
            Kind::Lbrace => self.map(),
            Kind::Lbracket => self.list_or_index(),
            Kind::Lparen => {
                let inner = self.expression(0)?;
                self.expect(Kind::Rparen)?;
                Ok(inner)
            }
            Kind::Not => Ok(Ast::Not(self.expression(power(Kind::Not))?.into())),
            Kind::Expref => Ok(Ast::Reference(self.expression(0)?.into())),
            Kind::Eof => Err(self.incomplete()),
            _ => Err(self.fault(&token, "invalid token")),
        }
    }

    fn quoted_field(&mut self, token: Token) -> Result<Ast, String> {
        if self.kind() == Kind::Lparen {
            let token = Token { start: 0, ..self.token() };
            return Err(self.fault(&token, "Quoted identifier not allowed for function names."));
        }
        Ok(Ast::Field(token.text))
    }

    fn continuation(&mut self, left: Ast, token: &Token) -> Result<Ast, String> {
        let left = Box::new(left);
        let strength = power(token.kind);
        match token.kind {
            Kind::Dot if self.kind() == Kind::Star => {
                self.bump();
                Ok(Ast::EachValue(left, self.projected(DOT)?.into()))
            }
            Kind::Dot => Ok(Ast::Pipe(left, self.behind_dot(DOT)?.into())),
            Kind::Pipe => Ok(Ast::Pipe(left, self.expression(strength)?.into())),
            Kind::Or => Ok(Ast::Or(left, self.expression(strength)?.into())),
            Kind::And => Ok(Ast::And(left, self.expression(strength)?.into())),
            Kind::Eq | Kind::Ne | Kind::Lt | Kind::Lte | Kind::Gt | Kind::Gte => {
                Ok(Ast::Compare(token.kind, left, self.expression(strength)?.into()))
            }
            Kind::Flatten => {
                let flat = Ast::Flatten(left);
                Ok(Ast::Each(flat.into(), self.projected(strength)?.into()))
            }
            Kind::Filter => self.filter(left),
            Kind::Lbracket => self.index(left),
            Kind::Lparen => self.call(*left),
            _ => Err(self.fault(token, "invalid token")),
        }
    }

    fn filter(&mut self, base: Box<Ast>) -> Result<Ast, String> {
        let condition = self.expression(0)?.into();
        self.expect(Kind::Rbracket)?;
        let then = if self.kind() == Kind::Flatten {
            Ast::Current
        } else {
            self.projected(power(Kind::Filter))?
        };
        Ok(Ast::Filter { base, condition, then: then.into() })
    }

    fn index(&mut self, left: Box<Ast>) -> Result<Ast, String> {
        if !matches!(self.kind(), Kind::Number | Kind::Colon) {
            self.expect(Kind::Star)?;
            self.expect(Kind::Rbracket)?;
            return Ok(Ast::Each(left, self.projected(STAR)?.into()));
        }
        let joins = matches!(*left, Ast::Indexed(..));
        let right = self.index_or_slice()?;
        self.indexed(left, right, joins)
    }

    fn indexed(&mut self, left: Box<Ast>, right: Ast, joins: bool) -> Result<Ast, String> {
        let projects = matches!(right, Ast::Slice(_)) && !joins;
        let ast = Ast::Indexed(left, right.into());
        if projects {
            return Ok(Ast::Each(ast.into(), self.projected(STAR)?.into()));
        }
        Ok(ast)
    }

    fn list_or_index(&mut self) -> Result<Ast, String> {
        match self.kind() {
            Kind::Number | Kind::Colon => {
                let right = self.index_or_slice()?;
                self.indexed(Ast::Current.into(), right, false)
            }
            Kind::Star if self.kind_after() == Kind::Rbracket => {
                self.bump();
                self.bump();
                Ok(Ast::Each(Ast::Current.into(), self.projected(STAR)?.into()))
            }
            _ => self.list(),
        }
    }

    fn index_or_slice(&mut self) -> Result<Ast, String> {
        if self.kind() == Kind::Colon || self.kind_after() == Kind::Colon {
            return self.slice();
        }
        let index = self.bump();
        self.expect(Kind::Rbracket)?;
        Ok(Ast::Index(number(&index)))
    }

    fn slice(&mut self) -> Result<Ast, String> {
        let mut parts = [None; 3];
        let mut part = 0;
        while self.kind() != Kind::Rbracket {
            let token = self.token();
            match token.kind {
                Kind::Colon if part < 2 => part += 1,
                Kind::Number => parts[part] = Some(number(&token)),
                _ => return Err(self.fault(&token, "syntax error")),
            }
            self.bump();
        }
        self.expect(Kind::Rbracket)?;
        Ok(Ast::Slice(parts))
    }

    fn call(&mut self, name: Ast) -> Result<Ast, String> {
        let Ast::Field(name) = name else {
            let before = self.tokens.get(self.at.saturating_sub(2)).cloned();
            let before = before.unwrap_or_else(|| self.token());
            let reason = format!("Invalid function name '{}'", before.text);
            return Err(self.fault(&before, &reason));
        };
        let mut arguments = Vec::new();
        while self.kind() != Kind::Rparen {
            arguments.push(self.expression(0)?);
            if self.kind() == Kind::Comma {
                self.bump();
            }
        }
        self.expect(Kind::Rparen)?;
        Ok(Ast::Call(name, arguments))
    }

    fn list(&mut self) -> Result<Ast, String> {
        let mut items = vec![self.expression(0)?];
        while self.kind() != Kind::Rbracket {
            self.expect(Kind::Comma)?;
            items.push(self.expression(0)?);
        }
        self.expect(Kind::Rbracket)?;
        Ok(Ast::List(items))
    }

    fn map(&mut self) -> Result<Ast, String> {
        let mut pairs = Vec::new();
        loop {
            let key = self.token();
            if !matches!(key.kind, Kind::Quoted | Kind::Unquoted) {
                return Err(self.missing("['quoted_identifier', 'unquoted_identifier']"));
            }
            self.bump();
            self.expect(Kind::Colon)?;
            pairs.push((key.text, self.expression(0)?));
            match self.kind() {
                Kind::Comma => self.bump(),
                Kind::Rbrace => {
                    self.bump();
                    return Ok(Ast::Map(pairs));
                }
                _ => continue,
            };
        }
    }

    fn projected(&mut self, least: u8) -> Result<Ast, String> {
        match self.kind() {
            kind if power(kind) < PROJECTION_STOP => Ok(Ast::Current),
            Kind::Lbracket | Kind::Filter => self.expression(least),
            Kind::Dot => {
                self.bump();
                self.behind_dot(least)
            }
            _ => Err(self.fault(&self.token(), "syntax error")),
        }
    }

    fn behind_dot(&mut self, least: u8) -> Result<Ast, String> {
        let token = self.token();
        match token.kind {
            Kind::Quoted | Kind::Unquoted | Kind::Star => self.expression(least),
            Kind::Lbracket => {
                self.bump();
                self.list()
            }
            Kind::Lbrace => {
                self.bump();
                self.map()
            }
            _ => {
                let wanted = "['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace']";
                let reason = format!("Expecting: {wanted}, got: {}", token.kind.name());
                Err(self.fault(&token, &reason))
            }
        }
    }

    fn expect(&mut self, kind: Kind) -> Result<(), String> {
        if self.kind() != kind {
            return Err(self.missing(&kind.name()));
        }
        self.bump();
        Ok(())
    }

    fn kind(&self) -> Kind {
        self.tokens.get(self.at).map_or(Kind::Eof, |token| token.kind)
    }

    fn kind_after(&self) -> Kind {
        self.tokens.get(self.at + 1).map_or(Kind::Eof, |token| token.kind)
    }

    /// The present token; behind the end, the end.
    fn token(&self) -> Token {
        let at = self.at.min(self.tokens.len() - 1);
        self.tokens[at].clone()
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        self.at += 1;
        token
    }

    fn missing(&self, wanted: &str) -> String {
        let token = self.token();
        if token.kind == Kind::Eof {
            return self.incomplete();
        }
        let reason = format!("Expecting: {wanted}, got: {}", token.kind.name());
        self.fault(&token, &reason)
    }

    fn incomplete(&self) -> String {
        let mark = " ".repeat(self.expression.chars().count() + 1);
        let expression = self.expression;
        format!("Invalid jmespath expression: Incomplete expression:\n\"{expression}\"\n{mark}^")
    }

    fn fault(&self, token: &Token, reason: &str) -> String {
        let Self { expression, .. } = self;
        let Token { text, start, kind, .. } = token;
        let kind = kind.name().to_uppercase();
        let mark = " ".repeat(start + 1);
        format!(
            "{reason}: Parse error at column {start}, token \"{text}\" ({kind}), \
             for expression:\n\"{expression}\"\n{mark}^"
        )
    }
}

/// Digits that do not fit point behind the end of every list all the same.
fn number(token: &Token) -> i128 {
    let beyond = if token.text.starts_with('-') { i128::MIN } else { i128::MAX };
    token.text.parse().unwrap_or(beyond)
}
