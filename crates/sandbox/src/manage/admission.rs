//! Who is let in: no web page, and nobody without the token.

use super::Problem;
use crate::control::Control;
use crate::http::Ask;
use crate::random::digest;
use crate::rooms::{Rooms, behind};

/// What a request may do.
pub(super) enum Admitted<'a> {
    /// It asks for the description, which is no secret.
    Anybody,
    /// It is about this world.
    To {
        control: Control,
        /// Present for the token that manages everything, outside of a world's prefix.
        rooms: Option<&'a Rooms>,
        /// The path without the world's prefix.
        path: &'a str,
    },
}

pub(super) fn check<'a>(rooms: &'a Rooms, ask: &'a Ask) -> Result<Admitted<'a>, Problem> {
    check_origin(ask)?;
    if ask.path == "/openapi.json" && ask.method == ::http::Method::GET {
        return Ok(Admitted::Anybody);
    }
    let token = bearer(ask).unwrap_or_default();
    let master = same(token, rooms.token());
    let Some((name, path)) = behind(&ask.path) else {
        let control = Control::new(rooms.main().clone());
        return allowed(master).map(|()| Admitted::To {
            control,
            rooms: Some(rooms),
            path: &ask.path,
        });
    };
    let lodger = rooms.lodger(name);
    allowed(master || lodger.as_ref().is_some_and(|lodger| same(token, &lodger.token)))?;
    let lodger = lodger.ok_or_else(|| Problem::absent(format!("there is no world `{name}`")))?;
    Ok(Admitted::To { control: Control::new(lodger.shared), rooms: None, path })
}

/// A name that was rebound to 127.0.0.1 is a web page's doing; so is an `Origin`.
fn check_origin(ask: &Ask) -> Result<(), Problem> {
    let host = ask.header("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost"].contains(&name) {
        return Err(Problem::new(421, "misdirected", "the management answers to 127.0.0.1 only"));
    }
    if ask.headers.contains_key("origin") {
        return Err(Problem::new(403, "forbidden", "the management does not answer web pages"));
    }
    Ok(())
}

fn bearer(ask: &Ask) -> Option<&str> {
    let (scheme, token) = ask.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn allowed(fine: bool) -> Result<(), Problem> {
    let text = "this takes `Authorization: Bearer TOKEN` with the sandbox's token";
    if fine { Ok(()) } else { Err(Problem::new(401, "unauthorized", text)) }
}

/// In a time that says nothing about the token: digests are compared, all of them.
fn same(given: &str, token: &str) -> bool {
    let pairs = digest(&[given]).into_iter().zip(digest(&[token]));
    pairs.fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        assert!(same("abc", "abc"));
        for other in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(!same(other, "abc"), "{other}");
        }
    }
}
