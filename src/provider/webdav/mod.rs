//! WebDAV (RFC 4918) as a place, over the one network client.
//!
//! Nothing is ever replaced: an object is sent under a name of its own in `tmp/` and moved to its place with `Overwrite: F`;
//! where that is refused, what lies there is read and compared. The name in `tmp/` is the hash of the bytes, so that an upload
//! that is tried again leaves nothing behind. One object costs three requests: PUT, MOVE, and HEAD to see what is there.

mod auth;
mod listing;
mod refusal;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt;
use reqwest::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE};
use reqwest::{Method, StatusCode, Url};

use self::auth::Scheme;
pub use self::listing::{Response, Responses};
use self::refusal::{Action, refused};
use crate::consent::Permit;
use crate::core::name::{AccountId, ObjectName, hex};
use crate::core::random::{self, Random};
use crate::core::seal::{MAX_OBJECT, Proved};
use crate::provider::address::Trust;
use crate::provider::address::servers::DavAddress;
use crate::provider::credentials::Credentials;
use crate::provider::http::{self, Answer, Client};
use crate::provider::limit::{Gate, Rate};
use crate::provider::reason::Reason;
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Range, Wanted};

/// The largest answer to anything but reading, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// The largest listing of one folder, in bytes; it is never held whole.
const MAX_LISTING: usize = 512 * 1024 * 1024;
/// Folders that are listed at once.
const LISTED_AT_ONCE: usize = 4;
/// Objects told of at once.
const PAGE: usize = 1000;
/// The most names in one folder, which are told of a page at a time, and the most folders in it.
const MAX_NAMES: usize = 10_000_000;
const MAX_FOLDERS: usize = 10_000;
/// How often a request is sent until the server is content with who asks.
const ASKED: u32 = 3;
/// What a listing asks for.
const WANTED: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <propfind xmlns=\"DAV:\"><prop><resourcetype/><getcontentlength/></prop></propfind>";

/// One account's objects on a WebDAV server.
pub struct WebDav {
    client: Client,
    folder: Url,
    credentials: Credentials,
    account: AccountId,
    random: Arc<dyn Random>,
    scheme: Mutex<Scheme>,
    /// Folders that are known to be there, below the address.
    made: Mutex<BTreeSet<String>>,
    shown: String,
}

/// Who is told of objects, a page at a time.
type Page<'a> = &'a mut (dyn FnMut(&[Listed]) + Send);

/// What a PROPFIND is read into.
type Take<'a> = &'a mut (dyn FnMut(&[u8]) -> Result<(), ProviderError> + Send);

/// A request: its method, path below the address, and headers.
struct Ask<'a> {
    method: &'static str,
    path: &'a str,
    headers: HeaderMap,
    body: Option<Bytes>,
    limit: usize,
}

impl<'a> Ask<'a> {
    fn new(method: &'static str, path: &'a str) -> Self {
        Self { method, path, headers: HeaderMap::new(), body: None, limit: MAX_ANSWER }
    }

    fn header(mut self, name: HeaderName, value: &str) -> Result<Self, ProviderError> {
        let value = HeaderValue::from_str(value).map_err(|_| ProviderError::Nonsense(Reason::NotSendable {}))?;
        self.headers.insert(name, value);
        Ok(self)
    }
}

impl WebDav {
    /// The account's part of a folder; opens no connection yet. The permit is the owner's yes to network use.
    pub fn new(
        permit: &Permit,
        address: &DavAddress,
        trust: &Trust,
        credentials: Credentials,
        account: AccountId,
        random: Arc<dyn Random>,
    ) -> Result<Self, ProviderError> {
        let client = Client::new(permit, &address.folder, trust)?;
        let shown = format!("the WebDAV folder {} at {}", address.folder.path(), address.host());
        let (scheme, made) = (Mutex::new(Scheme::Unknown), Mutex::default());
        Ok(Self { client, folder: address.folder.clone(), credentials, account, random, scheme, made, shown })
    }

    /// The same, within a limit on what goes there and comes from there.
    pub fn within(mut self, rate: Option<Rate>) -> Self {
        self.client = self.client.within(Gate::of(rate));
        self
    }

    fn path(&self, below: &str) -> String {
        format!("{}/{below}", self.account)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.folder.clone();
        let base = self.folder.path().trim_end_matches('/');
        url.set_path(&format!("{base}/{path}"));
        url
    }

