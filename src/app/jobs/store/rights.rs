//! Says the least that a device's credentials must be allowed at a store, in the language of the provider where it has one.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::unknown;
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::work::Work;
use crate::app::{Failure, Text};
use crate::engine::account::Account;
use crate::engine::repository::stores;
use crate::provider::address::{Address, S3Address};
use crate::provider::s3::bucket_policy::{self, For};
use crate::provider::scope::Scope;
use crate::{config, text};

/// What stands in the place of whose credentials they are.
const SOMEBODY: &str = "arn:aws:iam::ACCOUNT:user/NAME";

/// The largest policy that is read, in bytes; S3 takes 20 KB.
const MAX_POLICY: u64 = 1024 * 1024;

/// Asks what credentials must be allowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreRights {
    /// The store; the only one where none is named.
    pub name: Option<String>,
    /// For a device that only writes.
    pub write_only: bool,
    /// For a device that may delete, whatever this one is.
    pub may_delete: bool,
    /// Whose credentials they are.
    pub principal: Option<String>,
    /// A file with a policy whose statements stay beside it.
    pub with: Option<PathBuf>,
    /// Whether the server is to refuse to replace.
    pub never_replace: bool,
}

/// The language in which a place says what credentials may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RightsKind {
    /// A policy of a bucket.
    S3,
    /// An application key of Backblaze.
    B2,
    /// Words, of a WebDAV server.
    Webdav,
    /// Words, of an SSH server.
    Sftp,
    /// Words, of a folder.
    Folder,
}

/// What credentials must be allowed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Rights {
    /// The store.
    pub store: String,
    /// The language.
    pub kind: RightsKind,
    /// Whether it is for a device that only writes.
    pub write_only: bool,
    /// Whether it is for a device that may delete.
    pub may_delete: bool,
    /// The provider's own document, where it has such a language.
    pub policy: Option<Value>,
    /// What else there is to know and to do.
    pub notes: Vec<Text>,
}

impl Answer for Rights {}

impl Job for StoreRights {
    type Reply = Rights;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Rights, Failure> {
        let config = work.session.config()?;
        let store = self.store(&config.stores)?;
        let account = work.open_read_only()?;
        let write_only = self.write_only || store.write_only && !self.may_delete;
        let may_delete = !write_only && (self.may_delete || account.roster.may_delete(&account.device.id));
        let scope = stores::scope(&account);
        let in_words = |what| plain(&account, &scope, write_only, may_delete, what);
        let (kind, policy, mut notes) = match &store.address {
            Address::S3(address) => {
                let asked = if write_only { For::Writing(&scope) } else { For::Reading { may_delete } };
                self.s3(work, store, (address, &account), &asked)?
            }
            Address::WebDav(_) => (RightsKind::Webdav, None, in_words(text!("rights-webdav"))),
            Address::Sftp(_) => (RightsKind::Sftp, None, in_words(text!("rights-sftp"))),
            Address::Folder(_) => (RightsKind::Folder, None, in_words(text!("rights-folder"))),
        };
        if write_only && !store.write_only {
            notes.push(text!("rights-then-write-only", store = &store.name));
        }
        if write_only && policy.is_some() {
            notes.push(text!("rights-names-devices"));
        }
        if policy.is_some() {
            // the policy alone is the answer, so that it can be passed on
            notes.iter().for_each(|note| work.remark(note.clone()));
        }
        Ok(Rights { store: store.name.clone(), kind, write_only, may_delete, policy, notes })
    }
}

type Said = (RightsKind, Option<Value>, Vec<Text>);

impl StoreRights {
    fn store<'a>(&self, stores: &'a [config::Store]) -> Result<&'a config::Store, Failure> {
        match (self.name.as_deref(), stores) {
            (Some(name), stores) => stores.iter().find(|store| store.name == name).ok_or_else(|| unknown(name)),
            (None, [store]) => Ok(store),
            (None, []) => Err(Failure::usage(text!("store-none")).hint(text!("store-none-hint"))),
            (None, _) => Err(Failure::usage(text!("store-several")).hint(text!("store-several-hint"))),
        }
    }

    fn s3(
        &self,
        work: &Work<'_>,
        store: &config::Store,
        (address, account): (&S3Address, &Account),
        asked: &For<'_>,
    ) -> Result<Said, Failure> {
        let (id, writes) = (account.id(), matches!(asked, For::Writing(_)));
        if bucket_policy::is_backblaze(address) {
            return self.backblaze(bucket_policy::application_key(address, id, asked, store.lock), writes);
        }
        let principal = self.principal.as_deref().unwrap_or(SOMEBODY);
        if principal.len() > 2048 || principal.is_empty() || principal.chars().any(char::is_control) {
            return Err(Failure::usage(text!("rights-principal")));
        }
        let never_replace = self.never_replace || bucket_policy::takes_conditions(address);
        let who = (account.device.id, principal);
        let mut said = bucket_policy::bucket_policy(address, id, who, asked, store.lock, never_replace);
        if let Some(path) = &self.with {
            let text = work.files.read(path, MAX_POLICY)?;
            said = bucket_policy::merged(said, &String::from_utf8_lossy(&text))
                .ok_or_else(|| Failure::usage(text!("rights-no-policy", path = path.as_path())))?;
        }
        let mut notes = Vec::new();
        if self.principal.is_none() {
            notes.push(text!("rights-whose", placeholder = SOMEBODY));
        }
        if !bucket_policy::takes_conditions(address) && writes {
            notes.push(text!("rights-ceph"));
        }
        if !never_replace {
            notes.push(text!("rights-versions"));
        }
        Ok((RightsKind::S3, Some(said), notes))
    }

    fn backblaze(&self, key: Value, writes: bool) -> Result<Said, Failure> {
        if self.principal.is_some() || self.with.is_some() || self.never_replace {
            return Err(Failure::usage(text!("rights-backblaze")).hint(text!("rights-backblaze-hint")));
        }
        let mut notes = vec![text!("rights-b2-make")];
        notes.extend(writes.then(|| text!("rights-b2-reads")));
        Ok((RightsKind::B2, Some(key), notes))
    }
}

/// What is needed, in words, for places without a language for it.
fn plain(account: &Account, scope: &Scope, write_only: bool, may_delete: bool, what: Text) -> Vec<Text> {
    let root = account.id().to_string();
    let below = |folders: Vec<String>| folders.iter().map(|folder| format!("{root}/{folder}/")).collect::<Vec<_>>().join(", ");
    let mut notes = vec![what];
    if write_only {
        notes.push(text!("rights-writes-below", folders = below(scope.writable()), root = &root));
        notes.push(text!("rights-reads-below", folders = below(scope.readable())));
        notes.push(text!("rights-lists-below", root = &root));
    } else {
        notes.push(text!("rights-all-below", root = &root));
        notes.push(if may_delete { text!("rights-deletes") } else { text!("rights-deletes-not") });
    }
    notes
}
