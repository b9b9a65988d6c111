//! `store policy`: the least that this device's credentials must be allowed, in the language of the provider. The policy alone goes
//! to standard output, so that it can be passed on; what else there is to do is told beside it.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::config;
use crate::engine::account::Account;
use crate::engine::stores;
use crate::provider::address::{Address, S3Address};
use crate::provider::cloud::policy::{self, For};
use crate::provider::scope::Scope;
use crate::store::home::read_small;
use crate::store::work_lock::Work;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// What stands in the place of whose credentials they are.
const SOMEBODY: &str = "arn:aws:iam::ACCOUNT:user/NAME";

/// The largest policy that is read, in bytes; S3 takes 20 KB.
const MAX_POLICY: u64 = 1024 * 1024;

/// What was asked for.
pub struct Wanted {
    /// For a device that only writes.
    pub write_only: bool,
    /// For a keeper, whatever this device is.
    pub keeper: bool,
    /// Whose credentials they are.
    pub principal: Option<String>,
    /// A policy that stays beside it.
    pub with: Option<PathBuf>,
    /// Whether the server is to refuse to replace.
    pub never_replace: bool,
}

/// Prints it.
pub fn run(context: &Context, name: Option<&str>, wanted: &Wanted) -> Result<Answer, Failure> {
    let config = context.config()?;
    let store = match (name, config.stores.as_slice()) {
        (Some(name), stores) => stores.iter().find(|store| store.name == name).ok_or_else(|| super::store::unknown(name))?,
        (None, [store]) => store,
        (None, []) => return Err(Failure::usage("there is no store").hint("add one: `printkeep store add URL`")),
        (None, _) => return Err(Failure::usage("there are several stores").hint("name one: `printkeep store policy NAME`")),
    };
    let account = context.open(Work::Small)?;
    let write_only = wanted.write_only || store.write_only && !wanted.keeper;
    let keeper = !write_only && (wanted.keeper || account.roster.is_keeper(&account.device.id));
    let scope = stores::scope(&account);
    let (kind, said, mut notes) = match &store.address {
        Address::S3(address) => {
            let asked = if write_only { For::Writing(&scope) } else { For::Reading { keeper } };
            s3(store, address, &account, &asked, wanted)?
        }
        Address::WebDav(_) => ("webdav", None, plain(&account, &scope, write_only, keeper, WEBDAV)),
        Address::Sftp(_) => ("sftp", None, plain(&account, &scope, write_only, keeper, SFTP)),
        Address::Folder(_) => ("folder", None, plain(&account, &scope, write_only, keeper, FOLDER)),
    };
    if write_only && !store.write_only {
        notes.push(format!("Then tell this device to keep within it: `printkeep store change {} --write-only`.", store.name));
    }
    if write_only && said.is_some() {
        notes.push("It names the keepers of today: print it again when another device becomes one.".into());
    }
    let fields = json!({
        "store": store.name, "kind": kind, "write_only": write_only, "keeper": keeper, "policy": said, "notes": notes,
    });
    let lines = match &said {
        Some(said) => {
            if !context.json && !context.quiet {
                notes.iter().for_each(|note| words::note(note));
            }
            serde_json::to_string_pretty(said).unwrap_or_default().lines().map(str::to_owned).collect()
        }
        None => notes,
    };
    Ok(Answer::new(lines, fields))
}