    fn scheme(&self) -> std::sync::MutexGuard<'_, Scheme> {
        self.scheme.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request as who the credentials say; where the server wants to be told otherwise, once more.
    async fn ask(&self, ask: Ask<'_>, mut take: Option<Take<'_>>) -> Result<Answer, ProviderError> {
        // an upload is not sent only to be asked who it is from
        if ask.body.is_some() && *self.scheme() == Scheme::Unknown && take.is_none() {
            Box::pin(self.list_folder("", "0", &mut |_| Ok(()))).await?;
        }
        let method = Method::from_bytes(ask.method.as_bytes()).map_err(|_| ProviderError::Nonsense(Reason::NotSendable {}))?;
        let url = self.url(ask.path);
        for _ in 0..ASKED {
            let fresh = random::bytes::<16>(&*self.random).map_err(|_| ProviderError::Local(Reason::NoRandomness {}))?;
            let mut headers = ask.headers.clone();
            if let Some(value) = self.scheme().header(&self.credentials, ask.method, url.path(), fresh) {
                headers.insert(AUTHORIZATION, value);
            }
            let told = headers.get(AUTHORIZATION).cloned();
            let (method, url, body) = (method.clone(), url.clone(), ask.body.clone());
            let request = http::Request { method, url, headers, body, limit: ask.limit };
            let answer = match &mut take {
                Some(take) => self.client.stream(request, StatusCode::MULTI_STATUS, *take).await?,
                None => self.client.send(request).await?,
            };
            if answer.status != StatusCode::UNAUTHORIZED {
                let mut scheme = self.scheme();
                if *scheme == Scheme::Unknown {
                    *scheme = Scheme::Open;
                }
                return Ok(answer);
            }
            self.challenged(&answer, told.as_ref())?;
        }
        Err(ProviderError::Refused(Reason::WrongLogin {}))
    }

    /// Takes up what a server wants to be told; told the same already, it does not want this user.
    fn challenged(&self, answer: &Answer, told: Option<&HeaderValue>) -> Result<(), ProviderError> {
        let offered = Scheme::offered(&answer.headers);
        let offered = offered.ok_or(ProviderError::Refused(Reason::OtherLogin {}))?;
        if told.is_some() && offered == Scheme::Basic {
            return Err(ProviderError::Refused(Reason::WrongLogin {}));
        }
        *self.scheme() = offered;
        Ok(())
    }

    async fn put_object(&self, object: &Proved) -> Result<PutReceipt, ProviderError> {
        if object.account() != self.account {
            return Err(ProviderError::Nonsense(Reason::OtherAccount {}));
        }
        let bytes = object.shared();
        let hash = hex(ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref());
        let (temp, path) = (self.path(&format!("tmp/{}", &hash[..32])), self.path(&object.name().to_string()));
        self.upload(&temp, bytes.clone()).await?;
        let moved = self.give_name(&temp, &path).await;
        if matches!(moved, Ok(true)) && self.size(&path).await? == Some(bytes.len() as u64) {
            return Ok(PutReceipt::new(object, self.place()));
        }
        // what is left is worth no error of its own
        let _ = self.delete(&temp).await;
        if moved? {
            return Err(ProviderError::Nonsense(Reason::NotHeld {}));
        }
        if self.read(&path, None, bytes.len()).await.is_ok_and(|there| there == bytes) {
            Ok(PutReceipt::new(object, self.place()))
        } else {
            Err(ProviderError::Taken)
        }
    }

    async fn upload(&self, path: &str, bytes: Bytes) -> Result<(), ProviderError> {
        for first in [true, false] {
            let mut ask = Ask::new("PUT", path).header(CONTENT_TYPE, "application/octet-stream")?;
            ask.body = Some(bytes.clone());
            let known = self.is_made_above(path);
            let answer = self.ask(ask, None).await?;
            match answer.status.as_u16() {
                200..=299 => return Ok(()),
                403 | 404 | 409 if first && !known => self.make_above(path).await?,
                _ => return Err(refused(&answer, Action::Write)),
            }
        }
        Err(ProviderError::Nonsense(Reason::NoFileInFolder {}))
    }

