//! An account as it is read on this device: its keys, its vault, and what its journal tells. Who writes opens an [`AccountWriter`].

pub mod audit;
pub mod consent;
pub mod devices;
pub mod history;
pub mod identity;
pub mod keys;
pub mod known_state;
pub mod logs;
pub mod open;
pub mod problem;
pub mod problem_log;
pub mod problems;
pub mod record_index;
pub mod records;
pub mod renumbering;
pub mod slots;
pub mod writer;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use crate::consent::{ConsentContext, Language, Ledger, Surface};
use crate::core::keys::derive;
use crate::core::name::{AccountId, ObjectHash, ObjectId, ObjectName};
use crate::core::proof::Unproved;
use crate::core::roster::{Member, Roster};
use crate::core::seal::Proved;
use crate::core::secret::Secret;
use crate::engine::EngineError;
use crate::engine::account::known_state::KnownState;
use crate::engine::clock::Clock;
use crate::local::audit::Mark;
use crate::local::consent_withdrawal;
use crate::local::device::Device;
use crate::local::home::{AccountName, Home};
use crate::local::stop::Stop;
use crate::provider::folder_reader::FolderReader;

pub use crate::engine::account::identity::{NewAccount, fingerprint};
pub use crate::engine::account::writer::AccountWriter;

/// An account that is open for reading on this device: nothing is locked for it and nothing written, so that other processes
/// may be at work on it, and its disk may be read-only.
pub struct Account {
    /// Where it lies.
    pub home: Home,
    /// What it is called here.
    pub name: AccountName,
    /// The clock that what is kept of it is dated by: that of whoever opened it.
    pub clock: Clock,
    /// This device's keys.
    pub device: Device,
    /// The local vault, which only an [`AccountWriter`] writes.
    pub vault: FolderReader,
    /// Its devices, as the newest roster tells.
    pub roster: Roster,
    pub(in crate::engine) roster_bytes: Vec<u8>,
    /// The lines of devices that the owner revoked, though the list that holds does not say so: [`Self::roster`] does.
    pub(in crate::engine) revoked_apart: Vec<Member>,
    /// What the owner allowed.
    pub ledger: Ledger,
    /// This device's newest snapshot: number and hash.
    pub head: Option<(u64, ObjectHash)>,
    /// Key slots that were replaced: they are removed from every store and never fetched again.
    pub gone: HashSet<ObjectId>,
    /// What it remembers of other devices and of stores.
    pub memory: KnownState,
    pub(in crate::engine) slots: BTreeMap<ObjectId, ObjectHash>,
    /// Letters that were delivered here: none is delivered twice.
    pub received: HashSet<ObjectId>,
    /// What this device recorded of itself.
    pub facts: record_index::RecordIndex,
    /// Whether what cannot be undone needs a one-time code on this device.
    pub second_factor: bool,
    /// How far the audit log reached when it was last marked.
    pub marked: Option<Mark>,
    /// How the bell for withdrawals stood before the ledger was read.
    pub(in crate::engine) bell: consent_withdrawal::Bell,
    /// Until when locks of moments are waited for.
    pub(in crate::engine) stop: Stop,
}

impl Account {
    /// Waits for locks of moments only until that stop.
    pub fn heed(&mut self, stop: Stop) {
        self.stop = stop;
    }

    /// What the clock says, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Which account it is.
    pub fn id(&self) -> AccountId {
        self.device.keys.account()
    }

    /// The account's own folder.
    pub fn folder(&self) -> PathBuf {
        self.home.account(&self.name)
    }

    /// What a remembered key slot's bytes must hash to.
    pub fn slot_hash(&self, name: &ObjectName) -> Option<ObjectHash> {
        self.slots.get(&name.place()).copied()
    }

    /// The key slots that should be there.
    pub fn known_slots(&self) -> Vec<ObjectName> {
        self.slots.keys().filter(|id| !self.gone.contains(*id)).map(|id| ObjectName::Slot(*id)).collect()
    }

    /// What this device's recorded facts must hash to.
    pub fn own_facts(&self) -> impl Iterator<Item = (ObjectName, ObjectHash)> + '_ {
        self.facts.held().map(|(number, held)| (ObjectName::Fact(self.device.id, number), held.hash))
    }

    /// The bytes of the newest roster.
    pub fn roster_bytes(&self) -> &[u8] {
        &self.roster_bytes
    }

    /// The devices that the owner revoked, though the list that holds does not say so: another machine, which did not know, made it. They
    /// are revoked here, and for every device once the owner signs another list here.
    pub fn revoked_apart(&self) -> &[Member] {
        &self.revoked_apart
    }

    /// The newest roster as it should lie in the vault.
    pub fn sealed_roster(&self) -> Result<Proved, EngineError> {
        let name = ObjectName::Roster(self.roster.number);
        let proved = Unproved::new(self.id(), name, self.roster_bytes.clone()).and_then(|list| list.roster(&self.device.keys));
        proved.map(|(_, sealed)| sealed).map_err(|why| EngineError::Object { name, why })
    }

    /// Whether the owner revoked this device, as far as it has heard.
    pub fn is_revoked(&self) -> bool {
        self.roster.member(&self.device.id).is_some_and(|member| !member.is_active())
    }

    /// A short text that two people can compare: the first digits of a hash over the account and its signing key.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.id(), self.device.keys.roster().as_bytes())
    }

    /// A key for one kind of local file, so that no two kinds share one.
    pub fn local_key(&self, label: &[u8]) -> Secret<32> {
        derive(self.device.local_key.expose(), b"printkeep/1 local", &[label])
    }
}

/// The key of the account's journal.
pub(in crate::engine) fn journal_key(device: &Device) -> Secret<32> {
    derive(device.local_key.expose(), b"printkeep/1 local", &[b"journal"])
}

/// A decision that Printkeep takes itself, always against use.
pub(in crate::engine) fn by_itself() -> ConsentContext {
    ConsentContext { language: Language::English, surface: Surface::Itself, time: 0 }
}
