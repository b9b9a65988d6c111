//! Which place did not do what it was asked, and which file of ours is damaged and how, in messages.

use crate::app::reasons::told;
use crate::app::{Arg, Text};
use crate::engine::error::{Damage, OwnFile, PlaceName};
use crate::text;

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
        Damage::Said(words) => told(words),
    }
}
