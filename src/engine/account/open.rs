//! How an account is opened on this device, and takes over what other processes change while it is open.

use crate::core::roster::Member;
use crate::core::seal::Refused;
use crate::engine::EngineError;
use crate::engine::account::devices::{known_roster, numbered_roster};
use crate::engine::account::identity::{is_called, load_device, lost_key};
use crate::engine::account::records::Remembered;
use crate::engine::account::{Account, consent, journal_key, keys};
use crate::engine::clock::Clock;
use crate::engine::error::{self, in_vault};
use crate::local::consent_withdrawal;
use crate::local::device::Device;
use crate::local::home::{AccountName, Home};
use crate::local::journal::{Journal, Tail};
use crate::local::stop::Stop;
use crate::provider::folder_reader::FolderReader;

impl Account {
    /// Chooses the account to work with: the named one, or the only one.
    pub fn choose(home: &Home, wanted: Option<&AccountName>) -> Result<AccountName, EngineError> {
        let mut names = home.accounts()?;
        match (wanted, names.len()) {
            (Some(name), _) if names.contains(name) => Ok(name.clone()),
            (Some(name), _) => {
                let unknown = || EngineError::UnknownAccount(name.as_str().to_owned());
                Err(lost_key(home, wanted)?.map_or_else(unknown, EngineError::KeyLost))
            }
            (None, 1) => Ok(names.remove(0)),
            (None, 0) => Err(lost_key(home, None)?.map_or(EngineError::NoAccount, EngineError::KeyLost)),
            (None, _) => Err(EngineError::WhichAccount(names.iter().map(|n| n.as_str().to_owned()).collect())),
        }
    }

    /// Opens an account for reading, whoever works on it meanwhile: nothing is locked, and nothing written.
    pub fn open_read_only(home: &Home, name: AccountName, clock: Clock) -> Result<Self, EngineError> {
        let mut device = load_device(home, &name)?;
        let vault = FolderReader::open(&home.vault(), device.keys.account()).map_err(in_vault)?;
        keys::take_grant(&mut device, &vault)?;
        let bell = consent_withdrawal::bell(&home.account(&name));
        let (records, torn) = Journal::read_only(&home.account(&name).join("account.journal"), &journal_key(&device))?;
        let remembered = Remembered::replay(&records)?;
        is_called(remembered.name.as_deref(), &name)?;
        let mut account = Self::put_together(home, name, clock, (device, vault), remembered, bell)?;
        account.heed_withdrawals(torn)?;
        account.hear_withdrawals();
        Ok(account)
    }

    pub(in crate::engine) fn put_together(
        home: &Home,
        name: AccountName,
        clock: Clock,
        (mut device, vault): (Device, FolderReader),
        remembered: Remembered,
        bell: consent_withdrawal::Bell,
    ) -> Result<Self, EngineError> {
        let (roster, roster_bytes, before) = match known_roster(&vault, &device, remembered.roster.as_deref()) {
            // another process changed the keys after they were read, and then the list
            Err(EngineError::Object { why: Refused::NoKey, .. }) if keys::take_grant(&mut device, &vault)? => {
                known_roster(&vault, &device, remembered.roster.as_deref())?
            }
            done => done?,
        };
        let (mut roster, mut revoked_apart) = (roster, remembered.revoked_apart);
        if let Some(before) = before {
            let lost = roster.revocations_lost(&before);
            let is_new = |line: &Member| revoked_apart.iter().all(|known| known.id != line.id);
            revoked_apart.extend(lost.into_iter().filter(is_new).collect::<Vec<_>>());
        }
        roster.revoke(&revoked_apart);
        // the owner may have renamed it elsewhere
        roster.member(&device.id).iter().for_each(|member| device.name.clone_from(&member.name));
        let ledger = consent::replay(home, &remembered.consents)?;
        let Remembered { head, gone, slots, received, memory, facts, second_factor, marked, .. } = remembered;
        let home = home.clone();
        Ok(Self {
            home,
            name,
            clock,
            device,
            vault,
            roster,
            roster_bytes,
            revoked_apart,
            ledger,
            head,
            gone,
            memory,
            slots,
            received,
            facts,
            second_factor,
            marked,
            bell,
            stop: Stop::never(),
        })
    }

    /// Takes over what other processes remembered meanwhile.
    pub(in crate::engine) fn take_over(&mut self, tail: Tail) -> Result<(), EngineError> {
        if tail.records.is_empty() && !tail.replaced {
            return Ok(());
        }
        let mut known = if tail.replaced { Remembered::default() } else { self.remembered() };
        tail.records.iter().try_for_each(|record| known.apply(record))?;
        let Remembered {
            head, gone, slots, received, memory, facts, second_factor, marked, consents, roster, revoked_apart, ..
        } = known;
        self.revoked_apart = revoked_apart;
        (self.head, self.gone, self.slots, self.received, self.memory) = (head, gone, slots, received, memory);
        (self.facts, self.second_factor, self.marked) = (facts, second_factor, marked);
        // a journal that was rewritten holds every decision, those that are known here first
        let known = if tail.replaced { self.ledger.entries().len() } else { 0 };
        consents.into_iter().skip(known).try_for_each(|entry| self.ledger.push(entry)).map_err(error::broken)?;
        let Some(numbered) = roster else { return Ok(()) };
        let (roster, bytes) = match numbered_roster(&self.device, &numbered) {
            // sealed under keys that another process made since this one read them
            Err(EngineError::Object { why: Refused::NoKey, .. }) if keys::take_grant(&mut self.device, &self.vault)? => {
                numbered_roster(&self.device, &numbered)?
            }
            done => done?,
        };
        if bytes != self.roster_bytes && roster.number >= self.roster.number {
            roster.member(&self.device.id).iter().for_each(|member| self.device.name.clone_from(&member.name));
            (self.roster, self.roster_bytes) = (roster, bytes);
        }
        self.roster.revoke(&self.revoked_apart);
        Ok(())
    }

    /// What the journal told so far, taken out to be told more; decisions and rosters are those that come.
    fn remembered(&mut self) -> Remembered {
        Remembered {
            head: self.head,
            gone: std::mem::take(&mut self.gone),
            slots: std::mem::take(&mut self.slots),
            received: std::mem::take(&mut self.received),
            memory: std::mem::take(&mut self.memory),
            revoked_apart: std::mem::take(&mut self.revoked_apart),
            facts: std::mem::take(&mut self.facts),
            second_factor: self.second_factor,
            marked: self.marked,
            ..Remembered::default()
        }
    }
}
