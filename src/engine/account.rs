//! An account that is open on this device: its keys for writing, its vault, its journal; and how one is made.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use crate::consent::{Entry, Ledger};
use crate::core::keys::{Keyring, derive};
use crate::core::name::{AccountId, DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::roster::Roster;
use crate::core::seal::{Sealed, With, hash};
use crate::core::secret::Secret;
use crate::core::slot::{self, Opener};
use crate::core::snapshot::Head;
use crate::engine::facts::book;
pub use crate::engine::identity::{NewAccount, fingerprint};
use crate::engine::identity::{clear_half_made, is_called, load_device, refuse_second};
use crate::engine::places::in_vault;
use crate::engine::remembered::{Remembered, numbered, record};
use crate::engine::roster::{add_member, free_name, known_roster, put_roster};
use crate::engine::rotate;
use crate::engine::truth::{Memory, Note};
use crate::engine::{EngineError, consent};
use crate::provider::Listed;
use crate::provider::folder::Folder;
use crate::store::audit::Mark;
use crate::store::device::Device;
use crate::store::home::{AccountName, Home, Lock};
use crate::store::journal::{Journal, Record, Recovery};

/// A journal of more records than this is rewritten with those that still matter.
const COMPACT_OVER: usize = 4096;

/// The most letters a device takes in its life; about 4 MB of journal.
const MAX_RECEIVED: usize = 200_000;

/// An account, open for writing on this device and locked against other processes.
pub struct Account {
    /// Where it lies.
    pub home: Home,
    /// What it is called here.
    pub name: AccountName,
    /// This device's keys.
    pub device: Device,
    /// The local vault.
    pub vault: Folder,
    /// Its devices, as the newest roster tells.
    pub roster: Roster,
    roster_bytes: Vec<u8>,
    /// What the owner allowed.
    pub ledger: Ledger,
    /// This device's newest snapshot: number and hash.
    pub head: Option<(u64, ObjectHash)>,
    /// Key slots that were replaced: they are removed from every store and never fetched again.
    pub gone: HashSet<ObjectId>,
    /// What it remembers of other devices and of stores.
    pub memory: Memory,
    slots: BTreeMap<ObjectId, ObjectHash>,
    /// Letters that were delivered here: none is delivered twice.
    pub received: HashSet<ObjectId>,
    /// What this device recorded of itself.
    pub facts: book::Book,
    /// Whether what cannot be undone needs a one-time code on this device.
    pub second_factor: bool,
    /// How far the audit log reached when it was last marked.
    pub marked: Option<Mark>,
    writing: Option<(Journal, Lock)>,
}

impl Account {
    /// Chooses the account to work with: the named one, or the only one.
    pub fn choose(home: &Home, wanted: Option<&AccountName>) -> Result<AccountName, EngineError> {
        let mut names = home.accounts()?;
        match (wanted, names.len()) {
            (Some(name), _) if names.contains(name) => Ok(name.clone()),
            (Some(name), _) => Err(EngineError::UnknownAccount(name.as_str().to_owned())),
            (None, 1) => Ok(names.remove(0)),
            (None, 0) => Err(EngineError::NoAccount),
            (None, _) => Err(EngineError::WhichAccount(names.iter().map(|n| n.as_str().to_owned()).collect())),
        }
    }

    /// Looks at an account while another process may be working on it: nothing can be remembered through what this gives.
    pub fn look(home: &Home, name: AccountName) -> Result<Self, EngineError> {
        let mut device = load_device(home, &name)?;
        let vault = Folder::open(&home.vault(), device.keys.account()).map_err(in_vault)?;
        rotate::take_grant(&mut device, &vault)?;
        let path = home.account(&name).join("account.journal");
        let records = Journal::look(&path, &journal_key(&device))?;
        let remembered = Remembered::replay(&records)?;
        is_called(remembered.name.as_deref(), &name)?;
        let mut account = Self::put_together(home, name, device, vault, remembered, None)?;
        account.heed_withdrawals()?;
        account.hear_withdrawals();
        Ok(account)
    }

    /// Opens an account for this process alone. It needs no passphrase: a device only writes.
    pub fn open(home: &Home, name: AccountName, random: &dyn Random) -> Result<Self, EngineError> {
        let lock = home.lock(&name)?;
        let mut device = load_device(home, &name)?;
        let vault = Folder::create_own(&home.vault(), device.keys.account()).map_err(in_vault)?;
        if rotate::take_grant(&mut device, &vault)? {
            device.save(&home.account(&name).join("device.key"))?;
        }
        let (mut journal, records, recovery) = open_journal(home, &name, &device, random)?;
        let remembered = Remembered::replay(&records)?;
        if !is_called(remembered.name.as_deref(), &name)? {
            journal.append(record::NAME, name.as_str().as_bytes())?;
        }
        if records.len() > COMPACT_OVER {
            journal = journal.rewrite(&remembered.records(), random)?;
        }
        let mut account = Self::put_together(home, name, device, vault, remembered, Some((journal, lock)))?;
        account.take_withdrawals(recovery.dropped > 0)?;
        account.hear_withdrawals();
        account.catch_up()?;
        account.mark_trail()?;
        Ok(account)
    }

    fn put_together(
        home: &Home,
        name: AccountName,
        mut device: Device,
        vault: Folder,
        remembered: Remembered,
        writing: Option<(Journal, Lock)>,
    ) -> Result<Self, EngineError> {
        let (roster, roster_bytes) = known_roster(&vault, &device, remembered.roster.as_deref())?;
        // the owner may have renamed it elsewhere
        roster.member(&device.id).iter().for_each(|member| device.name.clone_from(&member.name));
        let ledger = consent::replay(home, &remembered.consents)?;
        let Remembered { head, gone, slots, received, memory, facts, second_factor, marked, .. } = remembered;
        let home = home.clone();
        Ok(Self {
            home,
            name,
            device,
            vault,
            roster,
            roster_bytes,
            ledger,
            head,
            gone,
            memory,
            slots,
            received,
            facts,
            second_factor,
            marked,
            writing,
        })
    }

    /// The journal, where this process holds the account.
    pub(in crate::engine) fn journal(&mut self) -> Result<&mut Journal, EngineError> {
        self.writing.as_mut().map(|(journal, _)| journal).ok_or(EngineError::Busy)
    }

    /// Makes an account and enrols this device: keys, slots, the first roster. Gives the kit's secret; once the kit is written
    /// where the owner finds it, `settle` makes the account real.
    pub fn create(new: NewAccount<'_>, random: &dyn Random) -> Result<(Self, Secret<32>), EngineError> {
        let account = AccountId::random(random)?;
        let keyring = Keyring::random(account, random)?;
        let kit = Secret::random(random)?;
        let mut opened = Self::enrol(&new, &keyring, None, random)?;
        opened.add_slot(&slot::seal(&keyring, &Opener::Recovery(&kit), new.cost, random)?)?;
        Ok((opened, kit))
    }

    /// Enrols this device in an account that is unlocked. The account is here once `settle` has written the key file, so that
    /// a half-made account is made anew.
    pub fn enrol(
        new: &NewAccount<'_>,
        keyring: &Keyring,
        before: Option<(Roster, ObjectHash)>,
        random: &dyn Random,
    ) -> Result<Self, EngineError> {
        let members = before.as_ref().map_or(&[][..], |(roster, _)| &roster.members);
        let device = Device::enrol(free_name(members, &new.device_name), keyring, random)?;
        let roster = add_member(before, &device);
        let sealed = roster.seal(keyring, &device.keys, random)?;
        let mut account = Self::install(new, device, roster, &sealed, random)?;
        if let Some(passphrase) = new.passphrase {
            let device = &account.device;
            let opener = Opener::Passphrase { passphrase, device: device.id, secret_key: &device.secret_key };
            account.add_slot(&slot::seal(keyring, &opener, new.cost, random)?)?;
        }
        Ok(account)
    }

    /// Makes the folder, vault and journal of a device that the newest roster names.
    pub fn install(
        new: &NewAccount<'_>,
        device: Device,
        roster: Roster,
        sealed: &Sealed,
        random: &dyn Random,
    ) -> Result<Self, EngineError> {
        if new.home.accounts()?.contains(&new.name) {
            return Err(EngineError::AccountExists(new.name.as_str().to_owned()));
        }
        let folder = new.home.create_account(&new.name)?;
        clear_half_made(&folder)?;
        refuse_second(new.home, device.keys.account())?;
        let lock = new.home.lock(&new.name)?;
        let vault = Folder::create_own(&new.home.vault(), device.keys.account()).map_err(in_vault)?;
        put_roster(&vault, sealed)?;
        let (mut journal, _, _) = open_journal(new.home, &new.name, &device, random)?;
        journal.append(record::NAME, new.name.as_str().as_bytes())?;
        keep_roster(&mut journal, &roster, sealed.bytes())?;
        // what the journal says now, as if it had just been read
        let remembered = Remembered { roster: Some(numbered_roster(&roster, sealed.bytes())), ..Remembered::default() };
        Self::put_together(new.home, new.name.clone(), device, vault, remembered, Some((journal, lock)))
    }

    /// Puts a key slot into the vault and remembers it.
    pub fn add_slot(&mut self, sealed: &Sealed) -> Result<(), EngineError> {
        self.vault.put_now(sealed).map_err(in_vault)?;
        self.remember_slot(sealed.name().place(), sealed.hash())
    }

    /// Writes `device.key`: from now on the account is here.
    pub fn settle(&self) -> Result<(), EngineError> {
        Ok(self.device.save(&self.folder().join("device.key"))?)
    }

    /// Takes over snapshots of this device that the vault holds and the journal does not tell of: a run was killed between.
    fn catch_up(&mut self) -> Result<(), EngineError> {
        let folder = format!("heads/{}", self.device.id);
        let mut newest = 0;
        let mut look = |page: &[Listed]| {
            for listed in page {
                if let ObjectName::Head(_, number) = listed.name {
                    newest = newest.max(number);
                }
            }
        };
        self.vault.list_now(&folder, &mut look).map_err(in_vault)?;
        if newest > self.head.map_or(0, |(number, _)| number) {
            let name = ObjectName::Head(self.device.id, newest);
            let bytes = self.vault.get_now(&name, None).map_err(in_vault)?;
            let own = |device: &DeviceId| (*device == self.device.id).then(|| self.device.signer.public());
            Head::open(&With::Device(&self.device.keys), self.id(), &name, &bytes, &own)
                .map_err(|why| EngineError::Object { name, why })?;
            self.remember_head(newest, hash(&bytes))?;
        }
        Ok(())
    }

    /// Which account it is.
    pub fn id(&self) -> AccountId {
        self.device.keys.account()
    }

    /// The account's own folder.
    pub fn folder(&self) -> PathBuf {
        self.home.account(&self.name)
    }

    /// Remembers this device's newest snapshot, durably.
    pub fn remember_head(&mut self, number: u64, hash: ObjectHash) -> Result<(), EngineError> {
        self.journal()?.append(record::HEAD, &numbered(number, &hash))?;
        self.head = Some((number, hash));
        Ok(())
    }

    /// Remembers what the owner decided, durably, before it takes effect.
    pub fn remember_consent(&mut self, entry: Entry) -> Result<(), EngineError> {
        self.journal()?.append(record::CONSENT, &entry.encode())?;
        self.ledger.push(entry).map_err(consent::broken)
    }

    /// Remembers a key slot that this device made or took over, so that one that goes missing or is swapped is noticed.
    pub fn remember_slot(&mut self, slot: ObjectId, hash: ObjectHash) -> Result<(), EngineError> {
        self.journal()?.append(record::SLOT, &[slot.as_bytes().as_slice(), hash.as_bytes()].concat())?;
        self.slots.insert(slot, hash);
        Ok(())
    }

    /// What a remembered key slot's bytes must hash to.
    pub fn slot_hash(&self, name: &ObjectName) -> Option<ObjectHash> {
        self.slots.get(&name.place()).copied()
    }

    /// The key slots that should be there.
    pub fn known_slots(&self) -> Vec<ObjectName> {
        self.slots.keys().filter(|id| !self.gone.contains(*id)).map(|id| ObjectName::Slot(*id)).collect()
    }

    /// Remembers that a key slot was replaced, durably, before it is removed anywhere.
    pub fn remember_gone(&mut self, slot: ObjectId) -> Result<(), EngineError> {
        self.journal()?.append(record::SLOT_GONE, slot.as_bytes())?;
        self.gone.insert(slot);
        Ok(())
    }

    /// Remembers whether what cannot be undone needs a one-time code here.
    pub fn remember_second_factor(&mut self, needed: bool) -> Result<(), EngineError> {
        self.journal()?.append(record::SECOND_FACTOR, &[u8::from(needed)])?;
        self.second_factor = needed;
        Ok(())
    }

    /// Remembers a letter that was delivered, durably, before it is removed anywhere.
    pub fn remember_received(&mut self, letter: ObjectId) -> Result<(), EngineError> {
        if self.received.len() >= MAX_RECEIVED {
            return Err(EngineError::Usage(format!(
                "this device received {MAX_RECEIVED} letters; enrol it anew to receive more"
            )));
        }
        self.journal()?.append(record::RECEIVED, letter.as_bytes())?;
        self.received.insert(letter);
        Ok(())
    }

    /// Remembers something of a device or a store, durably.
    pub fn remember_truth(&mut self, note: Note) -> Result<(), EngineError> {
        self.journal()?.append(record::TRUTH, &note.encode())?;
        self.memory.apply(note);
        Ok(())
    }

    /// Remembers how far the audit log reaches, durably.
    pub fn remember_mark(&mut self, mark: Mark) -> Result<(), EngineError> {
        self.journal()?.append(record::AUDIT, &mark.encode())?;
        self.marked = Some(mark);
        Ok(())
    }

    /// The bytes of the newest roster.
    pub fn roster_bytes(&self) -> &[u8] {
        &self.roster_bytes
    }

    /// Takes over a roster that came from a store, when it is newer; the caller has checked its signature.
    pub fn adopt_roster(&mut self, roster: Roster, bytes: &[u8]) -> Result<(), EngineError> {
        if roster.number <= self.roster.number {
            return Ok(());
        }
        self.tell_of_devices(&roster);
        self.replace_roster(roster, bytes)
    }

    /// Takes over a roster in the place of the newest, durably; the caller has checked its signature, or made it.
    pub fn replace_roster(&mut self, roster: Roster, bytes: &[u8]) -> Result<(), EngineError> {
        self.roster_bytes = keep_roster(self.journal()?, &roster, bytes)?;
        self.roster = roster;
        Ok(())
    }

    /// Takes over later keys, durably, where the vault holds a grant of them for this device. Whether there were any.
    pub fn adopt_grant(&mut self) -> Result<bool, EngineError> {
        let adopted = rotate::take_grant(&mut self.device, &self.vault)?;
        if adopted {
            self.settle()?;
        }
        Ok(adopted)
    }

    /// The newest roster as it should lie in the vault.
    pub fn sealed_roster(&self) -> Result<Sealed, EngineError> {
        let name = ObjectName::Roster(self.roster.number);
        let sealed = Sealed::recognise(self.id(), name, self.roster_bytes.clone(), None);
        sealed.map_err(|why| EngineError::Object { name, why })
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

fn journal_key(device: &Device) -> Secret<32> {
    derive(device.local_key.expose(), b"printkeep/1 local", &[b"journal"])
}

fn open_journal(
    home: &Home,
    name: &AccountName,
    device: &Device,
    random: &dyn Random,
) -> Result<(Journal, Vec<Record>, Recovery), EngineError> {
    Ok(Journal::open(&home.account(name).join("account.journal"), &journal_key(device), random)?)
}

/// Keeps a roster in the journal too, so that the device writes on when the vault loses it, and knows an older one.
fn keep_roster(journal: &mut Journal, roster: &Roster, bytes: &[u8]) -> Result<Vec<u8>, EngineError> {
    journal.append(record::ROSTER, &numbered_roster(roster, bytes))?;
    Ok(bytes.to_vec())
}

fn numbered_roster(roster: &Roster, bytes: &[u8]) -> Vec<u8> {
    [roster.number.to_le_bytes().as_slice(), bytes].concat()
}
