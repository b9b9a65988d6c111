//! Erases the whole account: keys first, then everything here, then every store; an erasure that was interrupted goes on.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::erase::confirm;
use crate::app::answer::Answer;
use crate::app::document::DocumentKind;
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Session};
use crate::consent::{Item, Refusal};
use crate::core::name::hex;
use crate::core::secret::Secret;
use crate::core::sign::SigningKey;
use crate::engine::account::{Account, consent};
use crate::engine::privacy::erase::{self, AtStore, Plan};
use crate::engine::privacy::{receipts, rfc3339, signed};
use crate::engine::{EngineError, key_agent};
use crate::local::audit::Event;
use crate::text;

/// Erases the account, or goes on where that was interrupted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyEraseAccount {
    /// Leave what lies beyond the network where it is.
    pub here_only: bool,
    /// The name of the account, for whoever is not to be asked.
    pub yes_erase: Option<String>,
}

/// The account is erased here, and in the stores as far as they could be reached.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AccountErased {
    /// What it was called here.
    pub account: String,
    /// Whether its keys, its files and the recovery kits in the home are gone here; always.
    pub here: bool,
    /// Store by store.
    pub places: Vec<ErasedStore>,
    /// Whether nothing is left to do.
    pub finished: bool,
    /// The signed receipt.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub receipt: Option<PathBuf>,
    /// Other devices, which hold vaults and keys of their own.
    pub other_devices: Vec<String>,
    /// Where pages of the recovery kit were written to, or used from, outside of the home, and may still lie.
    pub kit_pages: Vec<String>,
}

/// What became of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErasedStore {
    /// The store.
    pub store: String,
    /// What.
    pub outcome: Outcome,
    /// How many files were removed there.
    pub removed: Option<u64>,
    /// Why not.
    pub why: Option<String>,
}

/// What became of what lay at a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Gone: its listing shows nothing of the account.
    Gone,
    /// The store could not be reached.
    Away,
    /// Left there, as the owner said; whoever holds a recovery kit can still read it.
    Left,
}

impl ErasedStore {
    fn of((name, at): &(String, AtStore)) -> Self {
        let (outcome, removed, why) = match at {
            AtStore::Gone(count) => (Outcome::Gone, Some(*count), None),
            AtStore::Away(why) => (Outcome::Away, None, Some(why.clone())),
            AtStore::Left(why) => (Outcome::Left, None, Some(why.clone())),
        };
        Self { store: name.clone(), outcome, removed, why }
    }
}

impl Answer for AccountErased {
    fn exit(&self) -> Exit {
        if self.finished { Exit::Done } else { Exit::Store }
    }
}

impl Job for PrivacyEraseAccount {
    type Reply = AccountErased;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Erase, "").frees_room(true))
    }

    fn run(self, work: &Work<'_>) -> Result<AccountErased, Failure> {
        let session = work.session;
        let is_meant = |plan: &Plan| session.account.as_ref().is_none_or(|name| *name == plan.name);
        let begun = Plan::all(&session.home)?.into_iter().find(is_meant);
        let mut plan = match begun {
            Some(plan) => plan,
            None => self.begin(work)?,
        };
        if self.here_only && !plan.here_only {
            plan.here_only = true;
            plan.save(&session.home)?;
        }
        execute(work, plan)
    }
}

