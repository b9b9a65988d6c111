//! Printkeep's own folders: its home, its vault, and what it keeps in the folders that are stores. What lies there is never backed up: it
//! would grow with every backup.

use std::path::{Path, PathBuf};

use crate::app::Failure;
use crate::config::Config;
use crate::core::name::AccountId;
use crate::local::home::Home;
use crate::provider::address::Address;
use crate::text;

/// All of them.
pub fn all(home: &Home, config: &Config) -> Vec<PathBuf> {
    let mut own = vec![home.root().to_owned(), home.vault()];
    for store in &config.stores {
        let Address::Folder(path) = &store.address else { continue };
        // a stick may hold more than the store on it
        own.extend(entries(path).into_iter().filter(|entry| is_of_account(entry)));
    }
    own
}

/// Refuses a source that is, or lies in, a folder of Printkeep's own, by whatever path, and one that is a store and nothing else.
pub fn refuse(home: &Home, config: &Config, source: &Path) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let at = real(source);
    let is_store = |store: &crate::config::Store| {
        matches!(&store.address, Address::Folder(path) if real(path) == at)
            && entries(&at).iter().all(|entry| is_of_account(entry))
    };
    if all(home, config).iter().any(|own| at.starts_with(real(own))) || config.stores.iter().any(is_store) {
        return Err(Failure::usage(text!("source-own-folder", path = source)).hint(text!("source-own-folder-hint")));
    }
    Ok(())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Whether it bears the name of an account, as what a store holds does.
fn is_of_account(path: &Path) -> bool {
    path.is_dir() && path.file_name().and_then(|name| name.to_str()).is_some_and(|name| AccountId::parse(name).is_some())
}
