//! Syncing with a store: what it lacks is pushed, what this machine lacks is pulled; a run that was cut off goes on where it was.
//!
//! Order makes it safe without locks: packs before the index objects that tell of them, these before the snapshots that need
//! them, so that at any moment the store holds only snapshots that can be restored. Every object that is sent is first checked
//! against what signed objects say of it; every object that is fetched is checked before it enters the vault.

pub mod batch;
mod count;
pub mod exchange;
pub mod fetch;
pub mod filter;
pub mod junk;
mod notes_apart;
pub mod order;
pub mod others_word;
mod put_back;
pub mod receive;
pub mod reconcile;
pub mod repair;
pub mod report;
mod resend;
pub mod round;
pub mod send;
pub mod tamper;
pub mod transfer;
pub mod waiting;

pub use report::{Pull, Report};

use crate::core::name::ObjectName;
use crate::engine::account::{AccountWriter, slots};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::shown::Shown;
use crate::engine::sync::filter::SyncFilter;
use crate::engine::sync::round::Round;
use crate::engine::sync::transfer::Stop;
use crate::engine::{EngineError, Event, Job, Phase};

/// Syncs with one store.
///
/// # Errors
/// [`EngineError::Place`] for a store that cannot be listed, or fails before anything moves; what stops it later is told in the report.
/// Whatever fails on this machine.
pub fn sync(
    account: &mut AccountWriter,
    chunk_index: &mut ChunkIndex,
    remote: &Remote,
    pull: Pull,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let Shown { objects, beyond } = remote.list_of(account).map_err(|error| remote.lost(error))?;
    // what another process backed up and sent before the store was listed stands in the journal by now: it is no lie of the store's
    account.refresh()?;
    let mut round = Round::new(account, chunk_index, remote, objects, job);
    round.beyond = beyond;
    round.add_unshown();
    if pull != Pull::Nothing {
        // by a list that cannot be read nothing there can be judged either
        if !round.settle()? || round.is_apart {
            return round.left_alone();
        }
        round.fetch_keys()?;
        round.repair()?;
        round.settle_notes()?;
    }
    slots::close_revoked(round.account)?;
    round.look_here()?;
    round.inspect()?;
    let moved = round.move_all(pull);
    // what was taken over once is not read from index objects again by whoever looks next
    round.chunk_index.publish(round.account);
    round.end(moved)
}

impl Round<'_> {
    fn move_all(&mut self, pull: Pull) -> Result<(), Stop> {
        if pull != Pull::Nothing {
            self.job.tell(Event::Phase(Phase::Downloading));
            self.fetch_missing(pull)?;
            self.judge_beyond()?;
        }
        self.job.tell(Event::Phase(Phase::Uploading));
        // what a backup added meanwhile is listed in `ours` already, or it is not sent
        self.chunk_index.absorb_new(self.account)?;
        self.send_damaged()?;
        let wanted = SyncFilter::of(self.account, self.chunk_index)?;
        let theirs = std::mem::take(&mut self.theirs);
        let sent = self.send_missing(&wanted, &theirs);
        self.theirs = theirs;
        sent?;
        if self.there.iter().any(|name| matches!(name, ObjectName::Head(..))) {
            self.look_again()?;
        }
        // a store that does not tell the truth is only added to
        if self.found.findings.is_empty() {
            self.remove_replaced();
        }
        Ok(())
    }
}
