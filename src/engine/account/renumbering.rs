//! Snapshots and notes of this device that get other numbers: what is to lie in the vault in the end is written down first, and is made so in
//! one step, which whoever opens the account next ends where it was cut off.

use std::path::PathBuf;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::{ObjectHash, ObjectName};
use crate::core::proof::Unproved;
use crate::core::seal::hash;
use crate::engine::EngineError;
use crate::engine::account::known_state::StoreObservation;
use crate::engine::account::records::{numbered, record};
use crate::engine::account::{Account, AccountWriter, keys};
use crate::engine::error::in_vault;
use crate::local::journal::Journal;
use crate::local::os_random::SystemRandom;
use crate::local::{local_seal, may_vanish};
use crate::provider::ProviderError;
use crate::provider::folder::Folder;

const LABEL: &[u8] = b"numbered anew";
/// More bytes than this are not numbered anew at once.
const MOST: usize = 64 * 1024 * 1024;
const MAX_NAME: usize = 256;
const MAX_OBJECTS: usize = 65_536;

/// What got other numbers, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedAnew {
    /// The first that a store showed and this machine had made another of.
    pub first: ObjectName,
    /// The last number that the store showed.
    pub shown: u64,
    /// The last number that this machine gave.
    pub last: u64,
}

/// What is to lie in the vault in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renumbering {
    /// The store that showed the numbers.
    pub store: String,
    /// What to tell.
    pub told: Vec<NumberedAnew>,
    /// The hash of the snapshot before the first.
    pub before: Option<ObjectHash>,
    /// The objects under the numbers from the first on, in the order of their names.
    pub objects: Vec<(ObjectName, Vec<u8>)>,
    /// What lies under no number any more.
    pub gone: Vec<ObjectName>,
}

impl Renumbering {
    fn is_done(&self) -> bool {
        self.objects.is_empty() && self.gone.is_empty()
    }

    /// Whether it is small enough to be done in one step.
    pub fn fits(&self) -> bool {
        let bytes = self.objects.iter().map(|(_, bytes)| bytes.len() + MAX_NAME).sum::<usize>();
        self.objects.len().max(self.gone.len()) <= MAX_OBJECTS && bytes + MAX_NAME * self.gone.len() < MOST
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        let name = |out: &mut Writer, name: &ObjectName| out.bytes(name.to_string().as_bytes());
        out.bytes(self.store.as_bytes());
        out.varint(self.told.len() as u64);
        for told in &self.told {
            name(&mut out, &told.first);
            out.u64(told.shown);
            out.u64(told.last);
        }
        out.u8(self.before.is_some().into());
        self.before.iter().for_each(|hash| out.raw(hash.as_bytes()));
        out.varint(self.objects.len() as u64);
        for (object, bytes) in &self.objects {
            name(&mut out, object);
            out.bytes(bytes);
        }
        out.varint(self.gone.len() as u64);
        self.gone.iter().for_each(|gone| name(&mut out, gone));
        out.into_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let text = |input: &mut Reader<'_>| {
            std::str::from_utf8(input.bytes(MAX_NAME)?).map(str::to_owned).map_err(|_| Bad("a name that is not UTF-8"))
        };
        let name = |input: &mut Reader<'_>| ObjectName::parse(&text(input)?).ok_or(Bad("a name of no object"));
        let store = text(&mut input)?;
        let count = input.count(MAX_OBJECTS)?;
        let told = |input: &mut Reader<'_>| Ok(NumberedAnew { first: name(input)?, shown: input.u64()?, last: input.u64()? });
        let told = (0..count).map(|_| told(&mut input)).collect::<Result<_, Bad>>()?;
        let before = if input.u8()? == 0 { None } else { Some(ObjectHash::from_bytes(input.array()?)) };
        let count = input.count(MAX_OBJECTS)?;
        let object = |input: &mut Reader<'_>| Ok((name(input)?, input.bytes(MOST)?.to_vec()));
        let objects = (0..count).map(|_| object(&mut input)).collect::<Result<_, Bad>>()?;
        let count = input.count(MAX_OBJECTS)?;
        let gone = (0..count).map(|_| name(&mut input)).collect::<Result<_, Bad>>()?;
        input.finish()?;
        Ok(Self { store, told, before, objects, gone })
    }

    fn read(account: &Account) -> Option<Self> {
        let sealed = may_vanish::read(&path(account), (MOST + MAX_NAME) as u64)?;
        let opened = local_seal::open(&account.local_key(b"numbered anew"), LABEL, &sealed)?;
        Self::decode(&opened).ok()
    }

    fn write(&self, account: &Account) -> Result<(), EngineError> {
        let key = account.local_key(b"numbered anew");
        let sealed = local_seal::seal(&key, LABEL, &self.encode(), &SystemRandom::new())?;
        Ok(may_vanish::write(&path(account), &sealed)?)
    }

    /// Makes it so. From the highest number down, so that what makes way has its new number already.
    fn apply(&self, account: &mut Account, journal: &mut Journal, vault: &Folder) -> Result<(), EngineError> {
        for (name, bytes) in self.objects.iter().rev() {
            let held = account.vault.get_now(name, None);
            if held.as_ref().is_ok_and(|held| held == bytes) {
                continue;
            }
            let given = Unproved::new(account.id(), *name, bytes.clone());
            // what is not believed any more, such as of a device that was revoked meanwhile, takes nobody's place
            let Ok((_, sealed)) = given.and_then(|given| keys::anew(account, |keys, roster| given.prove(keys, roster))) else {
                continue;
            };
            if held != Err(ProviderError::Missing) {
                vault.set_aside_now(name).map_err(in_vault)?;
            }
            vault.put_now(&sealed).map_err(in_vault)?;
        }
        for name in self.gone.iter().filter(|name| account.vault.size_now(name).is_ok()).collect::<Vec<_>>() {
            vault.set_aside_now(name).map_err(in_vault)?;
        }
        self.remember(account, journal)
    }

    /// Remembers the newest snapshot, and that no store was seen to hold the new numbers: what it holds under them may be what made way.
    fn remember(&self, account: &mut Account, journal: &mut Journal) -> Result<(), EngineError> {
        let (device, is_head) = (account.device.id, |name: &ObjectName| matches!(name, ObjectName::Head(..)));
        let newest = self.objects.iter().filter(|(name, _)| is_head(name)).max_by_key(|(name, _)| *name);
        let Some((ObjectName::Head(_, number), bytes)) = newest else { return Ok(()) };
        let (number, hash) = (*number, hash(bytes));
        journal.append(record::HEAD, &numbered(number, &hash))?;
        account.head = Some((number, hash));
        let mut notes = vec![StoreObservation::Head { store: String::new(), device, number, hash }];
        let first = self.told.iter().find_map(|told| if let ObjectName::Head(_, n) = told.first { Some(n) } else { None });
        if let (Some(first), Some(hash)) = (first, self.before) {
            let stores = account.memory.stores_that_saw(&device, first);
            notes.extend(stores.map(|store| StoreObservation::Head { store, device, number: first.saturating_sub(1), hash }));
        }
        for note in notes {
            journal.append(record::OBSERVATION, &note.encode())?;
            account.memory.apply(note);
        }
        Ok(())
    }
}

