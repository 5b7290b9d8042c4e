//! Transactions, backups and undo on a home directory of their own.

use super::undo::{Outcome, list, undo};
use super::*;
use crate::host::{Clock, Vars};
use awsconfig::SectionName;
use std::fs;
use std::sync::Arc;
use vault::{LockPlaces, Secret};

const PASSPHRASE: &str = "correct horse";

type Answer = Option<Secret<String>>;

struct Home {
    dir: tempfile::TempDir,
    host: Host,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        let store = crate::store::Store::with_key_file(home, &home.join("key-elsewhere")).unwrap();
        let host = Host {
            home: home.to_owned(),
            vars: Vars::default(),
            clock: Clock::new(|| jiff::Timestamp::UNIX_EPOCH),
            locks: LockPlaces::new([home.join("locks")]),
            store,
            critical: crate::critical::Critical::default(),
            trail: crate::audit::Trail::default(),
        };
        Self { dir, host }
    }

    fn with(config: &str, credentials: &str) -> Self {
        let home = Self::new();
        for (name, text) in [("config", config), ("credentials", credentials)] {
            if !text.is_empty() {
                vault::write_private(&home.path(name), text.as_bytes()).unwrap();
            }
        }
        home
    }

    /// With the store's key behind a passphrase that `ask` is asked for.
    fn behind_passphrase(&self, ask: impl Fn() -> Answer + Send + Sync + 'static) -> Host {
        let behind = vault::Choice { cache: false, ..vault::Choice::of(vault::Place::Passphrase) };
        let sealed = self.asking(|| Some(PASSPHRASE.into())).store;
        sealed.reseal(behind, vault::OldKey::MayBeLost).unwrap();
        self.asking(ask)
    }

    /// As another process, which has no key in its memory.
    fn asking(&self, ask: impl Fn() -> Answer + Send + Sync + 'static) -> Host {
        let place = crate::store::Store::place(&self.host.home);
        let locks = LockPlaces::new([place.join("locks")]);
        let around = vault::Surroundings {
            ask: Arc::new(move |_| ask()),
            ..vault::Surroundings::for_user(&place, locks)
        };
        Host { store: crate::store::Store::new(around), ..self.host.clone() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(".aws").join(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    fn set(&self, key: &str, value: &str) -> Result<Edited> {
        self.set_in(&Step::new(format!("configure set {key}")), key, value)
    }

    fn set_in(&self, step: &Step, key: &str, value: &str) -> Result<Edited> {
        let section = SectionName::Profile("p".into());
        let secret = key.starts_with("aws_");
        let kind = if secret { FileKind::Credentials } else { FileKind::Config };
        edit(&self.host, step, kind, |doc| doc.set(&section, key, value))
    }

    fn undo(&self, count: usize) -> Result<Outcome> {
        undo(&self.host, &Step::new("configure undo"), count)
    }

    fn undone(&self, count: usize) -> Vec<String> {
        match self.undo(count).unwrap() {
            Outcome::Undone(commands) => commands,
            Outcome::Changed { command, .. } => panic!("{command} was not undone"),
        }
    }

    fn backups(&self) -> Vec<String> {
        let dir = self.path("daypass/backups");
        let mut texts: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().collect();
        texts.sort_by_key(fs::DirEntry::file_name);
        texts.iter().map(|entry| fs::read_to_string(entry.path()).unwrap()).collect()
    }
}

#[test]
fn a_file_botocore_refuses_is_reported_and_not_touched() {
    let text = "[profile p]\nregion = a\nregion = SECRET-VALUE\n";
    let home = Home::with(text, "");
    let error = home.set("output", "json").unwrap_err();
    assert!(error.message().ends_with("line 3"), "{error}");
    assert!(!error.to_string().contains("SECRET"), "{error}");
    assert_eq!(home.text("config").as_deref(), Some(text));
    assert!(home.backups().is_empty());
}

#[test]
fn edits_of_several_threads_are_all_there_and_all_backed_up() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for n in 0..16 {
            let home = &home;
            scope.spawn(move || home.set(&format!("key{n}"), "x").unwrap());
        }
    });
    let text = home.text("config").unwrap();
    assert_eq!(text.lines().count(), 17, "{text}");
    assert_eq!(home.backups().len(), 16);
    home.undone(16);
    assert_eq!(home.text("config"), None);
}

