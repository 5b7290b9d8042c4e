//! The subset of TOML that `vault.toml` is written in.

/// A line of the file and what is wrong with it.
pub(super) type Problem = (usize, &'static str);

/// What stands to the right of `=`.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
    Number(u32),
    Flag(bool),
}

/// The lines that have not been asked for yet.
pub(super) struct Lines(Vec<(usize, String, Value)>);

impl Lines {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut lines: Vec<(usize, String, Value)> = Vec::new();
        for (at, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or((at, "`name = value` is expected"))?;
            let name = name.trim_end().to_owned();
            if lines.iter().any(|(_, known, _)| *known == name) {
                return Err((at, "this is said twice"));
            }
            let value = value_of(value.trim_start()).ok_or((at, "this value cannot be read"))?;
            lines.push((at, name, value));
        }
        Ok(Self(lines))
    }

    pub(super) fn take(&mut self, name: &str) -> Option<(usize, Value)> {
        let at = self.0.iter().position(|(_, known, _)| known == name)?;
        let (line, _, value) = self.0.swap_remove(at);
        Some((line, value))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<(usize, String)>, Problem> {
        match self.take(name) {
            Some((line, Value::Text(text))) => Ok(Some((line, text))),
            Some((line, _)) => Err((line, "a text in quotes is expected")),
            None => Ok(None),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<u32>, Problem> {
        match self.take(name) {
            Some((_, Value::Number(number))) => Ok(Some(number)),
            Some((line, _)) => Err((line, "a number is expected")),
            None => Ok(None),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        match self.take(name) {
            Some((_, Value::Flag(flag))) => Ok(Some(flag)),
            Some((line, _)) => Err((line, "`true` or `false` is expected")),
            None => Ok(None),
        }
    }
}

fn value_of(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Flag(true)),
        "false" => return Some(Value::Flag(false)),
        _ => {}
    }
    if let Some(rest) = text.strip_prefix('[') {
        return list(rest).map(Value::List);
    }
    if text.starts_with('"') {
        let (value, rest) = unquoted(text)?;
        return is_over(rest).then_some(Value::Text(value));
    }
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok().map(Value::Number))?
}

fn list(mut rest: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix(']') {
            return is_over(rest).then_some(values);
        }
        let (value, after) = unquoted(rest)?;
        values.push(value);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(rest) => rest,
            None if after.starts_with(']') => after,
            None => return None,
        };
    }
}

fn is_over(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// The text of the quotes that `text` begins with, and what follows them.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => value.push(chars.next().map(|(_, c)| c).filter(|c| matches!(c, '"' | '\\'))?),
            c if c.is_control() => return None,
            c => value.push(c),
        }
    }
    None
}

/// The text in quotes; `None` if it has control characters.
pub(super) fn quoted(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_or_refused() {
        let text = |t: &str| Some(Value::Text(t.to_owned()));
        assert_eq!(value_of(r#""a \"b\" \\ #c" # d"#), text(r#"a "b" \ #c"#));
        assert_eq!(value_of("[]"), Some(Value::List(vec![])));
        assert_eq!(value_of(r#"["a", "b",]"#), Some(Value::List(vec!["a".into(), "b".into()])));
        assert_eq!(value_of("4294967295"), Some(Value::Number(u32::MAX)));
        for bad in ["", "\"", "\"a\" b", "\"\\n\"", "[\"a\" \"b\"]", "[", "4294967296", "-1", "+1"]
        {
            assert_eq!(value_of(bad), None, "{bad}");
        }
    }
}
