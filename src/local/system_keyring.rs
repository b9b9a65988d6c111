//! The keyring of the owner's desktop session (Secret Service): keeps one random key for an account on this device, which opens
//! nothing by itself.
//!
//! The owner may be asked in a window to open the keyring, so a call waits a while, and no longer: where no window can show,
//! nobody would ever answer.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

use crate::core::secret::Secret;
use crate::named_faults;

/// What items are filed under.
const SERVICE: &str = "printkeep";

/// How long an owner may take to open the keyring.
const PATIENCE: Duration = Duration::from_secs(120);

named_faults! {
    /// Why the keyring of the owner's session did not do what it was asked.
    KeyringError {
        /// There is no session bus, or no keyring behind it; what they say.
        Away { why } "away"
            "the keyring of your desktop session cannot be reached: {why}"
        /// The session bus lies beyond this machine.
        Elsewhere {} "elsewhere" "the keyring of your desktop session is not used: DBUS_SESSION_BUS_ADDRESS names something else than a socket on this machine"
        /// It stopped without an answer.
        NoAnswer {} "no-answer" "the keyring of your desktop session stopped without an answer"
        /// It is locked, and nobody opened it.
        Locked {} "locked" "the keyring of your desktop session is locked"
        /// It holds something of another form.
        OtherForm {} "other-form" "the keyring of your desktop session gives back no key: it is not in the form that it was kept in"
        /// It holds several of this name.
        Several {} "several" "the keyring of your desktop session gives back no key: it holds several of this name"
        /// It holds something of another length.
        OtherLength {} "other-length" "the keyring of your desktop session gives back no key: it has another length"
        /// What was kept there is gone.
        Gone {} "gone" "the keyring of your desktop session gives back no key: what `printkeep key remember` kept there is gone; run it again"
    }
}

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoStorageAccess(_) => Self::Locked {},
            Error::PlatformFailure(why) => Self::Away { why: one_line(&why.to_string()) },
            // these carry what was kept; it is wiped and never shown
            Error::BadEncoding(bytes) | Error::BadDataFormat(bytes, _) => {
                drop(Zeroizing::new(bytes));
                Self::OtherForm {}
            }
            Error::Ambiguous(_) => Self::Several {},
            other => Self::Away { why: one_line(&other.to_string()) },
        }
    }
}

/// What another program said, as one line without control characters.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    // the name of a library says nothing to an owner
    let plain = plain.replace("zbus error:", "").replace("zbus error", "the session bus failed");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The keyring.
pub struct SystemKeyring(Arc<CredentialStore>);

impl SystemKeyring {
    /// The one of this session; the first socket is opened here, and only to this machine itself: elsewhere it would be network use,
    /// which nobody allowed by keeping a key.
    pub fn connect() -> Result<Self, KeyringError> {
        let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").unwrap_or_default();
        if bus.to_string_lossy().split(';').any(|at| !at.is_empty() && !at.starts_with("unix:")) {
            return Err(KeyringError::Elsewhere {});
        }
        waiting(|| Store::new().map(|store| Self(store)).map_err(KeyringError::from))
    }

    /// Another one.
    pub fn over(store: Arc<CredentialStore>) -> Self {
        Self(store)
    }

    fn entry(&self, item: &str) -> Result<Entry, KeyringError> {
        Ok(Entry::new_in_store(&self.0, SERVICE, item)?)
    }

    /// Keeps a key under a name, in the place of one that was there.
    pub fn put(&self, item: &str, key: &Secret<32>) -> Result<(), KeyringError> {
        let (entry, key) = (self.entry(item)?, Zeroizing::new(*key.expose()));
        waiting(move || Ok(entry.set_secret(key.as_slice())?))
    }

    /// The key under a name; none when there is none.
    pub fn get(&self, item: &str) -> Result<Option<Secret<32>>, KeyringError> {
        let entry = self.entry(item)?;
        waiting(move || match entry.get_secret().map(Zeroizing::new) {
            Ok(bytes) => Secret::copied_from(&bytes).map(Some).ok_or(KeyringError::OtherLength {}),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error.into()),
        })
    }

    /// Removes the key under a name; one that is not there is no error.
    pub fn remove(&self, item: &str) -> Result<(), KeyringError> {
        let entry = self.entry(item)?;
        waiting(move || match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error.into()),
        })
    }
}

/// Does something that may wait for the owner, on a thread that is left behind when the owner does not come.
fn waiting<T: Send + 'static>(work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static) -> Result<T, KeyringError> {
    let (tell, told) = channel();
    let started = std::thread::Builder::new().name("keyring".into()).spawn(move || tell.send(work()));
    started.map_err(|error| KeyringError::Away { why: error.to_string() })?;
    match told.recv_timeout(PATIENCE) {
        Ok(done) => done,
        Err(RecvTimeoutError::Timeout) => Err(KeyringError::Locked {}),
        Err(RecvTimeoutError::Disconnected) => Err(KeyringError::NoAnswer {}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;
    use keyring_core::mock;

    #[test]
    fn a_key_is_kept_replaced_and_removed() {
        let keyring = SystemKeyring::over(mock::Store::new().unwrap());
        let random = Counting::new(3);
        let (first, second) = (Secret::random(&random).unwrap(), Secret::random(&random).unwrap());
        assert!(keyring.get("a").unwrap().is_none());
        keyring.put("a", &first).unwrap();
        assert!(keyring.get("a").unwrap().unwrap() == first && keyring.get("b").unwrap().is_none());
        keyring.put("a", &second).unwrap();
        assert!(keyring.get("a").unwrap().unwrap() == second);
        keyring.remove("a").unwrap();
        keyring.remove("a").unwrap();
        assert!(keyring.get("a").unwrap().is_none());
    }

    #[test]
    fn what_the_keyring_says_is_one_line_and_never_shows_what_it_kept() {
        let store = mock::Store::new().unwrap();
        let keyring = SystemKeyring::over(store.clone());
        let entry = keyring.entry("a").unwrap();
        entry.set_secret(&[7; 31]).unwrap();
        assert!(matches!(keyring.get("a"), Err(KeyringError::OtherLength {})));
        let cred: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        cred.set_error(Error::BadEncoding(b"secret bytes".to_vec()));
        assert!(!keyring.get("a").err().unwrap().to_string().contains("secret"));
        cred.set_error(Error::PlatformFailure("no\nbus\u{1b}[2J".into()));
        assert_eq!(keyring.get("a").err(), Some(KeyringError::Away { why: "no bus [2J".into() }));
        cred.set_error(Error::NoStorageAccess("locked".into()));
        assert_eq!(keyring.get("a").err(), Some(KeyringError::Locked {}));
    }
}
