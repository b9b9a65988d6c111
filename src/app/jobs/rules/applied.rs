//! What the standing rules did beside a backup or a sync.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::forms::judged::JudgedSnapshot;
use crate::app::forms::prune::Pruned;
use crate::app::jobs::prune::tell_skipped;
use crate::app::work::Work;
use crate::config::Config;
use crate::engine::EngineError;
use crate::engine::retention::auto::{self, StandingRules};
use crate::text;

/// What the standing rules did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Applied {
    /// Snapshots that they forgot.
    pub forgotten: u64,
    /// They.
    #[serde(default)]
    pub gone: Vec<JudgedSnapshot>,
    /// What was pruned, where anything was due.
    #[serde(flatten)]
    pub pruned: Option<Pruned>,
}

impl From<auto::Applied> for Applied {
    fn from(applied: auto::Applied) -> Self {
        let gone: Vec<_> = applied.forgotten.iter().map(JudgedSnapshot::of).collect();
        Self { forgotten: gone.len() as u64, gone, pruned: applied.pruned.map(Pruned::of) }
    }
}

/// The owner's standing rules, where there are any.
pub fn standing<'a>(work: &'a Work<'_>, config: &'a Config) -> Option<StandingRules<'a>> {
    Some(StandingRules { rules: config.snapshots.as_ref()?, stores: &config.stores, job: work.quiet_job() })
}

/// What the rules did, where they did anything. What went wrong is told and changes no exit: the backup was made, or the sync was done.
pub fn outcome(work: &Work<'_>, done: Result<auto::Applied, EngineError>) -> Option<Applied> {
    match done {
        Ok(applied) => {
            let applied = Applied::from(applied);
            applied.pruned.iter().for_each(|pruned| tell_skipped(work, pruned));
            Some(applied).filter(|applied| applied.forgotten > 0 || applied.pruned.is_some())
        }
        Err(error) => {
            work.remark(text!("rules-not-applied", why = Failure::from(error).message));
            None
        }
    }
}
