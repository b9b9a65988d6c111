//! The account kept unlocked for a while by a process that holds its keys, locked again, and the accounts of this machine.

use std::process::Command;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::job::{Audited, Job, Recording};
use crate::app::unlock::{self, Unlock};
use crate::app::work::Work;
use crate::app::{Failure, Text};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::key_agent::{self, Limits, State};
use crate::local::audit::Event;
use crate::local::home::DiskError;

/// Keeps the account unlocked for a while.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyUnlock {
    /// Seconds in which nothing reads, after which it locks.
    pub idle: u64,
    /// Seconds after which it locks in any case.
    pub longest: u64,
    /// How the account is unlocked.
    pub unlock: Unlock,
}

/// How long an account stays unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unlocked {
    /// The process that holds the keys.
    pub process: u32,
    /// Seconds it may be idle.
    pub idle_seconds: u64,
    /// Seconds until it locks if nothing reads.
    pub idle_left: u64,
    /// Seconds until it locks in any case.
    pub left: u64,
    /// Whether it locks before this machine sleeps.
    pub hears_sleep: bool,
}

impl From<State> for Unlocked {
    fn from(state: State) -> Self {
        let State { process, idle, idle_left, left, hears_sleep } = state;
        Self { process, idle_seconds: idle, idle_left, left, hears_sleep }
    }
}

/// The account is unlocked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UnlockedReply {
    /// Whether it is unlocked still.
    pub unlocked: bool,
    /// How long it may be idle, in seconds.
    pub idle: u64,
    /// How long it stays so at most, in seconds.
    pub longest: u64,
    /// How it stands.
    #[serde(flatten)]
    pub state: Option<Unlocked>,
}

impl Answer for UnlockedReply {}

impl Job for KeyUnlock {
    type Reply = UnlockedReply;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "kept unlocked"))
    }

    fn run(self, work: &Work<'_>) -> Result<UnlockedReply, Failure> {
        let limits = Limits { idle: Duration::from_secs(self.idle), longest: Duration::from_secs(self.longest) };
        let account = work.open_read_only()?;
        let keyring = unlock::unlock_as_owner(work, &account, &self.unlock)?;
        let program = std::env::current_exe().map_err(DiskError::at("find", std::path::Path::new("printkeep")))?;
        let mut command = Command::new(program);
        command.arg("--home").arg(work.session.home.root()).args(["--account", account.name.as_str(), "key", "hold"]);
        command.args(limits.seconds()).current_dir("/").env_clear();
        // where it hears of sleep
        command.envs(std::env::var_os("DBUS_SYSTEM_BUS_ADDRESS").map(|bus| ("DBUS_SYSTEM_BUS_ADDRESS", bus)));
        key_agent::start(&account, &keyring, &mut command)?;
        let state = key_agent::state(&account)?.map(Unlocked::from);
        Ok(UnlockedReply { unlocked: state.is_some(), idle: self.idle, longest: self.longest, state })
    }
}

/// Locks the account now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeyLock {}

/// The account is locked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LockedReply {
    /// Whether it is; always.
    pub locked: bool,
    /// Whether it was unlocked before.
    pub was_unlocked: bool,
}

impl Answer for LockedReply {}

impl Job for KeyLock {
    type Reply = LockedReply;

    fn audited(&self) -> Option<Audited> {
        // written where it happens
        None
    }

    fn recording(&self) -> Recording {
        Recording::Nothing
    }

    fn run(self, work: &Work<'_>) -> Result<LockedReply, Failure> {
        Ok(LockedReply { locked: true, was_unlocked: key_agent::lock(&work.open_read_only()?)? })
    }
}

/// Lists the accounts of this machine.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeyAccounts {}

/// The accounts of this machine.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Accounts {
    /// One by one.
    pub accounts: Vec<AccountInfo>,
}

/// An account of this machine.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AccountInfo {
    /// What it is called here.
    pub name: String,
    /// Its fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// What this device is called in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Whether it is unlocked.
    pub unlocked: bool,
    /// How it stands, where it is unlocked.
    #[serde(flatten)]
    pub state: Option<Unlocked>,
    /// Why it cannot be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
}

impl Answer for Accounts {}

impl Job for KeyAccounts {
    type Reply = Accounts;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Accounts, Failure> {
        let names = work.session.home.accounts()?;
        if names.is_empty() {
            return Err(EngineError::NoAccount.into());
        }
        let accounts = names.into_iter().map(|name| {
            let told = name.as_str().to_owned();
            let opened = Account::open_read_only(&work.session.home, name, work.session.clock);
            let looked = opened.and_then(|account| Ok((key_agent::state(&account)?, account)));
            match looked {
                Ok((state, account)) => AccountInfo {
                    name: told,
                    fingerprint: Some(account.fingerprint()),
                    device: Some(account.device.name.clone()),
                    unlocked: state.is_some(),
                    state: state.map(Unlocked::from),
                    error: None,
                },
                Err(error) => AccountInfo {
                    name: told,
                    fingerprint: None,
                    device: None,
                    unlocked: false,
                    state: None,
                    error: Some(Failure::from(error).message),
                },
            }
        });
        Ok(Accounts { accounts: accounts.collect() })
    }
}
