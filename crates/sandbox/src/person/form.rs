//! What a person sees of a page: its form, and what it says.

/// The first form of a page, tags and all.
pub(super) fn form(page: &str) -> Option<&str> {
    let start = page.find("<form ")?;
    let end = page[start..].find("</form>")?;
    Some(&page[start..start + end])
}

pub(super) fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let tags = html.match_indices(&format!("<{name} ")).map(|(at, _)| at).collect::<Vec<_>>();
    tags.into_iter().map(|at| html[at..].split('>').next().unwrap_or_default())
}

/// An attribute of the first tag in `html`. The sandbox's values need no more
/// unescaping than this.
pub(super) fn attribute(html: &str, name: &str) -> Option<String> {
    let tag = html.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split('"').next()?.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&"))
}

/// The text of the element with that ID.
pub(super) fn text<'a>(page: &'a str, id: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!(" id=\"{id}\""))?;
    let (_, rest) = rest.split_once('>')?;
    rest.split('<').next()
}
