//! One entry of the audit log: what was done, how it ended, how much it touched; names apart, so that they can be masked.
//!
//! `time` (`i64`), event, outcome (1 byte each), device (16), count and bytes (varints), a word (at most 64 bytes), names (at most
//! 16, each at most 512 bytes). Unknown codes are refused: a later version wrote them.

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::DeviceId;

const MAX_WHAT: usize = 64;
const MAX_NAMES: usize = 16;
const MAX_NAME: usize = 512;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$each])* $variant = $code,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            fn from_code(code: u8) -> Result<Self, Bad> {
                match code {
                    $($code => Ok(Self::$variant),)*
                    _ => Err(Bad("an unknown code; it was written by a later version")),
                }
            }
        }
    };
}

words! {
    /// What was done.
    Event {
        /// The account was opened for reading, or somebody tried.
        Unlock = 1 "unlock",
        /// The owner decided what is allowed.
        Consent = 2 "consent",
        /// Another policy came into force.
        Policy = 3 "policy",
        /// The account was made here, or joined.
        Account = 4 "account",
        /// Settings changed: sources, stores.
        Settings = 5 "settings",
        /// Files went into the vault.
        Backup = 6 "backup",
        /// Sealed objects went to stores, or came from there.
        Sync = 7 "sync",
        /// Names and facts of files were looked at.
        Browse = 8 "browse",
        /// Files came home.
        Restore = 9 "restore",
        /// Files went to another device of the account, or were let in.
        Share = 10 "share",
        /// Devices were added, changed or let go.
        Device = 11 "device",
        /// Passphrase, kit or keys changed.
        Key = 12 "key",
        /// Snapshots were forgotten, tagged or pinned.
        Forget = 13 "forget",
        /// What nothing needs was removed.
        Prune = 14 "prune",
        /// Data were erased.
        Erase = 15 "erase",
        /// The backup was checked.
        Verify = 16 "check",
        /// Local state was repaired.
        Repair = 17 "repair",
        /// A restore was tried.
        Drill = 18 "try-restore",
        /// Something went wrong that the owner must know.
        Problem = 19 "problem",
        /// A document was made for somebody to see.
        Export = 20 "export",
    }
}

words! {
    /// How it ended.
    Outcome {
        /// It begins; another entry tells how it ended.
        Begun = 1 "begun",
        /// Done.
        Done = 2 "done",
        /// Done, but for parts of it.
        Partly = 3 "partly",
        /// Not allowed, or the passphrase or kit was wrong.
        Refused = 4 "refused",
        /// It failed.
        Failed = 5 "failed",
        /// The owner stopped it.
        Stopped = 6 "stopped",
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What the clock said, in seconds since 1970.
    pub time: i64,
    /// What was done.
    pub event: Event,
    /// How it ended.
    pub outcome: Outcome,
    /// On which device.
    pub device: DeviceId,
    /// How many things: files, objects, snapshots.
    pub count: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Which part of the event, in a word that names nobody.
    pub what: String,
    /// Paths, devices, stores: shown masked.
    pub names: Vec<String>,
}

impl Entry {
    /// As a record.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.raw(&self.time.to_le_bytes());
        out.u8(self.event as u8);
        out.u8(self.outcome as u8);
        out.raw(self.device.as_bytes());
        out.varint(self.count);
        out.varint(self.bytes);
        out.bytes(cut(&self.what, MAX_WHAT).as_bytes());
        let names = self.names.iter().take(MAX_NAMES);
        out.varint(names.len() as u64);
        names.for_each(|name| out.bytes(cut(name, MAX_NAME).as_bytes()));
        out.into_vec()
    }

    /// Reads a record.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let entry = Self {
            time: i64::from_le_bytes(input.array()?),
            event: Event::from_code(input.u8()?)?,
            outcome: Outcome::from_code(input.u8()?)?,
            device: DeviceId::from_bytes(input.array()?),
            count: input.varint()?,
            bytes: input.varint()?,
            what: text(&mut input, MAX_WHAT)?,
            names: (0..input.count(MAX_NAMES)?).map(|_| text(&mut input, MAX_NAME)).collect::<Result<_, _>>()?,
        };
        input.finish()?;
        Ok(entry)
    }
}

fn text(input: &mut Reader<'_>, limit: usize) -> Result<String, Bad> {
    String::from_utf8(input.bytes(limit)?.to_vec()).map_err(|_| Bad("a text that is not UTF-8"))
}

/// The longest beginning of at most `limit` bytes.
fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn entries_read_back_and_nothing_grows_over_its_limit() {
        for (event, outcome) in Event::ALL.iter().zip(Outcome::ALL.iter().cycle()) {
            let entry = Entry {
                time: -5,
                event: *event,
                outcome: *outcome,
                device: DeviceId::from_bytes([7; 16]),
                count: 3,
                bytes: u64::MAX,
                what: "passphrase".into(),
                names: vec!["ä.gcode".into(), String::new()],
            };
            assert_eq!(Entry::decode(&entry.encode()), Ok(entry.clone()));
            let long = Entry { names: vec!["ä".repeat(4000); 40], what: "x".repeat(500), ..entry };
            let read = Entry::decode(&long.encode()).unwrap();
            assert_eq!((read.names.len(), read.names[0].len(), read.what.len()), (MAX_NAMES, MAX_NAME, MAX_WHAT));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes: Vec<u8>) {
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
            }
        }
    }
}
