//! `store`: where sealed objects go besides the local vault.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::config;
use crate::engine::stores::{self, OpenError};
use crate::engine::{runtime, sync, truth};
use crate::provider::address::Address;
use crate::provider::credentials::{CredentialKind, Credentials};
use crate::provider::medium;
use crate::provider::probe::{self, Check};
use crate::surface::args::{Access, StoreCommand};
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;

/// Adds, lists, removes or tests stores.
pub fn run(context: &Context, command: StoreCommand) -> Result<Answer, Failure> {
    match command {
        StoreCommand::Add { url, name, access } => add(context, &url, &name, &access),
        StoreCommand::List => {
            let config = context.config()?;
            let mut lines: Vec<String> = config.stores.iter().map(|s| format!("{}: {}", s.name, s.address)).collect();
            if lines.is_empty() {
                lines.push("There are no stores: nothing leaves this machine. Add one with `printkeep store add URL`.".into());
            }
            Ok(Answer::new(lines, json!({ "stores": config.stores.iter().map(fields).collect::<Vec<_>>() })))
        }
        StoreCommand::Remove { name } => {
            let mut config = context.config()?;
            let before = config.stores.len();
            config.stores.retain(|store| store.name != name);
            if config.stores.len() == before {
                return Err(unknown(&name));
            }
            let mut account = context.open()?;
            stores::forget_credentials(&account, &name)?;
            stores::forget_disk(&account, &name)?;
            truth::forget_store(&mut account, &name)?;
            context.save_config(&config)?;
            Ok(Answer::new(
                vec![format!("The store {name:?} is forgotten; what lies there stays there.")],
                json!({ "removed": name }),
            ))
        }
        StoreCommand::Test { name } => test(context, name.as_deref()),
    }
}

fn fields(store: &config::Store) -> Value {
    json!({ "name": store.name, "url": store.address.to_string(), "limit": store.limit.map(|limit| limit.to_string()) })
}

fn unknown(name: &str) -> Failure {
    Failure::usage(format!("there is no store {name:?}")).hint("`printkeep store list` lists them")
}

/// A store as the command line describes it.
pub fn describe(name: &str, url: &str, access: &Access) -> Result<config::Store, Failure> {
    let ca_file = match &access.ca_file {
        Some(path) => Some(std::path::absolute(path).map_err(|e| Failure::usage(format!("--ca-file: {e}")))?),
        None => None,
    };
    let store = config::Store::new(name.into(), url, ca_file, &access.pin, access.system_roots, access.allow_tls12);
    store.and_then(|store| store.limited(access.limit.as_deref())).map_err(|error| Failure::usage(error.message))
}