impl Account {
    /// What got other numbers here and was not told yet, and the store that showed the numbers.
    pub fn numbered_anew(&self) -> Option<(String, Vec<NumberedAnew>)> {
        Renumbering::read(self).filter(Renumbering::is_done).map(|done| (done.store, done.told))
    }
}

impl AccountWriter {
    /// Gives snapshots and notes of this device other numbers, durably. Nobody may write to the vault meanwhile who counts on the old ones.
    pub fn number_anew(&mut self, mut plan: Renumbering) -> Result<(), EngineError> {
        if let Some((_, told)) = self.numbered_anew().filter(|(store, _)| *store == plan.store) {
            plan.told.splice(..0, told);
        }
        plan.write(self)?;
        self.end_renumbering()
    }

    /// Ends what was begun, here or by a run that was cut off.
    pub(in crate::engine) fn end_renumbering(&mut self) -> Result<(), EngineError> {
        if Renumbering::read(self).is_none_or(|plan| plan.is_done()) {
            return Ok(());
        }
        let vault = self.vault_writer().clone();
        self.write(|account, journal| {
            // another process may have ended it meanwhile
            let Some(plan) = Renumbering::read(account).filter(|plan| !plan.is_done()) else { return Ok(()) };
            plan.apply(account, journal, &vault)?;
            Renumbering { objects: Vec::new(), gone: Vec::new(), ..plan }.write(account)
        })
    }

    /// What got other numbers was told.
    pub fn told_of_renumbering(&self) -> Result<(), EngineError> {
        Ok(may_vanish::remove(&path(self))?)
    }
}

fn path(account: &Account) -> PathBuf {
    account.folder().join("numbered-anew.sealed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::DeviceId;
    use proptest::prelude::*;

    #[test]
    fn what_is_to_be_done_reads_back() {
        let head = |number| ObjectName::Head(DeviceId::from_bytes([1; 16]), number);
        let plan = Renumbering {
            store: "nas".into(),
            told: vec![NumberedAnew { first: head(4), shown: 5, last: 6 }],
            before: Some(ObjectHash::from_bytes([3; 32])),
            objects: vec![(head(4), vec![1; 10]), (head(5), vec![2; 300])],
            gone: vec![head(9)],
        };
        assert_eq!(Renumbering::decode(&plan.encode()), Ok(plan.clone()));
        assert!(plan.fits() && !plan.is_done());
        let large = vec![(head(4), vec![0; MOST / 2]), (head(5), vec![0; MOST / 2])];
        assert!(!Renumbering { objects: large, ..plan }.fits());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = Renumbering::decode(&bytes);
        }
    }
}
