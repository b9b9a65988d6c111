//! S3 storage as a place: requests and signatures by rusty-s3, over our own client.
//!
//! Nothing relies on conditional puts, which many servers ignore: names have one writer, and an object that is there already is
//! compared before anything is sent. Every body is signed with its MD5, so that a server refuses what was changed on the way;
//! what was sent is looked at again. Objects over [`PART_THRESHOLD`] go in parts, and parts that are there are not sent again.

pub mod bucket_policy;
mod conformance;
pub mod locked_versions;
pub mod object_lock;
mod put;
pub mod rollback;
mod versions;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use md5::{Digest, Md5};
use reqwest::header::{CONTENT_RANGE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, RANGE};
use reqwest::{Method, StatusCode};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, S3Action, UrlStyle};

use crate::consent::Permit;
use crate::core::codec::clamp_usize;
use crate::core::name::{AccountId, ObjectName};
use crate::core::seal::{MAX_OBJECT, Proved};
use crate::provider::address::{S3Address, Trust};
use crate::provider::credentials::Credentials;
use crate::provider::http::{Answer, Client, Request};
use crate::provider::limit::{Gate, Rate};
use crate::provider::reason::Reason;
use crate::provider::s3::object_lock::ObjectLock;
use crate::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Range, Wanted};

/// Objects over this size go in parts, in bytes.
pub const PART_THRESHOLD: usize = 16 * 1024 * 1024;
/// Size of a part, in bytes; S3 wants 5 MiB at least.
const PART: usize = 8 * 1024 * 1024;
/// The largest answer that is parsed, in bytes.
const MAX_ANSWER: usize = 2 * 1024 * 1024;
/// The most pages of one listing: 1000 names each.
const MAX_PAGES: usize = 10_000;
/// How far a clock may be off before servers refuse what it signed, in seconds: S3 allows 15 minutes, as signatures here do.
const MAX_SKEW: i64 = 14 * 60;
/// How long a signature holds.
const SIGNED_FOR: Duration = Duration::from_secs(15 * 60);

/// One account's objects in a bucket.
pub struct S3 {
    client: Client,
    bucket: Bucket,
    credentials: rusty_s3::Credentials,
    account: AccountId,
    prefix: String,
    shown: String,
    threshold: usize,
    /// Whether a put is to be refused by the server itself where there is something already.
    once: bool,
    /// Whether the credentials may write and list, and not read what they wrote.
    blind: bool,
    /// How long what is put may not be removed.
    lock: Option<ObjectLock>,
    /// Whether the server refused to be told of a condition.
    takes_no_condition: AtomicBool,
}

impl S3 {
    /// The account's part of a bucket; opens no connection yet. The permit is the owner's yes to network use.
    pub fn new(
        permit: &Permit,
        address: &S3Address,
        trust: &Trust,
        credentials: &Credentials,
        account: AccountId,
    ) -> Result<Self, ProviderError> {
        let client = Client::new(permit, &address.endpoint, trust)?;
        let style = if address.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let bucket = Bucket::new(address.endpoint.clone(), style, address.bucket.clone(), address.region.clone());
        let bucket = bucket.map_err(|error| ProviderError::Nonsense(Reason::NoBucketAddress { said: error.to_string() }))?;
        let (access, secret) = (credentials.access_key.expose(), credentials.secret_key.expose());
        let credentials = match &credentials.session_token {
            Some(token) => rusty_s3::Credentials::new_with_token(access, secret, token.expose()),
            None => rusty_s3::Credentials::new(access, secret),
        };
        let slash = if address.prefix.is_empty() { "" } else { "/" };
        let prefix = format!("{}{slash}{account}/", address.prefix);
        let shown = format!("the bucket {} at {}", address.bucket, address.endpoint.host_str().unwrap_or_default());
        let once = bucket_policy::takes_conditions(address);
        let takes_no_condition = AtomicBool::new(false);
        let (threshold, blind, lock) = (PART_THRESHOLD, false, None);
        Ok(Self { client, bucket, credentials, account, prefix, shown, threshold, once, blind, lock, takes_no_condition })
    }

    /// The same, within a limit on what goes there and comes from there.
    pub fn within(mut self, rate: Option<Rate>) -> Self {
        self.client = self.client.within(Gate::of(rate));
        self
    }