/// The credentials for a store: from a file, a profile or the environment, never from the command line.
pub fn credentials(store: &config::Store, access: &Access) -> Result<Option<Credentials>, Failure> {
    let Some(kind) = stores::credential_kind(&store.address) else { return Ok(None) };
    let bad = |error: crate::provider::credentials::CredentialsError| Failure::usage(error.to_string());
    if let Some(file) = &access.credentials_file {
        return Credentials::read(file, kind).map(Some).map_err(bad);
    }
    if let Some(profile) = &access.aws_profile {
        if kind != CredentialKind::Keys {
            return Err(Failure::usage("--aws-profile is for S3; give --credentials-file FILE"));
        }
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let file = std::env::var_os("AWS_SHARED_CREDENTIALS_FILE").map_or_else(|| home.join(".aws/credentials"), PathBuf::from);
        return Credentials::from_aws_profile(&file, profile).map(Some).map_err(bad);
    }
    match Credentials::environment(kind).map_err(bad)? {
        Some(credentials) => Ok(Some(credentials)),
        None => Err(Failure::usage("the store needs credentials").hint(match kind {
            CredentialKind::Keys => {
                "give --credentials-file FILE (two lines: access key, secret key), --aws-profile NAME, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            }
            CredentialKind::Login => {
                "give --credentials-file FILE (two lines: user, password), or set PRINTKEEP_STORE_USER and PRINTKEEP_STORE_PASSWORD"
            }
            CredentialKind::Ssh => {
                "give --credentials-file FILE (a private key as ssh-keygen writes it, or one line: the password), or set PRINTKEEP_STORE_PASSWORD"
            }
        })),
    }
}

fn add(context: &Context, url: &str, name: &str, access: &Access) -> Result<Answer, Failure> {
    let store = describe(name, url, access)?;
    stores::check_trust(&store)?;
    let credentials = credentials(&store, access)?;
    let mut account = context.open()?;
    if let Some(credentials) = credentials {
        stores::keep_credentials(&account, name, &credentials, &context.random)?;
    }
    let mut config = context.config()?;
    // the same address: a disk or bucket may have been replaced, and what was known to be there still counts
    if config.stores.iter().any(|other| other.name == name && other.address != store.address) {
        truth::forget_store(&mut account, name)?;
    }
    sync::forget_there(&account, name)?;
    config.stores.retain(|other| other.name != name);
    let mut lines = vec![format!("Added the store {name:?}: {}.", store.address)];
    if let Address::Folder(path) = &store.address {
        stores::forget_disk(&account, name)?;
        stores::open(&account, &store)?;
        let lacking = medium::probe(path).into_iter().filter(|check| !check.passed);
        lines.extend(lacking.map(|check| format!("It lacks this: {}.", told(&check))));
    }
    if store.address.needs_network() && account.ledger.permit(crate::consent::Item::Network).is_err() {
        lines.push("Nothing is sent until you allow it: `printkeep consent grant network`.".into());
    }
    lines.push("`printkeep store test` tries it; `printkeep sync` sends your backup there.".into());
    let shown = fields(&store);
    config.stores.push(store);
    context.save_config(&config)?;
    Ok(Answer::new(lines, json!({ "store": shown })))
}

/// A check in words, with what the place said.
fn told(check: &Check) -> String {
    match &check.note {
        Some(note) => format!("{} ({note})", check.what),
        None => check.what.into(),
    }
}

fn test(context: &Context, name: Option<&str>) -> Result<Answer, Failure> {
    let config = context.config()?;
    let account = context.open()?;
    let wanted: Vec<_> = config.stores.iter().filter(|s| name.is_none_or(|name| s.name == name)).collect();
    if wanted.is_empty() {
        return Err(
            name.map_or_else(|| Failure::usage("there is no store to test").hint("add one: `printkeep store add URL`"), unknown)
        );
    }
    let runtime = runtime()?;
    let (mut lines, mut found, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
    let count = wanted.len();
    for store in wanted {
        let opened = match stores::open(&account, store) {
            Ok(opened) => opened,
            Err(OpenError::Place(_, error)) if count > 1 => {
                lines.push(format!("{}: {}", store.name, store.address));
                lines.push(format!("  NO   it {error}"));
                found.push(json!({ "store": store.name, "usable": false, "error": error.to_string() }));
                worst = Exit::Store;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut report = runtime.block_on(probe::probe(&*opened.provider, &account.device.keys, &context.random));
        if let Address::Folder(path) = &store.address {
            report.checks.extend(medium::probe(path));
        }
        if let Some(server) = stores::server(&account, store)? {
            if report.usable() {
                report.checks.extend(runtime.block_on(server.honours(&account.device.keys, &context.random)));
            }
            report.checks.extend(runtime.block_on(server.clock()));
        }
        lines.push(format!("{}: {}", store.name, store.address));
        for check in &report.checks {
            let mark = if check.passed { "yes" } else { "NO " };
            lines.push(format!("  {mark}  {}", told(check)));
        }
        if !report.usable() {
            lines.push("  This store cannot be used as it is.".into());
            worst = Exit::Store;
        }
        let checks: Vec<_> = report
            .checks
            .iter()
            .map(|c| json!({ "what": c.what, "passed": c.passed, "needed": c.needed, "note": c.note }))
            .collect();
        found.push(json!({ "store": store.name, "usable": report.usable(), "checks": checks }));
    }
    Ok(Answer::new(lines, json!({ "stores": found })).exit(worst))
}
