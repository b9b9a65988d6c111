//! What a server honours besides what is needed, tried with small objects that are removed again; told as information only.

use bytes::Bytes;

use super::object_lock::{self, Mode};
use super::{MAX_ANSWER, Method, S3, StatusCode, lacks, md5_header, refused, skew};
use crate::core::keys::WriterKeys;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::seal::{self, Proved, To};
use crate::provider::probe::{Check, Shown, Trial};
use crate::provider::reason::Reason;
use crate::provider::{Provider, ProviderError};

/// The smallest part that S3 takes before the last, in bytes.
const LEAST_PART: usize = 5 * 1024 * 1024;
/// Clocks further apart than this are told, in seconds; servers refuse at 15 minutes.
const CLOSE: i64 = 5 * 60;
/// How long an object is locked that is to show whether the lock holds, in seconds: longer than clocks differ that are close enough
/// for a lock of days.
const LOCKED_FOR: i64 = 120;
impl S3 {
    /// Whether the clocks agree; none when the server cannot be asked or tells no time.
    pub async fn clock(&self) -> Option<Check> {
        let action = self.bucket.head_bucket(Some(&self.credentials));
        // whatever it answers, a refusal too, bears its time
        let answer = self.ask(action, Method::HEAD, &[], None, MAX_ANSWER).await.ok()?;
        let ahead = skew(&answer.headers)?;
        let note = match ahead {
            -1..=1 => None,
            2.. => Some(Shown::Behind(ahead.unsigned_abs())),
            _ => Some(Shown::Ahead(ahead.unsigned_abs())),
        };
        Some(Check { what: Trial::Clock, passed: ahead.abs() <= CLOSE, needed: false, note })
    }

    /// Whether it keeps a conditional put from replacing an object, and takes objects in parts.
    pub async fn honours(&self, keys: &WriterKeys, random: &dyn Random) -> Vec<Check> {
        let mut checks = Vec::new();
        for (what, size) in [(Trial::OnlyNew, 16), (Trial::Parts, LEAST_PART + 1000)] {
            let Ok(object) = object(keys, ObjectName::Slot, size, random) else { break };
            let done = if size > LEAST_PART { self.takes_parts(&object).await } else { self.keeps_first(&object).await };
            let (passed, note) = match done {
                Ok(passed) => (passed, None),
                Err(error) => (false, Some(Shown::Place(error))),
            };
            checks.push(Check { what, passed, needed: false, note });
        }
        checks
    }

    /// Puts the same twice, if there is nothing yet: the second must be refused.
    async fn keeps_first(&self, object: &Proved) -> Result<bool, ProviderError> {
        let key = self.key(&object.name());
        let bytes = Bytes::copy_from_slice(object.bytes());
        let put = || {
            let action = self.bucket.put_object(Some(&self.credentials), &key);
            let signed = [("if-none-match", "*".to_owned()), md5_header(&bytes)];
            let body = Some(bytes.clone());
            async move { self.ask(action, Method::PUT, &signed, body, MAX_ANSWER).await }
        };
        let first = put().await?;
        if !first.status.is_success() {
            return Err(refused(&first));
        }
        let second = put().await;
        self.remove(&object.name()).await?;
        Ok(second?.status == StatusCode::PRECONDITION_FAILED)
    }

    /// Puts an object over another without any condition, as a thief would.
    pub async fn replaces(&self, object: &Proved) -> Result<(), ProviderError> {
        let bytes = Bytes::copy_from_slice(object.bytes());
        let key = self.key(&object.name());
        let action = self.bucket.put_object(Some(&self.credentials), &key);
        let answer = self.ask(action, Method::PUT, &[md5_header(&bytes)], Some(bytes), MAX_ANSWER).await?;
        if answer.status.is_success() { Ok(()) } else { Err(refused(&answer)) }
    }

    /// Whether it keeps an object that is locked for a minute from being removed; it bears a pack's name, for it stays behind.
    pub async fn honours_lock(&self, mode: Mode, keys: &WriterKeys, random: &dyn Random) -> Check {
        let (passed, note) = match self.keeps_locked(mode, keys, random).await {
            Ok(None) => (true, None),
            Ok(Some(why)) => (false, Some(why)),
            Err(error) => (false, Some(Shown::Place(error))),
        };
        Check { what: Trial::LockHolds, passed, needed: true, note }
    }

    async fn keeps_locked(&self, mode: Mode, keys: &WriterKeys, random: &dyn Random) -> Result<Option<Shown>, ProviderError> {
        let none = || ProviderError::Local(Reason::NoRandomness {});
        let object = object(keys, ObjectName::Pack, 16, random).map_err(|_| none())?;
        let (key, bytes) = (self.key(&object.name()), Bytes::copy_from_slice(object.bytes()));
        let action = self.bucket.put_object(Some(&self.credentials), &key);
        let mut signed = object_lock::until(mode, jiff::Timestamp::now().as_second() + LOCKED_FOR);
        signed.push(md5_header(&bytes));
        // a policy may ask for it
        signed.extend(self.once.then(|| ("if-none-match", "*".to_owned())));
        let answer = self.ask(action, Method::PUT, &signed, Some(bytes), MAX_ANSWER).await?;
        if !answer.status.is_success() {
            return match refused(&answer) {
                ProviderError::Nonsense(said) => Err(ProviderError::Refused(Reason::NoLock { said: said.to_string() })),
                error => Err(lacks(error, "s3:PutObject (or s3:PutObjectRetention)", &key)),
            };
        }
        let version = answer.headers.get("x-amz-version-id").and_then(|value| value.to_str().ok());
        let Some(version) = version.filter(|version| *version != "null") else {
            self.delete(&key, None).await?;
            return Ok(Some(Shown::NoVersions));
        };
        match self.delete(&key, Some(version)).await {
            Ok(()) => Ok(Some(Shown::WasRemoved)),
            Err(ProviderError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts two parts, looks whether they make the object, and leaves neither it nor a part behind.
    async fn takes_parts(&self, object: &Proved) -> Result<bool, ProviderError> {
        let key = self.key(&object.name());
        let bytes = Bytes::copy_from_slice(object.bytes());
        let done = match self.put_parts(&key, &bytes, LEAST_PART).await {
            Ok(()) => self.holds(&key, &bytes).await.map(|held| held == Some(true)),
            Err(error) => Err(error),
        };
        if let Ok(Some((upload, _))) = self.unfinished(&key).await {
            let action = self.bucket.abort_multipart_upload(Some(&self.credentials), &key, &upload);
            self.ask(action, Method::DELETE, &[], None, MAX_ANSWER).await?;
        }
        self.remove(&object.name()).await?;
        done
    }
}

/// A sealed object of zeros.
fn object(
    keys: &WriterKeys,
    name: fn(ObjectId) -> ObjectName,
    size: usize,
    random: &dyn Random,
) -> Result<Proved, crate::core::random::NoRandomness> {
    let name = name(ObjectId::random(random)?);
    seal::seal(keys, name, To::Devices, &vec![0; size], random)
}
