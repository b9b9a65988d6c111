//! Names that cannot lie: identifiers of fixed size, object names with one writer each, and paths that stay inside.

use std::fmt;

use super::random::{self, NoRandomness, Random};

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes that exactly `2 * N` lower-case hexadecimal digits stand for.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Its size in bytes.
            pub const LEN: usize = $len;

            /// The identifier that these bytes are.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// A new random one.
            pub fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
                Ok(Self(random::bytes(random)?))
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads the form that `Display` writes.
            pub fn parse(text: &str) -> Option<Self> {
                unhex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex(&self.0))
            }
        }
    };
}

id!(
    /// One owner's account.
    AccountId, 16
);
id!(
    /// One enrolled device of an account.
    DeviceId, 16
);
id!(
    /// One sealed object; random, so that it says nothing of what is inside.
    ObjectId, 16
);
id!(
    /// Keyed BLAKE3 of a chunk's plaintext: equal chunks of one account have equal ids, and nobody else can compute them.
    ChunkId, 32
);
id!(
    /// BLAKE3 of an object's sealed bytes as they lie in every place.
    ObjectHash, 32
);

/// The name of an object below its account's prefix, the same in every place.
///
/// Every name is random or has one writer, and no name is a prefix of another, so that no lock and no conditional put is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ObjectName {
    /// `packs/<2 digits>/<id>`: chunks.
    Pack(ObjectId),
    /// `index/<device>/<id>`: where a device's chunks lie.
    Index(DeviceId, ObjectId),
    /// `heads/<device>/<16 digits>`: a device's numbered snapshots.
    Head(DeviceId, u64),
    /// `roster/<16 digits>`: the account's devices, one object a change.
    Roster(u64),
    /// `slots/<id>`: the account's keys under a passphrase or a recovery kit.
    Slot(ObjectId),
    /// `keys/<16 digits>`: a later generation of the account's keys, for whoever holds the one before.
    Keys(u64),
    /// `grants/<device>/<16 digits>`: what a device needs to write under a later generation.
    Grant(DeviceId, u64),
    /// `keeps/<device>/<16 digits>`: the numbered notes of a device that may delete on what is no longer needed.
    DeletionNote(DeviceId, u64),
    /// `inbox/<device>/<id>`: a file sent to a device.
    Letter(DeviceId, ObjectId),
    /// `facts/<device>/<16 digits>`: what a device recorded of itself, with consent.
    Fact(DeviceId, u64),
}

impl ObjectName {
    /// The folders that hold an account's objects.
    pub const FOLDERS: [&'static str; 10] =
        ["packs", "index", "heads", "roster", "slots", "keys", "grants", "keeps", "inbox", "facts"];

    /// The folder that it lies in: one of [`FOLDERS`](Self::FOLDERS).
    pub fn folder(&self) -> &'static str {
        match self {
            Self::Pack(_) => "packs",
            Self::Index(..) => "index",
            Self::Head(..) => "heads",
            Self::Roster(_) => "roster",
            Self::Slot(_) => "slots",
            Self::Keys(_) => "keys",
            Self::Grant(..) => "grants",
            Self::DeletionNote(..) => "keeps",
            Self::Letter(..) => "inbox",
            Self::Fact(..) => "facts",
        }
    }

    /// The device whose name it bears.
    pub fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Pack(_) | Self::Roster(_) | Self::Slot(_) | Self::Keys(_) => None,
            Self::Index(device, _)
            | Self::Head(device, _)
            | Self::Grant(device, _)
            | Self::DeletionNote(device, _)
            | Self::Letter(device, _)
            | Self::Fact(device, _) => Some(*device),
        }
    }

    /// Reads a name; anything that `Display` would not write is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let name = match (parts.next()?, parts.next()?, parts.next()) {
            ("packs", shard, Some(id)) if id.get(..2) == Some(shard) => Self::Pack(ObjectId::parse(id)?),
            ("index", device, Some(id)) => Self::Index(DeviceId::parse(device)?, ObjectId::parse(id)?),
            ("heads", device, Some(number)) => Self::Head(DeviceId::parse(device)?, parse_number(number)?),
            ("roster", number, None) => Self::Roster(parse_number(number)?),
            ("slots", id, None) => Self::Slot(ObjectId::parse(id)?),
            ("keys", number, None) => Self::Keys(parse_number(number)?),
            ("grants", device, Some(number)) => Self::Grant(DeviceId::parse(device)?, parse_number(number)?),
            ("keeps", device, Some(number)) => Self::DeletionNote(DeviceId::parse(device)?, parse_number(number)?),
            ("facts", device, Some(number)) => Self::Fact(DeviceId::parse(device)?, parse_number(number)?),
            ("inbox", device, Some(id)) => Self::Letter(DeviceId::parse(device)?, ObjectId::parse(id)?),
            _ => return None,
        };
        parts.next().is_none().then_some(name)
    }
}