type Said = (&'static str, Option<Value>, Vec<String>);

fn s3(store: &config::Store, address: &S3Address, account: &Account, asked: &For<'_>, wanted: &Wanted) -> Result<Said, Failure> {
    let (id, writes) = (account.id(), matches!(asked, For::Writing(_)));
    if policy::is_backblaze(address) {
        if wanted.principal.is_some() || wanted.with.is_some() || wanted.never_replace {
            return Err(Failure::usage("a Backblaze application key names no principal and no condition").hint("leave them out"));
        }
        let key = policy::application_key(address, id, asked, store.lock);
        let mut notes = vec!["Make an application key with these capabilities, this bucket and this prefix.".to_owned()];
        if writes {
            notes.push(
                "Such a key cannot tell one folder from another: it reads every sealed object of the account. Without deleteFiles it \
                 can hide and overwrite names, and every earlier version stays: let the bucket keep all versions."
                    .into(),
            );
        }
        return Ok(("b2", Some(key), notes));
    }
    let principal = wanted.principal.as_deref().unwrap_or(SOMEBODY);
    if principal.len() > 2048 || principal.is_empty() || principal.chars().any(char::is_control) {
        return Err(Failure::usage("--principal is no name that a policy could hold"));
    }
    let never_replace = wanted.never_replace || policy::takes_conditions(address);
    let who = (account.device.id, principal);
    let mut said = policy::bucket_policy(address, id, who, asked, store.lock, never_replace);
    if let Some(path) = &wanted.with {
        let text = read_small(path, MAX_POLICY).map_err(crate::engine::EngineError::from)?.unwrap_or_default();
        said = policy::merged(said, &String::from_utf8_lossy(&text))
            .ok_or_else(|| Failure::usage(format!("{} is no bucket policy of the version 2012-10-17", path.display())))?;
    }
    let mut notes = Vec::new();
    if wanted.principal.is_none() {
        notes.push(format!("Put whose credentials they are in the place of {SOMEBODY} (or give --principal ARN), and set this as the bucket's policy."));
    }
    if !policy::takes_conditions(address) && writes {
        notes.push(
            "Where objects belong to whom wrote them (Ceph), print your own device's policy first and give it here with `--with FILE`, \
             so that it may read what this one writes."
                .into(),
        );
    }
    if !never_replace {
        notes.push(
            "This language cannot keep a writer of this server from replacing: switch the bucket's versioning on (or object lock, with \
             `--lock`), so that an earlier version stays whatever is done."
                .into(),
        );
    }
    Ok(("s3", Some(said), notes))
}

const WEBDAV: &str = "A WebDAV server knows users and folders, not single rights: most cannot let a user write and not replace, \
                      delete or read. Give this device a user of its own that sees nothing but the folder of this store, and let the \
                      server keep versions or snapshots that this user cannot reach. Apache can limit methods by folder (<Limit>, \
                      <LimitExcept>): what is written goes by PUT to tmp/ and MOVE from there.";
const SFTP: &str = "An SSH server gives what the file system gives: whoever may write in a folder may remove there, too. Give this device a \
                    user of its own, without a shell and within one folder (ForceCommand internal-sftp, ChrootDirectory), and let \
                    the server take snapshots that this user cannot reach. A folder that may be entered and not read (chmod 0311) \
                    hides names; what is listed there is then gone by from memory. What is written goes to tmp/ and is linked from there.";
const FOLDER: &str = "A folder limits nothing beyond its owner and mode: whoever may write in it may remove there, too. Keep a second \
                      store, or snapshots of the file system that this user cannot reach.";

/// What is needed, in words, for places without a language for it.
fn plain(account: &Account, scope: &Scope, write_only: bool, keeper: bool, what: &str) -> Vec<String> {
    let root = account.id();
    let below = |folders: Vec<String>| folders.iter().map(|folder| format!("{root}/{folder}/")).collect::<Vec<_>>().join(", ");
    let mut lines = vec![what.to_owned()];
    if write_only {
        lines.push(format!("It writes new files below {} and {root}/tmp/.", below(scope.writable())));
        lines.push(format!("It reads below {}.", below(scope.readable())));
        lines.push(format!("It lists these and {root}/packs/. It replaces and removes nothing."));
    } else {
        lines.push(format!("It reads, lists and writes new files below {root}/; it replaces nothing."));
        lines.push(match keeper {
            true => "It is a keeper and removes there, too.".into(),
            false => "It is no keeper and need not remove.".into(),
        });
    }
    lines
}
