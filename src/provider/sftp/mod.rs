//! An SSH server's folder as a place, by SFTP version 3.
//!
//! Nothing is ever replaced: an object is sent under a name of its own in `tmp/`, synced where the server can, and linked to its
//! place (`hardlink@openssh.com`), or renamed by the old request, which refuses where something is there; never by
//! `posix-rename`, which replaces. The name in `tmp/` is the hash of the bytes: what an upload that was cut off left there is
//! compared, and the rest is sent.

mod link;
mod refusal;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use russh_sftp::client::error::Error;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};

pub use self::link::host_key;

use self::link::Link;
use self::refusal::{Action, is, sort};
use crate::consent::{Item, Permit};
use crate::core::codec::clamp_u32;
use crate::core::name::{AccountId, ObjectName, hex};
use crate::core::seal::Proved;
use crate::provider::address::servers::SftpAddress;
use crate::provider::address::{Pin, Trust};
use crate::provider::credentials::Credentials;
use crate::provider::limit::{Gate, Rate};
use crate::provider::patience::Trickle;
use crate::provider::reason::Reason;
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Wanted};

/// Bytes in a request; every server takes as many.
const BLOCK: usize = 32 * 1024;
/// Requests that are on their way at once for one object.
const AHEAD: usize = 8;
/// From this size on it pays to look at what a cut upload left, in bytes.
const RESUMED: usize = 256 * 1024;
/// The most names in one folder, which are told of a page at a time, and the most folders in it.
const MAX_NAMES: usize = 10_000_000;
const MAX_FOLDERS: usize = 10_000;
/// Objects told of at once.
const PAGE: usize = 1000;

/// Who is told of objects, a page at a time.
type Page<'a> = &'a mut (dyn FnMut(&[Listed]) + Send);

/// One account's objects on an SSH server.
pub struct Sftp {
    address: SftpAddress,
    pins: Vec<Pin>,
    credentials: Credentials,
    account: AccountId,
    link: tokio::sync::Mutex<Option<Arc<Link>>>,
    gate: Option<Arc<Gate>>,
    /// Folders that are known to be there.
    made: Mutex<BTreeSet<String>>,
    shown: String,
}

impl Sftp {
    /// The account's part of a folder; opens no connection yet. The permit is the owner's yes to network use.
    pub fn new(
        permit: &Permit,
        address: &SftpAddress,
        trust: &Trust,
        credentials: Credentials,
        account: AccountId,
    ) -> Result<Self, ProviderError> {
        if permit.item() != Item::Network {
            return Err(ProviderError::Refused(Reason::NoConsent {}));
        }
        let shown = format!("the SFTP folder {} at {}", address.folder, address.host);
        let (link, made) = (tokio::sync::Mutex::default(), Mutex::default());
        Ok(Self { address: address.clone(), pins: trust.pins().to_vec(), credentials, account, gate: None, link, made, shown })
    }

    /// The same, within a limit on what goes there and comes from there.
    pub fn within(mut self, rate: Option<Rate>) -> Self {
        self.gate = Gate::of(rate);
        self
    }

    fn path(&self, below: &str) -> String {
        format!("{}/{}/{below}", self.address.folder.trim_end_matches('/'), self.account)
    }

    async fn link(&self) -> Result<Arc<Link>, ProviderError> {
        let mut held = self.link.lock().await;
        if let Some(link) = held.as_ref().filter(|link| !link.is_closed()) {
            return Ok(link.clone());
        }
        let link = Arc::new(Link::open(&self.address, &self.pins, &self.credentials, self.gate.clone()).await?);
        *held = Some(link.clone());
        Ok(link)
    }

    /// A connection that failed is not used again.
    async fn settled<T>(&self, done: Result<T, ProviderError>) -> Result<T, ProviderError> {
        if done.as_ref().is_err_and(ProviderError::is_transient) {
            *self.link.lock().await = None;
        }
        done
    }