#[test]
fn undo_and_its_undo() {
    let home = Home::with("# mine\n[profile p]\r\nregion = a\n", "");
    let first = home.text("config");
    home.set("region", "b").unwrap();
    let second = home.text("config");
    assert_eq!(home.undone(1), ["configure set region"]);
    assert_eq!(home.text("config"), first);
    assert_eq!(home.undone(1), ["configure undo"]);
    assert_eq!(home.text("config"), second);
    home.set("region", "c").unwrap();
    home.undone(4);
    assert_eq!(home.text("config"), first);
}

#[test]
fn a_file_that_is_made_is_removed_again_and_comes_back() {
    let home = Home::new();
    home.set("region", "b").unwrap();
    home.undone(1);
    assert_eq!(home.text("config"), None);
    home.undone(1);
    assert_eq!(home.text("config").as_deref(), Some("[profile p]\nregion = b\n"));
}

#[test]
fn what_is_not_changed_leaves_no_backup() {
    let home = Home::with("[profile p]\nregion = a\n", "");
    assert!(!home.set("region", "a").unwrap().changed);
    edit(&home.host, &Step::new("x"), FileKind::Credentials, |_| Ok(())).unwrap();
    assert!(home.backups().is_empty());
    assert_eq!(home.text("credentials"), None);
    let error = home.undo(1).unwrap_err();
    assert_eq!(error.message(), "there is nothing to undo");
}

#[test]
fn all_files_of_a_command_are_one_step() {
    let home = Home::new();
    let step = Step::new("vault add");
    home.set_in(&step, "region", "a").unwrap();
    home.set_in(&step, "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE").unwrap();
    home.set_in(&step, "region", "b").unwrap();
    let past = list(&home.host);
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].files, ["~/.aws/config", "~/.aws/credentials"]);
    assert!(past[0].changed_since.is_empty());
    home.undone(1);
    assert_eq!((home.text("config"), home.text("credentials")), (None, None));
}

#[test]
fn either_all_files_or_none() {
    let home = Home::with("[profile p]\nregion = a\n", "[p]\naws_access_key_id = X\n");
    let before = home.text("config");
    let section = SectionName::Profile("p".into());
    let error = transact(&home.host, &Step::new("x"), |all| {
        all.edit(FileKind::Config, |doc| doc.set(&section, "region", "b"))?;
        all.edit(FileKind::Credentials, |doc| doc.set(&section, "key", "two\nlines"))
    });
    assert!(error.is_err());
    assert_eq!(home.text("config"), before);
    assert!(home.backups().is_empty());
}

#[test]
fn what_somebody_else_changed_is_not_undone() {
    let home = Home::with("[profile p]\nregion = a\n", "");
    home.set("region", "b").unwrap();
    let theirs = home.text("config").unwrap() + "output = text\n";
    fs::write(home.path("config"), &theirs).unwrap();
    let Outcome::Changed { command, diff } = home.undo(1).unwrap() else { panic!("undone") };
    assert_eq!(command, "configure set region");
    let text = diff.to_string();
    assert!(text.contains("-region = b\n") && text.contains("+region = a\n"), "{text}");
    assert!(text.contains("-output = text\n"), "{text}");
    assert_eq!(home.text("config").as_deref(), Some(&*theirs));
    assert_eq!(list(&home.host)[0].changed_since, ["~/.aws/config"]);
}

#[test]
fn an_edit_that_was_backed_up_and_never_made_is_no_obstacle() {
    let home = Home::with("[profile p]\nregion = a\n", "");
    home.set("output", "text").unwrap();
    let before = home.text("config").unwrap();
    home.set("region", "b").unwrap();
    fs::write(home.path("config"), &before).unwrap();
    assert_eq!(home.undone(2), ["configure set region", "configure set output"]);
    assert_eq!(home.text("config").as_deref(), Some("[profile p]\nregion = a\n"));
}

