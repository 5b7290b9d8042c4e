//! A profile or an sso-session taken away, with all that it left on this machine.
//!
//! What it left goes first and the config file last: whoever is killed in between can
//! ask for the same again, since the file still names what is to go.

use crate::clocks::history;
use crate::edit::{Step, transact};
use crate::error::{Error, Kind, Result, quoted};
use crate::files::Files;
use crate::host::Host;
use crate::kept;
use crate::logout::{self, LoggedOut, Services};
use crate::oidc::registration;
use crate::provide::{family, identity};
use crate::resolve::profile::{Chosen, Profile};
use crate::resolve::sso::{self, SessionPlan};
use crate::resolve::{Connection, Origin, Sourced, credentials};
use awsconfig::{FileKind, SectionName};
use hot::keys::KEPT_KEYS;
use vault::{RecordName, Store as _};

/// What is to go.
#[derive(Clone, Debug)]
pub enum Target {
    /// A profile, and nothing that others use.
    Profile(String),
    /// An sso-session, and the profiles that have no login without it.
    Session(String),
}

/// What goes with it, and whom that concerns.
#[derive(Clone, Debug)]
pub struct Survey {
    target: Target,
    /// The profiles that go.
    pub profiles: Vec<String>,
    /// Profiles that stay and name one of them as their source, with the place.
    pub dependents: Vec<(String, String)>,
    /// The sso-session that nobody uses afterwards.
    pub idle_session: Option<String>,
    /// Names of long-lived access keys in the store that go, and are nowhere else.
    pub keys: Vec<String>,
    /// The login that ends: of the session, or of a profile in the legacy form.
    pub login: Option<SessionPlan>,
    /// Why a session's login cannot be looked for: its section is incomplete.
    pub unknown_login: Option<Error>,
}