fn parse_number(text: &str) -> Option<u64> {
    unhex::<8>(text).map(u64::from_be_bytes)
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pack(id) => write!(f, "packs/{}/{id}", hex(&id.as_bytes()[..1])),
            Self::Index(device, id) => write!(f, "index/{device}/{id}"),
            Self::Head(device, number) => write!(f, "heads/{device}/{number:016x}"),
            Self::Roster(number) => write!(f, "roster/{number:016x}"),
            Self::Slot(id) => write!(f, "slots/{id}"),
            Self::Keys(number) => write!(f, "keys/{number:016x}"),
            Self::Grant(device, number) => write!(f, "grants/{device}/{number:016x}"),
            Self::DeletionNote(device, number) => write!(f, "keeps/{device}/{number:016x}"),
            Self::Letter(device, id) => write!(f, "inbox/{device}/{id}"),
            Self::Fact(device, number) => write!(f, "facts/{device}/{number:016x}"),
        }
    }
}

/// A path below a root: one or more components separated by `/`, none empty, `.`, `..` or holding NUL; bytes, because file
/// names on Linux need not be UTF-8. At most [`RelPath::MAX`] bytes in [`RelPath::MAX_DEPTH`] components.
///
/// Paths compare component by component, the order in which a snapshot lists them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RelPath(Box<[u8]>);

impl RelPath {
    /// The longest path, in bytes.
    pub const MAX: usize = 32 * 1024;
    /// The most components: each that lies open while a path is walked takes a place of the system's.
    pub const MAX_DEPTH: usize = 512;

    /// The path that these bytes are, or none when it could leave its root.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let fits = !bytes.is_empty() && bytes.len() <= Self::MAX && bytes.split(|b| *b == b'/').all(is_component);
        let fits = fits && bytes.split(|b| *b == b'/').nth(Self::MAX_DEPTH).is_none();
        fits.then(|| Self(bytes.into()))
    }

    /// This path with one more component below it.
    pub fn join(&self, component: &[u8]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(self.0.len() + 1 + component.len());
        bytes.extend_from_slice(&self.0);
        bytes.push(b'/');
        bytes.extend_from_slice(component);
        if component.contains(&b'/') { None } else { Self::new(&bytes) }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its components from the root down.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|b| *b == b'/')
    }

    /// Its last component.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or(&self.0)
    }

    /// Whether it is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) && matches!(self.0.get(other.0.len()), None | Some(b'/'))
    }
}

fn is_component(part: &[u8]) -> bool {
    !part.is_empty() && part != b"." && part != b".." && !part.contains(&0)
}

impl Ord for RelPath {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.components().cmp(other.components())
    }
}

impl PartialOrd for RelPath {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Shown with control characters and invalid UTF-8 escaped, so that a file name cannot write on a terminal.
impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelPath({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_names_read_back_what_they_write() {
        let id = ObjectId::from_bytes([0xab; 16]);
        let device = DeviceId::from_bytes([1; 16]);
        let names = [
            ObjectName::Pack(id),
            ObjectName::Index(device, id),
            ObjectName::Head(device, 7),
            ObjectName::Roster(u64::MAX),
            ObjectName::Slot(id),
            ObjectName::Keys(2),
            ObjectName::Grant(device, 2),
            ObjectName::DeletionNote(device, 1),
            ObjectName::Letter(device, id),
            ObjectName::Fact(device, 9),
        ];
        for name in names {
            assert_eq!(ObjectName::parse(&name.to_string()), Some(name));
        }
    }

    #[test]
    fn other_object_names_are_none() {
        let good = ObjectName::Pack(ObjectId::from_bytes([0xab; 16])).to_string();
        let bad = ["", "packs", "packs/ab", "heads/../x", "slots/AB", "roster/7", "packs/cd/abababababababababababababababab"];
        for text in bad.into_iter().map(String::from).chain([good.to_uppercase(), format!("{good}/x"), format!("/{good}")]) {
            assert_eq!(ObjectName::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn paths_that_could_leave_their_root_are_none() {
        for bad in ["", "/", "/etc", "a/", "a//b", "..", "a/../b", "./a", "a/.", "a\0b"] {
            assert!(RelPath::new(bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert!(RelPath::new(&vec![b'a'; RelPath::MAX + 1]).is_none());
        let deep = |depth| vec!["a"; depth].join("/");
        assert!(RelPath::new(deep(RelPath::MAX_DEPTH).as_bytes()).is_some());
        assert!(RelPath::new(deep(RelPath::MAX_DEPTH + 1).as_bytes()).is_none());
    }

    #[test]
    fn paths_sort_by_component() {
        let path = |p: &str| RelPath::new(p.as_bytes()).unwrap_or_else(|| panic!("{p}"));
        assert!(path("a/b") < path("a.txt"));
        assert!(path("a/b").is_within(&path("a")));
        assert!(!path("ab").is_within(&path("a")));
        assert_eq!(path("a\n\u{1b}[2J").to_string(), "a\\n\\u{1b}[2J");
    }
}
