//! A JMESPath expression as tokens. Errors read as the AWS CLI's own.

use std::rc::Rc;

use serde_json::Value;

use crate::output::node::{Link, Node};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    And,
    Colon,
    Comma,
    Current,
    Dot,
    Eof,
    Eq,
    Expref,
    Filter,
    Flatten,
    Gt,
    Gte,
    Lbrace,
    Lbracket,
    Literal,
    Lparen,
    Lt,
    Lte,
    Ne,
    Not,
    Number,
    Or,
    Pipe,
    Quoted,
    Rbrace,
    Rbracket,
    Rparen,
    Star,
    Unquoted,
}

impl Kind {
    /// The name error messages use.
    pub(super) fn name(self) -> String {
        match self {
            Self::Quoted => "quoted_identifier".into(),
            Self::Unquoted => "unquoted_identifier".into(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    fn simple(c: char) -> Option<Self> {
        Some(match c {
            '.' => Self::Dot,
            '*' => Self::Star,
            ']' => Self::Rbracket,
            ',' => Self::Comma,
            ':' => Self::Colon,
            '@' => Self::Current,
            '(' => Self::Lparen,
            ')' => Self::Rparen,
            '{' => Self::Lbrace,
            '}' => Self::Rbrace,
            _ => return None,
        })
    }

    /// The token that begins with `c`: with `next` behind it, and alone.
    fn paired(c: char) -> Option<(char, Self, Self)> {
        Some(match c {
            '|' => ('|', Self::Or, Self::Pipe),
            '&' => ('&', Self::And, Self::Expref),
            '<' => ('=', Self::Lte, Self::Lt),
            '>' => ('=', Self::Gte, Self::Gt),
            '!' => ('=', Self::Ne, Self::Not),
            _ => return None,
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The name, the number, or the text as error messages show it.
    pub(super) text: String,
    /// The value of a literal, null for every other token.
    pub(super) value: Link,
    /// Counted in characters.
    pub(super) start: usize,
}

/// All tokens of `expression`, the last one of kind [`Kind::Eof`].
pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { chars: expression.chars().collect(), at: 0, start: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next().map_err(|reason| {
            let mark = " ".repeat(lexer.start) + "^";
            format!("Bad jmespath expression: {reason}:\n{expression}\n{mark}")
        })?;
        let last = token.kind == Kind::Eof;
        tokens.push(token);
        if last {
            return Ok(tokens);
        }
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    start: usize,
}

impl Lexer {
    fn next(&mut self) -> Result<Token, String> {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        self.start = self.at;
        let Some(c) = self.bump() else {
            return Ok(self.token(Kind::Eof, ""));
        };
        if let Some(kind) = Kind::simple(c) {
            return Ok(self.token(kind, &c.to_string()));
        }
        if let Some((next, both, alone)) = Kind::paired(c) {
            let kind = if self.eat(next) { both } else { alone };
            return Ok(self.token(kind, &self.taken()));
        }
        match c {
            '[' => Ok(self.bracket()),
            '\'' => self.raw_string(),
            '`' => self.literal(),
            '"' => self.quoted(),
            '=' if self.eat('=') => Ok(self.token(Kind::Eq, "==")),
            '=' => Err("Unknown token '='".into()),
            '-' | '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => {
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                Ok(self.token(Kind::Unquoted, &self.taken()))
            }
            _ => Err(format!("Unknown token {c}")),
        }
    }

    fn bracket(&mut self) -> Token {
        let kind = if self.eat(']') {
            Kind::Flatten
        } else if self.eat('?') {
            Kind::Filter
        } else {
            Kind::Lbracket
        };
        self.token(kind, &self.taken())
    }

    fn number(&mut self) -> Result<Token, String> {
        self.take_while(|c| c.is_ascii_digit());
        let taken = self.taken();
        if taken == "-" {
            return Err("Unknown token '-'".into());
        }
        let digits = taken.trim_start_matches('-').trim_start_matches('0');
        let text = match digits {
            "" => "0".into(),
            _ if taken.starts_with('-') => format!("-{digits}"),
            _ => digits.into(),
        };
        Ok(self.token(Kind::Number, &text))
    }

    fn raw_string(&mut self) -> Result<Token, String> {
        let text = self.until('\'')?.replace("\\'", "'");
        Ok(self.with_value(Kind::Literal, Node::text(text)))
    }

    /// JSON between backticks; what is no JSON is a string without its quotes.
    fn literal(&mut self) -> Result<Token, String> {
        let text = self.until('`')?.replace("\\`", "`");
        let value = serde_json::from_str::<Value>(&text)
            .or_else(|_| serde_json::from_str(&format!("\"{}\"", text.trim_start())))
            .map_err(|_| format!("Bad token {text}"))?;
        Ok(self.with_value(Kind::Literal, Node::new(&value)))
    }

    fn quoted(&mut self) -> Result<Token, String> {
        let text = self.until('"')?;
        let name = serde_json::from_str::<String>(&format!("\"{text}\""))
            .map_err(|_| string_fault(&text).to_owned())?;
        Ok(self.token(Kind::Quoted, &name))
    }

    /// Everything before the closing `mark`; a backslash takes the next character along.
    fn until(&mut self, mark: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let mut c = self.bump();
            if c == Some(mark) {
                return Ok(text);
            }
            if c == Some('\\') {
                text.push('\\');
                c = self.bump();
            }
            text.push(c.ok_or_else(|| format!("Unclosed {mark} delimiter"))?);
        }
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.chars.get(self.at) == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn take_while(&mut self, wanted: fn(char) -> bool) {
        while self.chars.get(self.at).is_some_and(|&c| wanted(c)) {
            self.at += 1;
        }
    }

    fn taken(&self) -> String {
        self.chars.iter().take(self.at).skip(self.start).collect()
    }

    fn token(&self, kind: Kind, text: &str) -> Token {
        Token { kind, text: text.into(), value: Rc::new(Node::Null), start: self.start }
    }

    fn with_value(&self, kind: Kind, value: Link) -> Token {
        Token { kind, text: value.display(), value, start: self.start }
    }
}

/// The first thing Python's JSON reader dislikes about the inside of a string.
fn string_fault(text: &str) -> &'static str {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c < ' ' {
            return "Invalid control character at";
        }
        if c == '\\'
            && !matches!(rest.next(), Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u'))
        {
            return "Invalid \\escape";
        }
    }
    "Invalid \\uXXXX escape"
}
