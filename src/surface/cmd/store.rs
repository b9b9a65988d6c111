//! `store`: where sealed objects go besides the local vault, and how this device uses each place.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::config;
use crate::engine::{stores, sync, truth};
use crate::provider::address::Address;
use crate::provider::credentials::{CredentialKind, Credentials};
use crate::provider::medium;
use crate::store::work_lock::Work;
use crate::surface::args::{Access, StoreCommand};
use crate::surface::cmd::{store_policy, store_test, store_undo};
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::store_args::LockMode;

/// Adds, lists, removes or tests stores.
pub fn run(context: &Context, command: StoreCommand) -> Result<Answer, Failure> {
    match command {
        StoreCommand::Add { url, name, access, region, write_only, lock, lock_mode } => {
            let store = config::Store { write_only, ..describe(&name, &url, &access)? };
            let store = store.in_region(region).map_err(|error| Failure::usage(error.message))?;
            add(context, locked(store, lock.as_deref(), lock_mode)?, &access)
        }
        StoreCommand::Regions { regions, any } => regions_of(context, regions, any),
        StoreCommand::Change { name, region, write_only, read_write, lock, lock_mode, no_lock } => {
            let reads = (write_only || read_write).then_some(read_write);
            let lock = (lock.is_some() || no_lock).then_some((lock, lock_mode));
            change(context, &name, region, reads, lock)
        }
        StoreCommand::Policy { name, write_only, keeper, principal, with, never_replace } => {
            let wanted = store_policy::Wanted { write_only, keeper, principal, with, never_replace };
            store_policy::run(context, name.as_deref(), &wanted)
        }
        StoreCommand::Undo { store, since, dry_run, recovery_kit, access } => {
            let wanted =
                store_undo::Wanted { store: &store, since: &since, dry_run, kit: recovery_kit.as_deref(), access: &access };
            store_undo::run(context, &wanted)
        }
        StoreCommand::List => {
            let config = context.config()?;
            let mut lines: Vec<String> = config.stores.iter().map(|s| format!("{}: {}{}", s.name, s.address, used(s))).collect();
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
            let mut account = context.open(Work::Small)?;
            let _held = context.waiting(|waiting| account.hold_store(&name, waiting))?;
            stores::forget_credentials(&account, &name)?;
            stores::forget_disk(&account, &name)?;
            truth::forget_store(&mut account, &name)?;
            context.save_config(&config)?;
            Ok(Answer::new(
                vec![format!("The store {name:?} is forgotten; what lies there stays there.")],
                json!({ "removed": name }),
            ))
        }
        StoreCommand::Test { name } => store_test::run(context, name.as_deref()),
    }
}

/// What is special in how this device uses a store, for a list.
fn used(store: &config::Store) -> String {
    if store.write_only || store.lock.is_some() { format!(" ({})", told_use(store)) } else { String::new() }
}

fn fields(store: &config::Store) -> Value {
    json!({
        "name": store.name, "url": store.address.to_string(), "limit": store.limit.map(|limit| limit.to_string()),
        "write_only": store.write_only, "lock": store.lock.map(|lock| lock.to_string()),
    })
}

pub(super) fn unknown(name: &str) -> Failure {
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

/// The same, with the lock that the command line asks for.
fn locked(store: config::Store, lock: Option<&str>, mode: LockMode) -> Result<config::Store, Failure> {
    let text = lock.map(|days| format!("{days}{}", if mode == LockMode::Compliance { " compliance" } else { "" }));
    store.locked(text.as_deref()).map_err(|error| Failure::usage(error.message))
}

/// Changes how this device uses a store, and leaves address, trust and credentials as they are.
fn change(
    context: &Context,
    name: &str,
    region: Option<String>,
    reads: Option<bool>,
    lock: Option<(Option<String>, LockMode)>,
) -> Result<Answer, Failure> {
    let mut config = context.config()?;
    let at = config.stores.iter().position(|store| store.name == name).ok_or_else(|| unknown(name))?;
    let mut store = config.stores[at].clone();
    if region.is_some() {
        store = store.in_region(region).map_err(|error| Failure::usage(error.message))?;
    }
    if let Some(reads) = reads {
        store.write_only = !reads;
    }
    if let Some((lock, mode)) = lock {
        store = locked(store, lock.as_deref(), mode)?;
    }
    let lines = vec![format!("{name}: {}.", told_use(&store))];
    let shown = fields(&store);
    config.stores[at] = store;
    context.save_config(&config)?;
    Ok(Answer::new(lines, json!({ "store": shown })))
}

/// Shows the regions allowed, or sets them.
fn regions_of(context: &Context, regions: Vec<String>, any: bool) -> Result<Answer, Failure> {
    let mut config = context.config()?;
    if any || !regions.is_empty() {
        config.regions = (!any).then_some(regions);
        // what is wrong stands on the command line, not in the settings
        config = config::Config::parse(&config.to_toml()?).map_err(|error| Failure::usage(error.message))?;
        context.save_config(&config)?;
    }
    let mut lines = vec![match &config.regions {
        None => "Sealed objects may go to stores in any region.".to_owned(),
        Some(regions) => format!("Sealed objects may go only to stores in: {}.", regions.join(", ")),
    }];
    for store in &config.stores {
        let where_ = match (&store.address, store.region()) {
            (Address::Folder(_), None) => "a folder of this machine",
            (_, region) => region.unwrap_or("nobody said where"),
        };
        lines.push(format!("{}: {where_}{}", store.name, if store.elsewhere { ": not used" } else { "" }));
    }
    let stores: Vec<Value> = config
        .stores
        .iter()
        .map(|store| json!({ "store": store.name, "region": store.region(), "allowed": !store.elsewhere }))
        .collect();
    Ok(Answer::new(lines, json!({ "regions": config.regions, "stores": stores })))
}

/// How this device uses a store.
fn told_use(store: &config::Store) -> String {
    let what = if store.write_only { "this device only writes there" } else { "this device writes and reads there" };
    match store.lock {
        Some(lock) => format!("{what}; what it puts there is locked for {lock}"),
        None => what.into(),
    }
}

fn add(context: &Context, store: config::Store, access: &Access) -> Result<Answer, Failure> {
    let name = &store.name.clone();
    stores::check_trust(&store)?;
    let credentials = credentials(&store, access)?;
    if !config::allowed(context.config()?.regions.as_deref(), &store) {
        return Err(Failure::usage(format!(
            "the store lies in the region {:?}, which you do not allow",
            store.region().unwrap_or("unknown")
        ))
        .hint("`printkeep store regions` shows and sets those allowed; --region says where it lies"));
    }
    let mut account = context.open(Work::Small)?;
    if let Some(credentials) = credentials {
        stores::keep_credentials(&account, name, &credentials, &context.random)?;
    }
    let mut config = context.config()?;
    // the same address: a disk or bucket may have been replaced, and what was known to be there still counts
    if config.stores.iter().any(|other| other.name == *name && other.address != store.address) {
        truth::forget_store(&mut account, name)?;
    }
    sync::forget_there(&account, name)?;
    config.stores.retain(|other| other.name != *name);
    let mut lines = vec![format!("Added the store {name:?}: {}.", store.address)];
    if store.write_only || store.lock.is_some() {
        lines.push(format!("There {}.", told_use(&store)));
    }
    if let Address::Folder(path) = &store.address {
        stores::forget_disk(&account, name)?;
        stores::open(&account, &store)?;
        let lacking = medium::probe(path).into_iter().filter(|check| !check.passed);
        lines.extend(lacking.map(|check| format!("It lacks this: {}.", store_test::told(&check))));
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
