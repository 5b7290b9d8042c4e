//! XML, as much as STS and S3 need: elements with text, written and read.

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

/// An element of a document that was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

/// Reads a document whose outermost element is `root`; namespaces do not count.
pub(crate) fn read(document: &[u8], root: &str) -> Option<Element> {
    let text = std::str::from_utf8(document).ok()?;
    let document = roxmltree::Document::parse(text).ok()?;
    Some(element(&document.root_element())).filter(|element| element.name == root)
}

fn element(node: &roxmltree::Node<'_, '_>) -> Element {
    Element {
        name: node.tag_name().name().to_owned(),
        text: node.text().unwrap_or_default().to_owned(),
        children: node.children().filter(|child| child.is_element()).map(|c| element(&c)).collect(),
    }
}

impl Element {
    /// The children of that name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of that name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next().map(|child| child.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read() {
        let document =
            b"<?xml version=\"1.0\"?><A xmlns=\"urn:x\"><K>a&amp;b</K> <K/><L><K>c</K></L></A>";
        let root = read(document, "A").expect("a document");
        assert_eq!(root.text("K"), Some("a&b"));
        assert_eq!(root.all("K").count(), 2);
        assert_eq!(root.all("L").next().and_then(|inner| inner.text("K")), Some("c"));
        assert_eq!(root.text("M"), None);
    }

    #[test]
    fn what_is_no_such_document_is_none() {
        let bomb = "<!DOCTYPE A [<!ENTITY b \"bb\">]><A>&b;</A>";
        for other in ["", "<A>", "<B/>", "<A/><A/>", bomb] {
            assert_eq!(read(other.as_bytes(), "A"), None, "{other}");
        }
        assert_eq!(read(b"<A>\xff</A>", "A"), None);
    }

    #[test]
    fn text_is_escaped() {
        let mut xml = Xml::new();
        xml.open("A", "b=\"c\"").text("K", "<x> & \"y\"\r").close("A");
        assert!(xml.finish().ends_with("<A b=\"c\"><K>&lt;x&gt; &amp; &quot;y&quot;&#13;</K></A>"));
    }
}
