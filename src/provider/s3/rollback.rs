//! Undoing: a bucket with versioning shows again what it showed at an earlier moment, for what was replaced or hidden by a delete
//! marker since. Nothing is removed: each object that comes back is a new version of itself.

use jiff::Timestamp;
use reqwest::Method;
use rusty_s3::S3Action;
use rusty_s3::actions::ListObjectsV2;

use super::put::element;
use super::{MAX_ANSWER, MAX_PAGES, S3, body_text, expect_ok, lacks, md5_header, refused};
use crate::core::name::ObjectName;
use crate::core::proof::Unproved;
use crate::core::refused::Refused;
use crate::provider::ProviderError;
use crate::provider::reason::Reason;

/// The most versions of one object that are looked at.
const MAX_VERSIONS: usize = 10_000;

/// Why the earlier version of an object could not be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The place does not give it.
    Place(ProviderError),
    /// It is not what it should be.
    Refused(Refused),
}

/// What was undone, or would be.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Undone {
    /// Objects that the bucket has versions of.
    pub looked: u64,
    /// Those that came back: which, and whether another stands there now (else it was hidden).
    pub back: Vec<(ObjectName, bool)>,
    /// Those whose version of then is no object of the account, or cannot be had, with the reason.
    pub lost: Vec<(ObjectName, Lost)>,
}

/// One version of an object; none of content for a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    id: String,
    time: Timestamp,
    is_marker: bool,
    etag: String,
}

/// A page of a listing of versions: names with versions in the order of the server, newest first; and where the next page begins.
pub struct Page {
    /// The names, each with a version.
    pub versions: Vec<(ObjectName, Version)>,
    /// The key and version that the next page begins after.
    pub next: Option<(String, String)>,
}

impl S3 {
    /// Brings back what was shown at `then` and is replaced or hidden now; only looks, unless `really`.
    pub async fn undo(&self, then: Timestamp, really: bool) -> Result<Undone, ProviderError> {
        let mut undone = Undone::default();
        let (mut at, mut group): (Option<ObjectName>, Vec<Version>) = (None, Vec::new());
        let mut from: Option<(String, String)> = None;
        for _ in 0..MAX_PAGES {
            let page = self.versions(from.as_ref()).await?;
            for (name, version) in page.versions {
                if at != Some(name) {
                    self.settle(at.replace(name), std::mem::take(&mut group), then, really, &mut undone).await?;
                }
                if group.len() < MAX_VERSIONS {
                    group.push(version);
                }
            }
            match page.next {
                Some(next) if Some(&next) != from.as_ref() => from = Some(next),
                Some(_) => return Err(ProviderError::Nonsense(Reason::EndlessListing {})),
                None => {
                    self.settle(at, group, then, really, &mut undone).await?;
                    return Ok(undone);
                }
            }
        }
        Err(ProviderError::Nonsense(Reason::EndlessListing {}))
    }

    async fn settle(
        &self,
        name: Option<ObjectName>,
        versions: Vec<Version>,
        then: Timestamp,
        really: bool,
        undone: &mut Undone,
    ) -> Result<(), ProviderError> {
        let Some(name) = name else { return Ok(()) };
        undone.looked += 1;
        let Some(wanted) = wanted(&versions, then) else { return Ok(()) };
        let now = versions.first().filter(|now| !now.is_marker);
        // an object that came back before is a new version of the same bytes
        if now.is_some_and(|now| !now.etag.is_empty() && now.etag == wanted.etag) {
            return Ok(());
        }
        let key = self.key(&name);
        let bytes = match self.read_version(&key, &wanted.id, name.max_size()).await {
            Ok(bytes) => bytes,
            Err(error @ (ProviderError::Missing | ProviderError::Nonsense(_))) => {
                undone.lost.push((name, Lost::Place(error)));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if let Err(why) = Unproved::new(self.account, name, bytes.clone()) {
            undone.lost.push((name, Lost::Refused(why)));
            return Ok(());
        }
        // a version that was sent in parts bears another mark than the same bytes sent whole
        if let Some(now) = now
            && self.read_version(&key, &now.id, name.max_size()).await.is_ok_and(|shown| shown == bytes)
        {
            return Ok(());
        }
        if really {
            let mut signed = self.locks();
            signed.push(md5_header(&bytes));
            let action = self.bucket.put_object(Some(&self.credentials), &key);
            let answer = self.ask(action, Method::PUT, &signed, Some(bytes.into()), MAX_ANSWER).await?;
            if !answer.status.is_success() {
                return Err(lacks(refused(&answer), "s3:PutObject", &key));
            }
        }
        undone.back.push((name, now.is_some()));
        Ok(())
    }

    pub(super) async fn read_version(&self, key: &str, version: &str, most: usize) -> Result<Vec<u8>, ProviderError> {
        let mut action = self.bucket.get_object(Some(&self.credentials), key);
        action.query_mut().insert("versionId", version.to_owned());
        let answer = self.ask(action, Method::GET, &[], None, most).await?;
        if answer.status.is_success() { answer.whole() } else { Err(lacks(refused(&answer), "s3:GetObjectVersion", key)) }
    }

    async fn versions(&self, from: Option<&(String, String)>) -> Result<Page, ProviderError> {
        let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
        let query = action.query_mut();
        ["list-type", "encoding-type"].iter().for_each(|name| {
            query.remove(name);
        });
        query.insert("versions", "");
        query.insert("prefix", self.prefix.clone());
        if let Some((key, version)) = from {
            query.insert("key-marker", key.clone());
            query.insert("version-id-marker", version.clone());
        }
        let answer = expect_ok(self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?)
            .map_err(|error| lacks(error, "s3:ListBucketVersions", &format!("the prefix {}", self.prefix)))?;
        Ok(parse(body_text(&answer)?, &format!("{}/", self.account)))
    }
}

/// The version that was shown at a moment, where it is not what is shown now; none where nothing was.
fn wanted(versions: &[Version], then: Timestamp) -> Option<&Version> {
    let shown = versions.iter().find(|version| version.time <= then)?;
    (!shown.is_marker && versions.first() != Some(shown)).then_some(shown)
}

/// Reads a page. What is in front of the account's own part of a key is the owner's prefix, however the server writes it.
pub fn parse(text: &str, account: &str) -> Page {
    let name_of = |key: &str| ObjectName::parse(key.rsplit_once(account)?.1);
    let mut versions = Vec::new();
    let mut entries = Entries { text, at: 0, next: ["<Version>", "<DeleteMarker>"].map(|tag| text.find(tag)) };
    while let Some((one, is_marker)) = entries.next() {
        let time = element(one, "LastModified").and_then(|time| time.parse().ok());
        let id = element(one, "VersionId").filter(|id| is_plain(id));
        if let (Some(name), Some(time), Some(id)) = (element(one, "Key").and_then(name_of), time, id) {
            let etag = element(one, "ETag").unwrap_or_default().replace("&quot;", "");
            versions.push((name, Version { id: id.to_owned(), time, is_marker, etag }));
        }
    }
    let marker = |name| element(text, name).map(unescape);
    let next = (element(text, "IsTruncated") == Some("true"))
        .then(|| Some((marker("NextKeyMarker")?, marker("NextVersionIdMarker")?)))
        .flatten();
    Page { versions, next }
}

/// The versions and delete markers of a listing in their order. Each kind is looked for from where it was found last, so that a listing
/// without the other kind is not searched again for each entry.
struct Entries<'a> {
    text: &'a str,
    at: usize,
    next: [Option<usize>; 2],
}

impl<'a> Entries<'a> {
    const TAGS: [(&'static str, &'static str); 2] = [("<Version>", "</Version>"), ("<DeleteMarker>", "</DeleteMarker>")];

