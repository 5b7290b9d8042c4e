//! XML, as much as STS and S3 need: elements with text.

use std::fmt::Write as _;

/// A document being written.
#[derive(Debug)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn new() -> Self {
        Self(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
    }

    /// Opens an element; `attributes` as they stand in the tag.
    pub(crate) fn open(&mut self, name: &str, attributes: &str) -> &mut Self {
        let blank = if attributes.is_empty() { "" } else { " " };
        let _ = write!(self.0, "<{name}{blank}{attributes}>");
        self
    }

    pub(crate) fn close(&mut self, name: &str) -> &mut Self {
        let _ = write!(self.0, "</{name}>");
        self
    }

    /// An element that holds text.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name, "");
        text.chars().for_each(|letter| self.letter(letter));
        self.close(name)
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '&' => self.0.push_str("&amp;"),
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '"' => self.0.push_str("&quot;"),
            // Characters XML 1.0 cannot hold even as references do it in S3 too:
            // that is what `encoding-type=url` is for.
            _ if letter < ' ' => {
                let _ = write!(self.0, "&#{};", u32::from(letter));
            }
            _ => self.0.push(letter),
        }
    }

    /// As `text`, if there is any.
    pub(crate) fn maybe(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut xml = Xml::new();
        xml.open("A", "b=\"c\"").text("K", "<x> & \"y\"\r").close("A");
        assert!(xml.finish().ends_with("<A b=\"c\"><K>&lt;x&gt; &amp; &quot;y&quot;&#13;</K></A>"));
    }
}
