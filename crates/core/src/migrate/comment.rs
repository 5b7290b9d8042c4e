//! Lines that set a key, put out of action.

use super::keys::Treatment;
use super::lines::assignments;
use super::places::Style;
use super::survey::{Found, Spot, in_lines};
use crate::error::{Error, Kind, Result};

const MARK: &str = "taken out by daypass migrate";

/// The text of a file without the keys that `wanted` names, each with what becomes of it.
///
/// All keys of a file at once, and looked for in the text as it is now: whatever is done
/// about one key moves the lines of the next, and somebody may have edited the file since.
///
/// # Errors
/// [`Kind::Config`] where one of them does not stand there any more as it was found.
pub fn put_out(text: &str, wanted: &[(&Found, &Treatment)]) -> Result<String> {
    let Some((Found { spot: Spot::Lines { path, style, .. }, shown, .. }, _)) = wanted.first()
    else {
        return Ok(text.to_owned());
    };
    let here = in_lines(path, *style, shown, text);
    if let Some((lost, _)) = wanted.iter().find(|(one, _)| !here.iter().any(|it| is_same(it, one)))
    {
        let message = format!("{shown} is not as it was when it was looked into");
        return Err(Error::new(Kind::Config, message)
            .because(format!("access key {} does not stand there as it did", lost.id))
            .hint("nothing was changed in any file: run `daypass migrate` again"));
    }
    let groups = here.iter().filter_map(|it| {
        let (_, treatment) = wanted.iter().find(|(one, _)| is_same(it, one))?;
        Group::of(it, treatment)
    });
    Ok(rewrite(text, *style, &groups.collect::<Vec<_>>()))
}

fn is_same(here: &Found, wanted: &Found) -> bool {
    let is_secret_same = match (&here.secret, &wanted.secret) {
        (Some(here), Some(wanted)) => here.expose() == wanted.expose(),
        (here, wanted) => here.is_none() && wanted.is_none(),
    };
    let stays = matches!(here.spot, Spot::Lines { stays: true, .. });
    !stays && is_secret_same && here.id == wanted.id && here.kind == wanted.kind
}

/// The lines of one key.
struct Group<'a> {
    lines: &'a [usize],
    /// Nothing is left of them; else they become comments, without their secrets.
    is_deleted: bool,
    /// What comes after the last of them.
    instead: Option<String>,
}

impl<'a> Group<'a> {
    fn of(found: &'a Found, treatment: &Treatment) -> Option<Self> {
        let Spot::Lines { style, lines, names_profile, .. } = &found.spot else {
            return None;
        };
        let profile = match treatment {
            Treatment::Store(name) | Treatment::Replace(name) => Some(name),
            Treatment::TakeOut => None,
            Treatment::Leave => return None,
        };
        let instead = profile.filter(|_| !names_profile).map(|name| style.profile_line(name));
        Some(Self { lines, is_deleted: *treatment == Treatment::TakeOut, instead })
    }
}

