//! The user's vault: settings, key and records together.

use crate::key::Key;
use crate::keys::backend::Backend;
use crate::keys::{self, Surroundings};
use crate::sealed::{Dated, NEVER, Orphans, SealedStore, Swept, records_dir};
use crate::settings::{Choice, Place, Settings};
use crate::{KeyError, Lock, Pending, RecordName, Secret, Store, StoreError};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long another process may be at work on the store.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// The encrypted store of a user, whatever keeps its key.
///
/// Reading never changes anything: without settings or key there is nothing to
/// read. The first thing saved chooses a place for the key, if none was chosen,
/// and makes a key, if it was lost.
pub struct Vault {
    pub(crate) around: Surroundings,
    opened: Mutex<Option<Opened>>,
    news: Mutex<Option<News>>,
}

/// The store of the key in force, and the settings that led to it.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) settings: Settings,
    pub(crate) key: Key,
    pub(crate) store: SealedStore,
}

/// Room for one record, taken on disk: see [`Vault::reserve`].
#[must_use = "the room is given back when this is dropped"]
pub struct Room {
    opened: Opened,
    name: RecordName,
    pending: Pending,
}

/// Something that happened by itself and should be said, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// The key has been given its place.
    Chosen(Backend),
    /// The key was gone, as after a reboot, and there is a new one.
    KeyLost(Backend),
}

/// Where the key is, and what that is worth.
#[derive(Clone, Debug)]
pub struct Status {
    /// The choice in force; `None` before anything was saved.
    pub choice: Option<Choice>,
    /// What is known of the key.
    pub key: KeyStatus,
}

/// Whether there is a key.
#[derive(Clone, Debug)]
pub enum KeyStatus {
    /// It is at hand.
    Present,
    /// The place holds none: nothing saved yet, or lost with a reboot.
    Absent,
    /// The place does not give it.
    OutOfReach(KeyError),
}

impl Status {
    /// What the choice protects against and what not, in one sentence.
    pub fn sentence(&self) -> &'static str {
        match &self.choice {
            Some(choice) => choice.place.backend().protection(),
            None => "nothing has been sealed yet",
        }
    }
}

impl Vault {
    /// The vault in `around.dir`. Nothing is read or made yet.
    pub fn new(around: Surroundings) -> Self {
        Self { around, opened: Mutex::new(None), news: Mutex::new(None) }
    }

    /// What there is to announce; nothing the second time.
    pub fn take_news(&self) -> Option<News> {
        lock(&self.news).take()
    }

    /// Where the key is to be; `None` before anything was saved. Asks no place.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when the settings cannot be read.
    pub fn choice(&self) -> Result<Option<Choice>, StoreError> {
        Ok(Settings::load(&self.around.dir)?.map(|settings| settings.choice))
    }

    /// Where the key is. Asks a slow place, within its patience.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when the settings cannot be read.
    pub fn status(&self) -> Result<Status, StoreError> {
        let choice = Settings::load(&self.around.dir)?.map(|settings| settings.choice);
        let key = match self.current() {
            Ok(Some(_)) => KeyStatus::Present,
            Ok(None) => KeyStatus::Absent,
            Err(StoreError::Key(error)) => KeyStatus::OutOfReach(error),
            Err(error) => return Err(error),
        };
        Ok(Status { choice, key })
    }

    /// See [`SealedStore::load_dated`]. A lost key is an empty store.
    ///
    /// # Errors
    /// As there; [`StoreError::Key`] when the key is out of reach.
    pub fn load_dated(&self, name: &RecordName) -> Result<Option<Dated>, StoreError> {
        match self.current()? {
            Some(opened) => opened.store.load_dated(name),
            None => Ok(None),
        }
    }

    /// See [`SealedStore::save_until`].
    ///
    /// # Errors
    /// As there; [`StoreError::Key`] when the key is out of reach, and
    /// [`StoreError::Busy`] when another process has been sealing for long.
    pub fn save_until(
        &self,
        name: &RecordName,
        value: &Secret<Vec<u8>>,
        expires_at: u64,
    ) -> Result<(), StoreError> {
        loop {
            let opened = self.current_or_new()?;
            // Whoever seals the store again holds the lock: what is saved under
            // the old key must be on disk before that begins, or wait.
            let _lock = self.lock()?;
            if self.is_in_force(&opened)? {
                return opened.store.save_until(name, value, expires_at);
            }
        }
    }

    /// Has the key at hand from here on, a new one if there is none: whoever is
    /// about to take a lock asks a keyring, which may hang or prompt, before that.
    ///
    /// # Errors
    /// [`StoreError::Key`] when the key is out of reach.
    pub fn open(&self) -> Result<(), StoreError> {
        self.current_or_new().map(drop)
    }

    /// Takes the room for a record of at most `bytes` bytes before its content
    /// exists: a token that can be fetched once must not meet a full disk after
    /// that. Dropping the room changes nothing.
    ///
    /// # Errors
    /// As [`Vault::save_until`].
    pub fn reserve(&self, name: &RecordName, bytes: usize) -> Result<Room, StoreError> {
        let opened = self.current_or_new()?;
        let pending = opened.store.reserve(name, bytes)?;
        Ok(Room { opened, name: name.clone(), pending })
    }