/// Looks at what goes with a profile or session.
///
/// # Errors
/// [`Kind::Profile`] and [`Kind::Config`] where there is no such thing.
pub fn survey(files: &Files, target: Target) -> Result<Survey> {
    let profiles = match &target {
        Target::Profile(name) => {
            let profile = Profile::named(files, name);
            if !profile.exists() {
                let name = Sourced::new(name.clone(), Origin::Flag("--profile"));
                Chosen { name, profile }.must_exist()?;
            }
            vec![name.clone()]
        }
        Target::Session(name) => {
            check_session(files, name)?;
            users_of(files, name)
        }
    };
    let (login, unknown_login) = match login_of(files, &target, &profiles) {
        Some(Ok(plan)) => (Some(plan), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    Ok(Survey {
        dependents: dependents(files, &profiles),
        idle_session: idle_session(files, &target),
        keys: keys_of(files, &profiles),
        login,
        unknown_login,
        profiles,
        target,
    })
}

fn check_session(files: &Files, name: &str) -> Result<()> {
    let section = SectionName::SsoSession(name.to_owned());
    match files.config.parsed.section(&section) {
        Some(_) => Ok(()),
        None => Err(Error::new(Kind::Config, format!("there is no sso-session {}", quoted(name)))
            .because(format!("{} has no such section", files.config.shown))
            .hint("`daypass status` lists those that there are")),
    }
}

fn users_of(files: &Files, session: &str) -> Vec<String> {
    let uses = |name: &&str| {
        let found = Profile::named(files, name).sso("sso_session");
        found.is_some_and(|found| found.value == session)
    };
    files.config.parsed.profiles().filter(uses).map(str::to_owned).collect()
}

/// A session's own login; a legacy profile's, unless another profile has the same.
fn login_of(files: &Files, target: &Target, going: &[String]) -> Option<Result<SessionPlan>> {
    match target {
        Target::Session(name) => Some(sso::session(files, name, Origin::Flag("--sso-session"))),
        Target::Profile(name) => {
            let plan_of = |name: &str| {
                let profile = Profile::named(files, name);
                profile.sso("sso_session").is_none().then_some(())?;
                profile.sso("sso_start_url")?;
                sso::of_profile(&profile, name).ok()
            };
            let plan = plan_of(name)?;
            let mut others = files
                .config
                .parsed
                .profiles()
                .filter(|other| !going.iter().any(|name| name == other));
            let shared = others.any(|other| {
                plan_of(other).is_some_and(|other| other.start_url.value == plan.start_url.value)
            });
            (!shared).then_some(Ok(plan))
        }
    }
}

fn dependents(files: &Files, going: &[String]) -> Vec<(String, String)> {
    let names = [&files.config, &files.credentials].into_iter().flat_map(|f| f.parsed.profiles());
    let mut found: Vec<(String, String)> = names
        .filter(|name| !going.iter().any(|gone| gone == name))
        .filter_map(|name| {
            let source = Profile::named(files, name).get("source_profile")?;
            let goes = going.iter().any(|gone| gone == source.value);
            goes.then(|| (name.to_owned(), source.origin.to_string()))
        })
        .collect();
    found.dedup();
    found
}

fn idle_session(files: &Files, target: &Target) -> Option<String> {
    let Target::Profile(name) = target else { return None };
    let session = Profile::named(files, name).sso("sso_session")?.value.to_owned();
    let known = files.config.parsed.sso_sessions().any(|known| known == session);
    let alone = users_of(files, &session).iter().all(|user| user == name);
    (known && alone).then_some(session)
}

fn keys_of(files: &Files, going: &[String]) -> Vec<String> {
    let kept = |name: &str| Some(Profile::named(files, name).get(KEPT_KEYS)?.value.to_owned());
    let stays = |key: &String| {
        let mut others =
            files.config.parsed.profiles().filter(|name| !going.iter().any(|g| g == name));
        others.any(|name| kept(name).as_ref() == Some(key))
    };
    going.iter().filter_map(|name| kept(name)).filter(|key| !stays(key)).collect()
}

impl Survey {
    /// Takes the sections out of the two files.
    ///
    /// # Errors
    /// As [`crate::edit::edit`].
    pub fn edit(&self, host: &Host, step: &Step) -> Result<()> {
        let sections: Vec<SectionName> =
            self.profiles.iter().cloned().map(SectionName::Profile).collect();
        transact(host, step, |all| {
            all.edit(FileKind::Config, |document| {
                if let Target::Session(name) = &self.target {
                    document.remove_section(&SectionName::SsoSession(name.clone()));
                }
                sections.iter().for_each(|section| {
                    document.remove_section(section);
                });
                Ok(())
            })?;
            all.edit(FileKind::Credentials, |document| {
                sections.iter().for_each(|section| {
                    document.remove_section(section);
                });
                Ok(())
            })?;
            Ok(())
        })
    }

    /// Takes away what lies outside of the two files: tokens, client registrations, role
    /// credentials, keys, what is known of accounts and session lengths. The portal is
    /// told of tokens, if it can be reached.
    ///
    /// # Errors
    /// [`Kind::Store`] where the store does not work.
    pub async fn clear(
        &self,
        host: &Host,
        services: Services<'_>,
        files: &Files,
        connection: &Connection,
    ) -> Result<LoggedOut> {
        let mut done = LoggedOut::default();
        if let Some(plan) = &self.login {
            done = logout::one(host, services, files, plan).await;
            registration::forget(&registration::path(&host.sso_cache(), plan));
            history::forget(host, plan);
            forget_records(host, plan).await?;
        }
        for path in self.role_files(host, files) {
            logout::remove_role(&path, &mut done);
        }
        let records = self.role_records(host, files, connection);
        host.store
            .on_thread(move |vault| {
                records.iter().try_for_each(|name| vault.remove(name).map(drop))
            })
            .await?;
        for key in &self.keys {
            kept::remove(host, key).await?;
        }
        Ok(done)
    }

    /// The AWS CLI's role credentials, unless a profile that stays has the same role.
    fn role_files(&self, host: &Host, files: &Files) -> Vec<std::path::PathBuf> {
        let of = |name: &str| logout::role_file_of(&Profile::named(files, name));
        let stay: Vec<_> = self.staying(files).filter_map(of).collect();
        let go = self.profiles.iter().filter_map(|name| of(name));
        go.filter(|hash| !stay.contains(hash))
            .map(|hash| host.cli_cache().join(format!("{hash}.json")))
            .collect()
    }

    /// The same in the store.
    fn role_records(&self, host: &Host, files: &Files, connection: &Connection) -> Vec<RecordName> {
        let of = |name: &str| {
            let name_of = Sourced::new(name.to_owned(), Origin::Flag("--profile"));
            let chosen = Chosen { name: name_of, profile: Profile::named(files, name) };
            let plan = credentials::plan(host, &chosen).ok()?;
            Some(identity::of(&plan, connection)?.record())
        };
        let stay: Vec<_> = self.staying(files).filter_map(of).collect();
        let go = self.profiles.iter().filter_map(|name| of(name));
        go.filter(|record| !stay.contains(record)).collect()
    }

    fn staying<'f>(&'f self, files: &'f Files) -> impl Iterator<Item = &'f str> {
        files.config.parsed.profiles().filter(|name| !self.profiles.iter().any(|gone| gone == name))
    }
}

/// Whatever else the store has of a login: its registration, and what a log-out leaves.
async fn forget_records(host: &Host, plan: &SessionPlan) -> Result<()> {
    let family = family(plan);
    let removed = host.store.on_thread(move |vault| {
        let owned = vault.names()?.into_iter().filter(|name| family.owns(name));
        owned.into_iter().try_for_each(|name| vault.remove(&name).map(drop))
    });
    Ok(removed.await?)
}
