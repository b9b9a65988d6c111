//! What was asked for makes no sense, or could not come about between two devices, in messages: what and where, and what to do.

use crate::app::Text;
use crate::app::reasons::{self, because, refused};
use crate::engine::error::{Enrolling, Misplaced, Misuse};
use crate::text;

/// What and where, and what to do, where there is more to do than to ask otherwise.
pub fn message(misuse: &Misuse) -> (Text, Option<Text>) {
    use Misuse as M;
    match misuse {
        M::NoDevice(_)
        | M::ThisDevice(_)
        | M::SameName { .. }
        | M::NameTaken(_)
        | M::DeviceName
        | M::Revoked(_)
        | M::RevokedHere
        | M::Unlisted(_)
        | M::Listed(_)
        | M::ListFull => of_devices(misuse),
        M::NoPassphrase => (text!("passphrase-none"), Some(text!("passphrase-none-hint"))),
        M::KeysFull => (text!("keys-full"), None),
        M::WhichSnapshot { .. }
        | M::Forgotten(_)
        | M::Newest(_)
        | M::Pinned(_)
        | M::StoreHas { .. }
        | M::Tag(_)
        | M::ManyPieces => of_snapshots(misuse),
        M::NoStore(name) => (text!("store-unknown", name = name), Some(text!("store-unknown-hint"))),
        M::NoCredentials(store) => (text!("store-needs-credentials", store = store), None),
        M::Trust(why) => (text!("store-trust-unusable", why = because(why)), None),
        M::NoFolder(path) => (text!("folder-missing", path = path.as_path()), Some(text!("folder-missing-hint"))),
        M::OwnFolder(path) => (text!("folder-own", path = path.as_path()), Some(text!("folder-own-hint"))),
        M::Misplaced(from, why) => (text!("source-misplaced", path = from.as_path(), why = misplaced(*why)), None),
        M::NoSource { wanted, have } => (text!("source-not-in-snapshot", source = wanted, have = have.join(", ")), None),
        M::TargetGone(path) => (text!("follow-target-gone", path = path.as_path()), Some(text!("follow-target-gone-hint"))),
        M::LongNames => (text!("follow-long-names"), None),
        M::KitWithoutAccount => (text!("kit-without-account"), Some(text!("kit-without-account-hint"))),
        M::KitOfAnother { of, address, there } => {
            let message = text!("kit-not-of-store", of = of, address = address, there = there.join(", "));
            (message, Some(text!("kit-of-another-hint")))
        }
        M::NotInStore { address, has_versions } => {
            let hint = if *has_versions { text!("account-not-in-store-undo-hint") } else { text!("account-not-in-store-hint") };
            (text!("account-not-in-store", address = address), Some(hint))
        }
        M::Listen(at, why) => (text!("enroll-cannot-wait", address = at, why = because(why)), None),
        M::Address(address) => (text!("enroll-address", address = address), Some(text!("enroll-address-hint"))),
        letters => of_letters(letters),
    }
}

/// Why a source of a snapshot cannot go where it was.
pub fn misplaced(why: Misplaced) -> Text {
    match why {
        Misplaced::NoFullPath => text!("source-without-path"),
        Misplaced::OwnFolder => text!("source-into-own-folder"),
    }
}

/// Why no device was enrolled.
pub fn enrolling(why: &Enrolling) -> Text {
    match why {
        Enrolling::Busy => text!("enroll-busy"),
        Enrolling::TooLate => text!("enroll-too-late"),
        Enrolling::NotUnderstood(why) => text!("enroll-not-understood", why = refused(why)),
        Enrolling::Changed => text!("enroll-changed"),
        Enrolling::TooMuch => text!("enroll-too-much"),
        Enrolling::Store(why) => text!("enroll-store", why = reasons::config(why)),
    }
}

fn of_devices(misuse: &Misuse) -> (Text, Option<Text>) {
    match misuse {
        Misuse::NoDevice(name) => (text!("device-unknown", name = name), Some(text!("device-unknown-hint"))),
        Misuse::ThisDevice(name) => (text!("device-is-this", name = name), None),
        Misuse::SameName { name, ids } => {
            (text!("device-same-name", name = name), Some(text!("device-same-name-hint", ids = ids.join(", "))))
        }
        Misuse::NameTaken(name) => (text!("device-name-taken", name = name), None),
        Misuse::ListFull => (text!("device-list-full"), Some(text!("device-list-full-hint"))),
        Misuse::Revoked(name) => (text!("device-was-revoked", name = name), Some(text!("device-revoked-hint"))),
        Misuse::RevokedHere => (text!("device-revoked-here"), Some(text!("device-revoked-here-hint"))),
        Misuse::Unlisted(name) => (text!("device-unlisted", name = name), Some(text!("device-unlisted-hint"))),
        Misuse::Listed(name) => (text!("device-listed", name = name), None),
        _ => (text!("device-name-form"), None),
    }
}

fn of_snapshots(misuse: &Misuse) -> (Text, Option<Text>) {
    match misuse {
        Misuse::WhichSnapshot { which, names } => {
            (text!("snapshot-which", snapshot = which), Some(text!("snapshot-which-hint", names = names.join(", "))))
        }
        Misuse::Forgotten(snapshot) => (text!("snapshot-forgotten", snapshot = snapshot), None),
        Misuse::Newest(snapshot) => (text!("snapshot-newest", snapshot = snapshot), None),
        Misuse::Pinned(snapshot) => {
            (text!("snapshot-is-pinned", snapshot = snapshot), Some(text!("snapshot-is-pinned-hint", snapshot = snapshot)))
        }
        Misuse::StoreHas { snapshot, store } => {
            (text!("snapshot-store-has", snapshot = snapshot, store = store), Some(text!("snapshot-store-has-hint")))
        }
        Misuse::Tag(most) => (text!("tag-form", most = *most), None),
        _ => (text!("file-many-pieces"), None),
    }
}

fn of_letters(misuse: &Misuse) -> (Text, Option<Text>) {
    match misuse {
        Misuse::NoFile(path) => (text!("letter-no-file", path = path.as_path()), None),
        Misuse::LargeLetter(path) => (text!("letter-large", path = path.as_path()), None),
        Misuse::Changed(path) => (text!("letter-changed", path = path.as_path()), Some(text!("letter-changed-hint"))),
        Misuse::NoLetter(id) => (text!("letter-unknown", id = id), Some(text!("letter-unknown-hint"))),
        Misuse::WhichLetter(id) => (text!("letter-which", id = id), Some(text!("letter-unknown-hint"))),
        Misuse::LettersWait(most) => (text!("letters-wait", count = *most), Some(text!("letters-wait-hint"))),
        Misuse::LettersReceived(most) => (text!("letters-received", count = *most), Some(text!("letters-received-hint"))),
        _ => (text!("letters-no-key"), Some(text!("letters-received-hint"))),
    }
}