impl PrivacyEraseAccount {
    /// Asks, and writes the plan; from then on there is no way back.
    fn begin(&self, work: &Work<'_>) -> Result<Plan, Failure> {
        let session = work.session;
        let config = session.config()?;
        Account::choose(&session.home, session.account.as_ref()).map_err(|error| no_account(session, error))?;
        let account = work.open(WorkKind::Whole)?;
        let beyond = config.stores.iter().any(|store| store.address.needs_network());
        if beyond && !self.here_only && account.ledger.permit(Item::Network).is_err() {
            return Err(Failure::from(Refusal::NotGranted(Item::Network)).hint(text!("erase-consent-hint")));
        }
        confirm(work, &account, self.yes_erase.as_deref(), text!("erase-what-account"))?;
        let others = account.roster.members.iter().filter(|m| m.id != account.device.id && m.is_active());
        let others: Vec<String> = others.map(|member| member.name.clone()).collect();
        let seed = Secret::random(&session.random).map_err(EngineError::from)?;
        let key = SigningKey::from_seed(Secret::filled_by(|to| to.copy_from_slice(seed.expose())));
        let key = key.map_err(|_| EngineError::Randomness)?;
        let order = json!({
            "kind": DocumentKind::ErasureOrder, "time": rfc3339(session.now()), "account": account.id().to_string(),
            "name": account.name.as_str(), "fingerprint": account.fingerprint(), "receipt_key": hex(key.public().as_bytes()),
            "stores": config.stores.iter().map(|s| json!({ "name": s.name, "address": s.address.to_string() })).collect::<Vec<_>>(),
            "other_devices": others, "kit_pages": account.history().kit_pages,
        });
        let order = signed::sign(&account, order).to_string();
        key_agent::lock(&account)?;
        let plan = Plan::of(&account, &config, order, seed, session.now())?;
        plan.save(&session.home)?;
        Ok(plan)
    }
}

/// Says that it was erased already, where a receipt tells of it.
fn no_account(session: &Session, error: EngineError) -> Failure {
    let kept = receipts::all(&session.home);
    let mut erased = kept.into_iter().filter_map(|receipt| Some((receipt.path, receipt.document.ok()?)));
    let last = erased.rfind(|(_, document)| DocumentKind::of(document) == Some(DocumentKind::ErasureReceipt));
    match (last, &error) {
        (Some((path, document)), EngineError::NoAccount | EngineError::UnknownAccount(_)) => {
            let of = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
            Failure::usage(text!("erase-already", name = of("name"), time = of("time")))
                .hint(text!("erase-already-hint", path = path.as_path()))
        }
        _ => error.into(),
    }
}

fn execute(work: &Work<'_>, mut plan: Plan) -> Result<AccountErased, Failure> {
    let session = work.session;
    erase::here(&session.home, &mut plan)?;
    // the owner allowed network use, and orders this now; the ledger that said so is gone
    let permit = match plan.network {
        true => Some(consent::before_there_is_an_account(&session.home, session.asked())?),
        false => None,
    };
    let outcomes = erase::at_stores(&session.home, &mut plan, permit.as_ref(), work.runtime())?;
    let places: Vec<ErasedStore> = outcomes.iter().map(ErasedStore::of).collect();
    let finished = places.iter().all(|place| place.outcome != Outcome::Away);
    let mut reply = AccountErased {
        account: plan.name.as_str().to_owned(),
        here: true,
        places,
        finished,
        receipt: None,
        other_devices: listed(&plan, "other_devices"),
        kit_pages: listed(&plan, "kit_pages").into_iter().filter(|page| !is_gone(Path::new(page))).collect(),
    };
    if !finished {
        return Ok(reply);
    }
    let document = json!({
        "kind": DocumentKind::ErasureReceipt, "time": rfc3339(session.now()), "account": plan.account.to_string(),
        "name": plan.name.as_str(), "here": "keys overwritten; account, vault and recovery kits in the home removed",
        "places": reply.places, "proof": "each store was listed afterwards, and showed no object of the account",
        "order": serde_json::from_str::<Value>(&plan.order).unwrap_or_default(),
    });
    reply.receipt = Some(receipts::keep(&session.home, session.now(), &signed::sign_with(&plan.signer()?, document))?);
    plan.finish(&session.home)?;
    Ok(reply)
}

/// What the order lists of what lies beyond this machine: other devices hold their own vaults and keys, and pages of the kit open these.
fn listed(plan: &Plan, what: &str) -> Vec<String> {
    let order: Value = serde_json::from_str(&plan.order).unwrap_or_default();
    let names = order["document"][what].as_array().cloned().unwrap_or_default();
    names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Whether a file is seen not to be there: its folder is, as that of a stick which was taken out is not.
fn is_gone(path: &Path) -> bool {
    path.parent().is_some_and(Path::is_dir)
        && path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