    /// The same, with another size from which objects go in parts; at least the size of a part.
    pub fn with_threshold(mut self, threshold: usize) -> Self {
        self.threshold = threshold.max(PART);
        self
    }

    /// The same with credentials that may not read what they write.
    pub fn blind(mut self) -> Self {
        (self.blind, self.once) = (true, true);
        self
    }

    /// The same, so that what is put cannot be removed for a time.
    pub fn locked(mut self, lock: Option<ObjectLock>) -> Self {
        self.lock = lock;
        self
    }

    fn key(&self, name: &ObjectName) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Signs an action and sends it.
    async fn ask<'a, A: S3Action<'a>>(
        &self,
        mut action: A,
        method: Method,
        signed: &[(&'static str, String)],
        body: Option<Bytes>,
        limit: usize,
    ) -> Result<Answer, ProviderError> {
        let mut headers = HeaderMap::new();
        for (name, value) in signed {
            action.headers_mut().insert(*name, value.clone());
            let value = HeaderValue::from_str(value).map_err(|_| ProviderError::Nonsense(Reason::NotSendable {}))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        self.client.send(Request { method, url: action.sign(SIGNED_FOR), headers, body, limit }).await
    }

    /// The size and ETag of an object; none when it is not there.
    async fn inspect(&self, key: &str) -> Result<Option<(u64, Option<String>)>, ProviderError> {
        let action = self.bucket.head_object(Some(&self.credentials), key);
        let answer = self.ask(action, Method::HEAD, &[], None, MAX_ANSWER).await?;
        match answer.status {
            StatusCode::OK => {
                let size = answer.length().ok_or_else(|| ProviderError::Nonsense(Reason::BadAnswer { protocol: "S3".into() }))?;
                Ok(Some((size, answer.headers.get(ETAG).and_then(|e| e.to_str().ok()).map(unquote))))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(lacks(refused(&answer), "s3:GetObject (or s3:ListBucket, where there is no such object)", key)),
        }
    }

    /// Whether the store holds exactly this object: by size and MD5, or read back where the ETag is not one.
    async fn holds(&self, key: &str, bytes: &[u8]) -> Result<Option<bool>, ProviderError> {
        let Some((size, etag)) = self.inspect(key).await? else { return Ok(None) };
        if size != bytes.len() as u64 {
            return Ok(Some(false));
        }
        let md5 = crate::core::name::hex(&Md5::digest(bytes));
        match etag {
            Some(etag) if etag == md5 => Ok(Some(true)),
            _ => Ok(Some(self.read(key, None, bytes.len()).await? == bytes)),
        }
    }

    async fn read(&self, key: &str, range: Option<Range>, limit: usize) -> Result<Vec<u8>, ProviderError> {
        let action = self.bucket.get_object(Some(&self.credentials), key);
        let mut headers = HeaderMap::new();
        if let Some(Range { offset, length }) = range {
            let value = format!("bytes={offset}-{}", offset.saturating_add(length.max(1)) - 1);
            headers.insert(RANGE, HeaderValue::from_str(&value).map_err(|_| ProviderError::Nonsense(Reason::NotSendable {}))?);
        }
        let request = Request { method: Method::GET, url: action.sign(SIGNED_FOR), headers, body: None, limit };
        let answer = self.client.send(request).await?;
        match (answer.status, range) {
            (StatusCode::PARTIAL_CONTENT, Some(_)) => answer.whole(),
            // some servers answer a range with 200 and say in Content-Range that it is one
            (StatusCode::OK, Some(_)) if answer.headers.contains_key(CONTENT_RANGE) => answer.whole(),
            (StatusCode::OK, Some(range)) => self.cut_out(key, range, answer).await,
            (StatusCode::OK, None) => answer.whole(),
            (StatusCode::NOT_FOUND, _) if is_missing(&answer) => Err(ProviderError::Missing),
            _ => Err(lacks(refused(&answer), "s3:GetObject", key)),
        }
    }

    /// A server that ignores ranges gave the beginning of the whole; what was asked for may lie beyond the limit.
    async fn cut_out(&self, key: &str, range: Range, answer: Answer) -> Result<Vec<u8>, ProviderError> {
        let (start, end) = (clamp_usize(range.offset), clamp_usize(range.offset.saturating_add(range.length)));
        if !answer.cut {
            return Ok(answer.body.get(start.min(answer.body.len())..end.min(answer.body.len())).unwrap_or_default().to_vec());
        }
        let action = self.bucket.get_object(Some(&self.credentials), key);
        let limit = end.min(MAX_OBJECT);
        let (url, headers) = (action.sign(SIGNED_FOR), HeaderMap::new());
        let answer = self.client.send(Request { method: Method::GET, url, headers, body: None, limit }).await?;
        Ok(answer.body.get(start.min(answer.body.len())..).unwrap_or_default().to_vec())
    }

    /// Removes an object, or one version of it for good.
    async fn delete(&self, key: &str, version: Option<&str>) -> Result<(), ProviderError> {
        let mut action = self.bucket.delete_object(Some(&self.credentials), key);
        if let Some(version) = version {
            action.query_mut().insert("versionId", version.to_owned());
        }
        let answer = self.ask(action, Method::DELETE, &[], None, MAX_ANSWER).await?;
        if answer.status.is_success() || answer.status == StatusCode::NOT_FOUND && is_missing(&answer) {
            return Ok(());
        }
        let right = if version.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        Err(lacks(refused(&answer), right, key))
    }

    /// The accounts that lie beside this one, for whoever holds a kit that does not say which is meant; a thousand at most.
    pub async fn accounts(&self) -> Result<Vec<AccountId>, ProviderError> {
        let above = self.prefix.strip_suffix(&format!("{}/", self.account)).unwrap_or_default();
        let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
        action.with_prefix(above);
        action.with_delimiter("/");
        let answer = expect_ok(self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?)
            .map_err(|error| lacks(error, "s3:ListBucket", &format!("the prefix {above}")))?;
        let parsed = ListObjectsV2::parse_response(body_text(&answer)?).map_err(nonsense)?;
        let account = |folder: &str| AccountId::parse(folder.strip_prefix(above)?.trim_end_matches('/'));
        Ok(parsed.common_prefixes.iter().filter_map(|folder| account(&folder.prefix)).collect())
    }

    async fn list_pages(&self, folder: &str, page: &mut (dyn FnMut(&[Listed]) + Send)) -> Result<(), ProviderError> {
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
            action.with_prefix(format!("{}{folder}/", self.prefix));
            if let Some(token) = &token {
                action.with_continuation_token(token.clone());
            }
            let answer = expect_ok(self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?)
                .map_err(|error| lacks(error, "s3:ListBucket", &format!("the prefix {}{folder}/", self.prefix)))?;
            let parsed = ListObjectsV2::parse_response(body_text(&answer)?).map_err(nonsense)?;
            let ours = |key: &str| ObjectName::parse(key.strip_prefix(&self.prefix)?);
            let found: Vec<Listed> =
                parsed.contents.iter().filter_map(|o| Some(Listed { name: ours(&o.key)?, size: o.size? })).collect();
            page(&found);
            match parsed.next_continuation_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                Some(_) => return Err(ProviderError::Nonsense(Reason::EndlessListing {})),
                None => return Ok(()),
            }
        }
        Err(ProviderError::Nonsense(Reason::EndlessListing {}))
    }
}

impl Provider for S3 {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(self.put_object(object))
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        Box::pin(async move { wanted.held_to(name, self.read(&self.key(name), wanted.range(), wanted.most()).await) })
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(self.list_pages(folder, page))
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(async move {
            let key = self.key(name);
            if self.lock.is_some() { self.remove_versions(&key).await } else { self.delete(&key, None).await }
        })
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.client.gate()
    }

    fn place(&self) -> String {
        self.shown.clone()
    }

    fn earlier<'a>(&'a self, name: &'a ObjectName, nth: usize) -> Pending<'a, Vec<u8>> {
        Box::pin(self.read_earlier(name, nth))
    }
}

fn md5_header(body: &[u8]) -> (&'static str, String) {
    ("content-md5", BASE64.encode(Md5::digest(body)))
}

fn unquote(etag: &str) -> String {
    etag.trim_matches('"').to_ascii_lowercase()
}

fn body_text(answer: &Answer) -> Result<&str, ProviderError> {
    if answer.cut {
        return Err(ProviderError::Nonsense(Reason::LongAnswer {}));
    }
    std::str::from_utf8(&answer.body).map_err(|_| ProviderError::Nonsense(Reason::BadAnswer { protocol: "S3".into() }))
}

fn nonsense(error: impl std::fmt::Display) -> ProviderError {
    ProviderError::Nonsense(Reason::BadS3 { said: error.to_string() })
}

/// The answer to a request that names no object that could be missing.
fn expect_ok(answer: Answer) -> Result<Answer, ProviderError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(match refused(&answer) {
        ProviderError::Missing => ProviderError::Nonsense(Reason::NoSuchRequest { said: answer.status.to_string() }),
        error => error,
    })
}

