//! How things stand: the last backup, each store, space, problems; the exit tells whether all is well. Opens no socket.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::forms::problem::Problem;
use crate::app::job::{Audited, Job};
use crate::app::jobs::backup::remember::last_failed;
use crate::app::jobs::key::ReadingKey;
use crate::app::jobs::problems::lasting::free_space;
use crate::app::jobs::problems::{self, conditions};
use crate::app::jobs::prune::GRACE;
use crate::app::reasons::told;
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text};
use crate::config::{Config, Store as StoreConfig};
use crate::core::name::ObjectName;
use crate::engine::account::Account;
use crate::engine::account::history::{History, OwnBackup};
use crate::engine::account::problem::{EMPTY_FOLDER, Grade, ProblemKind};
use crate::engine::account::problem_log::{LastDrill, Problem as KeptProblem};
use crate::engine::key_agent::reading_key;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::vault_loss::VaultLoss;
use crate::engine::repository::{listings, snapshots};
use crate::engine::retention::plan::{self, Ground, Terms};
use crate::engine::sync::round::Objects;
use crate::engine::sync::waiting::Waiting;

/// Tells how things stand.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Status {}

/// How things stand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StatusReply {
    /// What the account is called here.
    pub account: String,
    /// Its id.
    pub id: String,
    /// What the owner calls this device.
    pub device: String,
    /// The fingerprint of the list of devices: the same on each of them.
    pub fingerprint: String,
    /// Where the local vault is.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub vault: PathBuf,
    /// The last backup of this device.
    pub last: Option<LastBackup>,
    /// The number of the last snapshot of this device, where the vault lost it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_lost: Option<u64>,
    /// The last attempt at a backup, where it made no snapshot.
    #[serde(default)]
    pub failed: Option<FailedBackup>,
    /// How the account opens where this device's keys are lost.
    pub kit: KitKnown,
    /// Objects in the vault.
    pub objects: u64,
    /// Their bytes.
    pub used_bytes: u64,
    /// Bytes free on the vault's disk.
    pub free_bytes: u64,
    /// What a prune would free in the vault.
    pub prunable: Prunable,
    /// Each store.
    pub stores: Vec<StoreStands>,
    /// The last time that files were tried.
    pub tried: Option<Tried>,
    /// Whether this machine keeps a key that reads.
    pub reading_key: ReadingKey,
    /// Everything that is open, by number; what only holds now comes at the end.
    pub problems: Vec<Problem>,
    /// How many problems the owner acknowledged that are not remedied.
    pub acknowledged: u64,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastBackup {
    /// Its number.
    pub snapshot: u64,
    /// When, in seconds since 1970.
    pub time: i64,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sources that are not in it, because they could not be read.
    pub missing: Vec<String>,
    /// Files and folders inside of its sources that could not be read.
    pub unread: u64,
}

/// A backup that made no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedBackup {
    /// When, in seconds since 1970.
    pub time: i64,
    /// Why.
    pub why: Text,
}

/// What is known here of the recovery kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KitKnown {
    /// Whether nothing else opens the account: no device of it has a passphrase.
    pub alone: bool,
    /// When a kit outside of it was last seen to open the account, in seconds since 1970.
    pub seen: Option<i64>,
}

/// What a prune would free in the vault, as `prune --dry-run` reckons it; writing anew what is needed in part is not among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prunable {
    /// Snapshots that are forgotten and still there.
    pub snapshots: u64,
    /// Objects marked as unneeded and still there.
    pub marked: u64,
    /// Bytes that a prune would remove from the vault now.
    pub bytes: u64,
    /// Bytes that it would remove once the grace period is over.
    pub later_bytes: u64,
}

/// How a store stands, as far as is known here without asking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreStands {
    /// Its name.
    pub store: String,
    /// When a sync last left it as the vault is, with nothing wrong, in seconds since 1970; none for never.
    pub in_step: Option<i64>,
    /// Since when it did not answer, if it did not the last time.
    pub away_since: Option<i64>,
    /// Whether it is a folder that was there then, and no longer held what was sent there.
    pub emptied: bool,
    /// Since when it takes nothing more, because it is full.
    pub full_since: Option<i64>,
    /// Since when it may not be written to, or not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_since: Option<i64>,
    /// Whether the owner allowed what it needs.
    pub allowed: bool,
    /// Objects that wait to be sent.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many problems of it are open.
    pub problems: u64,
}

/// How trying files went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// When, in seconds since 1970.
    pub time: i64,
    /// From which store; none is the local vault.
    pub store: Option<String>,
    /// Files that came back.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that did not.
    pub failed: u64,
}

impl From<LastDrill> for Tried {
    fn from(drill: LastDrill) -> Self {
        let LastDrill { time, store, files, bytes, failed } = drill;
        Self { time, store, files, bytes, failed }
    }
}

impl Answer for StatusReply {
    fn exit(&self) -> Exit {
        if self.problems.iter().any(Problem::needs_owner) { Exit::Incomplete } else { Exit::Done }
    }
}

