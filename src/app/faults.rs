//! What is wrong with one object or one file, in messages.

use crate::app::reasons::{because, refused};
use crate::app::{Arg, Failure, Text};
use crate::engine::error::{Damage, FileFault, ObjectFault, OwnFile, PlaceName, SyncFault};
use crate::provider::ProviderError;
use crate::text;

/// What is wrong with an object.
pub fn object(why: &ObjectFault) -> Text {
    match why {
        ObjectFault::Missing => text!("object-missing"),
        ObjectFault::Refused(why) => refused(why),
        ObjectFault::Place(error) => at_its_place(error),
        ObjectFault::Size { has, wanted } => text!("object-size", has = *has, wanted = *wanted),
        ObjectFault::OtherChunks => text!("object-other-chunks"),
        ObjectFault::Claims(packs) => text!("object-claims", count = *packs),
        ObjectFault::Unchained => text!("object-unchained"),
        ObjectFault::NotOurs => text!("object-not-ours"),
        ObjectFault::NoCopy(why) => text!("object-no-copy", why = object(why)),
        ObjectFault::Gone => text!("object-gone"),
        ObjectFault::OtherThanForgotten => text!("object-other-than-forgotten"),
        ObjectFault::WrittenBy(writer, why) => text!("object-written-by", why = object(why), device = writer),
    }
}

/// Why a file was not taken or not given back.
pub fn file(why: &FileFault) -> Text {
    match why {
        FileFault::System(why) => because(why),
        FileFault::Backup(error) => Failure::from(error).message,
        FileFault::Pieces => text!("file-pieces"),
        FileFault::OtherThanSource => text!("file-other-than-source"),
        FileFault::Files(most) => text!("file-too-many", count = *most),
        FileFault::Link => text!("file-link"),
        FileFault::Beside(most) => text!("file-many-beside", count = *most),
    }
}

/// Why an object could not be moved.
pub fn sync(why: &SyncFault) -> Text {
    match why {
        SyncFault::Refused(why) => refused(why),
        SyncFault::Store(error) => at_its_place(error),
        SyncFault::Vault(error) => Failure::at_vault(error).message,
        SyncFault::SetAside => text!("sync-set-aside"),
        SyncFault::RosterLost => text!("sync-roster-lost"),
        SyncFault::RosterWon => text!("sync-roster-won"),
        SyncFault::KeysApart => text!("sync-keys-apart"),
        SyncFault::NoWholeCopy => text!("sync-no-whole-copy"),
        SyncFault::EitherCopy => text!("sync-either-copy"),
        SyncFault::Irreplaceable(ProviderError::Locked(until)) => text!("sync-irreplaceable-until", until = until),
        SyncFault::Irreplaceable(error) => text!("sync-irreplaceable", why = at_its_place(error)),
        SyncFault::Going => text!("sync-going"),
    }
}

/// What the place where an object lies says of it; the place itself stands beside it.
fn at_its_place(error: &ProviderError) -> Text {
    Failure::at(&Arg::from(text!("the-place")), error).message
}

/// A place that was asked for something.
pub fn place(place: &PlaceName) -> Arg {
    match place {
        PlaceName::Vault => text!("the-vault").into(),
        PlaceName::Store(name) => text!("place-store", store = name).into(),
        PlaceName::Address(address) => address.into(),
        PlaceName::Folder(path) => text!("place-folder", path = path.as_path()).into(),
        PlaceName::OtherDevice => text!("place-other-device").into(),
    }
}

/// Which file of ours is damaged, and how.
pub fn own_file(what: &OwnFile, why: &Damage) -> Text {
    text!("file-damaged", what = named(what), why = damage(why))
}

fn named(what: &OwnFile) -> Arg {
    Arg::from(match what {
        OwnFile::Journal => text!("own-journal"),
        OwnFile::ConsentLedger => text!("own-consents"),
        OwnFile::AuditLog => text!("own-audit-log"),
        OwnFile::Vault => text!("the-vault"),
        OwnFile::KeySlot => text!("own-key-slot"),
        OwnFile::Account => text!("own-account"),
        OwnFile::Backup => text!("own-backup"),
        OwnFile::LocalState => text!("own-local-state"),
        OwnFile::KeyAgent => text!("own-key-agent"),
        OwnFile::ErasurePlan => text!("own-erasure"),
        OwnFile::Folder(account) => text!("own-folder", account = account),
        OwnFile::Place(place) => return place.into(),
        OwnFile::At(path) => return path.as_path().into(),
    })
}

/// How a file of ours is damaged.
fn damage(why: &Damage) -> Text {
    match why {
        Damage::Format(what) => text!("refused-malformed", what = what),
        Damage::FromByte(at) => text!("damage-from-byte", at = at.to_string()),
        Damage::TooLarge => text!("damage-too-large"),
        Damage::Closed => text!("damage-closed"),
        Damage::NoDevices => text!("damage-no-devices"),
        Damage::OtherKeys => text!("damage-other-keys"),
        Damage::OtherAccount => text!("damage-other-account"),
        Damage::KeysMissing(name) => text!("damage-keys-missing", object = name.to_string()),
        Damage::KeysNotBack => text!("damage-keys-not-back"),
        Damage::NoKeys => text!("damage-no-keys"),
        Damage::NoKeysOf(generation) => text!("damage-no-keys-of", generation = generation.to_string()),
        Damage::NoSlot => text!("damage-no-slot"),
        Damage::NoNote(number) => text!("damage-no-note", number = number.to_string()),
        Damage::NoChunk(id) => text!("damage-no-chunk", id = id),
        Damage::Pieces => text!("damage-pieces"),
        Damage::LostChunk => text!("damage-lost-chunk"),
        Damage::Receipt { given, named } => text!("damage-receipt", given = given.to_string(), named = named.to_string()),
        Damage::Credentials => text!("damage-credentials"),
        Damage::Outbox => text!("damage-outbox"),
        Damage::ReadingKey(why) => text!("damage-reading-key", why = damage(why)),
        Damage::NotWithKeyring => text!("damage-not-with-keyring"),
        Damage::OtherThanSaid => text!("damage-other-than-said"),
        Damage::Called(was) => text!("damage-called", account = was),
        Damage::Ended => text!("damage-ended"),
        Damage::Said(words) => Text::plain(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_of_ours_is_named_and_told_by_messages() {
        let told = own_file(&OwnFile::Journal, &Damage::NoDevices);
        assert_eq!(told, text!("file-damaged", what = text!("own-journal"), why = text!("damage-no-devices")));
        let format = own_file(&OwnFile::Backup, &Damage::Format("a manifest with a hole".into()));
        assert_eq!(format.args["why"], text!("refused-malformed", what = "a manifest with a hole").into());
        assert_eq!(place(&PlaceName::OtherDevice), text!("place-other-device").into());
    }
}