/// 404 for an object, not for its bucket.
fn is_missing(answer: &Answer) -> bool {
    xml_text(&answer.body, "Code").is_none_or(|code| code != "NoSuchBucket")
}

/// What a refusal means, and who can act.
fn refused(answer: &Answer) -> ProviderError {
    let code = xml_text(&answer.body, "Code").unwrap_or_default();
    let said = if code.is_empty() { answer.status.to_string() } else { format!("{} {code}", answer.status.as_u16()) };
    match (answer.status.as_u16(), code.as_str()) {
        (_, "RequestTimeTooSkewed") => ProviderError::Clock(told_skew(skew(&answer.headers))),
        // what the clock spoiled is seldom told as such: a signature that ran out is denied like any other
        (401 | 403, _) if skew(&answer.headers).is_some_and(|s| s.abs() > MAX_SKEW) => {
            ProviderError::Clock(told_skew(skew(&answer.headers)))
        }
        (_, "NoSuchBucket") => ProviderError::Refused(Reason::NoBucket { said }),
        (_, "QuotaExceeded" | "EntityTooLarge" | "XMinioStorageFull" | "StorageCapExceeded") | (507, _) => {
            ProviderError::Full(Reason::NoRoom { said })
        }
        (_, "AccessDenied") => ProviderError::Refused(Reason::MayNotDo { said }),
        (_, "BadDigest") => ProviderError::Unreachable(Reason::ChangedOnTheWay { said }),
        (401 | 403, _) => ProviderError::Refused(Reason::NotAccepted { said }),
        (300..=399, _) => ProviderError::Nonsense(Reason::PointsElsewhere { said }),
        (404, _) => ProviderError::Missing,
        (408 | 429 | 500..=599, _) => ProviderError::Unreachable(Reason::Later { said }),
        _ => ProviderError::Nonsense(said.into()),
    }
}

