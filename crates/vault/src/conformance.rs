//! What every store must do, as one suite.
#![expect(clippy::missing_panics_doc, reason = "a suite of assertions")]

use crate::{RecordName, Secret, Store, StoreError};

/// Runs the whole suite on an empty store.
pub fn run(store: &dyn Store) {
    starts_empty(store)
        .and_then(|()| keeps_what_it_is_given(store))
        .and_then(|()| forgets(store))
        .unwrap();
}

fn name(text: &str) -> Result<RecordName, StoreError> {
    RecordName::parse(text)
}

fn starts_empty(store: &dyn Store) -> Result<(), StoreError> {
    assert!(store.names()?.is_empty());
    assert!(store.load(&name("absent")?)?.is_none());
    assert!(!store.remove(&name("absent")?)?);
    Ok(())
}

fn keeps_what_it_is_given(store: &dyn Store) -> Result<(), StoreError> {
    let samples: [(&str, Vec<u8>); 4] = [
        ("empty", vec![]),
        ("binary", (0..=255).collect()),
        ("long", vec![b'x'; 100_000]),
        ("binary.2", b"similar name".to_vec()),
    ];
    for (key, value) in &samples {
        store.save(&name(key)?, &Secret::new(b"older, and longer than some".to_vec()))?;
        store.save(&name(key)?, &Secret::new(value.clone()))?;
    }
    for (key, value) in &samples {
        let loaded = store.load(&name(key)?)?;
        assert_eq!(loaded.as_ref().map(Secret::expose), Some(value), "{key}");
    }
    let names: Vec<String> = store.names()?.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["binary", "binary.2", "empty", "long"]);
    Ok(())
}

fn forgets(store: &dyn Store) -> Result<(), StoreError> {
    assert!(store.remove(&name("binary")?)?);
    assert!(!store.remove(&name("binary")?)?);
    assert!(store.load(&name("binary")?)?.is_none());
    assert!(store.load(&name("binary.2")?)?.is_some());
    for left in store.names()? {
        assert!(store.remove(&left)?);
    }
    assert!(store.names()?.is_empty());
    Ok(())
}
