//! How an account is opened on this device, and how one is made.

use crate::engine::EngineError;
use crate::engine::account::devices::known_roster;
use crate::engine::account::identity::{is_called, load_device, lost_key};
use crate::engine::account::records::Remembered;
use crate::engine::account::{Account, consent, journal_key, keys};
use crate::engine::clock::Clock;
use crate::engine::error::in_vault;
use crate::local::consent_withdrawal;
use crate::local::device::Device;
use crate::local::home::{AccountName, Home};
use crate::local::journal::Journal;
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
        let (roster, roster_bytes) = known_roster(&vault, &device, remembered.roster.as_deref())?;
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
}