    /// Fills a room: the record is durable when this returns.
    ///
    /// # Errors
    /// As [`Vault::save_until`].
    pub fn fill(
        &self,
        room: Room,
        value: &Secret<Vec<u8>>,
        expires_at: u64,
    ) -> Result<(), StoreError> {
        let Room { opened, name, pending } = room;
        let locked = self.lock()?;
        if self.is_in_force(&opened)? {
            return opened.store.fill(pending, &name, value, expires_at);
        }
        // The store was sealed again meanwhile: another key, another file.
        drop((locked, pending));
        self.save_until(&name, value, expires_at)
    }

    /// See [`SealedStore::sweep`]. Without a key nothing can be told apart but
    /// what has expired, so orphans stay then. Also forgets a key that an
    /// interrupted [`Vault::reseal`] left behind.
    ///
    /// # Errors
    /// As there.
    pub fn sweep(&self, now: u64, orphans: Orphans) -> Result<Swept, StoreError> {
        self.forget_retired()?;
        match self.current()? {
            Some(opened) => opened.store.sweep(now, orphans),
            None => self.store_of(&Key::generate()?).sweep(now, Orphans::Keep),
        }
    }

    /// The key in force, `None` if there is none (any more).
    pub(crate) fn current(&self) -> Result<Option<Opened>, StoreError> {
        let Some(settings) = Settings::load(&self.around.dir)? else { return Ok(None) };
        let known = lock(&self.opened).clone();
        if let Some(known) = known.filter(|known| self.is_still(known, &settings)) {
            return Ok(Some(known));
        }
        let Some(key) = self.find_key(&settings)? else { return Ok(None) };
        Ok(Some(self.remember(settings, key)))
    }

    /// Whether a key that is known is the one in force. A place that forgets may hold
    /// another one by now, which whoever runs for long must notice.
    fn is_still(&self, known: &Opened, settings: &Settings) -> bool {
        let choice = &settings.choice;
        let found = || keys::quick(&choice.place, false, &settings.slot, &self.around.memory_dirs);
        is_same_key(&known.settings, settings)
            && (choice.place.backend().is_persistent()
                || found().is_some_and(|key| key.id() == known.key.id()))
    }

    /// The key that the settings mean, from the fastest place that has it.
    fn find_key(&self, settings: &Settings) -> Result<Option<Key>, StoreError> {
        let (choice, slot) = (&settings.choice, &settings.slot);
        let expected = |key: &Key| settings.key_id.is_none_or(|id| key.id() == id);
        let quick = keys::quick(&choice.place, choice.cache, slot, &self.around.memory_dirs);
        if let Some(key) = quick.filter(expected) {
            return Ok(Some(key));
        }
        let Some(key) = keys::source(choice, &self.around).load(slot)? else {
            check_key_file(choice)?;
            return Ok(None);
        };
        if !expected(&key) {
            let why = "the key there is another one than the store was sealed with";
            return Err(KeyError::new(choice.place.backend(), why).into());
        }
        self.keep_copy(settings, &key);
        Ok(Some(key))
    }

    fn keep_copy(&self, settings: &Settings, key: &Key) {
        let choice = &settings.choice;
        if choice.cache && choice.place.backend().is_slow() {
            keys::keep_copy(&settings.slot, key, choice.keyring_seconds);
        }
    }

    fn current_or_new(&self) -> Result<Opened, StoreError> {
        if let Some(opened) = self.current()? {
            return Ok(opened);
        }
        let before = Settings::load(&self.around.dir)?;
        let (choice, news) = match &before {
            Some(old) => (old.choice.clone(), News::KeyLost(old.choice.place.backend())),
            None => {
                let choice = keys::automatic(&self.around)?;
                let backend = choice.place.backend();
                (choice, News::Chosen(backend))
            }
        };
        let (opened, ours) = match choice.place.backend().is_slow() {
            true => self.make_slowly(before.as_ref(), choice)?,
            false => self.make_quickly(before.as_ref(), choice)?,
        };
        if ours {
            *lock(&self.news) = Some(news);
        }
        Ok(opened)
    }

    /// A new key in a place that answers at once: all under the lock, so that
    /// of many processes one makes it. The slot stays: on a home directory that
    /// several machines or containers share, each has its own key in it.
    fn make_quickly(
        &self,
        before: Option<&Settings>,
        choice: Choice,
    ) -> Result<(Opened, bool), StoreError> {
        let _lock = self.lock()?;
        if Settings::load(&self.around.dir)?.as_ref() != before {
            return Ok((self.current()?.ok_or_else(gone)?, false));
        }
        let slot = match before {
            Some(old) => old.slot.clone(),
            None => keys::Slot::draw()?,
        };
        let source = keys::source(&choice, &self.around);
        let found = source.load(&slot)?;
        let ours = found.is_none();
        let key = match found {
            Some(key) => key,
            None => source.make(&slot)?,
        };
        let key_id = expected_id(&choice, &key);
        let retired = before.and_then(|old| old.retired.clone());
        let settings = Settings { choice, slot, key_id, retired };
        // The settings come first: whoever dies in between leaves a slot without
        // a key, which is a lost key, and not a key that nobody knows of.
        if before != Some(&settings) {
            settings.save(&self.around.dir)?;
        }
        if ours {
            source.store(&settings.slot, &key)?;
        }
        Ok((self.remember(settings, key), ours))
    }

