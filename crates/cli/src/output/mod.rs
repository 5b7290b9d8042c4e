//! What a mirrored command prints: `--output`, `--query` and `--color`, byte for byte
//! as the AWS CLI 2 does it.
//!
//! `testdata/expected.json` holds what the real program printed; the tests compare.

mod clean;
mod json;
mod python;
mod query;
mod table;
mod text;
mod yaml;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::Value;

pub use clean::clean;
pub use query::{Query, QueryError};

/// A value of `--output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON with four blanks a level: the default.
    #[default]
    Json,
    /// One YAML document.
    Yaml,
    /// A YAML list that grows by one item with every page.
    YamlStream,
    /// Values between tabs.
    Text,
    /// Boxes for the eye.
    Table,
    /// Nothing.
    Off,
}

impl Format {
    /// All formats, in the order the AWS CLI lists them.
    pub const ALL: [Self; 6] =
        [Self::Json, Self::Text, Self::Table, Self::Yaml, Self::YamlStream, Self::Off];

    /// The name on the command line and in `~/.aws/config`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::YamlStream => "yaml-stream",
            Self::Text => "text",
            Self::Table => "table",
            Self::Off => "off",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| UnknownFormat(name.into()))
    }
}

/// No output format has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Unknown output type: {0}")]
pub struct UnknownFormat(String);

/// Why a result could not be printed. Both kinds end the AWS CLI with code 255.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The query does not fit the data.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The format cannot show a value of this shape; the words are the AWS CLI's.
    #[error("{0}")]
    Shape(String),
}

/// How results are printed.
#[derive(Debug)]
pub struct Renderer {
    /// The format.
    pub format: Format,
    /// What to print of each result; none: all of it.
    pub query: Option<Query>,
    /// Colours in tables, whoever reads: `--color on`, or `auto` on a terminal.
    pub color: bool,
    /// The output goes to a terminal: see [`clean`]. Piped output is the AWS CLI's.
    pub terminal: bool,
    /// Columns of the terminal, 80 without one: a wider table turns one-row boxes on
    /// their side.
    pub columns: usize,
}

impl Renderer {
    /// A renderer whose output is piped, not shown.
    pub fn new(format: Format, query: Option<Query>) -> Self {
        Self { format, query, color: false, terminal: false, columns: 80 }
    }

    /// The text of one result, its final line feed included; empty for formats that
    /// print nothing for it.
    ///
    /// `name` is the operation, `GetCallerIdentity`: the title of a table.
    ///
    /// # Errors
    /// The query or the format does not fit the data.
    pub fn render(&self, name: &str, value: &Value) -> Result<String, RenderError> {
        match self.select(value)? {
            Some(found) if python::is_empty_map(&found) => Ok(String::new()),
            Some(found) => self.print(name, &found),
            None => Ok(String::new()),
        }
    }

    /// The text of a result that came in pages, each as the service sent it.
    ///
    /// JSON, YAML and tables show one result, the pages' lists under `list_key` made
    /// one. Text prints the list of each page, a YAML stream each page with all its
    /// keys; the query then applies to every page on its own. `resume` is the token for
    /// further pages when `--max-items` cut the result short.
    ///
    /// # Errors
    /// The query or the format does not fit the data.
    pub fn render_pages(
        &self,
        name: &str,
        pages: impl IntoIterator<Item = Value>,
        list_key: &str,
        resume: Option<&str>,
    ) -> Result<String, RenderError> {
        let parts: Vec<Value> = match self.format {
            Format::YamlStream => pages.into_iter().collect(),
            Format::Text => text_pages(pages, list_key, resume),
            _ => return self.render(name, &merged(pages, list_key, resume)),
        };
        let mut out = String::new();
        for part in &parts {
            if let Some(found) = self.select(part)? {
                out += &self.print(name, &found)?;
            }
        }
        Ok(out)
    }

    /// The part the query asks for; nothing when nothing is to be printed at all.
    fn select<'a>(&self, value: &'a Value) -> Result<Option<Cow<'a, Value>>, RenderError> {
        match &self.query {
            _ if self.format == Format::Off => Ok(None),
            Some(query) => Ok(Some(Cow::Owned(query.search(value)?))),
            None => Ok(Some(Cow::Borrowed(value))),
        }
    }

    fn print(&self, name: &str, value: &Value) -> Result<String, RenderError> {
        let shown = if self.terminal { &clean::clean_tree(value) } else { value };
        match self.format {
            Format::Json => Ok(json::pretty(value, self.terminal)),
            Format::Yaml => Ok(yaml::document(value, self.terminal)),
            Format::YamlStream => Ok(yaml::item(value, self.terminal)),
            Format::Text => text::format(shown),
            Format::Table => table::format(name, shown, self.color, self.columns),
            Format::Off => Ok(String::new()),
        }
    }
}

/// The pages as one result. A list that no page has is left out.
fn merged(pages: impl IntoIterator<Item = Value>, list_key: &str, resume: Option<&str>) -> Value {
    let mut list: Option<Vec<Value>> = None;
    for mut page in pages {
        if let Some(Value::Array(items)) = page.get_mut(list_key).map(Value::take) {
            list.get_or_insert_default().extend(items);
        }
    }
    let list = list.map(|items| (list_key.to_owned(), Value::Array(items)));
    let token = resume.map(|token| ("NextToken".to_owned(), token.into()));
    list.into_iter().chain(token).collect()
}

/// The list of each page, null where a page has none, and then the token.
fn text_pages(
    pages: impl IntoIterator<Item = Value>,
    list_key: &str,
    resume: Option<&str>,
) -> Vec<Value> {
    let only_list = |mut page: Value| {
        let list = page.get_mut(list_key).map(Value::take).unwrap_or_default();
        serde_json::json!({ list_key: list })
    };
    let token = resume.map(|token| serde_json::json!({ "NextToken": { "NextToken": token } }));
    pages.into_iter().map(only_list).chain(token).collect()
}
