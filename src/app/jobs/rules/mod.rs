//! The rules by which snapshots go by themselves: shown, set, ended.

pub mod applied;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::work::Work;
use crate::config::{self, Retention, parse_time};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::listings;
use crate::engine::retention::due;
use crate::local::audit::Event;
use crate::text;

/// How long what nothing needs stays where no rules are set, in seconds.
const GRACE: i64 = 7 * 86_400;

/// Which snapshots of each device stay; zero and none keep nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Keep {
    /// The newest so many.
    pub keep_last: u32,
    /// The last one of each of so many hours.
    pub keep_hourly: u32,
    /// Of each of so many days.
    pub keep_daily: u32,
    /// Of each of so many weeks.
    pub keep_weekly: u32,
    /// Of each of so many months.
    pub keep_monthly: u32,
    /// Of each of so many years.
    pub keep_yearly: u32,
    /// All that are at most so much older than the newest: 12h, 30d, 8w, 2y.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_within: Option<String>,
    /// All with one of these tags.
    pub keep_tags: Vec<String>,
}

impl Keep {
    /// As the settings hold it.
    pub fn retention(&self, grace: Option<String>) -> Result<Retention, Failure> {
        for time in [&self.keep_within, &grace].into_iter().flatten() {
            parse_time(time)
                .map_err(|_| Failure::usage(text!("time-unreadable", time = time)).hint(text!("time-unreadable-hint")))?;
        }
        Ok(Retention {
            keep_last: self.keep_last,
            keep_hourly: self.keep_hourly,
            keep_daily: self.keep_daily,
            keep_weekly: self.keep_weekly,
            keep_monthly: self.keep_monthly,
            keep_yearly: self.keep_yearly,
            keep_within: self.keep_within.clone(),
            keep_tags: self.keep_tags.clone(),
            grace,
        })
    }
}

impl From<&Retention> for Keep {
    fn from(of: &Retention) -> Self {
        Self {
            keep_last: of.keep_last,
            keep_hourly: of.keep_hourly,
            keep_daily: of.keep_daily,
            keep_weekly: of.keep_weekly,
            keep_monthly: of.keep_monthly,
            keep_yearly: of.keep_yearly,
            keep_within: of.keep_within.clone(),
            keep_tags: of.keep_tags.clone(),
        }
    }
}

/// Shows the rules and what goes next.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RulesShow {}

/// Sets the rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RulesSet {
    /// What stays.
    #[serde(flatten)]
    pub keep: Keep,
    /// How long what nothing needs stays before it is removed: 12h, 7d; none for seven days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<String>,
}

/// Ends the rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RulesOff {}

/// The rules, and what goes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulesShown {
    /// The rules; none where snapshots go by hand alone.
    pub rules: Option<Keep>,
    /// How long what nothing needs stays, in seconds.
    pub grace: i64,
    /// Snapshots that are forgotten and still here.
    pub forgotten: u64,
    /// When the first of them may go, in seconds since 1970.
    pub first_forgotten: Option<i64>,
    /// Files of the vault that nothing needs and that are still here.
    pub unneeded: u64,
    /// When the first of them may go, in seconds since 1970.
    pub first_unneeded: Option<i64>,
    /// Sources whose old files are left out of new snapshots.
    pub sources: Vec<KeptSource>,
}

/// A source whose old files are left out of new snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptSource {
    /// Where it is.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub path: PathBuf,
    /// Files that did not change for so many days are left out.
    pub days: u32,
}

/// The rules that hold from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulesReply {
    /// The rules; none where snapshots go by hand alone.
    pub rules: Option<Keep>,
    /// How long what nothing needs stays, in seconds.
    pub grace: Option<i64>,
    /// Whether there were rules before.
    pub were_on: bool,
    /// Whether this device may delete, and so applies them.
    pub applies: bool,
    /// What this device is called.
    pub device: String,
}

impl Answer for RulesShown {}
impl Answer for RulesReply {}

impl Job for RulesShow {
    type Reply = RulesShown;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<RulesShown, Failure> {
        let (config, account) = (work.session.config()?, work.open_read_only()?);
        let grace = config.snapshots.as_ref().map_or(GRACE, Retention::grace);
        let due = due(&account, &DeletionNotes::read(&account)?, &listings::held(&account)?, grace)?;
        let kept = |source: &config::Source| Some(KeptSource { path: source.path.clone(), days: source.keep_days? });
        Ok(RulesShown {
            rules: config.snapshots.as_ref().map(Keep::from),
            grace,
            forgotten: due.snapshots,
            first_forgotten: due.first_snapshot,
            unneeded: due.objects,
            first_unneeded: due.first_object,
            sources: config.sources.iter().filter_map(kept).collect(),
        })
    }
}

impl Job for RulesSet {
    type Reply = RulesReply;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "rules set"))
    }

    fn run(self, work: &Work<'_>) -> Result<RulesReply, Failure> {
        let rules = self.keep.retention(self.grace)?;
        if rules.keeps_nothing() {
            return Err(Failure::usage(text!("rules-keep-nothing")).hint(text!("rules-keep-nothing-hint")));
        }
        let account = work.open_read_only()?;
        let before = work.change_config(|config| Ok(config.snapshots.replace(rules.clone())))?;
        Ok(RulesReply {
            rules: Some(Keep::from(&rules)),
            grace: Some(rules.grace()),
            were_on: before.is_some(),
            applies: account.roster.may_delete(&account.device.id),
            device: account.device.name.clone(),
        })
    }
}

impl Job for RulesOff {
    type Reply = RulesReply;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "rules ended"))
    }

    fn run(self, work: &Work<'_>) -> Result<RulesReply, Failure> {
        let before = work.change_config(|config| Ok(config.snapshots.take()))?;
        Ok(RulesReply { rules: None, grace: None, were_on: before.is_some(), applies: false, device: String::new() })
    }
}