    async fn put_object(&self, object: &Proved) -> Result<PutReceipt, ProviderError> {
        if object.account() != self.account {
            return Err(ProviderError::Nonsense(Reason::OtherAccount {}));
        }
        let (link, bytes) = (self.link().await?, object.bytes());
        let hash = hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        let (temp, path) = (self.path(&format!("tmp/{}", &hash[..32])), self.path(&object.name().to_string()));
        self.upload(&link, &temp, bytes).await?;
        let named = self.give_name(&link, &temp, &path).await;
        if matches!(named, Ok(true)) && size(&link, &path).await? == Some(bytes.len() as u64) {
            return Ok(PutReceipt::new(object, self.place()));
        }
        if !named.as_ref().is_err_and(ProviderError::is_transient) {
            // what is left is worth no error of its own
            let _ = link.sftp.remove(temp.as_str()).await;
        }
        if named? {
            return Err(ProviderError::Nonsense(Reason::NotHeld {}));
        }
        if read(&link, &path, 0, bytes.len() + 1).await.is_ok_and(|there| there == bytes) {
            Ok(PutReceipt::new(object, self.place()))
        } else {
            Err(ProviderError::Taken)
        }
    }

    async fn upload(&self, link: &Link, temp: &str, bytes: &[u8]) -> Result<(), ProviderError> {
        let from = left_over(link, temp, bytes).await?;
        let opened = match self.open_temp(link, temp, from == 0).await {
            Err(error) if is(&error, StatusCode::NoSuchFile) => {
                self.make_above(link, temp).await?;
                self.open_temp(link, temp, from == 0).await
            }
            // a file that a lost connection left; it may be a second name of the object, so it is not written to
            Err(error) if is(&error, StatusCode::Failure) && from == 0 => {
                let _ = link.sftp.remove(temp).await;
                self.open_temp(link, temp, true).await
            }
            opened => opened,
        };
        let handle = match opened {
            Ok(handle) => handle,
            Err(error) => return Err(self.why(link, error, bytes.len()).await),
        };
        let written = write(link, &handle, bytes, from).await;
        let closed = link.sftp.close(handle.as_str()).await;
        match written.and(closed.map(|_| ())) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.why(link, error, bytes.len()).await),
        }
    }

    async fn open_temp(&self, link: &Link, temp: &str, new: bool) -> Result<String, Error> {
        let private = FileAttributes { permissions: Some(0o600), ..FileAttributes::empty() };
        let flags = if new { OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE } else { OpenFlags::WRITE };
        link.sftp.open(temp, flags, private).await.map(|opened| opened.handle)
    }

    /// What a failed write means; servers say only that it failed.
    async fn why(&self, link: &Link, error: Error, size: usize) -> ProviderError {
        if !is(&error, StatusCode::Failure) {
            return sort(error, Action::Write);
        }
        if link.statvfs
            && let Ok(disk) = link.sftp.statvfs(self.address.folder.as_str()).await
        {
            if disk.flags & 1 != 0 {
                return ProviderError::ReadOnly(Reason::ReadOnlyDisk {});
            }
            let free = disk.blocks_avail.saturating_mul(disk.fragment_size);
            if free < size as u64 + BLOCK as u64 {
                return ProviderError::Full(Reason::LittleFree { bytes: free.to_string() });
            }
        }
        ProviderError::Full(Reason::FailedToWrite {})
    }

    /// Gives a file its place; false when something is there already.
    async fn give_name(&self, link: &Link, temp: &str, path: &str) -> Result<bool, ProviderError> {
        for first in [true, false] {
            let done = if link.hardlink {
                match link.sftp.hardlink(temp, path).await {
                    // without hard links, as on FAT
                    Err(error) if is(&error, StatusCode::Failure) || is(&error, StatusCode::OpUnsupported) => {
                        self.rename(link, temp, path).await
                    }
                    Ok(_) => {
                        // its second name, which the next upload of the same bytes would find and use
                        let _ = link.sftp.remove(temp).await;
                        Ok(())
                    }
                    Err(error) => Err(error),
                }
            } else {
                self.rename(link, temp, path).await
            };
            match done {
                Ok(()) => return Ok(true),
                Err(error) if is(&error, StatusCode::NoSuchFile) && first => self.make_above(link, path).await?,
                Err(error) if is(&error, StatusCode::Failure) && size(link, path).await?.is_some() => return Ok(false),
                Err(error) => return Err(self.why(link, error, 0).await),
            }
        }
        Err(ProviderError::Nonsense(Reason::NoFileInFolder {}))
    }

    /// Renames by the old request, which refuses where something is there; looking first is for servers that do not.
    async fn rename(&self, link: &Link, temp: &str, path: &str) -> Result<(), Error> {
        match link.sftp.lstat(path).await {
            Err(error) if is(&error, StatusCode::NoSuchFile) => link.sftp.rename(temp, path).await.map(|_| ()),
            Err(error) => Err(error),
            Ok(_) => Err(refusal::failure()),
        }
    }

    /// Makes the folder that is to hold a file, and those above it as far as the address.
    async fn make_above(&self, link: &Link, path: &str) -> Result<(), ProviderError> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let below = folder.strip_prefix(&self.address.folder).unwrap_or_default();
        let steps: Vec<usize> =
            std::iter::once(0).chain(below.match_indices('/').skip(1).map(|(at, _)| at)).chain([below.len()]).collect();
        for step in steps {
            let folder = format!("{}{}", self.address.folder, &below[..step]);
            if made().contains(&folder) {
                continue;
            }
            let private = FileAttributes { permissions: Some(0o700), ..FileAttributes::empty() };
            match link.sftp.mkdir(folder.as_str(), private).await {
                Ok(_) => {}
                Err(error) if is(&error, StatusCode::NoSuchFile) => {
                    return Err(ProviderError::ReadOnly(Reason::NothingAbove {}));
                }
                // there already, which servers do not tell from other failures
                Err(error) if link.sftp.stat(folder.as_str()).await.is_err() => return Err(self.why(link, error, 0).await),
                Err(_) => {}
            }
            made().insert(folder);
        }
        Ok(())
    }

    async fn get_part(&self, name: &ObjectName, wanted: Wanted) -> Result<Vec<u8>, ProviderError> {
        let (link, path) = (self.link().await?, self.path(&name.to_string()));
        match wanted.range() {
            Some(range) => read(&link, &path, range.offset, wanted.most()).await,
            // one byte more shows what is larger than it may be
            None => read(&link, &path, 0, wanted.most() + 1).await,
        }
    }

    async fn list_all(&self, folder: &str, page: &mut (dyn FnMut(&[Listed]) + Send)) -> Result<(), ProviderError> {
        let link = self.link().await?;
        let page = &Mutex::new(page);
        let folders = self.look_into(&link, folder, page).await?;
        let looked = stream::iter(folders).map(|folder| {
            let link = &link;
            async move { self.look_into(link, &folder, page).await }
        });
        let mut looked = looked.buffer_unordered(AHEAD);
        while let Some(found) = looked.next().await {
            found?;
        }
        Ok(())
    }

    /// Tells of the objects in a folder, and gives the folders in it.
    async fn look_into(&self, link: &Link, folder: &str, page: &Mutex<Page<'_>>) -> Result<Vec<String>, ProviderError> {
        let (mut objects, mut folders) = (Vec::new(), Vec::new());
        let handle = match link.sftp.opendir(self.path(folder)).await {
            Err(error) if is(&error, StatusCode::NoSuchFile) => return Ok(folders),
            opened => opened.map_err(|error| sort(error, Action::Read))?.handle,
        };
        let mut seen = 0;
        let done = loop {
            let files = match link.sftp.readdir(handle.as_str()).await {
                Ok(name) => name.files,
                Err(error) if is(&error, StatusCode::Eof) => break Ok(()),
                Err(error) => break Err(sort(error, Action::Read)),
            };
            seen += files.len();
            if seen > MAX_NAMES || folders.len() > MAX_FOLDERS || files.is_empty() {
                break Err(ProviderError::Nonsense(Reason::EndlessListing {}));
            }
            for file in files {
                let name = format!("{folder}/{}", file.filename);
                match (file.attrs.is_dir(), ObjectName::parse(&name), file.attrs.size) {
                    (true, ..) if !matches!(file.filename.as_str(), "." | "..") && !folder.contains('/') => folders.push(name),
                    (false, Some(name), Some(size)) if file.attrs.is_regular() => objects.push(Listed { name, size }),
                    _ => {}
                }
            }
            for part in objects.chunks(PAGE) {
                page.lock().unwrap_or_else(PoisonError::into_inner)(part);
            }
            objects.clear();
        };
        let _ = link.sftp.close(handle.as_str()).await;
        done.map(|()| folders)
    }
}

