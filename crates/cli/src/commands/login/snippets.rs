//! What to write into a notebook, with the profile's name filled in.

use crate::app::App;
use crate::output::clean;
use daypass_core::files::Files;
use daypass_core::resolve::Origin;
use daypass_core::resolve::profile::{Chosen, Profile};
use daypass_core::resolve::sso::{self, SessionPlan};

/// Shows the three, on standard error; `asked` for where that is no terminal.
pub fn show(app: &App, files: &Files, chosen: &Chosen<'_>, plan: &SessionPlan, asked: bool) {
    if !asked && !app.ui.stderr_terminal {
        return;
    }
    match profile(files, chosen, plan) {
        Some(name) => app.ui.complain(&text(&name)),
        None => app.ui.note(
            "No profile uses this login yet: make one with `daypass configure sso`, and name it in \
             your notebook.",
        ),
    }
}

/// The profile that was named, if it belongs to the login; else the first that does.
fn profile(files: &Files, chosen: &Chosen<'_>, plan: &SessionPlan) -> Option<String> {
    let belongs = |name: &str| {
        let profile = Profile::named(files, name);
        let login = sso::of_profile(&profile, name);
        sso::names_a_role(&profile) && login.is_ok_and(|login| is_the_same(&login, plan))
    };
    if chosen.name.origin != Origin::Default && belongs(&chosen.name.value) {
        return Some(chosen.name.value.clone());
    }
    files.config.parsed.profiles().find(|name| belongs(name)).map(str::to_owned)
}

fn is_the_same(one: &SessionPlan, other: &SessionPlan) -> bool {
    one.name == other.name && one.start_url.value == other.start_url.value
}

/// The lines. The profile is named in each: a hub's own role, in `AWS_ROLE_ARN` and
/// `AWS_WEB_IDENTITY_TOKEN_FILE`, would else come first.
fn text(profile: &str) -> String {
    let name = python(profile);
    format!(
        "\nIn a notebook, name the profile, since a hub may have a role of its own that comes first:\n\n\
         # boto3\n\
         import boto3\n\
         s3 = boto3.Session(profile_name={name}).client(\"s3\")\n\n\
         # s3fs, and pandas, xarray or zarr with storage_options={{\"profile\": {name}}}\n\
         import s3fs\n\
         fs = s3fs.S3FileSystem(profile={name})\n\n\
         # GDAL 3.12 or later, before the first file is opened\n\
         from osgeo import gdal\n\
         gdal.SetConfigOption(\"AWS_PROFILE\", {name})\n\
         # rasterio, whatever its GDAL: with rasterio.Env(profile_name={name}): ...\n\n"
    )
}

/// A name as Python reads it.
fn python(name: &str) -> String {
    let escaped: String = clean(name)
        .chars()
        .flat_map(|c| match c {
            '"' | '\\' => vec!['\\', c],
            c => vec![c],
        })
        .collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_quotes() {
        assert_eq!(python("disasters-sso"), "\"disasters-sso\"");
        assert_eq!(python("a\"b\\"), "\"a\\\"b\\\\\"");
        let text = text("p 1");
        assert_eq!(text.matches("\"p 1\"").count(), 5, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}
