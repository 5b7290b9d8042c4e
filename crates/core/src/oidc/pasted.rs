//! The address a browser ended on, carried back by hand.

use super::callback::Answer;
use super::pkce::State;
use super::registration::CALLBACK_PATH;
use std::collections::HashMap;
use std::fmt;
use vault::Secret;

/// What was pasted is not the answer that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing.
    Empty,
    /// Some other page's address.
    Elsewhere,
    /// Nothing but the code: what it belongs to cannot be seen.
    NoState,
    /// The answer to another login.
    OtherLogin,
    /// Neither a code nor an error.
    NoCode,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wrong::Empty => "Nothing was pasted.",
            Wrong::Elsewhere => {
                "That is not it yet: the address begins with http://127.0.0.1. Allow the request \
                 in the browser first."
            }
            Wrong::NoState => "A part of the address is missing: copy the whole of it.",
            Wrong::OtherLogin => "That belongs to another login, perhaps of an older tab.",
            Wrong::NoCode => "There is no code in it: copy the whole address.",
        })
    }
}

/// Reads a pasted address of the callback at `port`, for the login of `state`.
///
/// Line feeds and blanks are taken out: a terminal or a mail program may have put them
/// in, and no address has any.
///
/// # Errors
/// What is wrong with it.
pub fn read(pasted: &Secret<String>, port: u16, state: &State) -> Result<Answer, Wrong> {
    let text = Secret::new(pasted.expose().split_whitespace().collect::<String>());
    let text = text.expose().trim_matches(|c| "<>\"'`".contains(c));
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    // Browsers hide the scheme, and some copy what they show.
    let rest = text.strip_prefix("http://").unwrap_or(text);
    let rest = ["127.0.0.1", "localhost"]
        .iter()
        .find_map(|host| rest.strip_prefix(&format!("{host}:{port}{CALLBACK_PATH}")))
        .ok_or(Wrong::Elsewhere)?;
    let query = rest.split('#').next().unwrap_or_default();
    let query = query.strip_prefix('?').ok_or(Wrong::NoCode)?;
    let mut query: HashMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    // Taken out, so that no copy outlives the answer.
    let (code, theirs) = (query.remove("code").map(Secret::new), query.remove("state"));
    let theirs = theirs.map(Secret::new).ok_or(Wrong::NoState)?;
    if !state.matches(theirs.expose()) {
        return Err(Wrong::OtherLogin);
    }
    if let Some(error) = query.remove("error") {
        return Ok(Answer::Refused { error, description: query.remove("error_description") });
    }
    code.map(Answer::Code).ok_or(Wrong::NoCode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State::of("the-state")
    }

    fn read_text(text: &str) -> Result<Answer, Wrong> {
        read(&Secret::from(text), 8400, &state())
    }

    fn code(text: &str) -> String {
        match read_text(text) {
            Ok(Answer::Code(code)) => code.expose().clone(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_code_is_found_however_the_address_was_copied() {
        for text in [
            "http://127.0.0.1:8400/oauth/callback?code=a%2Bb&state=the-state",
            "127.0.0.1:8400/oauth/callback?state=the-state&code=a%2Bb",
            "  http://localhost:8400/oauth/callback?code=a%2Bb&state=the-state\r\n",
            "http://127.0.0.1:8400/oauth/call\nback?code=a%2Bb&st ate=the-state#",
            "<http://127.0.0.1:8400/oauth/callback?code=a%2Bb&state=the-state>",
        ] {
            assert_eq!(code(text), "a+b", "{text}");
        }
    }

    #[test]
    fn what_is_something_else_is_said_to_be() {
        let at = |query: &str| format!("http://127.0.0.1:8400/oauth/callback{query}");
        for (text, wrong) in [
            (" \n".to_owned(), Wrong::Empty),
            (
                "https://oidc.us-east-1.amazonaws.com/authorize?state=the-state".into(),
                Wrong::Elsewhere,
            ),
            (
                "http://127.0.0.1:8401/oauth/callback?code=a&state=the-state".into(),
                Wrong::Elsewhere,
            ),
            ("http://127.0.0.1:8400/other?code=a&state=the-state".into(), Wrong::Elsewhere),
            ("a-code-alone".into(), Wrong::Elsewhere),
            (at(""), Wrong::NoCode),
            (at("?code=a"), Wrong::NoState),
            (at("?code=a&state=the-stat"), Wrong::OtherLogin),
            (at("?state=the-state"), Wrong::NoCode),
        ] {
            assert_eq!(read_text(&text).unwrap_err(), wrong, "{text}");
        }
    }

    #[test]
    fn a_refusal_is_an_answer_too() {
        let text = "http://127.0.0.1:8400/oauth/callback?error=access_denied&error_description=No&state=the-state";
        match read_text(text).unwrap() {
            Answer::Refused { error, description } => {
                assert_eq!((error.as_str(), description.as_deref()), ("access_denied", Some("No")));
            }
            Answer::Code(_) => panic!("no code was sent"),
        }
    }
}