    /// Moves an object to its place; false when something is there already.
    async fn give_name(&self, from: &str, to: &str) -> Result<bool, ProviderError> {
        for first in [true, false] {
            let ask = Ask::new("MOVE", from)
                .header(HeaderName::from_static("destination"), self.url(to).as_str())?
                .header(HeaderName::from_static("overwrite"), "F")?;
            let known = self.is_made_above(to);
            let answer = self.ask(ask, None).await?;
            match answer.status.as_u16() {
                // a part of the move failed
                207 => return Err(refused(&answer, Action::Write)),
                200..=299 => return Ok(true),
                412 => return Ok(false),
                // servers do not agree on what to say of a folder that is not there
                403 | 404 | 409 | 500 if first && !known => self.make_above(to).await?,
                _ => return Err(refused(&answer, Action::Write)),
            }
        }
        Err(ProviderError::Nonsense(Reason::NoFileInFolder {}))
    }

    /// Whether the folder that is to hold a file is known to be there. Asked before a request is made, because another one that
    /// runs beside it may make the folder before this one's answer is here.
    fn is_made_above(&self, path: &str) -> bool {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).contains(above(path))
    }

    /// Makes the folder that is to hold a file, and those above it as far as the address.
    async fn make_above(&self, path: &str) -> Result<(), ProviderError> {
        let folder = above(path);
        if self.is_made_above(path) {
            return Ok(());
        }
        let parts: Vec<&str> = folder.split('/').collect();
        let mut missing = 0;
        // upwards until one is there or can be made, then down again
        while !self.make_folder(&parts[..parts.len() - missing].join("/")).await? {
            missing += 1;
            if missing > parts.len() {
                return Err(ProviderError::ReadOnly(Reason::NothingAbove {}));
            }
        }
        for left in (0..missing).rev() {
            if !self.make_folder(&parts[..parts.len() - left].join("/")).await? {
                return Err(ProviderError::Nonsense(Reason::NoFileInFolder {}));
            }
        }
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
        Ok(())
    }

    /// Whether a folder is there now; false when the one above it is not.
    async fn make_folder(&self, path: &str) -> Result<bool, ProviderError> {
        let slashed = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut answer = self.ask(Ask::new("MKCOL", &slashed), None).await?;
        // Apache refuses to make what another request made in that moment; asked again it says that something is there
        if answer.status.as_u16() == 403 {
            answer = self.ask(Ask::new("MKCOL", &slashed), None).await?;
        }
        match answer.status.as_u16() {
            // 405 and a redirect mean that something is there
            200..=299 | 301 | 405 => Ok(true),
            404 | 409 => Ok(false),
            _ => Err(refused(&answer, Action::Write)),
        }
    }

    async fn size(&self, path: &str) -> Result<Option<u64>, ProviderError> {
        let answer = self.ask(Ask::new("HEAD", path), None).await?;
        match answer.status {
            StatusCode::OK => Ok(answer.length()),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refused(&answer, Action::Read)),
        }
    }

    async fn read(&self, path: &str, range: Option<Range>, limit: usize) -> Result<Vec<u8>, ProviderError> {
        let mut ask = Ask { limit, ..Ask::new("GET", path) };
        if let Some(Range { offset, length }) = range {
            let last = offset.saturating_add(length.max(1)) - 1;
            ask = ask.header(RANGE, &format!("bytes={offset}-{last}"))?;
        }
        let answer = self.ask(ask, None).await?;
        match (answer.status, range) {
            (StatusCode::PARTIAL_CONTENT, Some(_)) => answer.whole(),
            (StatusCode::OK, Some(_)) if answer.headers.contains_key(CONTENT_RANGE) => answer.whole(),
            (StatusCode::OK, Some(range)) => self.cut_out(path, range, answer).await,
            (StatusCode::OK, None) => answer.whole(),
            // past the end
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(_)) => Ok(Vec::new()),
            (StatusCode::NOT_FOUND, _) => Err(ProviderError::Missing),
            _ => Err(refused(&answer, Action::Read)),
        }
    }

    /// A server that ignores ranges gave the beginning of the whole; what was asked for may lie beyond the limit.
    async fn cut_out(&self, path: &str, range: Range, mut answer: Answer) -> Result<Vec<u8>, ProviderError> {
        let clamp = |at: u64| usize::try_from(at).unwrap_or(MAX_OBJECT).min(MAX_OBJECT);
        let (start, end) = (clamp(range.offset), clamp(range.offset.saturating_add(range.length)));
        if answer.cut && answer.body.len() < end {
            answer = self.ask(Ask { limit: end, ..Ask::new("GET", path) }, None).await?;
            if answer.status != StatusCode::OK {
                return Err(refused(&answer, Action::Read));
            }
        }
        let have = answer.body.len();
        Ok(answer.body.get(start.min(have)..end.min(have)).unwrap_or_default().to_vec())
    }

    async fn delete(&self, path: &str) -> Result<(), ProviderError> {
        let answer = self.ask(Ask::new("DELETE", path), None).await?;
        match answer.status.as_u16() {
            207 => Err(refused(&answer, Action::Write)),
            200..=299 | 404 => Ok(()),
            _ => Err(refused(&answer, Action::Write)),
        }
    }

    /// Tells of what lies in one folder; false when there is no such folder.
    async fn list_folder(
        &self,
        path: &str,
        depth: &str,
        each: &mut (dyn FnMut(Response) -> Result<(), ProviderError> + Send),
    ) -> Result<bool, ProviderError> {
        let mut ask = Ask::new("PROPFIND", path)
            .header(HeaderName::from_static("depth"), depth)?
            .header(CONTENT_TYPE, "application/xml; charset=utf-8")?;
        ask.body = Some(Bytes::from_static(WANTED));
        ask.limit = MAX_LISTING;
        let mut responses = Responses::default();
        let mut take = |bytes: &[u8]| {
            let mut done = Ok(());
            responses.push(bytes, &mut |response| {
                if done.is_ok() {
                    done = each(response);
                }
            })?;
            done
        };
        let answer = self.ask(ask, Some(&mut take)).await?;
        match answer.status.as_u16() {
            207 => responses.finish().map(|()| true),
            404 | 409 => Ok(false),
            _ => Err(refused(&answer, Action::Read)),
        }
    }

    /// Tells of the objects in a folder, and gives the folders in it; what it says of itself is passed over.
    async fn look_into(&self, folder: &str, page: &Mutex<Page<'_>>) -> Result<Vec<String>, ProviderError> {
        let (mut objects, mut folders, mut seen) = (Vec::new(), Vec::new(), 0);
        let tell = |objects: &mut Vec<Listed>| {
            page.lock().unwrap_or_else(PoisonError::into_inner)(objects);
            objects.clear();
        };
        let path = format!("{}/", self.path(folder));
        // servers behind others may call the folder by another path, but not the account
        let below = format!("/{}/", self.account);
        self.list_folder(&path, "1", &mut |response| {
            let Some((_, name)) = response.path.rsplit_once(&below) else { return Ok(()) };
            let inner = name.trim_end_matches('/');
            if response.folder && inner.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')) {
                folders.push(inner.to_owned());
            } else if let (false, Some(name), Some(size)) = (response.folder, ObjectName::parse(name), response.size) {
                objects.push(Listed { name, size });
            }
            if objects.len() == PAGE {
                tell(&mut objects);
            }
            seen += 1;
            if seen > MAX_NAMES || folders.len() > MAX_FOLDERS {
                return Err(ProviderError::Nonsense(Reason::EndlessListing {}));
            }
            Ok(())
        })
        .await?;
        tell(&mut objects);
        Ok(folders)
    }

    async fn list_all(&self, folder: &str, page: &mut (dyn FnMut(&[Listed]) + Send)) -> Result<(), ProviderError> {
        let page = &Mutex::new(page);
        let folders = self.look_into(folder, page).await?;
        let looked = futures_util::stream::iter(folders).map(|folder| async move { self.look_into(&folder, page).await });
        let mut looked = looked.buffer_unordered(LISTED_AT_ONCE);
        while let Some(found) = looked.next().await {
            found?;
        }
        Ok(())
    }
}

/// The folder that a path lies in.
fn above(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl Provider for WebDav {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(self.put_object(object))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        let read = async move { self.read(&self.path(&name.to_string()), wanted.range(), wanted.most()).await };
        Box::pin(async move { wanted.held_to(name, read.await) })
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(self.list_all(folder, page))
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(async move { self.delete(&self.path(&name.to_string())).await })
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.client.gate()
    }

    fn place(&self) -> String {
        self.shown.clone()
    }
}