impl Job for Status {
    type Reply = StatusReply;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<StatusReply, Failure> {
        let config = work.session.config()?;
        let account = work.open_read_only()?;
        let problems = problems::open(work, &config, &account)?;
        let held = listings::held(&account)?;
        let chunk_index = ChunkIndex::open(&account)?;
        let waiting = Waiting::of(&account, &chunk_index, &held)?;
        let (vault, history) = (work.session.home.vault(), account.history());
        Ok(StatusReply {
            account: account.name.as_str().to_owned(),
            id: account.id().to_string(),
            device: account.device.name.clone(),
            fingerprint: account.fingerprint(),
            last: last(&account, &history)?,
            last_lost: last_lost(&account)?,
            failed: last_failed(&history).map(|failed| FailedBackup { time: failed.time, why: told(&failed.why) }),
            kit: KitKnown { alone: conditions::only_a_kit_opens(&account)?, seen: history.kit_seen },
            objects: held.len() as u64,
            used_bytes: held.values().sum(),
            free_bytes: free_space(&vault),
            prunable: prunable(&account, &chunk_index, &waiting, &held),
            stores: standing(&config, &account, &waiting)?,
            tried: account.last_drill().map(Tried::from),
            reading_key: reading_key::held(&account)?.into(),
            problems,
            acknowledged: acknowledged(&account),
            vault,
        })
    }
}

fn last(account: &Account, history: &History) -> Result<Option<LastBackup>, Failure> {
    let newest = match conditions::is_active(account) {
        true => newest(account)?,
        // what it made after it was revoked is believed by nobody
        false => snapshots::last(account, account.device.id)?.map(|last| last.number),
    };
    match newest {
        Some(number) if last_lost(account)?.is_none() => {
            let head = snapshots::head(account, account.device.id, number)?.0;
            let (files, bytes) = (head.stats.files, head.stats.bytes);
            let OwnBackup { missing, unread, .. } = history.backup(number).cloned().unwrap_or_default();
            Ok(Some(LastBackup { snapshot: head.number, time: head.time, files, bytes, missing, unread }))
        }
        _ => Ok(None),
    }
}

/// The newest snapshot of this device that is there, or is to be: one that is gone and was forgotten is not.
fn newest(account: &Account) -> Result<Option<u64>, Failure> {
    let Some((number, hash)) = account.head else { return Ok(None) };
    let device = account.device.id;
    // notes are read only where it is missing
    if account.vault.size_now(&ObjectName::Head(device, number)).is_ok() {
        return Ok(Some(number));
    }
    if !DeletionNotes::read(account)?.excuses(&device, number, Some(&hash)) {
        return Ok(Some(number));
    }
    Ok(snapshots::last(account, device)?.map(|last| last.number))
}

fn last_lost(account: &Account) -> Result<Option<u64>, Failure> {
    let newest = account.head.map(|(number, _)| number);
    let lost = VaultLoss::of(account)?.snapshots;
    Ok(newest.filter(|newest| lost.last() == Some(newest)))
}

/// What a prune would free in the vault, by the rules of the prune itself.
fn prunable(account: &Account, chunk_index: &ChunkIndex, waiting: &Waiting<'_>, held: &Objects) -> Prunable {
    let (notes, needed) = waiting.grounds();
    let terms = Terms { grace: GRACE, now: account.now() };
    let ground = Ground { roster: &account.roster, notes, needed, chunk_index, terms, own: Some(account.device.id) };
    let plan = plan::plan(&ground, held);
    let marked = held.keys().filter(|name| notes.lets_go(name)).count();
    Prunable { snapshots: needed.forgotten.len() as u64, marked: marked as u64, bytes: plan.bytes, later_bytes: plan.later_bytes }
}

fn standing(config: &Config, account: &Account, waiting: &Waiting<'_>) -> Result<Vec<StoreStands>, Failure> {
    let kept = account.problems();
    config.stores.iter().map(|store| stands(account, store, waiting, &kept)).collect()
}

fn stands(account: &Account, store: &StoreConfig, waiting: &Waiting<'_>, kept: &[KeptProblem]) -> Result<StoreStands, Failure> {
    let (objects, bytes) = waiting.for_store(store)?;
    let of_it = || kept.iter().filter(|one| one.what.subject.is_store(&store.name) && one.remedied.is_none());
    let since = |kind: ProblemKind| of_it().find(|one| one.what.kind == kind).map(|one| one.first);
    let away = || of_it().find(|one| one.what.kind == ProblemKind::Away && !one.what.object.is_empty());
    Ok(StoreStands {
        store: store.name.clone(),
        in_step: account.memory.store(&store.name).and_then(|known| known.well),
        // what was out of step for long may have answered since
        away_since: away().map(|one| one.first),
        emptied: away().is_some_and(|one| one.what.shown == EMPTY_FOLDER),
        full_since: since(ProblemKind::Full),
        closed_since: since(ProblemKind::Closed),
        allowed: !store.address.needs_network() || account.ledger.permit(crate::consent::Item::Network).is_ok(),
        objects,
        bytes,
        problems: of_it().filter(|one| one.is_open() && one.what.kind != ProblemKind::Away).count() as u64,
    })
}

/// Problems that nobody is told of any more and that hold all the same; what was mere information is none.
fn acknowledged(account: &Account) -> u64 {
    let holds = |one: &&KeptProblem| one.acknowledged.is_some() && one.remedied.is_none() && one.grade() != Grade::Info;
    account.problems().iter().filter(holds).count() as u64
}