fn rewrite(text: &str, style: Style, groups: &[Group<'_>]) -> String {
    let mut done = String::with_capacity(text.len());
    // Of the lines next to each other that went last: how the first of them was indented.
    let mut bare: Option<String> = None;
    for (at, whole) in text.split_inclusive('\n').enumerate() {
        let number = at + 1;
        let line = whole.trim_end_matches(['\r', '\n']);
        let ending = if line.len() == whole.len() { "\n" } else { &whole[line.len()..] };
        let mine: Vec<_> = groups.iter().filter(|one| one.lines.contains(&number)).collect();
        if mine.is_empty() {
            done += whole;
            continue;
        }
        if !mine.iter().all(|one| one.is_deleted) {
            done += &format!("# {}  # {MARK}{}", masked(text, number, line), &whole[line.len()..]);
        }
        let is_first = at == 0 || !groups.iter().any(|one| one.lines.contains(&at));
        if is_first {
            bare = Some(line[..line.len() - line.trim_start().len()].to_owned());
        }
        let mut put = |line: &str| {
            if !done.is_empty() && !done.ends_with('\n') {
                done += ending;
            }
            done += &format!("{line}{ending}");
        };
        for one in mine.iter().filter(|one| one.lines.iter().max() == Some(&number)) {
            if let Some(instead) = &one.instead {
                put(instead);
                bare = None;
            }
        }
        let is_last = !groups.iter().any(|one| one.lines.contains(&(number + 1)));
        // The body of a function or an `if` may have been these lines alone, and a shell
        // takes no empty one.
        if let Some(indent) = bare.take_if(|_| is_last && style == Style::Shell) {
            put(&format!("{indent}:  # {MARK}"));
        }
    }
    done
}

/// A line with stars for its secrets.
fn masked(text: &str, number: usize, line: &str) -> String {
    let mut masked = line.to_owned();
    let all = assignments(text);
    // From the end, so that the places before stay right.
    for one in all.iter().rev().filter(|one| one.line == number && is_secret(one.name)) {
        masked.replace_range(one.span.clone(), "****");
    }
    masked
}

fn is_secret(name: &str) -> bool {
    !name.ends_with("PROFILE") && name != "AWS_ACCESS_KEY_ID"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const A: &str = "AKIAIOSFODNN7EXAMPLE";
    const B: &str = "AKIAI44QH8DHBEXAMPLE";

    fn found(style: Style, text: &str) -> Vec<Found> {
        in_lines(Path::new("/x"), style, "~/x", text)
    }

    /// What becomes of a text whose keys get these treatments, in the order of their IDs'
    /// first places.
    fn out(style: Style, text: &str, treatments: &[Treatment]) -> String {
        let found = found(style, text);
        let mut ids: Vec<&str> = Vec::new();
        found.iter().for_each(|one| {
            if !ids.contains(&one.id.as_str()) {
                ids.push(&one.id);
            }
        });
        let of = |one: &Found| ids.iter().position(|id| *id == one.id).map(|at| &treatments[at]);
        let wanted: Vec<_> = found.iter().filter_map(|one| Some((one, of(one)?))).collect();
        put_out(text, &wanted).expect("put out")
    }

    fn store(name: &str) -> Treatment {
        Treatment::Store(name.to_owned())
    }

    #[test]
    fn a_commented_line_has_no_secret_any_more_and_the_profile_comes_after_it() {
        let text =
            format!("a\r\nexport AWS_ACCESS_KEY_ID={A}\r\nexport AWS_SECRET_ACCESS_KEY='s3'\r\nb");
        assert_eq!(
            out(Style::Shell, &text, &[store("robot")]),
            format!(
                "a\r\n# export AWS_ACCESS_KEY_ID={A}  # taken out by daypass migrate\r\n\
                 # export AWS_SECRET_ACCESS_KEY='****'  # taken out by daypass migrate\r\n\
                 export AWS_PROFILE=robot\r\nb"
            )
        );
        let text = format!("AWS_ACCESS_KEY_ID={A} AWS_SECRET_ACCESS_KEY=s");
        assert_eq!(
            out(Style::Variables, &text, &[store("p")]),
            format!(
                "# AWS_ACCESS_KEY_ID={A} AWS_SECRET_ACCESS_KEY=****  \
                 # taken out by daypass migrate\nAWS_PROFILE=p\n"
            )
        );
    }

    #[test]
    fn lines_that_are_taken_out_leave_nothing_in_a_file_of_variables() {
        let text = format!("a\nAWS_ACCESS_KEY_ID={A}\nAWS_SECRET_ACCESS_KEY=s\nb");
        assert_eq!(out(Style::Variables, &text, &[Treatment::TakeOut]), "a\nb");
    }

    #[test]
    fn every_key_of_a_file_goes_whatever_became_of_the_one_before() {
        let pair = |id: &str, secret: &str| {
            format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n")
        };
        let gone = |id: &str, name: &str| {
            format!(
                "# AWS_ACCESS_KEY_ID={id}  # taken out by daypass migrate\n\
                 # AWS_SECRET_ACCESS_KEY=****  # taken out by daypass migrate\n\
                 AWS_PROFILE={name}\n"
            )
        };
        let two = [pair(A, "s1"), pair(B, "s2"), "X=1\n".to_owned()].concat();
        assert_eq!(
            out(Style::Variables, &two, &[store("a"), store("b")]),
            [gone(A, "a"), gone(B, "b"), "X=1\n".to_owned()].concat()
        );
        assert_eq!(
            out(Style::Variables, &two, &[Treatment::TakeOut, store("b")]),
            [gone(B, "b"), "X=1\n".to_owned()].concat()
        );
        let twice = [pair(A, "s1"), "X=1\n".to_owned(), pair(A, "s1"), "Y=2\n".to_owned()];
        assert_eq!(
            out(Style::Variables, &twice.concat(), &[store("a")]),
            [gone(A, "a"), "X=1\n".to_owned(), gone(A, "a"), "Y=2\n".to_owned()].concat()
        );
    }

    #[test]
    fn a_file_that_was_edited_meanwhile_is_looked_into_again() {
        let text = format!("AWS_ACCESS_KEY_ID={A}\nAWS_SECRET_ACCESS_KEY=s1\n");
        let found = found(Style::Variables, &text);
        let take_out = Treatment::TakeOut;
        let wanted: Vec<_> = found.iter().map(|one| (one, &take_out)).collect();
        let moved = format!("X=1\nY=2\n{text}Z=3\n");
        assert_eq!(put_out(&moved, &wanted).expect("put out"), "X=1\nY=2\nZ=3\n");
        // Another secret is another key, which nobody has put anywhere.
        let error = put_out(&text.replace("s1", "s2"), &wanted).expect_err("refused");
        assert!(error.to_string().contains("~/x is not as it was"), "{error}");
    }

    #[test]
    fn a_body_of_nothing_but_keys_is_not_left_empty() {
        let text = format!(
            "work() {{\n  export AWS_ACCESS_KEY_ID={A}\n  export AWS_SECRET_ACCESS_KEY=s\n}}\n"
        );
        assert_eq!(
            out(Style::Shell, &text, &[Treatment::TakeOut]),
            "work() {\n  :  # taken out by daypass migrate\n}\n"
        );
        let named = format!("{text}export AWS_PROFILE=mine\n");
        let after = out(Style::Shell, &named, &[store("p")]);
        let body = "****  # taken out by daypass migrate\n  :  # taken out by daypass migrate\n}\n";
        assert!(after.contains(body), "{after}");
        // Lines that stand apart have a body each.
        let apart = format!(
            "if a; then\nexport AWS_ACCESS_KEY_ID={A}\nfi\nif b; then\n\
             export AWS_SECRET_ACCESS_KEY=s\nfi\n"
        );
        let after = out(Style::Shell, &apart, &[store("p")]);
        assert!(after.contains("migrate\n:  # taken out by daypass migrate\nfi\n"), "{after}");
        assert!(after.ends_with("migrate\nexport AWS_PROFILE=p\nfi\n"), "{after}");
    }

    #[test]
    fn lines_of_a_longer_command_stay() {
        for text in [
            format!("AWS_ACCESS_KEY_ID={A} \\\nAWS_SECRET_ACCESS_KEY=s \\\nterraform plan\n"),
            format!("true &&\nexport AWS_ACCESS_KEY_ID={A} AWS_SECRET_ACCESS_KEY=s\n"),
            format!(
                "AWS_ACCESS_KEY_ID={A} AWS_SECRET_ACCESS_KEY=s; \
                 AWS_ACCESS_KEY_ID={B} AWS_SECRET_ACCESS_KEY=t\n"
            ),
        ] {
            let found = found(Style::Shell, &text);
            assert!(!found.is_empty());
            for one in found {
                assert!(matches!(one.spot, Spot::Lines { stays: true, .. }), "{text}");
            }
        }
        let text = format!("# or \\\nAWS_ACCESS_KEY_ID={A}\nAWS_SECRET_ACCESS_KEY=s\n");
        assert!(matches!(found(Style::Shell, &text)[0].spot, Spot::Lines { stays: false, .. }));
    }
}