/// How many bytes of an object a cut upload left under its name in `tmp/`, from its beginning on.
async fn left_over(link: &Link, temp: &str, bytes: &[u8]) -> Result<usize, ProviderError> {
    if bytes.len() < RESUMED {
        return Ok(0);
    }
    let there = size(link, temp).await?.and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    if there == 0 || there > bytes.len() {
        return Ok(0);
    }
    // blocks that were on their way may have come after a lost one, so that there is a hole
    let held = read(link, temp, 0, there).await?;
    let same = held.iter().zip(bytes).take_while(|(held, byte)| held == byte).count();
    Ok(if same == bytes.len() { same } else { same / BLOCK * BLOCK })
}

/// Writes what follows `from`, several requests ahead, and waits until it is on the server's disk where the server can tell.
async fn write(link: &Link, handle: &str, bytes: &[u8], from: usize) -> Result<(), Error> {
    let blocks = (from..bytes.len()).step_by(BLOCK).map(|at| {
        let block = bytes[at..(at + BLOCK).min(bytes.len())].to_vec();
        async move {
            link.turn(block.len()).await;
            link.sftp.write(handle, at as u64, block).await.map(|_| ())
        }
    });
    stream::iter(blocks).buffer_unordered(AHEAD).try_collect::<()>().await?;
    if link.fsync { link.sftp.fsync(handle).await.map(|_| ()) } else { Ok(()) }
}

