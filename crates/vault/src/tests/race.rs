//! Processes at work on one store at once.

use super::{Home, name, secret};
use crate::keys::Surroundings;
use crate::settings::Choice;
use crate::{OldKey, Secret, Store, Vault};
use std::process::Child;

fn start(home: &Home, job: &str, arguments: &[&str]) -> Vec<Child> {
    arguments.iter().map(|one| home.child(job, one, 0).spawn().unwrap()).collect()
}

fn all_end_well(children: Vec<Child>) {
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}

/// Writes one record again and again: 20,000 times the same letter.
pub(super) fn child_rewrites(around: &Surroundings, letter: &str) {
    let vault = Vault::new(around.clone());
    for _ in 0..40 {
        let body = letter.repeat(20_000).into_bytes();
        vault.save(&name("shared"), &Secret::new(body)).unwrap();
    }
}

#[test]
fn on_one_record_every_reader_sees_one_whole_write() {
    let home = Home::with_key_file();
    home.vault().save(&name("shared"), &secret("x")).unwrap();
    let mut children = start(&home, "rewrite", &["a", "b"]);
    let vault = home.vault();
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        let body = vault.load(&name("shared")).unwrap().unwrap();
        assert!(body.expose().windows(2).all(|pair| pair[0] == pair[1]));
    }
    all_end_well(children);
}

pub(super) fn child_saves_many(around: &Surroundings, who: &str) {
    for i in 0..20 {
        // A vault of its own for each, as processes that come and go have.
        let record = name(&format!("role.{who}.{i}"));
        Vault::new(around.clone()).save(&record, &secret(who)).unwrap();
    }
}

#[test]
fn of_different_records_none_is_lost_even_when_all_begin_at_once() {
    let home = Home::new();
    all_end_well(start(&home, "many", &["a", "b", "c", "d", "e", "f"]));
    let vault = home.vault();
    assert_eq!(vault.names().unwrap().len(), 6 * 20);
    assert_eq!(vault.load(&name("role.c.19")).unwrap().unwrap().expose(), b"c");
}

#[test]
fn nothing_is_lost_while_the_store_is_sealed_again() {
    let home = Home::with_key_file();
    let vault = home.vault();
    vault.save(&name("kept"), &secret("kept")).unwrap();
    let mut children = start(&home, "many", &["a", "b"]);
    let mut turns = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        vault.reseal(Choice::of(home.key_file()), OldKey::Needed).unwrap();
        assert!(vault.load(&name("kept")).unwrap().is_some());
        turns += 1;
    }
    all_end_well(children);
    assert_eq!(home.vault().names().unwrap().len(), 41, "after {turns} turns");
}
