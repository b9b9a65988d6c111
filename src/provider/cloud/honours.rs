//! What a server honours besides what is needed, tried with small objects that are removed again; told as information only.

use bytes::Bytes;

use super::{Cloud, MAX_ANSWER, Method, StatusCode, md5_header, refused, skew, span};
use crate::core::keys::WriterKeys;
use crate::core::name::{ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::seal::{self, Sealed, To};
use crate::provider::probe::Check;
use crate::provider::{PlaceError, Provider};

/// The smallest part that S3 takes before the last, in bytes.
const LEAST_PART: usize = 5 * 1024 * 1024;
/// Clocks further apart than this are told, in seconds; servers refuse at 15 minutes.
const CLOSE: i64 = 5 * 60;

impl Cloud {
    /// Whether the clocks agree; none when the server cannot be asked or tells no time.
    pub async fn clock(&self) -> Option<Check> {
        let action = self.bucket.head_bucket(Some(&self.credentials));
        // whatever it answers, a refusal too, bears its time
        let answer = self.ask(action, Method::HEAD, &[], None, MAX_ANSWER).await.ok()?;
        let ahead = skew(&answer.headers)?;
        let what = "this machine's clock and the server's are less than 5 minutes apart";
        let note = match ahead {
            -1..=1 => None,
            2.. => Some(format!("this one is {} behind", span(ahead))),
            _ => Some(format!("this one is {} ahead", span(ahead))),
        };
        Some(Check { what, passed: ahead.abs() <= CLOSE, needed: false, note })
    }

    /// Whether it keeps a conditional put from replacing an object, and takes objects in parts.
    pub async fn honours(&self, keys: &WriterKeys, random: &dyn Random) -> Vec<Check> {
        let mut checks = Vec::new();
        for (what, size) in [
            ("it can be told to write only what is not there yet (nothing relies on that)", 16),
            ("an object can be written in parts (only those over 16 MiB are)", LEAST_PART + 1000),
        ] {
            let Ok(object) = object(keys, size, random) else { break };
            let done = if size > LEAST_PART { self.takes_parts(&object).await } else { self.keeps_first(&object).await };
            let (passed, note) = match done {
                Ok(passed) => (passed, None),
                Err(error) => (false, Some(error.to_string())),
            };
            checks.push(Check { what, passed, needed: false, note });
        }
        checks
    }

    /// Puts the same twice, if there is nothing yet: the second must be refused.
    async fn keeps_first(&self, object: &Sealed) -> Result<bool, PlaceError> {
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

    /// Puts two parts, looks whether they make the object, and leaves neither it nor a part behind.
    async fn takes_parts(&self, object: &Sealed) -> Result<bool, PlaceError> {
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
fn object(keys: &WriterKeys, size: usize, random: &dyn Random) -> Result<Sealed, crate::core::random::NoRandomness> {
    let name = ObjectName::Slot(ObjectId::random(random)?);
    seal::seal(keys, name, To::Devices, &vec![0; size], random)
}
