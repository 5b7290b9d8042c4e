//! `env`: a profile's credentials as lines for the shell one is in.

use crate::app::App;
use crate::deliver::shells::{self, Shell};
use crate::deliver::variables::Settings;
use crate::deliver::{self, name_to_keep};
use crate::report::Done;
use crate::vars;
use clap::{Args, ValueEnum};
use daypass_core::provide::refuse_circle;
use daypass_core::resolve::{credentials, profile};
use daypass_core::{Error, Kind, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// Print a profile's credentials as lines for a shell
///
/// The lines hold secrets, good until the role session ends; run the command again for
/// new ones. Variables that could lead a program to other credentials are removed.
/// Where you can, use `daypass exec`: what it starts gets the credentials and nothing
/// else does.
#[derive(Args, Debug, Default)]
#[command(after_help = "sh, bash, zsh:  eval \"$(daypass env --profile NAME)\"\n\
                        fish:           daypass env --profile NAME | source\n\
                        PowerShell:     daypass env --profile NAME | Out-String | Invoke-Expression\n\
                        cmd.exe:        for /f \"delims=\" %i in ('daypass env --profile NAME --format cmd') do @%i\n\
                        Python:         exec(subprocess.check_output([\"daypass\", \"env\", \"--format\", \"python\"], text=True))\n\
                        docker:         daypass env --profile NAME --format dotenv > FILE; docker run --env-file FILE ...")]
pub struct Env {
    /// For whom the lines are [default: the shell in $SHELL; on Windows, powershell]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Print only the lines that take back what this command sets
    #[arg(long)]
    unset: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// sh, bash, zsh and others like them
    Sh,
    Fish,
    Powershell,
    /// cmd.exe
    Cmd,
    /// NAME=VALUE for docker and .env files; it cannot unset
    Dotenv,
    /// An object of names and values; null means: not set
    Json,
    /// Statements that change os.environ
    Python,
    /// A configuration file for GDAL: credentials for all of /vsis3/
    Gdal,
}

pub fn run(app: &App, wanted: &Env) -> Result<Done> {
    let format = or_native(wanted.format)?;
    if wanted.unset {
        return app.print(&undo(format)?);
    }
    let files = app.files()?;
    let chosen = deliver::chosen(app, &files);
    refuse_circle(&app.host, &chosen.name.value)?;
    let plan = credentials::plan(&app.host, &chosen)?;
    let region = profile::region(&app.request, &app.host, &chosen.profile)?;
    let aws = app.aws(&chosen)?;
    let provided = app.block_on(app.credentials(&aws, &chosen))?;
    app.note_use(&chosen);
    let mut settings = Settings::of_keys(&provided.credentials);
    if let Some(region) = region {
        settings.region(region.value.as_str());
    }
    // A name that needs quotes is not worth failing for: it is a convenience.
    // And one that is in no file would lead nowhere.
    let name = name_to_keep(&chosen, &plan).filter(|_| app.lines.is_none());
    if let Some(name) = name.filter(|name| shells::is_plain(name)) {
        settings.profile(name);
    }
    if app.ui.stdout_terminal {
        app.ui.note(
            "note: these lines are secret; `daypass env --help` shows how to load them unseen",
        );
    }
    app.print(&text(format, &settings)?)
}

/// The form that was asked for, or that of the user's shell.
///
/// # Errors
/// [`Kind::Usage`]: that shell has another language than those we speak.
pub(super) fn or_native(wanted: Option<Format>) -> Result<Format> {
    match wanted {
        Some(format) => Ok(format),
        None => native(vars::shell().as_deref().map(Path::new)),
    }
}

/// By the shell's name; one that nobody has heard of is taken for a kind of sh.
fn native(shell: Option<&Path>) -> Result<Format> {
    if cfg!(windows) {
        return Ok(Format::Powershell);
    }
    match shell.and_then(Path::file_name).and_then(|name| name.to_str()) {
        Some("fish") => Ok(Format::Fish),
        Some("pwsh") => Ok(Format::Powershell),
        Some(name @ ("csh" | "tcsh" | "nu" | "elvish" | "xonsh")) => {
            let message = format!("your shell is {name}, for which there are no lines");
            Err(Error::new(Kind::Usage, message)
                .hint("run the command with `daypass exec`, or choose a `--format`"))
        }
        _ => Ok(Format::Sh),
    }
}

fn undo(format: Format) -> Result<String> {
    if matches!(format, Format::Dotenv | Format::Gdal) {
        return Err(Error::new(Kind::Usage, "such a file cannot unset anything")
            .hint("remove the file, or what you have put into it"));
    }
    text(format, &Settings::undo())
}

pub(super) fn text(format: Format, settings: &Settings) -> Result<String> {
    let lines = |shell| lines(shell, settings);
    match format {
        Format::Sh => lines(Shell::Posix),
        Format::Fish => lines(Shell::Fish),
        Format::Powershell => lines(Shell::Powershell),
        Format::Cmd => lines(Shell::Cmd),
        Format::Dotenv => lines(Shell::Dotenv),
        Format::Python => Ok(format!("import os\n{}", lines(Shell::Python)?)),
        Format::Json => Ok(json(settings)),
        Format::Gdal => gdal(settings),
    }
}

fn lines(shell: Shell, settings: &Settings) -> Result<String> {
    let set = settings.set.iter().map(|(name, value)| shells::set(shell, name, value.expose()));
    Ok(shells::unset(shell, &settings.unset) + &set.collect::<Result<String>>()?)
}

/// A merge patch (RFC 7386) for an environment.
fn json(settings: &Settings) -> String {
    let unset = settings.unset.iter().map(|name| ((*name).to_owned(), Value::Null));
    let set = settings.set.iter();
    let set = set.map(|(name, value)| ((*name).to_owned(), Value::from(value.expose().as_str())));
    format!("{:#}\n", Value::Object(unset.chain(set).collect::<Map<_, _>>()))
}

/// Options of a path win over everything else GDAL could find, variables included,
/// which config options do not.
fn gdal(settings: &Settings) -> Result<String> {
    let options = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"];
    let wanted = settings.set.iter().filter(|(name, _)| options.contains(name));
    let lines = wanted.map(|(name, value)| shells::set(Shell::Dotenv, name, value.expose()));
    let lines: String = lines.collect::<Result<_>>()?;
    Ok(format!(
        "# GDAL reads this from ~/.gdal/gdalrc, or from the file in GDAL_CONFIG_FILE\n\
         [credentials]\n\n[.daypass]\npath=/vsis3/\n{lines}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(windows))]
    #[test]
    fn the_users_shell_decides_and_sh_is_assumed() {
        let native = |shell: &'static str| native(Some(Path::new(shell))).unwrap();
        assert_eq!(native("/usr/bin/fish"), Format::Fish);
        assert_eq!(native("/opt/microsoft/powershell/7/pwsh"), Format::Powershell);
        assert_eq!(native("/bin/zsh"), Format::Sh);
        assert_eq!(super::native(None).unwrap(), Format::Sh);
        let tcsh = super::native(Some(Path::new("/usr/bin/tcsh")));
        assert_eq!(tcsh.unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn a_file_cannot_undo() {
        for format in [Format::Dotenv, Format::Gdal] {
            assert_eq!(undo(format).unwrap_err().kind(), Kind::Usage);
        }
        assert!(undo(Format::Sh).unwrap().starts_with("unset AWS_ACCESS_KEY_ID "));
        assert!(undo(Format::Json).unwrap().contains("\"AWS_REGION\": null"));
    }
}
