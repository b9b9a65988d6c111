//! An account that is open for writing: it holds the locks of its kind of work, and the journal's own for each short step that
//! writes, which first takes over what other processes appended meanwhile.

use std::ops::Deref;
use std::path::Path;

use crate::consent::{Decision, Item};
use crate::core::keys::{Keyring, WriterKeys};
use crate::core::name::{AccountId, DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::roster::Roster;
use crate::core::seal::{Proved, With, hash};
use crate::core::secret::Secret;
use crate::core::signed::Signed;
use crate::core::slot::{self, Opener};
use crate::core::snapshot::Head;
use crate::engine::account::devices::{add_member, free_name, put_roster};
use crate::engine::account::identity::{
    NewAccount, clear_half_made, is_called, load_device, refuse_second, set_aside_keyless, set_aside_revoked,
};
use crate::engine::account::known_state::StoreObservation;
use crate::engine::account::records::{self, Remembered, numbered, record};
use crate::engine::account::{Account, journal_key, keys};
use crate::engine::clock::Clock;
use crate::engine::error::in_vault;
use crate::engine::{EngineError, Misuse};
use crate::local::audit::Mark;
use crate::local::consent_withdrawal;
use crate::local::device::Device;
use crate::local::home::{AccountName, Home};
use crate::local::journal::Journal;
use crate::local::os_random::SystemRandom;
use crate::local::stop::Stop;
use crate::local::work_lock::{self, Held, LockError, Waiting, WorkKind};
use crate::provider::Listed;
use crate::provider::folder::Folder;
use crate::provider::folder_reader::FolderReader;

/// A journal of more records than this is rewritten with those that still matter.
const COMPACT_OVER: usize = 4096;

/// The most letters a device takes in its life; about 4 MB of journal.
const MAX_RECEIVED: usize = 200_000;

/// An account, open for one kind of work on it; see the module. What is read of it is an [`Account`], which cannot write:
///
/// ```compile_fail
/// fn write(account: &mut printkeep::engine::account::Account) {
///     account.remember_second_factor(true).ok();
/// }
/// ```
///
/// ```compile_fail
/// fn write(account: &printkeep::engine::account::Account) {
///     printkeep::engine::repository::known_damage::forget(account, "nas").ok();
/// }
/// ```
///
/// ```
/// fn write(account: &printkeep::engine::account::AccountWriter) {
///     printkeep::engine::repository::known_damage::forget(account, "nas").ok();
/// }
/// ```
///
/// ```
/// fn write(account: &mut printkeep::engine::account::writer::AccountWriter) {
///     account.remember_second_factor(true).ok();
/// }
/// ```
pub struct AccountWriter {
    account: Account,
    folder: Folder,
    journal: Journal,
    random: SystemRandom,
    work: WorkKind,
    held: Held,
}

impl Deref for AccountWriter {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl AccountWriter {
    /// Waits for locks of moments only until that stop.
    pub fn heed(&mut self, stop: Stop) {
        self.account.heed(stop);
    }

    /// Opens an account for a kind of work, once no work goes on that excludes it. It needs no passphrase: a device only writes.
    ///
    /// # Errors
    /// [`EngineError::Busy`] when other work does not end within `waiting`, with who works.
    pub fn open(
        home: &Home,
        name: AccountName,
        work: WorkKind,
        waiting: &Waiting<'_>,
        (random, clock): (&dyn Random, Clock),
    ) -> Result<Self, EngineError> {
        let folder = home.account(&name);
        let vault = open_vault(home, &folder, load_device(home, &name)?.keys.account())?;
        let held = work_lock::take(&folder, work, waiting)?;
        let moment = journal_lock(&folder, &waiting.stop)?;
        // only now: who was waited for may have changed the keys
        let mut device = load_device(home, &name)?;
        if keys::take_grant(&mut device, &FolderReader::of(&vault))? {
            device.save(&folder.join("device.key"))?;
        }
        let bell = consent_withdrawal::bell(&folder);
        let (mut journal, records, recovery) = open_journal(&folder, &device, random)?;
        let remembered = Remembered::replay(&records)?;
        if !is_called(remembered.name.as_deref(), &name)? {
            journal.append(record::NAME, name.as_str().as_bytes())?;
        }
        if records.len() > COMPACT_OVER {
            journal = journal.rewrite(&remembered.records(), random)?;
        }
        drop(moment);
        let mut account = Account::put_together(home, name, clock, (device, FolderReader::of(&vault)), remembered, bell)?;
        account.heed(waiting.stop.clone());
        let mut writer = Self { account, folder: vault, journal, random: SystemRandom::new(), work, held };
        writer.take_withdrawals(recovery.dropped > 0)?;
        writer.hear_withdrawals();
        // what a run began that was cut off, before anybody counts on what the vault holds
        writer.end_renumbering()?;
        writer.catch_up()?;
        writer.mark_trail()?;
        Ok(writer)
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
            let sealed = slot::seal(keyring, &opener, new.cost, random)?;
            account.add_slot(&sealed)?;
        }
        Ok(account)
    }

    /// Makes the folder, vault and journal of a device that the newest roster names.
    pub fn install(
        new: &NewAccount<'_>,
        device: Device,
        roster: Roster,
        sealed: &Proved,
        random: &dyn Random,
    ) -> Result<Self, EngineError> {
        set_aside_revoked(new.home, &new.name, device.keys.account(), &roster)?;
        if new.home.accounts()?.contains(&new.name) {
            return Err(EngineError::AccountExists(new.name.as_str().to_owned()));
        }
        set_aside_keyless(new.home, &new.name)?;
        let folder = new.home.create_account(&new.name)?;
        let held = work_lock::take(&folder, WorkKind::Whole, &Waiting::no())?;
        clear_half_made(&folder)?;
        refuse_second(new.home, device.keys.account())?;
        let vault = Folder::create_own(&new.home.vault(), device.keys.account()).map_err(in_vault)?;
        put_roster(&vault, sealed)?;
        let bell = consent_withdrawal::bell(&folder);
        let (mut journal, _, _) = open_journal(&folder, &device, random)?;
        journal.append(record::NAME, new.name.as_str().as_bytes())?;
        let numbered = numbered_roster(&roster, sealed.bytes());
        journal.append(record::ROSTER, &numbered)?;
        // what the journal says now, as if it had just been read
        let remembered = Remembered { roster: Some(numbered), ..Remembered::default() };
        let account =
            Account::put_together(new.home, new.name.clone(), new.clock, (device, FolderReader::of(&vault)), remembered, bell)?;
        Ok(Self { account, folder: vault, journal, random: SystemRandom::new(), work: WorkKind::Whole, held })
    }

    /// The local vault, to be written.
    pub fn vault_writer(&self) -> &Folder {
        &self.folder
    }

    /// Lets go of the kind of work it was opened for, and takes up another.
    pub fn turn_to(&mut self, work: WorkKind, waiting: &Waiting<'_>) -> Result<(), EngineError> {
        // not both at once: a backup would wait for itself to let go of the vault
        self.held = Held::default();
        self.held = work_lock::take(&self.folder(), work, waiting)?;
        self.work = work;
        Ok(())
    }

    /// Takes a store for this process alone, for as long as it is worked on.
    pub fn hold_store(&self, store: &str, waiting: &Waiting<'_>) -> Result<Held, EngineError> {
        Ok(work_lock::take_store(&self.folder(), store, self.work, waiting)?)
    }

    /// Takes what is sent to other devices and received from them, where this is not what the account was opened for.
    pub fn hold_inbox(&self) -> Result<Option<Held>, EngineError> {
        let has = matches!(self.work, WorkKind::Inbox | WorkKind::Whole);
        Ok(if has { None } else { Some(work_lock::take_inbox(&self.folder(), self.work)?) })
    }

    /// Takes the vault alone, so that no backup counts on what is about to go from it.
    pub fn hold_vault(&self, waiting: &Waiting<'_>) -> Result<Held, EngineError> {
        Ok(work_lock::take_vault(&self.folder(), self.work, waiting)?)
    }

    /// One short step that writes: locks the journal, takes over what others appended, and does `step`, which must wait for
    /// nothing, neither a network nor another step.
    pub(in crate::engine) fn write<T>(
        &mut self,
        step: impl FnOnce(&mut Account, &mut Journal) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let _moment = journal_lock(&self.account.folder(), &self.account.stop)?;
        let tail = self.journal.catch_up(&self.random)?;
        let torn = tail.dropped > 0;
        self.account.take_over(tail)?;
        if torn {
            self.account.withdraw_all(&mut self.journal)?;
        }
        step(&mut self.account, &mut self.journal)
    }

    /// Takes over what other processes remembered meanwhile, and the keys that they made.
    pub fn refresh(&mut self) -> Result<(), EngineError> {
        self.write(|account, _| keys::take_grant(&mut account.device, &account.vault).map(drop))
    }

    /// Puts a key slot into the vault and remembers it.
    pub fn add_slot(&mut self, sealed: &Proved) -> Result<(), EngineError> {
        self.folder.put_now(sealed).map_err(in_vault)?;
        self.remember_slot(sealed.name().place(), sealed.hash())
    }

    /// Puts the newest roster back into a vault that lost it or holds other bytes under its name.
    pub fn put_back_roster(&self) -> Result<(), EngineError> {
        let (sealed, vault) = (self.sealed_roster()?, self.vault_writer());
        match vault.get_now(&sealed.name(), None) {
            Ok(bytes) if bytes == sealed.bytes() => return Ok(()),
            Ok(_) => vault.set_aside_now(&sealed.name()).map_err(in_vault)?,
            Err(_) => {}
        }
        vault.put_now(&sealed).map_err(in_vault).map(drop)
    }

    /// Writes `device.key`: from now on the account is here.
    pub fn settle(&mut self) -> Result<(), EngineError> {
        self.write(|account, _| save_device(account))
    }

    /// Gives a device of an early version the half of a key that later grants are opened with.
    pub(in crate::engine) fn set_link(&mut self, link: Secret<32>) -> Result<(), EngineError> {
        self.write(|account, _| {
            account.device.link = Some(link);
            save_device(account)
        })
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
            keys::anew(self, |keys, _| Head::open(&With::Device(keys), self.id(), &name, &bytes, &own))
                .map_err(|why| EngineError::Object { name, why })?;
            self.remember_head(newest, hash(&bytes))?;
        }
        Ok(())
    }

    /// Remembers this device's newest snapshot, durably.
    pub fn remember_head(&mut self, number: u64, hash: ObjectHash) -> Result<(), EngineError> {
        self.write(|account, journal| {
            if account.head.is_none_or(|(known, _)| known < number) {
                journal.append(record::HEAD, &numbered(number, &hash))?;
                account.head = Some((number, hash));
            }
            Ok(())
        })
    }

    /// Remembers a key slot that this device made or took over, so that one that goes missing or is swapped is noticed.
    pub fn remember_slot(&mut self, slot: ObjectId, hash: ObjectHash) -> Result<(), EngineError> {
        self.write(|account, journal| {
            journal.append(record::SLOT, &[slot.as_bytes().as_slice(), hash.as_bytes()].concat())?;
            account.slots.insert(slot, hash);
            Ok(())
        })
    }

    /// Remembers that a key slot was replaced, durably, before it is removed anywhere.
    pub fn remember_gone(&mut self, slot: ObjectId) -> Result<(), EngineError> {
        self.write(|account, journal| {
            journal.append(record::SLOT_GONE, slot.as_bytes())?;
            account.gone.insert(slot);
            Ok(())
        })
    }

    /// Remembers whether what cannot be undone needs a one-time code here.
    pub fn remember_second_factor(&mut self, needed: bool) -> Result<(), EngineError> {
        self.write(|account, journal| {
            journal.append(record::SECOND_FACTOR, &[u8::from(needed)])?;
            account.second_factor = needed;
            Ok(())
        })
    }

    /// Remembers a letter that was delivered, durably, before it is removed anywhere.
    pub fn remember_received(&mut self, letter: ObjectId) -> Result<(), EngineError> {
        self.write(|account, journal| {
            if account.received.len() >= MAX_RECEIVED {
                return Err(EngineError::Usage(Misuse::LettersReceived(MAX_RECEIVED)));
            }
            journal.append(record::RECEIVED, letter.as_bytes())?;
            account.received.insert(letter);
            Ok(())
        })
    }

    /// Remembers something of a device or a store, durably.
    pub fn remember_observation(&mut self, note: StoreObservation) -> Result<(), EngineError> {
        self.write(|account, journal| {
            journal.append(record::OBSERVATION, &note.encode())?;
            account.memory.apply(note);
            Ok(())
        })
    }

    /// Remembers how far the audit log reaches, durably, unless another process knows more.
    pub fn remember_mark(&mut self, mark: Mark) -> Result<(), EngineError> {
        self.write(|account, journal| {
            if account.marked.is_none_or(|known| (known.file, known.length) < (mark.file, mark.length)) {
                journal.append(record::AUDIT, &mark.encode())?;
                account.marked = Some(mark);
            }
            Ok(())
        })
    }

    /// Takes over a roster that came from a store, when it is newer; the caller has checked its signature.
    pub fn adopt_roster(&mut self, roster: Roster, bytes: &[u8]) -> Result<(), EngineError> {
        if roster.number <= self.roster.number {
            return Ok(());
        }
        self.logs().tell_of_devices(&roster);
        self.write(|account, journal| match roster.number > account.roster.number {
            true => account.put_roster(journal, roster, bytes),
            // another process took over a newer one meanwhile
            false => Ok(()),
        })
    }

    /// Takes over a roster in the place of the newest, durably; the caller has checked its signature, or made it.
    pub fn replace_roster(&mut self, roster: Roster, bytes: &[u8]) -> Result<(), EngineError> {
        self.write(|account, journal| account.put_roster(journal, roster, bytes))
    }

    /// Takes over later keys from the owner's, durably: the owner is here, and lets this device in anew.
    pub fn take_keys(&mut self, keys: WriterKeys) -> Result<(), EngineError> {
        self.write(|account, _| {
            if keys.follows(&account.device.keys) {
                account.device.keys = keys;
                save_device(account)?;
            }
            Ok(())
        })
    }

    /// Takes over later keys, durably, where the vault holds a grant of them for this device. Whether there were any.
    pub fn adopt_grant(&mut self) -> Result<bool, EngineError> {
        self.write(|account, _| {
            let adopted = keys::take_grant(&mut account.device, &account.vault)?;
            if adopted {
                save_device(account)?;
            }
            Ok(adopted)
        })
    }
}

