//! Checking: the backup is what was written, files come back from it, and what is damaged is repaired where a store has it.

mod forms;
mod repair;
mod tried;
mod verified;

use crate::app::Failure;
use crate::app::job::{Audited, Job, Recording};
use crate::app::work::Work;
use crate::engine::repository::remotes::Remotes;
use crate::local::audit::Event;

pub use forms::{Check, Checked, Damage, Gap, Intruder, MOST_TRIED, Repaired, Tried};

impl Job for Check {
    type Reply = Checked;

    fn audited(&self) -> Option<Audited> {
        let (event, what) = match (self.repair, self.try_restore, self.read_data) {
            (true, ..) => (Event::Repair, "repair"),
            (false, Some(_), _) => (Event::Drill, ""),
            (false, None, true) => (Event::Verify, "every byte"),
            (false, None, false) => (Event::Verify, ""),
        };
        Some(Audited::of(event, what).names(self.store.clone()))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Checked, Failure> {
        let config = work.session.config()?;
        let remotes = Remotes::of(&config.stores, work.runtime());
        let repair = match self.repair {
            true => Some(repair::run(work, &self, &remotes)?),
            false => None,
        };
        let mut checked = verified::run(work, &self, &remotes)?;
        if let Some(sample) = self.try_restore {
            checked.tried = Some(tried::run(work, &self, &remotes, sample.clamp(1, MOST_TRIED), checked.elsewhere > 0)?);
        }
        checked.repair = repair;
        Ok(checked)
    }
}