/// A refusal, with the right that the credentials lack.
fn lacks(error: ProviderError, right: &str, what: &str) -> ProviderError {
    match error {
        // the answer to a HEAD has no body that says more
        ProviderError::Refused(Reason::MayNotDo { said }) => ProviderError::Refused(lacking(said, right, what)),
        ProviderError::Refused(Reason::NotAccepted { said }) if said.starts_with("403 Forbidden") => {
            ProviderError::Refused(lacking(said, right, what))
        }
        error => error,
    }
}

fn lacking(said: String, right: &str, what: &str) -> Reason {
    Reason::Lacks { said, right: right.to_owned(), what: what.to_owned() }
}

/// How many seconds the server's clock is ahead of this machine's, where it tells.
fn skew(headers: &HeaderMap) -> Option<i64> {
    server_time(headers).map(|theirs| theirs - jiff::Timestamp::now().as_second())
}

fn told_skew(ahead: Option<i64>) -> Reason {
    let seconds = ahead.unwrap_or_default().unsigned_abs().to_string();
    match ahead {
        Some(1..) => Reason::ClockBehind { seconds },
        Some(_) => Reason::ClockAhead { seconds },
        None => Reason::ClockWrong {},
    }
}

fn server_time(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp().as_second())
}

/// The text of the first element of this name, when it is short and plain; enough for error codes, whatever else the body is.
fn xml_text(body: &[u8], name: &str) -> Option<String> {
    let body = std::str::from_utf8(body.get(..body.len().min(16 * 1024))?).ok()?;
    let start = body.find(&format!("<{name}>"))? + name.len() + 2;
    let length = body[start..].find('<')?;
    let text = &body[start..start + length];
    (length <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_codes_are_found_and_hostile_ones_passed_over() {
        assert_eq!(xml_text(b"<Error><Code>NoSuchKey</Code></Error>", "Code").as_deref(), Some("NoSuchKey"));
        for bad in [&b"<Code>"[..], b"<Code>a b</Code>", b"\xff<Code>x</Code>", b"", &[b'<'; 100_000]] {
            assert_eq!(xml_text(bad, "Code"), None);
        }
    }
}
