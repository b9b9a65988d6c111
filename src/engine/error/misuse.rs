//! What was asked for makes no sense, as data: whoever shows it has the words.

use std::path::PathBuf;

use crate::provider::reason::Reason;

/// What was asked for makes no sense, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misuse {
    /// The account has no such device.
    NoDevice(String),
    /// The device that was named is this one.
    ThisDevice(String),
    /// Several devices are called so.
    SameName {
        /// What was named.
        name: String,
        /// The first digits of their ids.
        ids: Vec<String>,
    },
    /// Another device is called so already.
    NameTaken(String),
    /// No device may be called so.
    DeviceName,
    /// The device of this name was revoked.
    Revoked(String),
    /// This device was revoked.
    RevokedHere,
    /// The list of devices that holds does not name this device, so called; nobody revoked it.
    Unlisted(String),
    /// The list of devices names this device, so called, already.
    Listed(String),
    /// No passphrase was set on this device.
    NoPassphrase,
    /// The list of devices would grow larger than anybody reads.
    ListFull,
    /// The account has as many generations of keys as it may.
    KeysFull,
    /// Several devices have a snapshot of this number.
    WhichSnapshot {
        /// What was named.
        which: String,
        /// What may be said instead.
        names: Vec<String>,
    },
    /// The snapshot is forgotten.
    Forgotten(String),
    /// The snapshot is the newest of its device.
    Newest(String),
    /// The snapshot is pinned.
    Pinned(String),
    /// The vault lost the snapshot, and a store is known to have it.
    StoreHas {
        /// What was named.
        snapshot: String,
        /// The store.
        store: String,
    },
    /// No snapshot may be tagged so; the most bytes that a tag has.
    Tag(usize),
    /// A file has more pieces than a snapshot can tell of.
    ManyPieces,
    /// The settings have no such store.
    NoStore(String),
    /// The store, so named, is reached with credentials, and none were given.
    NoCredentials(String),
    /// What the settings say of whom to trust at a store cannot be used; why.
    Trust(Reason),
    /// There is no such folder.
    NoFolder(PathBuf),
    /// The folder lies in Printkeep's own, or holds it.
    OwnFolder(PathBuf),
    /// A source of a snapshot cannot go where it was.
    Misplaced(PathBuf, Misplaced),
    /// The snapshot has no such source.
    NoSource {
        /// What was named.
        wanted: String,
        /// The labels that it has.
        have: Vec<String>,
    },
    /// The folder that another device is followed into is gone.
    TargetGone(PathBuf),
    /// The names of the source are too long to remember what came of it.
    LongNames,
    /// A letter carries one file, and this is none.
    NoFile(PathBuf),
    /// The file is larger than a letter may be.
    LargeLetter(PathBuf),
    /// The file changed while it was read.
    Changed(PathBuf),
    /// No letter that was sent from here has an id that begins so.
    NoLetter(String),
    /// Several letters have.
    WhichLetter(String),
    /// So many letters wait to be taken, as many as may.
    LettersWait(usize),
    /// So many letters were received, as many as may.
    LettersReceived(usize),
    /// This device has no key for letters.
    NoLetterKey,
    /// The kit does not say which account it is of, and the store cannot be looked through.
    KitWithoutAccount,
    /// The kit is of another account than those that the store holds.
    KitOfAnother {
        /// The kit's account.
        of: String,
        /// The store's address.
        address: String,
        /// What it holds.
        there: Vec<String>,
    },
    /// The store holds no such account.
    NotInStore {
        /// The store's address.
        address: String,
        /// Whether it may keep versions that show it again.
        has_versions: bool,
    },
    /// Nobody can be waited for at this address; why.
    Listen(String, Reason),
    /// What was given is no address.
    Address(String),
}

/// Why a source of a snapshot cannot go where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// The snapshot gives no full path for it.
    NoFullPath,
    /// It would go into Printkeep's own folder.
    OwnFolder,
}