const KEYS: &str =
    "[p]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = THE-SECRET-OLD\n";

#[test]
fn no_backup_holds_a_secret_in_plain_text() {
    let home = Home::with("", KEYS);
    home.set("aws_session_token", "THE-SECRET-TOKEN").unwrap();
    home.set("aws_secret_access_key", "THE-SECRET-NEW").unwrap();
    let all = home.backups().concat();
    assert_eq!(home.backups().len(), 2);
    assert!(!all.contains("THE-SECRET"), "{all}");
    home.undone(2);
    assert_eq!(home.text("credentials").as_deref(), Some(KEYS));
    home.undone(1);
    assert!(home.text("credentials").unwrap().contains("THE-SECRET-NEW"));
}

#[test]
fn a_secret_that_is_kept_no_longer_ends_the_undo() {
    let home = Home::with("", KEYS);
    home.set("aws_secret_access_key", "THE-SECRET-NEW").unwrap();
    let after = home.text("credentials");
    fs::remove_file(home.dir.path().join("key-elsewhere")).unwrap();
    // Another process, which has no key in its memory.
    let places = Home {
        dir: home.dir,
        host: Host { store: crate::store::Store::in_home(Path::new("/nowhere")), ..home.host },
    };
    let error = places.undo(1).unwrap_err();
    assert!(error.to_string().contains("kept no longer"), "{error}");
    assert_eq!(places.text("credentials"), after);
    let step = Step::shown_only("configure undo");
    undo(&places.host, &step, 1).unwrap();
    assert!(!step.diff().to_string().contains("THE-SECRET"), "{}", step.diff());
}

#[test]
fn a_secret_that_cannot_be_sealed_stays_where_it_is() {
    let home = Home::with("", KEYS);
    // Nobody to ask, or Ctrl-C at the question.
    let host = home.behind_passphrase(|| None);
    let error = without_secret(&host).unwrap_err();
    assert_eq!(error.kind(), Kind::Store);
    assert!(error.message().contains("about to be taken away"), "{error}");
    assert_eq!(home.text("credentials").as_deref(), Some(KEYS));
    assert!(home.backups().is_empty());
}

fn without_secret(host: &Host) -> Result<Edited> {
    let section = SectionName::Profile("p".into());
    edit(host, &Step::new("doctor --fix"), FileKind::Credentials, |document| {
        document.remove(&section, "aws_secret_access_key");
        Ok(())
    })
}

#[test]
fn no_edit_waits_for_a_passphrase_that_is_being_typed() {
    let home = Home::with("[profile p]\nregion = a\n", KEYS);
    let other = home.host.clone();
    let ask = move || {
        let section = SectionName::Profile("p".into());
        let step = Step::new("configure set region");
        edit(&other, &step, FileKind::Config, |doc| doc.set(&section, "region", "b")).unwrap();
        Some(PASSPHRASE.into())
    };
    without_secret(&home.behind_passphrase(ask.clone())).unwrap();
    assert!(home.text("config").unwrap().contains("region = b"));
    assert!(!home.text("credentials").unwrap().contains("THE-SECRET"));
    undo(&home.asking(ask), &Step::new("configure undo"), 1).unwrap();
    assert_eq!(home.text("credentials").as_deref(), Some(KEYS));
}

#[test]
fn what_changes_while_a_passphrase_is_typed_is_not_overwritten() {
    let home = Home::with("", KEYS);
    let path = home.path("credentials");
    let theirs = format!("{KEYS}region = theirs\n");
    let text = theirs.clone();
    let host = home.behind_passphrase(move || {
        fs::write(&path, &text).unwrap();
        Some(PASSPHRASE.into())
    });
    let error = without_secret(&host).unwrap_err();
    assert!(error.to_string().contains("another program changed it"), "{error}");
    assert_eq!(home.text("credentials").as_deref(), Some(&*theirs));
    assert!(home.backups().is_empty());
}

