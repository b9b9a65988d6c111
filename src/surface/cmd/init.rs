//! `init`: an account, this device, its key slots and the recovery kit; or joining an account on a new machine.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::core::secret::{Secret, SecretText};
use crate::engine::account::{AccountWriter, NewAccount};
use crate::engine::join;
use crate::engine::roster::check_name;
use crate::store::home::AccountName;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::Failure;

/// What an account is called when the owner names none.
const DEFAULT_NAME: &str = "default";

/// An account that was just made.
pub struct Made {
    /// It, open.
    pub account: AccountWriter,
    kit: PathBuf,
    passphrase: bool,
}

impl Made {
    /// What was made and what to do next, in plain words.
    pub fn lines(&self, context: &Context) -> Vec<String> {
        let mut lines = vec![
            format!("Made the account {:?} for this device, {:?}.", self.account.name.as_str(), self.account.device.name),
            format!("  Vault:        {}", context.home.vault().display()),
            format!("  Recovery kit: {}", self.kit.display()),
            format!("  Fingerprint:  {}", self.account.fingerprint()),
        ];
        lines.push("Print the recovery kit or copy it to a stick, keep it safe, and delete it from this machine:".into());
        lines.push(if self.passphrase {
            "whoever has it can read your backup, and with neither it nor your passphrase nobody can.".into()
        } else {
            "whoever has it can read your backup, and without it nobody can. `printkeep key passphrase` sets a passphrase, too."
                .into()
        });
        lines
    }

    /// What was made, for programs.
    pub fn fields(&self, context: &Context) -> serde_json::Value {
        json!({
            "account": self.account.name.as_str(),
            "account_id": self.account.id().to_string(),
            "device": self.account.device.name,
            "vault": context.home.vault(),
            "recovery_kit": self.kit,
            "fingerprint": self.account.fingerprint(),
            "passphrase": self.passphrase,
        })
    }
}

/// Makes an account: the kit is on the disk before the account is real, so that none is without a kit.
pub fn create(
    context: &Context,
    device_name: Option<String>,
    passphrase: Option<&SecretText>,
    kit_path: Option<PathBuf>,
) -> Result<Made, Failure> {
    let new = new_account(context, device_name, passphrase)?;
    let kit_path = match kit_path {
        Some(path) => std::path::absolute(path).map_err(|e| Failure::usage(format!("--recovery-kit: {e}")))?,
        None => context.home.recovery_kit(&new.name),
    };
    if kit_path.exists() {
        return Err(
            Failure::usage(format!("{} is there already", kit_path.display())).hint("name another file with --recovery-kit")
        );
    }
    let (mut account, kit) = AccountWriter::create(new, &context.random)?;
    crate::app::kit::write(&account, kit, &kit_path, context.now(), &crate::app::kit::places(&context.session(false))?)?;
    account.settle()?;
    Ok(Made { account, kit: kit_path, passphrase: passphrase.is_some() })
}

/// What a new account is made of, from the settings and what was typed.
pub fn new_account<'a>(
    context: &'a Context,
    device_name: Option<String>,
    passphrase: Option<&'a SecretText>,
) -> Result<NewAccount<'a>, Failure> {
    let name = context.account.clone().or_else(|| AccountName::parse(DEFAULT_NAME));
    let name = name.ok_or_else(|| Failure::usage("an account needs a name"))?;
    let device_name = device_name.unwrap_or_else(host_name);
    check_name(&device_name)?;
    let cost = context.profile(&context.config()?).cost;
    Ok(NewAccount { home: &context.home, name, device_name, passphrase, cost, kit_account: None })
}

/// The host's name, sealed into the roster so that an owner tells devices apart; it is never sent in the clear.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control() && *c != ':').take(32).collect();
    if name.is_empty() { "this device".into() } else { name }
}

/// What joining an account in a store takes.
pub struct Join<'a> {
    /// The store.
    pub url: &'a str,
    /// The account and secret of the recovery kit.
    pub kit: &'a (Option<crate::core::name::AccountId>, Secret<32>),
    /// How the store is reached.
    pub access: &'a crate::surface::args::Access,
    /// What to call this device.
    pub device_name: Option<String>,
    /// File with a passphrase for this device.
    pub passphrase_file: Option<&'a Path>,
}

/// Joins the account that lies in a store, and writes the store into the settings.
pub fn join_store(context: &Context, how: &Join<'_>) -> Result<(join::Joined, crate::config::Config), Failure> {
    let passphrase = ask::given(how.passphrase_file)?;
    if let Some(text) = &passphrase {
        crate::store::passphrase::check(text).map_err(|weak| Failure::usage(format!("the passphrase is too weak: {weak}")))?;
    }
    let store = super::store::describe("store", how.url, how.access)?;
    let credentials = super::store::credentials(&store, how.access)?;
    if store.address.needs_network() {
        // typing a store's address on a new machine is the owner's yes to reaching it, and is recorded as such
        crate::surface::words::note(
            "Joining reaches your store over the network; this is recorded as your consent to network use.",
        );
    }
    let new = NewAccount { kit_account: how.kit.0, ..new_account(context, how.device_name.clone(), passphrase.as_ref())? };
    let request = join::Request { new, store: &store, credentials, kit: &how.kit.1, time: context.now(), asked: context.asked() };
    let mut joined = join::join(request, &context.random, &context.cancel)?;
    let mut config = context.config()?;
    config.stores.retain(|other| other.name != store.name);
    config.stores.push(store);
    context.save_config(&config)?;
    joined.account.settle()?;
    Ok((joined, config))
}
