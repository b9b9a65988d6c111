//! Files that go from device to device, at one store: those from here are carried to it, those for this device are taken from it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::app::reasons::kept;
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text, faults};
use crate::config::Config;
use crate::core::name::ObjectName;
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::inbox::{self, Arrival, Inbox, OLD, Outbox, Sent, State, Waiting};
use crate::engine::repository::remote::Remote;
use crate::engine::repository::remotes::Remotes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What went to and came from a store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchanged {
    /// The store.
    pub store: String,
    /// Files from here that are there whole now.
    pub sent: Vec<SentFile>,
    /// Files from here that their device took.
    pub taken: Vec<SentFile>,
    /// Files from here that were taken back.
    pub cancelled: Vec<SentFile>,
    /// What could not be sent or taken back.
    pub failed: Vec<Text>,
    /// Files for this device: those that came, and those that stay there with the reason.
    pub arrived: Vec<Arrived>,
    /// Whether this device takes files at all.
    pub takes: bool,
    /// Why nothing more went on with this store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
}

impl Exchanged {
    /// How it ended. That a device takes nothing is its owner's own choice, and no fault.
    pub fn exit(&self) -> Exit {
        let stays = self.takes && self.arrived.iter().any(|one| one.path.is_none());
        if self.failed.is_empty() && !stays { Exit::Done } else { Exit::Incomplete }
    }
}

/// A file sent from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentFile {
    /// Its id.
    pub id: String,
    /// The id of the device that it is for.
    pub to: String,
    /// What the owner calls that device.
    pub device: String,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was sent, in seconds since 1970.
    pub time: i64,
    /// What becomes of it.
    pub state: SentState,
    /// Whether it has waited for more than 30 days.
    pub old: bool,
    /// The stores that it went to.
    pub stores: Vec<SentTo>,
}

/// A store that a file went to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentTo {
    /// The store.
    pub store: String,
    /// Whether it is there whole.
    pub whole: bool,
}

/// A file for this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Arrived {
    /// Its id.
    pub id: String,
    /// The name that it has or would have; none where that does not open.
    pub name: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// What the owner calls the device that sent it; none where nobody knows.
    pub from: Option<String>,
    /// Where it is.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub path: Option<PathBuf>,
    /// Why it stays in the store.
    pub reason: Option<Text>,
}

impl SentFile {
    /// A file sent from here, as it is known now.
    pub fn of(account: &Account, sent: &Sent, now: i64) -> Self {
        let member = account.roster.member(&sent.to);
        Self {
            id: sent.id.to_string(),
            to: sent.to.to_string(),
            device: member.map_or_else(|| sent.to.to_string(), |member| member.name.clone()),
            name: String::from_utf8_lossy(&sent.name).into_owned(),
            size: sent.size,
            time: sent.time,
            state: sent.state.into(),
            old: is_old(sent.time, now),
            stores: sent.stores.iter().map(|(store, whole)| SentTo { store: store.clone(), whole: *whole }).collect(),
        }
    }
}

/// What becomes of a file that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SentState {
    /// It was not sealed whole.
    Unfinished,
    /// It goes to stores, or lies there.
    Queued,
    /// The device took it.
    Taken,
    /// It was taken back.
    Cancelled,
}

impl From<State> for SentState {
    fn from(state: State) -> Self {
        match state {
            State::Unfinished => Self::Unfinished,
            State::Queued => Self::Queued,
            State::Taken => Self::Taken,
            State::Cancelled => Self::Cancelled,
        }
    }
}

/// Whether something of that time has waited for more than 30 days.
pub fn is_old(time: i64, now: i64) -> bool {
    time > 0 && now.saturating_sub(time) > OLD
}

impl From<&Arrival> for Arrived {
    fn from(arrival: &Arrival) -> Self {
        Self {
            id: arrival.id.to_string(),
            name: arrival.name.clone(),
            size: arrival.size,
            from: arrival.from.clone(),
            path: arrival.outcome.as_ref().ok().cloned(),
            reason: arrival.outcome.as_ref().err().map(faults::stays),
        }
    }
}

/// Exchanges with every store, and gives how it ended; one that fails does not keep the others waiting.
pub fn each_store(work: &Work<'_>, config: &Config, account: &mut AccountWriter) -> Result<(Vec<Exchanged>, Exit), Failure> {
    let (mut told, mut worst) = (Vec::new(), Exit::Done);
    let remotes = Remotes::of(&config.stores, work.runtime());
    for store in &config.stores {
        match look_and_exchange(work, config, account, (&remotes, &store.name)) {
            Ok(one) => {
                worst = worst.or(one.exit());
                told.push(one);
            }
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(Failure { exit, message, hint }) => {
                worst = exit;
                told.push(Exchanged { store: store.name.clone(), error: Some(message), hint, ..Exchanged::default() });
            }
        }
    }
    Ok((told, worst))
}

fn look_and_exchange(
    work: &Work<'_>,
    config: &Config,
    account: &mut AccountWriter,
    (remotes, store): (&Remotes, &str),
) -> Result<Exchanged, Failure> {
    let remote = remotes.open(account, store).map_err(EngineError::from)?;
    let there = inbox::held(remote)?;
    through(work, config, account, remote, &there)
}

/// Exchanges with a store that a sync has just listed; `there` is what it holds.
pub fn exchange(
    work: &Work<'_>,
    config: &Config,
    account: &mut AccountWriter,
    remote: &Remote,
    there: &BTreeSet<ObjectName>,
) -> Result<Exchanged, Failure> {
    let idle = Outbox::load(account)?.entries.is_empty();
    let mine = |name: &ObjectName| matches!(name, ObjectName::Letter(to, _) if *to == account.device.id);
    if idle && !there.iter().any(mine) {
        Waiting::remember(account, remote.name(), &[], &|_| String::new(), &work.session.random)?;
        return Ok(Exchanged { store: remote.name().to_owned(), takes: config.inbox.is_some(), ..Exchanged::default() });
    }
    let _held = match account.hold_inbox() {
        // whoever sends or receives just now carries them; the next sync looks again
        Err(error @ EngineError::Busy(_)) => {
            work.remark(Failure::from(error).message);
            return Ok(Exchanged { store: remote.name().to_owned(), takes: config.inbox.is_some(), ..Exchanged::default() });
        }
        held => held?,
    };
    through(work, config, account, remote, there)
}

fn through(
    work: &Work<'_>,
    config: &Config,
    account: &mut AccountWriter,
    remote: &Remote,
    there: &BTreeSet<ObjectName>,
) -> Result<Exchanged, Failure> {
    let session = work.session;
    let names: Vec<String> = config.stores.iter().map(|store| store.name.clone()).collect();
    let carried = inbox::carry(account, remote, &names, there, work.quiet_job())?;
    let inbox = config.inbox.as_ref().map(|inbox| Inbox { folder: inbox.path.clone(), max_size: inbox.max_bytes });
    let arrivals = inbox::receive(account, remote, there, inbox.as_ref(), work.cancel)?;
    Waiting::remember(account, remote.name(), &arrivals, &|why| kept(&faults::stays(why)), &session.random)?;
    let files = |sent: &[Sent]| sent.iter().map(|sent| SentFile::of(account, sent, session.now())).collect();
    Ok(Exchanged {
        store: remote.name().to_owned(),
        sent: files(&carried.sent),
        taken: files(&carried.taken),
        cancelled: files(&carried.cancelled),
        failed: carried.failed.iter().map(faults::not_carried).collect(),
        arrived: arrivals.iter().map(Arrived::from).collect(),
        takes: inbox.is_some(),
        error: None,
        hint: None,
    })
}
