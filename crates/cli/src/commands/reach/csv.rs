//! CSV as RFC 4180 has it, for spreadsheets that believe everything.

/// A line, with its end.
pub fn line(fields: &[&str]) -> String {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    format!("{}\r\n", fields.join(","))
}

/// A text that a spreadsheet would take for a formula begins with an apostrophe: an
/// account's name is chosen by somebody else.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        assert_eq!(line(&["a b", "c,d", "say \"x\"", ""]), "a b,\"c,d\",\"say \"\"x\"\"\",\r\n");
        assert_eq!(line(&["two\nlines"]), "\"two\nlines\"\r\n");
    }

    #[test]
    fn no_field_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert!(line(&[text]).starts_with('\''), "{text}");
        }
        assert_eq!(line(&["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
    }
}