    /// The next entry, and whether it is a delete marker.
    fn next(&mut self) -> Option<(&'a str, bool)> {
        for (kind, (tag, _)) in Self::TAGS.iter().enumerate() {
            if self.next[kind].is_some_and(|found| found < self.at) {
                self.next[kind] = self.text[self.at..].find(tag).map(|found| self.at + found);
            }
        }
        let (kind, from) = match self.next {
            [Some(version), Some(marker)] if marker < version => (1, marker),
            [Some(version), _] => (0, version),
            [None, marker] => (1, marker?),
        };
        let end = from + self.text[from..].find(Self::TAGS[kind].1)?;
        self.at = end;
        Some((&self.text[from..end], kind == 1))
    }
}

/// Whether a version's id can be sent as it is.
pub(super) fn is_plain(id: &str) -> bool {
    (1..=1024).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
}

/// Text as it was before XML's own characters were written as entities.
fn unescape(text: &str) -> String {
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: &str, second: i64, is_marker: bool) -> Version {
        Version { id: id.into(), time: Timestamp::from_second(second).unwrap(), is_marker, etag: String::new() }
    }

    #[test]
    fn what_was_shown_then_is_wanted_where_it_is_not_shown_now() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (marker, second, first) = (version("m", 30, true), version("b", 20, false), version("a", 10, false));
        let all = [marker.clone(), second.clone(), first.clone()];
        assert_eq!(wanted(&all, at(25)), Some(&second), "hidden since");
        assert_eq!(wanted(&all, at(15)), Some(&first), "replaced and hidden since");
        assert_eq!(wanted(&all, at(5)), None, "it was not there");
        assert_eq!(wanted(&all, at(35)), None, "it was hidden then");
        assert_eq!(wanted(&all[1..], at(25)), None, "it is shown now");
        assert_eq!(wanted(&[], at(25)), None);
    }

    #[test]
    fn pages_are_read_in_order_with_markers_and_hostile_ones_passed_over() {
        let account = "0".repeat(32) + "/";
        let key = format!("a&amp;b/{account}packs/11/{}", "1".repeat(32));
        let time = "<LastModified>2026-11-25T10:00:00.000Z</LastModified>";
        let text = format!(
            "<R><IsTruncated>true</IsTruncated><NextKeyMarker>a&amp;b/x</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>\
             <DeleteMarker><Key>{key}</Key><VersionId>3</VersionId>{time}</DeleteMarker>\
             <Version><Key>{key}</Key><VersionId>2</VersionId>{time}</Version>\
             <Version><Key>{key}</Key><VersionId>1 /</VersionId>{time}</Version>\
             <Version><Key>other</Key><VersionId>1</VersionId>{time}</Version><Version>"
        );
        let page = parse(&text, &account);
        assert_eq!(page.next, Some(("a&b/x".into(), "v9".into())));
        let found: Vec<_> = page.versions.iter().map(|(_, version)| (version.id.as_str(), version.is_marker)).collect();
        assert_eq!(found, [("3", true), ("2", false)]);
        assert!(parse("nonsense <Version>", &account).versions.is_empty());
    }
}
