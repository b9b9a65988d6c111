//! Puts: whole or in parts, never over what is there. Where the credentials may not read, an object is looked for by its name in a
//! listing, and the server is told to refuse to replace.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use md5::{Digest, Md5};
use reqwest::header::ETAG;
use reqwest::{Method, StatusCode};
use rusty_s3::S3Action;
use rusty_s3::actions::{ListObjectsV2, ListParts};

use super::{MAX_ANSWER, PART, S3, body_text, expect_ok, lacks, md5_header, nonsense, refused, unquote, xml_text};
use crate::core::seal::Proved;
use crate::provider::http::Answer;
use crate::provider::reason::Reason;
use crate::provider::{Provider, ProviderError, PutReceipt};

/// The id of an upload that was cut off, and its parts: number, size, ETag.
type Unfinished = (String, Vec<(u16, u64, String)>);

/// Headers that are signed.
type Signed = Vec<(&'static str, String)>;

impl S3 {
    pub(super) async fn put_object(&self, object: &Proved) -> Result<PutReceipt, ProviderError> {
        if object.account() != self.account {
            return Err(ProviderError::Nonsense(Reason::OtherAccount {}));
        }
        let (key, bytes) = (self.key(&object.name()), object.shared());
        match self.there(&key, &bytes).await? {
            Some(true) => return Ok(PutReceipt::new(object, self.place())),
            Some(false) => return Err(ProviderError::Taken),
            None => {}
        }
        if bytes.len() > self.threshold {
            self.put_parts(&key, &bytes, PART).await?;
        } else {
            self.put_whole(&key, &bytes).await?;
        }
        // the server compared what came with the MD5 that it was sent with; more it does not show to such credentials
        if self.blind {
            return Ok(PutReceipt::new(object, self.place()));
        }
        match self.there(&key, &bytes).await? {
            Some(true) => Ok(PutReceipt::new(object, self.place())),
            _ => Err(ProviderError::Nonsense(Reason::NotHeld {})),
        }
    }

    /// Whether the store holds exactly this object; credentials that may neither read nor list it find nothing.
    async fn there(&self, key: &str, bytes: &[u8]) -> Result<Option<bool>, ProviderError> {
        if !self.blind {
            return self.holds(key, bytes).await;
        }
        let (size, etag) = match self.inspect_by_name(key).await {
            Ok(Some(found)) => found,
            Ok(None) | Err(ProviderError::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        if size != bytes.len() as u64 {
            return Ok(Some(false));
        }
        let md5 = crate::core::name::hex(&Md5::digest(bytes));
        match etag {
            Some(etag) if etag.len() == md5.len() => Ok(Some(etag == md5)),
            // the ETag of an object that was sent in parts is no MD5: then its size must do, and its name, which is random or this
            // device's own
            _ => match self.read(key, None, bytes.len()).await {
                Ok(there) => Ok(Some(there == bytes)),
                Err(ProviderError::Refused(_)) => Ok(Some(true)),
                Err(error) => Err(error),
            },
        }
    }

    /// The size and ETag of an object as a listing shows them.
    async fn inspect_by_name(&self, key: &str) -> Result<Option<(u64, Option<String>)>, ProviderError> {
        let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
        action.with_prefix(key.to_owned());
        action.with_max_keys(1);
        let answer = expect_ok(self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?)
            .map_err(|error| lacks(error, "s3:ListBucket", &format!("the prefix {key}")))?;
        let parsed = ListObjectsV2::parse_response(body_text(&answer)?).map_err(nonsense)?;
        let found = parsed.contents.into_iter().find(|object| object.key == key);
        Ok(found.and_then(|object| Some((object.size?, object.etag.as_deref().map(unquote)))))
    }

    async fn put_whole(&self, key: &str, bytes: &Bytes) -> Result<(), ProviderError> {
        let mut signed = self.locks();
        signed.push(md5_header(bytes));
        let put = |signed: Signed| {
            let action = self.bucket.put_object(Some(&self.credentials), key);
            async move { self.ask(action, Method::PUT, &signed, Some(bytes.clone()), MAX_ANSWER).await }
        };
        let answer = self.once(signed, put).await?;
        if self.settled(&answer, key)? {
            return Ok(());
        }
        // another run put it in this moment, or one that was cut off did
        match self.there(key, bytes).await? {
            Some(true) => Ok(()),
            _ => Err(ProviderError::Taken),
        }
    }

    /// Asks with the condition that nothing is there yet; without, where the server knows no such condition.
    async fn once<F: Future<Output = Result<Answer, ProviderError>>>(
        &self,
        mut signed: Signed,
        ask: impl Fn(Signed) -> F,
    ) -> Result<Answer, ProviderError> {
        if !self.once || self.takes_no_condition.load(Ordering::Relaxed) {
            return ask(signed).await;
        }
        signed.push(("if-none-match", "*".into()));
        let answer = ask(signed.clone()).await?;
        let code = xml_text(&answer.body, "Code").unwrap_or_default();
        if answer.status != StatusCode::NOT_IMPLEMENTED && code != "NotImplemented" {
            return Ok(answer);
        }
        self.takes_no_condition.store(true, Ordering::Relaxed);
        signed.pop();
        ask(signed).await
    }

    /// Whether a put was done; false when something is there already.
    fn settled(&self, answer: &Answer, key: &str) -> Result<bool, ProviderError> {
        match answer.status {
            status if status.is_success() => Ok(true),
            StatusCode::PRECONDITION_FAILED if self.once => Ok(false),
            // two at once: one of them did it
            StatusCode::CONFLICT if self.once => Err(ProviderError::Unreachable(Reason::Twice {})),
            _ => {
                let rights = if self.lock.is_some() { "s3:PutObject (or s3:PutObjectRetention)" } else { "s3:PutObject" };
                let error = match refused(answer) {
                    ProviderError::Nonsense(said) if self.lock.is_some() => {
                        ProviderError::Refused(Reason::NoLock { said: said.to_string() })
                    }
                    ProviderError::Missing => ProviderError::Nonsense(Reason::NoSuchRequest { said: answer.status.to_string() }),
                    error => error,
                };
                Err(lacks(error, rights, key))
            }
        }
    }

    /// What tells the server how long it keeps what is put.
    pub(super) fn locks(&self) -> Signed {
        self.lock.map(|lock| lock.headers(jiff::Timestamp::now())).unwrap_or_default()
    }

    /// Sends an object in parts, going on with an upload that was cut off.
    pub(super) async fn put_parts(&self, key: &str, bytes: &Bytes, size: usize) -> Result<(), ProviderError> {
        let (upload, there) = match self.unfinished(key).await? {
            Some(found) => found,
            None => (self.begin(key).await?, Vec::new()),
        };
        let mut etags = Vec::new();
        for (at, start) in (0..bytes.len()).step_by(size).enumerate() {
            let part = bytes.slice(start..(start + size).min(bytes.len()));
            let number = u16::try_from(at + 1).map_err(|_| ProviderError::Nonsense(Reason::NotSendable {}))?;
            let md5 = crate::core::name::hex(&Md5::digest(&part));
            if there.iter().any(|(n, size, etag)| *n == number && *size == part.len() as u64 && *etag == md5) {
                etags.push(md5);
                continue;
            }
            let action = self.bucket.upload_part(Some(&self.credentials), key, number, &upload);
            let answer = self.ask(action, Method::PUT, &[md5_header(&part)], Some(part), MAX_ANSWER).await?;
            self.settled(&answer, key)?;
            let etag = answer.headers.get(ETAG).and_then(|e| e.to_str().ok()).map(unquote);
            etags.push(etag.ok_or_else(|| ProviderError::Nonsense(Reason::BadAnswer { protocol: "S3".into() }))?);
        }
        let complete = |signed: Signed| {
            let etags = || etags.iter().map(String::as_str);
            let body = self.bucket.complete_multipart_upload(Some(&self.credentials), key, &upload, etags()).body();
            let action = self.bucket.complete_multipart_upload(Some(&self.credentials), key, &upload, etags());
            async move { self.ask(action, Method::POST, &signed, Some(Bytes::from(body)), MAX_ANSWER).await }
        };
        let answer = self.once(Vec::new(), complete).await?;
        if !self.settled(&answer, key)? {
            return Err(ProviderError::Taken);
        }
        // the answer's status is sent before the work is done, so an error may come in the body
        if xml_text(&answer.body, "Code").is_some() { Err(refused(&answer)) } else { Ok(()) }
    }

    async fn begin(&self, key: &str) -> Result<String, ProviderError> {
        let action = self.bucket.create_multipart_upload(Some(&self.credentials), key);
        let answer = self.ask(action, Method::POST, &self.locks(), None, MAX_ANSWER).await?;
        self.settled(&answer, key)?;
        // servers do not agree on the name of the answer's root
        std::str::from_utf8(&answer.body).ok().and_then(upload_id).ok_or_else(|| nonsense("there is no UploadId in it"))
    }

    /// An upload of this object that was cut off, and its parts: number, size, ETag. A server that does not tell has none.
    pub(super) async fn unfinished(&self, key: &str) -> Result<Option<Unfinished>, ProviderError> {
        let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
        let query = action.query_mut();
        ["list-type", "encoding-type"].iter().for_each(|name| {
            query.remove(name);
        });
        query.insert("uploads", "");
        query.insert("prefix", key.to_owned());
        let answer = self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?;
        if answer.status != StatusCode::OK {
            return Ok(None);
        }
        let Some(upload) = upload_of(&answer.body, key) else { return Ok(None) };
        let action = self.bucket.list_parts(Some(&self.credentials), key, &upload);
        let answer = self.ask(action, Method::GET, &[], None, MAX_ANSWER).await?;
        if answer.status != StatusCode::OK {
            return Ok(None);
        }
        let parts = ListParts::parse_response(body_text(&answer)?).map_err(nonsense)?.parts;
        Ok(Some((upload, parts.into_iter().map(|p| (p.number, p.size, unquote(&p.etag))).collect())))
    }
}

/// The text of the first element of this name.
pub(super) fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = text.find(&format!("<{name}>"))? + name.len() + 2;
    let end = text[start..].find("</")?;
    Some(&text[start..start + end])
}

/// The first upload id in an answer, when it is one that can be sent.
fn upload_id(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '=' | '+' | '/');
    element(text, "UploadId").filter(|id| (1..=1024).contains(&id.len()) && id.chars().all(plain)).map(str::to_owned)
}

/// The upload id of the last unfinished upload of `key` in a listing of uploads.
fn upload_of(body: &[u8], key: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    text.split("<Upload>").skip(1).filter(|part| element(part, "Key") == Some(key)).last().and_then(upload_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_found_by_its_key() {
        let body =
            b"<R><Upload><Key>a</Key><UploadId>1</UploadId></Upload><Upload><Key>b</Key><UploadId>2~x</UploadId></Upload></R>";
        assert_eq!(upload_of(body, "b").as_deref(), Some("2~x"));
        assert_eq!(upload_of(body, "c"), None);
    }
}
