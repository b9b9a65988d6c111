//! Versions of an object are removed once their lock is over.

use jiff::Timestamp;
use reqwest::{Method, StatusCode};

use crate::provider::ProviderError;
use crate::provider::reason::Reason;
use crate::provider::s3::{MAX_ANSWER, S3, lacks, refused};

/// So many versions of one object are removed at once.
const MAX_VERSIONS: usize = 16;

/// What a server shows of an object's newest version.
struct Version {
    id: Option<String>,
    until: Option<Timestamp>,
}

impl S3 {
    async fn newest_version(&self, key: &str) -> Result<Option<Version>, ProviderError> {
        let action = self.bucket.head_object(Some(&self.credentials), key);
        let answer = self.ask(action, Method::HEAD, &[], None, MAX_ANSWER).await?;
        match answer.status {
            StatusCode::OK => {
                let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
                let id = text("x-amz-version-id").filter(|id| *id != "null").map(str::to_owned);
                let until = text("x-amz-object-lock-retain-until-date").and_then(|date| date.parse().ok());
                Ok(Some(Version { id, until }))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(lacks(refused(&answer), "s3:GetObject", key)),
        }
    }

    /// Removes the versions of an object for good, newest first; one that is locked stays, and so do those behind it. A plain removal
    /// would only hide them, and what was hidden would be paid for.
    pub(super) async fn remove_versions(&self, key: &str) -> Result<(), ProviderError> {
        for _ in 0..MAX_VERSIONS {
            let Some(version) = self.newest_version(key).await? else { return Ok(()) };
            if let Some(until) = version.until.filter(|until| *until > Timestamp::now()) {
                return Err(ProviderError::Locked(until.strftime("%Y-%m-%d %H:%M UTC").to_string()));
            }
            self.delete(key, version.id.as_deref()).await?;
        }
        Err(ProviderError::Nonsense(Reason::ManyVersions { most: MAX_VERSIONS.to_string(), object: key.to_owned() }))
    }
}
