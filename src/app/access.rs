//! How a store is reached: whom to trust there, and where its credentials come from; never these themselves.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::named_files::NamedFiles;
use crate::app::reasons::{self, credentials};
use crate::app::{Failure, address};
use crate::config::{ConfigError, Store};
use crate::engine::repository::stores;
use crate::local::home::full_path;
use crate::provider::credentials::{CredentialKind, Credentials, CredentialsError, MAX_FILE};
use crate::provider::limit::Rate;
use crate::text;

/// How a store is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Access {
    /// A file with the credentials; otherwise the environment holds them.
    pub credentials_file: Option<PathBuf>,
    /// A profile of `~/.aws/credentials` to copy them from.
    pub aws_profile: Option<String>,
    /// A PEM file with the only roots to trust.
    pub ca_file: Option<PathBuf>,
    /// The only keys to trust, by the SHA-256 of each.
    pub pin: Vec<String>,
    /// Whether the system's roots are trusted.
    pub system_roots: bool,
    /// Whether TLS 1.2 is accepted.
    pub allow_tls12: bool,
    /// The highest rate, such as `500 KB/s`.
    pub limit: Option<String>,
}

impl Access {
    /// The store that is described; a plain path is a folder.
    pub fn describe(&self, name: &str, url: &str) -> Result<Store, Failure> {
        let (url, roots) = (address::meant(url)?, self.roots_file()?);
        self.check_limit(None)?;
        let store = Store::new(name.into(), &url, roots, &self.pin, self.system_roots, self.allow_tls12);
        let wrong = |error| match error {
            // it has this name only once it is in the settings: its address stands in the request
            ConfigError::Store(_, why) => Failure::usage(reasons::address(&why)),
            error => asked_wrong(error),
        };
        store.and_then(|store| store.limited(self.limit.as_deref())).map_err(wrong)
    }

    /// Whether a limit that it names is one; `store` is the name of a store that has one already.
    pub fn check_limit(&self, store: Option<&str>) -> Result<(), Failure> {
        let Some(limit) = self.limit.as_deref().filter(|limit| Rate::parse(limit).is_none()) else { return Ok(()) };
        let failure = Failure::usage(text!("store-limit-form", limit = limit));
        let is_none = ["none", "no", "off", "0", "unlimited"].contains(&limit.trim().to_lowercase().as_str());
        Err(match (is_none, store) {
            (true, Some(store)) => failure.hint(text!("store-no-limit-hint", store = store)),
            (true, None) => failure.hint(text!("store-without-limit-hint")),
            (false, _) => failure,
        })
    }

    /// The file of roots by its full path.
    pub fn roots_file(&self) -> Result<Option<PathBuf>, Failure> {
        let full = |path: &PathBuf| full_path(path).map_err(|error| Failure::path(path, &error));
        self.ca_file.as_ref().map(full).transpose()
    }

    /// Whether it says whom to trust.
    pub fn says_trust(&self) -> bool {
        self.ca_file.is_some() || !self.pin.is_empty() || self.system_roots
    }

    /// Credentials that it names: those of a file or a profile.
    pub fn named_credentials(&self, files: &NamedFiles, kind: CredentialKind) -> Result<Option<Credentials>, Failure> {
        if let Some(file) = &self.credentials_file {
            let read = Credentials::read(&files.text(file, MAX_FILE)?, kind);
            return read
                .map(Some)
                .map_err(|error| Failure::usage(text!("credentials-file", path = file.as_path(), why = credentials(&error))));
        }
        self.aws_profile.as_deref().map(|profile| of_profile(files, kind, profile)).transpose()
    }

    /// The credentials for a store: those that it names, else those of the environment; none where it needs none.
    pub fn credentials(&self, files: &NamedFiles, store: &Store) -> Result<Option<Credentials>, Failure> {
        let Some(kind) = stores::credential_kind(&store.address) else { return Ok(None) };
        if let Some(named) = self.named_credentials(files, kind)? {
            return Ok(Some(named));
        }
        if let Some(credentials) = Credentials::environment(kind).map_err(bad)? {
            return Ok(Some(credentials));
        }
        let hint = match kind {
            CredentialKind::Keys => text!("credentials-keys-hint"),
            CredentialKind::Login => text!("credentials-login-hint"),
            CredentialKind::Ssh => text!("credentials-ssh-hint"),
        };
        Err(Failure::usage(text!("credentials-missing")).hint(hint))
    }
}

fn bad(error: CredentialsError) -> Failure {
    Failure::usage(credentials(&error))
}

fn of_profile(files: &NamedFiles, kind: CredentialKind, profile: &str) -> Result<Credentials, Failure> {
    if kind != CredentialKind::Keys {
        return Err(Failure::usage(text!("aws-profile-not-s3")).hint(text!("aws-profile-not-s3-hint")));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let file = std::env::var_os("AWS_SHARED_CREDENTIALS_FILE").map_or_else(|| home.join(".aws/credentials"), PathBuf::from);
    let of = |error: CredentialsError| {
        Failure::usage(text!("credentials-profile", profile = profile, path = file.as_path(), why = credentials(&error)))
    };
    Credentials::parse_aws_profile(&files.text(&file, MAX_FILE)?, profile).map_err(of)
}

/// What is wrong stands in the request, not in the settings.
pub fn asked_wrong(error: ConfigError) -> Failure {
    Failure::usage(reasons::config(&error))
}
