//! What is wrong with one object or one file, in messages.

use crate::app::reasons::{because, refused};
use crate::app::{Arg, Failure, Text};
use crate::engine::error::{FileFault, ObjectFault, Standing, SyncFault};
use crate::engine::inbox::{NotCarried, Sent, Stays};
use crate::local::audit::Break;
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
        ObjectFault::TooMuchTold { device, count } => text!("sync-too-much-told", device = device, count = *count),
        ObjectFault::Unchained => text!("object-unchained"),
        ObjectFault::NotOurs => text!("object-not-ours"),
        ObjectFault::NoCopy(why) => text!("object-no-copy", why = object(why)),
        ObjectFault::Lost(count) => text!("object-lost", count = *count),
        ObjectFault::Gone => text!("object-gone"),
        ObjectFault::More(count) => text!("sync-more", count = *count),
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
        FileFault::Stands(Standing::Newer) => text!("file-newer-there"),
        FileFault::Stands(Standing::Other) => text!("file-other-there"),
        FileFault::Stands(Standing::Folder) => text!("file-folder-there"),
    }
}

/// Why an object could not be moved.
pub fn sync(why: &SyncFault) -> Text {
    match why {
        SyncFault::Refused(why) => refused(why),
        SyncFault::Store(error) => at_its_place(error),
        SyncFault::Vault(error) => Failure::at_vault(error).message,
        SyncFault::RosterLost => text!("sync-roster-lost"),
        SyncFault::RevokedApart(names) => text!("sync-revoked-apart", names = names.join(", ")),
        SyncFault::Unlisted => text!("sync-unlisted"),
        SyncFault::ListSealed => text!("sync-list-sealed"),
        SyncFault::RosterWon => text!("sync-roster-won"),
        SyncFault::KeysApart => text!("sync-keys-apart"),
        SyncFault::More { count } => text!("sync-more", count = *count),
        SyncFault::TooMuchTold { device, count } => text!("sync-too-much-told", device = device, count = *count),
        SyncFault::NoWholeCopy => text!("sync-no-whole-copy"),
        SyncFault::EitherCopy => text!("sync-either-copy"),
        SyncFault::Irreplaceable(ProviderError::Locked(until)) => text!("sync-irreplaceable-until", until = until),
        SyncFault::Irreplaceable(error) => text!("sync-irreplaceable", why = at_its_place(error)),
        SyncFault::Going { device, since } => text!("sync-going", device = device, since = Arg::Time(*since)),
        SyncFault::CutShort { since } => text!("sync-cut-short", since = Arg::Time(*since)),
    }
}

/// What the place where an object lies says of it; the place itself stands beside it.
pub fn at_its_place(error: &ProviderError) -> Text {
    Failure::at_its_place(error).message
}

/// Where the audit log is not what was written.
pub fn log_break(broken: &Break) -> Text {
    match broken {
        Break::Changed { file, at } => text!("break-changed", file = file.to_string(), at = at.to_string()),
        Break::Missing { file } => text!("break-missing", file = file.to_string()),
        Break::Moved { file, bears } => text!("break-moved", file = file.to_string(), bears = bears.to_string()),
        Break::NotFollowing { file } => text!("break-not-following", file = file.to_string()),
        Break::Cut { file, known } => text!("break-cut", file = file.to_string(), known = known.to_string()),
        Break::NoEnd => text!("break-no-end"),
        Break::Before { file, .. } => text!("break-before", file = file.to_string()),
    }
}

/// Why a file for this device stays in its store.
pub fn stays(why: &Stays) -> Text {
    match why {
        Stays::Refused(why) => refused(why),
        Stays::Others(count) => text!("stays-others", count = *count),
        Stays::NotAllowed => text!("stays-not-allowed"),
        Stays::TooLarge(most) => text!("stays-too-large", most = Arg::Bytes(*most)),
        Stays::NoFolder(path) => text!("stays-no-folder", path = path.as_path()),
        Stays::NoRoom(path) => text!("stays-no-room", path = path.as_path()),
        Stays::NotWhole => text!("stays-not-whole"),
        Stays::Part(number, why) => text!("stays-part", number = number.to_string(), why = refused(why)),
        Stays::OtherFile => text!("stays-other-file"),
        Stays::OtherProgram => text!("stays-other-program"),
        Stays::Names(most) => text!("stays-names", count = *most),
        Stays::Unwritten(why) => text!("stays-unwritten", why = because(why)),
    }
}

/// What could not be done with a file that was sent.
pub fn not_carried(what: &NotCarried) -> Text {
    let name = |sent: &Sent| String::from_utf8_lossy(&sent.name).into_owned();
    match what {
        NotCarried::NotSent(sent, why) => text!("exchange-not-sent", name = name(sent), why = object(why)),
        NotCarried::NotTakenBack(sent, error) => text!("exchange-not-back", name = name(sent), why = at_its_place(error)),
    }
}