    /// A new key in a place that may hang: it is put there, in a slot of its
    /// own, before the lock is taken, and the first to write the settings wins.
    fn make_slowly(
        &self,
        before: Option<&Settings>,
        choice: Choice,
    ) -> Result<(Opened, bool), StoreError> {
        let (slot, key) = self.make_in(&choice)?;
        let locked = self.lock()?;
        if Settings::load(&self.around.dir)?.as_ref() != before {
            drop(locked);
            keys::source(&choice, &self.around).remove(&slot)?;
            return Ok((self.current()?.ok_or_else(gone)?, false));
        }
        let key_id = expected_id(&choice, &key);
        let retired = before.and_then(|old| old.retired.clone());
        let settings = Settings { choice, slot, key_id, retired };
        settings.save(&self.around.dir)?;
        drop(locked);
        self.keep_copy(&settings, &key);
        Ok((self.remember(settings, key), true))
    }

    /// A key in a new slot of a place, and in no settings yet.
    pub(crate) fn make_in(&self, choice: &Choice) -> Result<(keys::Slot, Key), StoreError> {
        let source = keys::source(choice, &self.around);
        let slot = keys::Slot::draw()?;
        let key = source.make(&slot)?;
        source.store(&slot, &key)?;
        Ok((slot, key))
    }

    pub(crate) fn remember(&self, settings: Settings, key: Key) -> Opened {
        let store = self.store_of(&key);
        let opened = Opened { settings, key, store };
        *lock(&self.opened) = Some(opened.clone());
        opened
    }

    pub(crate) fn store_of(&self, key: &Key) -> SealedStore {
        SealedStore::new(records_dir(&self.around.dir), key)
    }

    pub(crate) fn lock(&self) -> Result<Lock, StoreError> {
        Ok(self.around.locks.acquire("vault", LOCK_WAIT)?)
    }

    fn is_in_force(&self, opened: &Opened) -> Result<bool, StoreError> {
        let settings = Settings::load(&self.around.dir)?;
        Ok(settings.is_some_and(|settings| is_same_key(&settings, &opened.settings)))
    }
}

impl Store for Vault {
    fn load(&self, name: &RecordName) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        Ok(self.load_dated(name)?.map(|(_, body)| body))
    }

    fn save(&self, name: &RecordName, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.save_until(name, value, NEVER)
    }

    fn remove(&self, name: &RecordName) -> Result<bool, StoreError> {
        // Under the lock: a store being sealed again would bring it back.
        let Some(opened) = self.current()? else { return Ok(false) };
        let _lock = self.lock()?;
        match self.is_in_force(&opened)? {
            true => opened.store.remove(name),
            false => Err(StoreError::Unavailable("its key was changed meanwhile".to_owned())),
        }
    }

    fn names(&self) -> Result<Vec<RecordName>, StoreError> {
        self.current()?.map_or(Ok(Vec::new()), |opened| opened.store.names())
    }
}

/// The fast lane's key: of the vault in `dir`, if it is in the kernel keyring, a
/// directory in memory or a key file. `None` sends the caller to the slow lane,
/// which knows why. No thread, no bus, no random numbers, nothing written.
pub fn fast_key(dir: &Path) -> Option<Key> {
    let settings = Settings::load(dir).ok()??;
    let (choice, slot) = (&settings.choice, &settings.slot);
    let dirs = match choice.place.backend() {
        Backend::MemoryDir => keys::memory_dirs(),
        _ => Vec::new(),
    };
    let key = keys::quick(&choice.place, choice.cache, slot, &dirs)?;
    settings.key_id.is_none_or(|id| id == key.id()).then_some(key)
}

/// Places that outlive reboots hold the one key; the others may come to hold a
/// new one at any boot.
pub(crate) fn expected_id(choice: &Choice, key: &Key) -> Option<crate::KeyId> {
    choice.place.backend().is_persistent().then(|| key.id())
}

/// A key file that is not there is a stick that was pulled out, not a lost key: a new
/// one in its place would lock out whatever the old one has sealed.
fn check_key_file(choice: &Choice) -> Result<(), KeyError> {
    match &choice.place {
        Place::KeyFile(path) if !path.exists() => {
            let why = format!("`{}` is not there", path.display());
            Err(KeyError::new(Backend::KeyFile, why))
        }
        _ => Ok(()),
    }
}

fn is_same_key(a: &Settings, b: &Settings) -> bool {
    a.slot == b.slot && a.key_id == b.key_id
}

fn gone() -> StoreError {
    StoreError::Unavailable("the store's key was lost again at once".to_owned())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