/// The size of a file; none when there is none.
async fn size(link: &Link, path: &str) -> Result<Option<u64>, ProviderError> {
    match link.sftp.lstat(path).await {
        Ok(told) => Ok(told.attrs.size),
        Err(error) if is(&error, StatusCode::NoSuchFile) => Ok(None),
        Err(error) => Err(sort(error, Action::Read)),
    }
}

/// Reads at most `limit` bytes of a file.
async fn read(link: &Link, path: &str, offset: u64, limit: usize) -> Result<Vec<u8>, ProviderError> {
    let lost = |error| match error {
        Error::Timeout => ProviderError::Unreachable(Reason::TooSlow {}),
        error => sort(error, Action::Read),
    };
    let handle = link.sftp.open(path, OpenFlags::READ, FileAttributes::empty()).await.map_err(lost)?.handle;
    let size = link.sftp.fstat(handle.as_str()).await.map(|told| told.attrs.size.unwrap_or(0));
    let done = match size {
        Ok(size) => {
            let there = usize::try_from(size.saturating_sub(offset)).unwrap_or(limit).min(limit);
            read_blocks(link, &handle, offset, there).await
        }
        Err(error) => Err(error),
    };
    let _ = link.sftp.close(handle.as_str()).await;
    done.map_err(lost)
}

async fn read_blocks(link: &Link, handle: &str, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
    let trickle = &Trickle::begin();
    let block = |at| read_block(link, trickle, handle, offset + at as u64, BLOCK.min(length - at));
    let blocks = (0..length).step_by(BLOCK).map(block);
    let mut blocks = stream::iter(blocks).buffered(AHEAD);
    let mut bytes = Vec::with_capacity(length);
    while let Some(block) = blocks.next().await {
        bytes.extend_from_slice(&block?);
    }
    Ok(bytes)
}

/// Reads a block; a server may give less than it was asked for, and is asked for the rest.
async fn read_block(link: &Link, trickle: &Trickle, handle: &str, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < length {
        let wanted = length - bytes.len();
        let data = link.sftp.read(handle, offset + bytes.len() as u64, clamp_u32(wanted)).await?.data;
        if data.is_empty() || data.len() > wanted {
            return Err(Error::UnexpectedPacket);
        }
        bytes.extend_from_slice(&data);
        if !trickle.keeps_up(data.len(), |came| link.time_of(came)) {
            return Err(Error::Timeout);
        }
        link.turn(data.len()).await;
    }
    Ok(bytes)
}

impl Provider for Sftp {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(async move { self.settled(self.put_object(object).await).await })
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { self.settled(wanted.held_to(name, self.get_part(name, wanted).await)).await })
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(async move { self.settled(self.list_all(folder, page).await).await })
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(async move {
            let link = self.link().await?;
            let done = match link.sftp.remove(self.path(&name.to_string())).await {
                Err(error) if !is(&error, StatusCode::NoSuchFile) => Err(sort(error, Action::Write)),
                _ => Ok(()),
            };
            self.settled(done).await
        })
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.gate.clone()
    }

    fn place(&self) -> String {
        self.shown.clone()
    }
}
