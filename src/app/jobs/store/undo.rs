//! Lets a store in the cloud show again what it showed before somebody replaced or hid it.

use std::path::PathBuf;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::unknown;
use crate::app::access::Access;
use crate::app::answer::{Answer, Tally};
use crate::app::job::{Audited, Job};
use crate::app::reasons::refused;
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text, faults, unlock};
use crate::config::parse_time;
use crate::engine::EngineError;
use crate::engine::account::consent;
use crate::engine::error::PlaceName;
use crate::engine::repository::stores;
use crate::local::audit::Event;
use crate::provider::Provider;
use crate::provider::address::Address;
use crate::provider::s3::{S3, rollback};
use crate::text;

/// Brings back what a store showed at a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreUndo {
    /// The store's name, or its address where this machine is in no account.
    pub store: String,
    /// The time: with its zone, or this machine's, or so long ago.
    pub since: String,
    /// Whether to say only what would come back.
    pub dry_run: bool,
    /// The kit that says whose account it is, with an address.
    pub recovery_kit: Option<PathBuf>,
    /// How an address is reached.
    pub access: Access,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StoreUndone {
    /// Where.
    pub place: String,
    /// The time, in seconds since 1970.
    pub since: i64,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Files that were looked at.
    pub looked: u64,
    /// Those that were hidden and came back.
    pub hidden: u64,
    /// Those that were replaced and came back.
    pub replaced: u64,
    /// The names of both.
    pub back: Vec<String>,
    /// Those whose version of then is nothing of this account, or cannot be had.
    pub lost: Vec<Lost>,
}

/// What could not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lost {
    /// Its name.
    pub object: String,
    /// Why.
    pub reason: Text,
}

impl Answer for StoreUndone {
    fn exit(&self) -> Exit {
        if self.lost.is_empty() { Exit::Done } else { Exit::Incomplete }
    }

    fn tally(&self) -> Tally {
        Tally { objects: self.back.len() as u64, ..Tally::default() }
    }
}

impl Job for StoreUndo {
    type Reply = StoreUndone;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Repair, "store undone").names([self.store.clone()]))
    }

    fn run(self, work: &Work<'_>) -> Result<StoreUndone, Failure> {
        let now = Timestamp::from_second(work.session.now()).unwrap_or_default();
        let then = moment(&self.since, now)
            .ok_or_else(|| Failure::usage(text!("store-undo-time", time = &self.since)).hint(text!("store-undo-time-hint")))?;
        let cloud = self.open(work)?;
        let place = cloud.place();
        let undone = work.runtime().block_on(cloud.undo(then, !self.dry_run));
        let undone = undone.map_err(|error| EngineError::Place { place: PlaceName::Store(self.store.clone()), error })?;
        let replaced = undone.back.iter().filter(|(_, replaced)| *replaced).count() as u64;
        let lost = undone.lost.iter().map(|(name, why)| Lost { object: name.to_string(), reason: lost_why(why) });
        Ok(StoreUndone {
            place,
            since: then.as_second(),
            dry_run: self.dry_run,
            looked: undone.looked,
            hidden: undone.back.len() as u64 - replaced,
            replaced,
            back: undone.back.iter().map(|(name, _)| name.to_string()).collect(),
            lost: lost.collect(),
        })
    }
}

fn no_cloud() -> Failure {
    Failure::usage(text!("store-undo-no-cloud")).hint(text!("store-undo-no-cloud-hint"))
}

impl StoreUndo {
    fn open(&self, work: &Work<'_>) -> Result<S3, Failure> {
        let config = work.session.config()?;
        if let Some(store) = config.stores.iter().find(|store| store.name == self.store) {
            return stores::server(&work.open_read_only()?, store).map_err(EngineError::from)?.ok_or_else(no_cloud);
        }
        if !self.store.contains("://") {
            return Err(unknown(&self.store));
        }
        let kit = self.recovery_kit.as_deref();
        let kit = kit.ok_or_else(|| Failure::usage(text!("store-undo-whose")).hint(text!("store-undo-whose-hint")))?;
        let account = unlock::read_kit(work, kit)?.0.ok_or_else(|| Failure::usage(text!("store-undo-kit-of-nobody")))?;
        let store = self.access.describe("store", &self.store)?;
        let credentials = self.access.credentials(&work.files, &store)?.ok_or_else(no_cloud)?;
        if !work.session.home.accounts()?.is_empty() {
            return Err(Failure::usage(text!("store-undo-in-account")).hint(text!("store-undo-in-account-hint")));
        }
        // typing a store's address on a new machine is the owner's yes to reaching it
        work.remark(text!("store-undo-consent"));
        let permit = consent::before_there_is_an_account(&work.session.home, work.session.asked())?;
        if !matches!(store.address, Address::S3(_)) {
            return Err(no_cloud());
        }
        stores::cloud(&permit, &store, &credentials, account)
            .map_err(|error| EngineError::Place { place: PlaceName::Store(store.name.clone()), error }.into())
    }
}

/// Reads a time: with its zone, or this machine's, or so long ago. None for one that is not before now, which is told in whole seconds.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let ago = || now.checked_sub(SignedDuration::from_secs(parse_time(text).ok()?)).ok();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp());
    let said = text.parse::<Timestamp>().ok().or_else(local).filter(|then| then.as_second() <= now.as_second());
    said.or_else(|| ago().filter(|then| *then < now))
}

fn lost_why(why: &rollback::Lost) -> Text {
    match why {
        rollback::Lost::Place(error) => faults::at_its_place(error),
        rollback::Lost::Refused(why) => refused(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_three_ways_and_the_future_in_none() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let read = |text: &str| moment(text, now).map(|then| then.to_string());
        assert_eq!(read("2026-11-20T10:00:00Z").as_deref(), Some("2026-11-20T10:00:00Z"));
        assert_eq!(read("3d").as_deref(), Some("2026-11-22T12:00:00Z"));
        assert!(read("2026-11-20 10:00").is_some() && read("2026-11-20").is_some());
        assert_eq!(read("2026-11-25T12:00:00.7Z").as_deref(), Some("2026-11-25T12:00:00.7Z"), "the clock tells whole seconds");
        for bad in ["", "soon", "2026-13-01", "2027-01-01T00:00:00Z", "-3d", "0d"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
