//! Lines that set a key, put out of action.

use super::lines::assignments;

const MARK: &str = "taken out by daypass migrate";

/// The text with these lines commented out, their secrets masked, and `instead` after
/// the last of them.
pub fn comment_out(text: &str, lines: &[usize], instead: Option<&str>) -> String {
    let all = assignments(text);
    rewrite(text, lines, instead, |number, line| {
        let mut masked = line.to_owned();
        // From the end, so that the places before stay right.
        let spans = all.iter().filter(|one| one.line == number && is_secret(one.name));
        for one in spans.collect::<Vec<_>>().into_iter().rev() {
            masked.replace_range(one.span.clone(), "****");
        }
        Some(format!("# {masked}  # {MARK}"))
    })
}

/// The text without these lines.
pub fn take_out(text: &str, lines: &[usize]) -> String {
    rewrite(text, lines, None, |_, _| None)
}

fn is_secret(name: &str) -> bool {
    !name.ends_with("PROFILE") && name != "AWS_ACCESS_KEY_ID"
}

fn rewrite(
    text: &str,
    lines: &[usize],
    instead: Option<&str>,
    change: impl Fn(usize, &str) -> Option<String>,
) -> String {
    let last = lines.iter().max().copied();
    let mut done = String::with_capacity(text.len());
    for (at, whole) in text.split_inclusive('\n').enumerate() {
        let number = at + 1;
        let line = whole.trim_end_matches(['\r', '\n']);
        let ending = &whole[line.len()..];
        match lines.contains(&number) {
            false => done += whole,
            true => done += &change(number, line).map(|line| line + ending).unwrap_or_default(),
        }
        if let Some(instead) = instead.filter(|_| last == Some(number)) {
            let ending = if ending.is_empty() { "\n" } else { ending };
            if !done.ends_with('\n') {
                done += ending;
            }
            done += &format!("{instead}{ending}");
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "a\r\nexport AWS_ACCESS_KEY_ID=AKIA1\r\nexport AWS_SECRET_ACCESS_KEY='s3'\r\nb";

    #[test]
    fn a_commented_line_has_no_secret_any_more_and_the_profile_comes_after_it() {
        assert_eq!(
            comment_out(TEXT, &[2, 3], Some("export AWS_PROFILE=robot")),
            "a\r\n# export AWS_ACCESS_KEY_ID=AKIA1  # taken out by daypass migrate\r\n\
             # export AWS_SECRET_ACCESS_KEY='****'  # taken out by daypass migrate\r\n\
             export AWS_PROFILE=robot\r\nb"
        );
        let last = comment_out("AWS_SECRET_ACCESS_KEY=s", &[1], Some("AWS_PROFILE=p"));
        assert_eq!(
            last,
            "# AWS_SECRET_ACCESS_KEY=****  # taken out by daypass migrate\nAWS_PROFILE=p\n"
        );
    }

    #[test]
    fn lines_that_are_taken_out_leave_nothing() {
        assert_eq!(take_out(TEXT, &[2, 3]), "a\r\nb");
    }
}
