//! The places a wrapping key can live in, and what each is worth.

use std::fmt;

/// Where the wrapping key lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Backend {
    /// The Linux kernel's keyring of the user.
    KernelKeyring,
    /// A private directory in memory (tmpfs).
    MemoryDir,
    /// The Linux desktop's keyring: GNOME Keyring, KWallet, KeePassXC.
    SecretService,
    /// The macOS login keychain.
    Keychain,
    /// The Windows Credential Manager.
    CredentialManager,
    /// On disk, sealed by a passphrase.
    Passphrase,
    /// On disk, in a file.
    KeyFile,
    /// What a command prints.
    KeyCommand,
}

impl Backend {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::KernelKeyring,
        Self::MemoryDir,
        Self::SecretService,
        Self::Keychain,
        Self::CredentialManager,
        Self::Passphrase,
        Self::KeyFile,
        Self::KeyCommand,
    ];

    /// The name in the settings file and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KernelKeyring => "kernel-keyring",
            Self::MemoryDir => "memory-dir",
            Self::SecretService => "secret-service",
            Self::Keychain => "keychain",
            Self::CredentialManager => "credential-manager",
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key-file",
            Self::KeyCommand => "key-command",
        }
    }

    /// The backend called `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.as_str() == name)
    }

    /// Whether the key outlives a reboot.
    pub fn is_persistent(self) -> bool {
        !matches!(self, Self::KernelKeyring | Self::MemoryDir)
    }

    /// Whether asking may take long, prompt or hang: never under a lock.
    pub fn is_slow(self) -> bool {
        self.is_persistent() && self != Self::KeyFile
    }

    /// What it protects against and what not, in one sentence.
    pub fn protection(self) -> &'static str {
        match self {
            Self::KernelKeyring => {
                "the key is in the kernel's memory until the machine restarts: a stolen disk, a \
                 backup or another user shows nothing, but root and every program that runs as \
                 you can use it"
            }
            Self::MemoryDir => {
                "the key is a private file in memory until the machine restarts: a backup or \
                 another user shows nothing, but root and every program that runs as you can \
                 read it, and memory may be swapped to disk"
            }
            Self::SecretService => {
                "the key is in the desktop's keyring: a stolen disk shows nothing without your \
                 login password, but once the keyring is unlocked root and every program that \
                 runs as you can read it"
            }
            Self::Keychain => {
                "the key is in the login keychain: a stolen disk shows nothing without your \
                 login password, and other programs are asked about before they can read it, \
                 but not root or one that takes over this program"
            }
            Self::CredentialManager => {
                "the key is in the Credential Manager: a stolen disk shows nothing without your \
                 login password, but administrators and every program that runs as you can read \
                 it"
            }
            Self::Passphrase => {
                "the key is on disk, sealed by your passphrase: a stolen disk or a backup is \
                 only as safe as the passphrase is hard to guess, and while a program uses the \
                 key root and every program that runs as you can take it"
            }
            Self::KeyFile => {
                "the key is an unsealed file: the store protects only where that file is not, \
                 such as in a backup without it, and anybody who can read both files reads \
                 everything"
            }
            Self::KeyCommand => {
                "the key is what a command prints: as safe as what is behind that command, and \
                 every program that runs as you can run it too"
            }
        }
    }

    /// How to get at a key that is out of reach.
    pub(crate) fn cure(self) -> &'static str {
        match self {
            Self::KernelKeyring => {
                "containers often block the kernel keyring: allow keyctl and add_key there, or \
                 switch with `daypass vault use memory-dir`"
            }
            Self::MemoryDir => {
                "log in so that the system makes `/run/user/UID`, or switch with `daypass vault \
                 use key-file`"
            }
            Self::SecretService => {
                "unlock the desktop's keyring, or switch with `daypass vault use kernel-keyring`"
            }
            Self::Keychain => {
                "unlock the login keychain with `security unlock-keychain`, or switch with \
                 `daypass vault use passphrase`"
            }
            Self::CredentialManager => {
                "log in to a desktop session, or switch with `daypass vault use passphrase`"
            }
            Self::Passphrase => {
                "run a daypass command on a terminal to be asked for it, or switch with `daypass \
                 vault use kernel-keyring`"
            }
            Self::KeyFile => {
                "put the key file back, readable for you alone, or switch with `daypass vault use \
                 kernel-keyring --old-key-is-lost`"
            }
            Self::KeyCommand => {
                "run the key command yourself to see what is wrong, or switch with `daypass \
                 vault use kernel-keyring`"
            }
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_has_one_sentence_that_says_what_it_is_not() {
        for backend in Backend::ALL {
            let sentence = backend.protection();
            assert!(sentence.contains(", but ") || sentence.contains(", and "), "{backend}");
            assert!(!sentence.contains(". ") && !sentence.ends_with('.'), "{backend}");
            assert!(backend.cure().contains("switch with `daypass vault use"), "{backend}");
            assert_eq!(Backend::parse(backend.as_str()), Some(backend));
        }
    }
}
