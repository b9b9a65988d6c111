//! Places that keep sealed bytes: one trait, the same for a folder and for a cloud.
//!
//! A place is given to one account: names are those of [`ObjectName`], below a prefix that the place adds. Objects are written
//! once and never changed. Only a place makes a [`PutReceipt`], once the bytes are durable there:
//!
//! ```compile_fail
//! let name = printkeep::core::name::ObjectName::Roster(1);
//! let forged = printkeep::provider::PutReceipt { name, size: 0, place: String::new() };
//! ```
//!
//! ```
//! fn commit(receipt: &printkeep::provider::PutReceipt) -> u64 {
//!     receipt.size()
//! }
//! ```

pub mod address;
pub mod around;
pub mod credentials;
pub mod dir;
pub mod folder;
pub mod folder_reader;
pub mod gate;
pub mod http;
pub mod limit;
pub mod loopback;
mod patience;
pub mod probe;
pub mod quiet;
pub mod reason;
pub mod regular_file;
pub mod removable;
pub mod retry;
pub mod revocable;
pub mod s3;
pub mod scope;
pub mod scoped;
pub mod sftp;
pub mod time_budget;
pub mod tls;
mod wanted;
pub mod webdav;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::core::name::ObjectName;
use crate::core::seal::Proved;
use crate::provider::gate::Gate;
use crate::provider::reason::Reason;
use crate::provider::scope::ScopeView;
pub use crate::provider::wanted::Wanted;

/// A future that a place returns.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// A place that keeps sealed bytes for one account.
pub trait Provider: Send + Sync {
    /// Keeps an object; the receipt comes once it is durable. An object of the same name and bytes is kept as it is; one of
    /// other bytes is never replaced: [`ProviderError::Taken`].
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt>;

    /// Reads what is wanted of an object. A place that gives more than may be taken is refused as soon as it does.
    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>>;

    /// Tells of every object whose name begins with the folder, in any order, a page at a time, so that memory stays flat.
    /// Names that are not [`ObjectName`]s are passed over.
    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()>;

    /// Removes an object; one that is not there is no error.
    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()>;

    /// What and where it is, in words for the owner, without credentials.
    fn place(&self) -> String;

    /// What lay under a name before it was replaced or hidden, `nth` counted from the newest; missing where there is no such, as in most
    /// places. It is no larger than any of its type.
    fn earlier<'a>(&'a self, _name: &'a ObjectName, _nth: usize) -> Pending<'a, Vec<u8>> {
        Box::pin(std::future::ready(Err(ProviderError::Missing)))
    }

    /// What it is narrowed to, where this device only writes there.
    fn narrow(&self) -> Option<&ScopeView> {
        None
    }

    /// What lets the bytes of an object through little by little, where there is a limit.
    fn gate(&self) -> Option<Arc<Gate>> {
        None
    }
}

/// Part of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Its first byte.
    pub offset: u64,
    /// Its length in bytes; at least 1.
    pub length: u64,
}

/// An object that a place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ObjectName,
    /// Its size in bytes, as the place tells it.
    pub size: u64,
}

/// A place's word that an object is durable there.
#[derive(Debug)]
pub struct PutReceipt {
    name: ObjectName,
    size: u64,
    place: String,
}

impl PutReceipt {
    fn new(object: &Proved, place: String) -> Self {
        Self { name: object.name(), size: object.bytes().len() as u64, place }
    }

    /// What is durable.
    pub fn name(&self) -> ObjectName {
        self.name
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// Why a place did not do what it was asked; each says who can act. Texts name the place and never a credential or a signed URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderError {
    /// There is no such object.
    Missing,
    /// Another object lies under that name already.
    Taken,
    /// The place can't be reached, or is busy: trying again later may help.
    Unreachable(Reason),
    /// The place does not accept the credentials, they may not do this, or there is no such bucket: the owner must act.
    Refused(Reason),
    /// The place is full or over quota: the owner must act.
    Full(Reason),
    /// The place may be read and not written: the owner must act.
    ReadOnly(Reason),
    /// The place keeps the object until a time, as its owner set it: it can go later.
    Locked(String),
    /// This machine's clock is wrong, so that the place cannot be trusted or does not accept what was signed: the owner must act.
    Clock(Reason),
    /// The place's identity is not the one that is trusted: wrong certificate, pin, name or TLS version.
    NotTrusted(Reason),
    /// The place shows a key that nobody has said is its own: the owner is to be asked.
    NewKey(address::Pin),
    /// A folder is not there, or is another than it was: the disk or share that it lies on is not mounted.
    Unmounted(Reason),
    /// The place answered something that makes no sense.
    Nonsense(Reason),
    /// The owner asked to stop.
    Stopped,
    /// The owner has taken back the consent to network use.
    Withdrawn,
    /// The machine's own disk or memory failed.
    Local(Reason),
}

impl ProviderError {
    /// Whether the same call may succeed later without anybody acting.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unmounted(_))
    }
}

impl std::fmt::Display for ProviderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("has no such object"),
            Self::Taken => f.write_str("holds another file under that name"),
            Self::Unreachable(what) | Self::Unmounted(what) => write!(f, "cannot be reached: {what}"),
            Self::Refused(what) => write!(f, "cannot be used: {what}"),
            Self::Full(what) => write!(f, "is full: {what}"),
            Self::ReadOnly(what) => write!(f, "may not be written: {what}"),
            Self::Locked(until) => write!(f, "keeps it until {until}"),
            Self::Clock(what) => write!(f, "cannot be used now: {what}"),
            Self::NotTrusted(what) => write!(f, "is not the place that is trusted: {what}"),
            Self::NewKey(key) => write!(
                f,
                "shows a key that is not known here yet, {0}: compare it with what the server itself shows (`ssh-keygen -lf`), and \
                 trust it with --pin {0}",
                key.as_fingerprint()
            ),
            Self::Nonsense(what) => write!(f, "answered nonsense: {what}"),
            Self::Stopped => f.write_str("was left: stopped"),
            Self::Withdrawn => f.write_str("is used no longer: you have withdrawn your consent to network use"),
            Self::Local(what) => write!(f, "this machine failed: {what}"),
        }
    }
}

impl std::error::Error for ProviderError {}

/// Why what a place was to do was not driven to its end, whatever the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDriven {
    /// A stop was asked for.
    Stopped,
    /// The system gives no thread that would drive it; why.
    NoThread(String),
}

impl From<NotDriven> for ProviderError {
    fn from(why: NotDriven) -> Self {
        match why {
            NotDriven::Stopped => Self::Stopped,
            NotDriven::NoThread(why) => Self::Local(Reason::NoThread { said: why }),
        }
    }
}