impl Account {
    /// Keeps a roster in the journal too, so that the device writes on when the vault loses it, and knows an older one.
    pub(in crate::engine) fn put_roster(
        &mut self,
        journal: &mut Journal,
        mut roster: Roster,
        bytes: &[u8],
    ) -> Result<(), EngineError> {
        let apart = roster.revocations_lost(&self.roster);
        if apart != self.revoked_apart {
            // before the list that lost them
            journal.append(record::REVOKED_APART, &records::revoked_apart(&apart))?;
            self.revoked_apart = apart;
        }
        journal.append(record::ROSTER, &numbered_roster(&roster, bytes))?;
        roster.revoke(&self.revoked_apart);
        (self.roster, self.roster_bytes) = (roster, bytes.to_vec());
        Ok(())
    }

    /// Where the journal's end was torn, what was cut off may have been a withdrawal: everything counts as withdrawn.
    fn withdraw_all(&mut self, journal: &mut Journal) -> Result<(), EngineError> {
        Item::all().try_for_each(|item| self.withdraw(journal, item))
    }

    /// Takes back by itself what stands granted.
    pub(in crate::engine) fn withdraw(&mut self, journal: &mut Journal, item: Item) -> Result<(), EngineError> {
        if self.may_stand(item) { self.enter(journal, item, Decision::Withdrawn, super::by_itself()).map(drop) } else { Ok(()) }
    }
}

/// The vault; where nobody else works on the account, what lies there half-written is of runs that are gone, and is removed.
fn open_vault(home: &Home, folder: &Path, account: AccountId) -> Result<Folder, EngineError> {
    let alone = work_lock::take_if_alone(folder)?;
    let open = if alone.is_some() { Folder::create_own } else { Folder::create };
    open(&home.vault(), account).map_err(in_vault)
}

fn save_device(account: &Account) -> Result<(), EngineError> {
    Ok(account.device.save(&account.folder().join("device.key"))?)
}

fn journal_lock(folder: &Path, stop: &Stop) -> Result<Held, LockError> {
    work_lock::take_moment(folder, "journal", stop)
}

type Opened = (Journal, Vec<crate::local::journal::Record>, crate::local::journal::Recovery);

fn open_journal(folder: &Path, device: &Device, random: &dyn Random) -> Result<Opened, EngineError> {
    Ok(Journal::open(&folder.join("account.journal"), &journal_key(device), random)?)
}

fn numbered_roster(roster: &Roster, bytes: &[u8]) -> Vec<u8> {
    [roster.number.to_le_bytes().as_slice(), bytes].concat()
}
