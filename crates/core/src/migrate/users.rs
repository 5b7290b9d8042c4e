//! What uses a profile: whoever changes it wants to know.

use crate::files::{Files, LoadedFile};
use awsconfig::SectionName;

/// Something that uses a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// `profile deploy (source_profile)`.
    pub what: String,
    /// `~/.aws/config:9`.
    pub place: String,
}

/// What in the two files, and in the start-up files' `AWS_PROFILE`, uses a profile.
pub fn uses(files: &Files, names: &[(String, String)], profile: &str) -> Vec<Use> {
    let mut found: Vec<Use> = in_file(&files.config, profile).collect();
    found.extend(in_file(&files.credentials, profile));
    let named = names.iter().filter(|(_, named)| named == profile);
    found.extend(
        named.map(|(place, _)| Use { what: "AWS_PROFILE".to_owned(), place: place.clone() }),
    );
    found
}

fn in_file<'f>(file: &'f LoadedFile, profile: &'f str) -> impl Iterator<Item = Use> + 'f {
    let profiles = file.parsed.sections().filter_map(move |(name, section)| match name {
        SectionName::Profile(name) if name != profile => Some((name, section)),
        _ => None,
    });
    profiles.flat_map(move |(name, section)| {
        ["source_profile", "credential_process"].into_iter().filter_map(move |key| {
            let value = section.get(key)?;
            let text = value.as_str()?;
            let fits = match key {
                "source_profile" => text == profile,
                _ => names_profile(text, profile),
            };
            fits.then(|| Use {
                what: format!("profile {name} ({key})"),
                place: format!("{}:{}", file.shown, value.line),
            })
        })
    })
}

/// Whether a command line has `--profile NAME`, or ends in the name.
fn names_profile(command: &str, profile: &str) -> bool {
    let words: Vec<&str> =
        command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let joined = format!("--profile={profile}");
    words.windows(2).any(|pair| pair == ["--profile", profile])
        || words.contains(&joined.as_str())
        || words.len() > 1 && words.last() == Some(&profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_a_profile_by_option_or_as_its_last_word() {
        assert!(names_profile("aws-vault exec --json robot", "robot"));
        assert!(names_profile("x --profile robot y", "robot"));
        assert!(
            names_profile("x --profile=\"robot\"", "robot")
                || names_profile("x --profile=robot", "robot")
        );
        assert!(!names_profile("robot", "robot"));
        assert!(!names_profile("x --profile robots", "robot"));
    }
}
