//! As much of YAML as aws-sso-cli's documented configuration has: maps in maps, by
//! indentation, of plain and quoted words. Anything else is refused by its line.

/// A key with what is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub key: String,
    /// From 1.
    pub line: usize,
    pub value: Option<String>,
    pub children: Vec<Node>,
}

/// A line that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub line: usize,
    pub why: &'static str,
}

impl Node {
    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.key == key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.child(key)?.value.as_deref().filter(|text| !text.is_empty())
    }
}

/// The part of a text below the top-level key `wanted`, and the plain values beside it.
/// Other parts may hold whatever they like.
pub(super) fn outline(text: &str, wanted: &str) -> Result<Node, Unread> {
    let mut root = Node::default();
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line)).peekable();
    while let Some((number, line)) = lines.next() {
        if is_blank(line) || indent_of(line) > 0 || line.starts_with("---") {
            continue;
        }
        let Some((key, value)) = entry(line) else { continue };
        let mut node = Node { key, line: number, value, children: Vec::new() };
        let is_wanted = node.key == wanted;
        let mut below = Vec::new();
        while let Some((number, line)) =
            lines.next_if(|(_, line)| is_blank(line) || indent_of(line) > 0)
        {
            if is_wanted && !is_blank(line) {
                below.push((number, line));
            }
        }
        node.children = nodes(&mut below.as_slice(), 0)?;
        root.children.push(node);
    }
    Ok(root)
}

/// The nodes that are indented more than `above`.
fn nodes(lines: &mut &[(usize, &str)], above: usize) -> Result<Vec<Node>, Unread> {
    let mut found: Vec<Node> = Vec::new();
    let Some(level) = lines.first().map(|(_, line)| indent_of(line)) else { return Ok(found) };
    while let Some((number, line)) = lines.first().copied() {
        let indent = indent_of(line);
        if indent <= above {
            break;
        }
        let refuse = |why| Err(Unread { line: number, why });
        if indent != level {
            return refuse("it is not indented like those before it");
        }
        let Some((key, value)) = entry(line) else { return refuse("it is no `key: value`") };
        if value.as_deref().is_some_and(is_odd) {
            return refuse("its value is not a plain or quoted word");
        }
        if found.iter().any(|known| known.key == key) {
            return refuse("the same key is there twice");
        }
        *lines = &lines[1..];
        let children = nodes(lines, level)?;
        if let Some(child) = children.first().filter(|_| value.is_some()) {
            let why = "the key above it has a value already";
            return Err(Unread { line: child.line, why });
        }
        found.push(Node { key, line: number, value, children });
    }
    Ok(found)
}

fn is_blank(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}

/// A tab counts as no indentation, and then does not fit.
fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Flow collections, anchors, block scalars, tags.
fn is_odd(value: &str) -> bool {
    let empty = ["{}", "[]"].contains(&value);
    !empty && value.starts_with(['{', '[', '&', '*', '|', '>', '!', '%', '@', '`'])
}

fn entry(line: &str) -> Option<(String, Option<String>)> {
    let text = line.trim();
    if text.starts_with("- ") || text == "-" || text.starts_with('?') {
        return None;
    }
    let (key, rest) = match text.chars().next()? {
        quote @ ('"' | '\'') => {
            let end = text[1..].find(quote)? + 1;
            (text[1..end].to_owned(), text[end + 1..].trim_start().strip_prefix(':')?)
        }
        _ => {
            let end = text
                .find(": ")
                .or_else(|| text.ends_with(':').then(|| text.len() - 1))
                .or_else(|| text.find(":\t"))?;
            (text[..end].trim_end().to_owned(), &text[end + 1..])
        }
    };
    let value = scalar(rest.trim());
    Some((key, value))
}

/// A word without its quotes and the comment after it.
fn scalar(text: &str) -> Option<String> {
    match text.chars().next()? {
        '#' => None,
        quote @ ('"' | '\'') => {
            let end = text[1..].find(quote)? + 1;
            Some(text[1..end].to_owned())
        }
        _ => Some(text.split(" #").next().unwrap_or_default().trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_shape_is_read_and_the_rest_passed_over() {
        let text = "# mine\nSSOConfig:\n  Default:\n    StartUrl: https://x.awsapps.com/start # here\n\
                    \n    Accounts:\n      \"012345678901\":\n        Roles:\n          Admin:\n            Profile: 'a b'\n\
                    ProfileFormat: \"{{ .AccountName }}\"\nListFields:\n  - AccountId\n  - >\n";
        let root = outline(text, "SSOConfig").unwrap();
        let default = root.child("SSOConfig").unwrap().child("Default").unwrap();
        assert_eq!(default.text("StartUrl"), Some("https://x.awsapps.com/start"));
        let account = default.child("Accounts").unwrap().child("012345678901").unwrap();
        assert_eq!(account.line, 7);
        let role = account.child("Roles").unwrap().child("Admin").unwrap();
        assert_eq!(role.text("Profile"), Some("a b"));
        assert_eq!(root.text("ProfileFormat"), Some("{{ .AccountName }}"));
    }

    #[test]
    fn what_is_not_that_shape_is_refused_by_its_line() {
        for (text, line) in [
            ("SSOConfig:\n  Default: {StartUrl: x}\n", 2),
            ("SSOConfig:\n  Default:\n    - x\n", 3),
            ("SSOConfig:\n  Default: &anchor\n", 2),
            ("SSOConfig:\n  Default:\n    A: 1\n     B: 2\n", 4),
            ("SSOConfig:\n  Default:\n    A: 1\n    A: 2\n", 4),
            ("SSOConfig:\n  Default:\n    A: |\n      x\n", 3),
        ] {
            assert_eq!(outline(text, "SSOConfig").unwrap_err().line, line, "{text}");
        }
    }
}
