//! Another place for the key: everything is sealed again under a new one.
//!
//! At every moment the settings name a key that opens every record:
//!
//! 1. the new key is put in its place (slow places hang here, before the lock);
//! 2. lock; the settings name the new key as one to be forgotten;
//! 3. each record is sealed under the new key, beside the old one;
//! 4. the settings, in one rename, name the new key and the old one changes
//!    parts with it; unlock comes after the old records are gone;
//! 5. the old key is forgotten, and then its mention.
//!
//! Killed before 4, the old key is in force and the new records are in nobody's
//! way; after it, the new one is. Either way the next sweep forgets the other.

use crate::keys::{self, Slot};
use crate::settings::{Choice, Place, Settings};
use crate::steps;
use crate::vault::{Opened, Vault, expected_id};
use crate::{Backend, StoreError};

/// What becomes of the records when the old key is out of reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OldKey {
    /// Nothing is changed, and the error says how to get at it.
    Needed,
    /// They are left behind, unreadable, to be swept: the user logs in again.
    MayBeLost,
}

impl Vault {
    /// Moves the key to `choice` and seals every record again under a new key.
    /// Returns how many records came along.
    ///
    /// # Errors
    /// [`StoreError::Key`] when either place does not work, [`StoreError::Busy`],
    /// [`StoreError::Write`]: the old key is in force then, as before.
    pub fn reseal(&self, choice: Choice, old_key: OldKey) -> Result<usize, StoreError> {
        self.forget_retired()?;
        let before = Settings::load(&self.around.dir)?;
        let old = match (self.current(), old_key) {
            (Err(StoreError::Key(_)), OldKey::MayBeLost) => None,
            (old, _) => old?,
        };
        let (slot, key) = self.make_in(&choice)?;
        steps::reached();
        let settings = Settings { key_id: expected_id(&choice, &key), choice, slot, retired: None };
        let new = Opened { store: self.store_of(&key), settings, key };
        let moved = self.check(&new).and_then(|()| self.replace(before.as_ref(), old, &new));
        match moved {
            Ok(count) => self.finish(new).map(|()| count),
            Err(error) => {
                // Left mentioned if this fails, and forgotten at the next sweep.
                let _ = self.forget_retired();
                Err(error)
            }
        }
    }

    /// What was put away must be found again. The passphrase has just been
    /// asked for twice, and the command has just been run.
    fn check(&self, new: &Opened) -> Result<(), StoreError> {
        let choice = &new.settings.choice;
        if matches!(choice.place, Place::Passphrase | Place::KeyCommand(_)) {
            return Ok(());
        }
        let found = keys::source(choice, &self.around).load(&new.settings.slot)?;
        match found.is_some_and(|key| key.id() == new.key.id()) {
            true => Ok(()),
            false => Err(keys::KeyError::new(choice.place.backend(), "it forgot the key").into()),
        }
    }

    /// Steps 2 to 4. The caller has the new key in its place.
    fn replace(
        &self,
        before: Option<&Settings>,
        old: Option<Opened>,
        new: &Opened,
    ) -> Result<usize, StoreError> {
        let dir = &self.around.dir;
        let _lock = self.lock()?;
        if Settings::load(dir)?.as_ref() != before {
            self.remove_key(&new.settings.choice.place, &new.settings.slot)?;
            return Err(StoreError::Unavailable("its key was changed meanwhile".to_owned()));
        }
        if let Some(before) = before {
            let named = Some((new.settings.choice.place.clone(), new.settings.slot.clone()));
            Settings { retired: named, ..before.clone() }.save(dir)?;
            steps::reached();
        }
        let count = old.as_ref().map_or(Ok(0), |old| old.store.copy_to(&new.store))?;
        let retired = before.map(|old| (old.choice.place.clone(), old.slot.clone()));
        Settings { retired, ..new.settings.clone() }.save(dir)?;
        steps::reached();
        old.map_or(Ok(()), |old| old.store.clear())?;
        Ok(count)
    }

    fn finish(&self, new: Opened) -> Result<(), StoreError> {
        self.remember(new.settings.clone(), new.key.clone());
        let choice = &new.settings.choice;
        if choice.cache && choice.place.backend().is_slow() {
            keys::keep_copy(&new.settings.slot, &new.key, choice.keyring_seconds);
        }
        // The store is whole without this; a place that does not answer now is
        // asked again at the next sweep.
        let _ = self.forget_retired();
        Ok(())
    }

    /// Forgets the key: what it sealed is lost. For a home directory that is about to
    /// be thrown away.
    ///
    /// # Errors
    /// [`StoreError::Key`] when its place does not answer.
    pub fn forget(&self) -> Result<(), StoreError> {
        self.forget_retired()?;
        match Settings::load(&self.around.dir)? {
            Some(settings) => self.remove_key(&settings.choice.place, &settings.slot),
            None => Ok(()),
        }
    }

    /// Forgets the key that the settings name for it. Slow places are asked
    /// without the lock.
    pub(crate) fn forget_retired(&self) -> Result<(), StoreError> {
        let dir = &self.around.dir;
        let Some((place, slot)) = Settings::load(dir)?.and_then(|s| s.retired) else {
            return Ok(());
        };
        // A key that is being made is named too: its maker holds the lock.
        drop(self.lock()?);
        let still = |settings: &Settings| settings.retired == Some((place.clone(), slot.clone()));
        if !Settings::load(dir)?.as_ref().is_some_and(still) {
            return Ok(());
        }
        if self.remove_key(&place, &slot).is_err() {
            return Ok(());
        }
        steps::reached();
        let _lock = self.lock()?;
        match Settings::load(dir)?.filter(still) {
            Some(settings) => Settings { retired: None, ..settings }.save(dir),
            None => Ok(()),
        }
    }

    fn remove_key(&self, place: &Place, slot: &Slot) -> Result<(), StoreError> {
        if place.backend() != Backend::KernelKeyring {
            keys::drop_copy(slot);
        }
        Ok(keys::source(&Choice::of(place.clone()), &self.around).remove(slot)?)
    }
}