#[test]
fn a_step_that_only_shows_writes_nothing_and_sees_its_own_edits() {
    let home = Home::with("[profile p]\nregion = a\n", "");
    let step = Step::shown_only("configure sso");
    home.set_in(&step, "region", "b").unwrap();
    home.set_in(&step, "output", "json").unwrap();
    let want = "--- ~/.aws/config\n+++ ~/.aws/config\n@@ -1,2 +1,3 @@\n [profile p]\n-region = a\n+region = b\n+output = json\n";
    assert_eq!(step.diff().to_string(), want);
    let seen = files(&home.host, &step).unwrap();
    assert!(seen.config.text.contains("region = b"));
    assert_eq!(home.text("config").as_deref(), Some("[profile p]\nregion = a\n"));
    assert!(home.backups().is_empty());
    home.set_in(&step, "region", "a").unwrap();
    assert!(!step.is_empty());
}

#[test]
fn any_text_file_can_be_a_part() {
    let home = Home::new();
    let path = home.dir.path().join(".bashrc");
    fs::write(&path, "export AWS_SECRET_ACCESS_KEY=THE-SECRET\nalias ll=ls\n").unwrap();
    let without = |text: Option<&str>| {
        let lines = text.unwrap_or_default().lines().skip(1);
        Ok(Some(lines.map(|line| format!("{line}\n")).collect()))
    };
    transact(&home.host, &Step::new("migrate"), |all| all.rewrite(&path, "~/.bashrc", without))
        .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "alias ll=ls\n");
    assert!(!home.backups().concat().contains("THE-SECRET"));
    home.undone(1);
    assert!(fs::read_to_string(&path).unwrap().contains("THE-SECRET"));
}

#[test]
fn no_neighbour_in_a_file_of_variables_is_shown_or_kept() {
    let home = Home::new();
    let path = home.dir.path().join(".env");
    let text = "# MY_PIN=SENTINEL\nSTRIPE_API_KEY=SENTINEL\nAWS_ACCESS_KEY_ID=AKIA1\n\
                AWS_SECRET_ACCESS_KEY=SENTINEL\nDATABASE_URL=postgres://u:SENTINEL@h/d\n";
    fs::write(&path, text).unwrap();
    let step = Step::new("migrate");
    let without = |text: Option<&str>| {
        Ok(text.map(|text| text.replace("AWS_SECRET_ACCESS_KEY=SENTINEL", "AWS_PROFILE=p")))
    };
    transact(&home.host, &step, |all| all.rewrite(&path, "~/.env", without)).unwrap();
    let seen = step.diff().to_string() + &home.backups().concat();
    assert!(!seen.contains("SENTINEL"), "{seen}");
    assert!(seen.contains("+AWS_PROFILE=p\n"), "{seen}");
    home.undone(1);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn with_a_key_of_the_store_goes_what_undo_keeps_of_it_and_no_more() {
    let home = Home::with("", KEYS);
    home.set("aws_secret_access_key", "THE-SECRET-NEW").unwrap();
    without_secret(&home.host).unwrap();
    let key = crate::kept::AccessKey::parse("AKIAIOSFODNN7EXAMPLE", "THE-SECRET-OLD".into(), false);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(crate::kept::add(&home.host, "p", &key.unwrap())).unwrap();
    assert!(runtime.block_on(crate::kept::remove(&home.host, "p")).unwrap());
    home.undone(1);
    assert!(home.text("credentials").unwrap().contains("THE-SECRET-NEW"));
    let error = home.undo(3).unwrap_err();
    assert!(error.to_string().contains("kept no longer"), "{error}");
}

#[test]
fn fifty_steps_are_kept() {
    let home = Home::new();
    for n in 0..53 {
        home.set("region", &format!("r{n}")).unwrap();
    }
    assert_eq!(list(&home.host).len(), 50);
    let error = home.undo(51).unwrap_err();
    assert!(error.message().contains("only the last 50"), "{error}");
    home.undone(50);
    assert!(home.text("config").unwrap().contains("r2\n"));
}

#[cfg(unix)]
#[test]
fn backups_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.set("region", "a").unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.path("daypass/backups")), 0o700);
    assert_eq!(mode(home.path("daypass/backups/000001.json")), 0o600);
}
