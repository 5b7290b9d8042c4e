//! Becoming the command.

use crate::app::App;
use crate::deliver::variables::{COMPETING, Settings};
use crate::report::{self, Done};
use crate::vars;
use daypass_core::{Error, Kind, Result};
use std::ffi::OsString;
use std::io;
use std::process::Command;

/// No core dump and no debugger sees this process; the command starts afresh, with
/// the limits that its user has set.
pub fn keep_private() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Runs the words in our place; returns only where that cannot be done.
pub fn launch(
    app: &App,
    words: &[OsString],
    settings: &Settings,
    signals: &Signals,
) -> Result<Done> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Error::new(Kind::Usage, "the command is missing"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    apply(settings, &mut command);
    signals.none_came()?;
    let error = match replace(command) {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    let told = Error::new(Kind::Config, format!("cannot run `{}`", program.display()))
        .because(error.to_string());
    let told = match arguments.is_empty() && program.to_string_lossy().contains(' ') {
        true => told.hint("give the command and its arguments as words of their own"),
        false => told,
    };
    app.ui.complain(&report::text(&told, app.global.output, app.manners));
    Ok(Done::Child(report::unstartable(&error)))
}

fn apply(settings: &Settings, command: &mut Command) {
    for name in vars::names(|name| settings.unset.contains(&name)) {
        let why = COMPETING.iter().find(|(competing, _)| *competing == name);
        tracing::debug!(%name, why = why.map_or("", |(_, why)| why), "a variable is removed");
        command.env_remove(name);
    }
    command.env_remove(vars::COPIES);
    for (name, kept) in vars::COPIED {
        command.env_remove(kept);
        match vars::own(name) {
            Some(own) => command.env(name, own),
            None => command.env_remove(name),
        };
    }
    command.env_remove(vars::PROFILE);
    command.envs(settings.set.iter().map(|(name, value)| (name, value.expose())));
}

#[cfg(unix)]
fn replace(mut command: Command) -> io::Result<Done> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

/// There is nothing like it: the command is a child that has the terminal.
#[cfg(not(unix))]
fn replace(command: Command) -> io::Result<Done> {
    use crate::commands::sandbox::child;
    child::run(command).map(|status| Done::Child(child::exit_code(status)))
}

#[cfg(unix)]
pub use posix::Signals;
#[cfg(not(unix))]
pub use windows::Signals;

#[cfg(unix)]
mod posix {
    use crate::{app, vars};
    use daypass_core::Result;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Requests to end that come when nobody listens any more, and the command is not
    /// there yet.
    pub struct Signals(Vec<(i32, Arc<AtomicBool>)>);

    impl Signals {
        pub fn watch() -> Self {
            let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|s| !vars::is_ignored(*s));
            let flagged = wanted.filter_map(|signal| {
                let flag = Arc::new(AtomicBool::new(false));
                signal_hook::flag::register(signal, Arc::clone(&flag)).ok()?;
                Some((signal, flag))
            });
            Self(flagged.collect())
        }

        pub fn none_came(&self) -> Result<()> {
            match self.0.iter().find(|(_, flag)| flag.load(Ordering::SeqCst)) {
                None => Ok(()),
                Some((SIGINT, _)) => Err(app::interrupted()),
                Some((SIGHUP, _)) => Err(app::hung_up()),
                Some(_) => Err(app::terminated()),
            }
        }
    }
}

#[cfg(not(unix))]
mod windows {
    use daypass_core::Result;

    /// Ctrl-C ends us until the child is there, which has the console then.
    pub struct Signals;

    impl Signals {
        pub fn watch() -> Self {
            Self
        }

        pub fn none_came(&self) -> Result<()> {
            Ok(())
        }
    }
}
