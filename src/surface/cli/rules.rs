//! `rules`, and what the standing rules did beside other work.

use clap::{Args, Subcommand};

use super::prune;
use super::snapshots::judged;
use crate::app::jobs::rules::applied::Applied;
use crate::app::jobs::rules::{self as job, RulesReply, RulesShown};
use crate::app::{Arg, Failure, Request};
use crate::surface::words::Words;
use crate::text;

/// `rules`
#[derive(Args)]
pub struct Rules {
    /// What to do
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// `rules …`
#[derive(Subcommand)]
pub enum RulesCommand {
    /// Show them
    Show,
    /// Set them
    Set(SetRules),
    /// End them
    Off,
}

/// `rules set`
#[derive(Args)]
pub struct SetRules {
    /// What stays
    #[command(flatten)]
    pub keep: Keep,
    /// Grace period
    #[arg(long, value_name = "TIME")]
    pub grace: Option<String>,
}

/// Which snapshots stay.
#[derive(Args)]
pub struct Keep {
    /// Newest
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub keep_last: u32,
    /// Hours
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub keep_hourly: u32,
    /// Days
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub keep_daily: u32,
    /// Weeks
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub keep_weekly: u32,
    /// Months
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub keep_monthly: u32,
    /// Years
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub keep_yearly: u32,
    /// Within a time
    #[arg(long, value_name = "TIME")]
    pub keep_within: Option<String>,
    /// With a tag
    #[arg(long, value_name = "TAG")]
    pub keep_tag: Vec<String>,
}

impl From<Keep> for job::Keep {
    fn from(keep: Keep) -> Self {
        Self {
            keep_last: keep.keep_last,
            keep_hourly: keep.keep_hourly,
            keep_daily: keep.keep_daily,
            keep_weekly: keep.keep_weekly,
            keep_monthly: keep.keep_monthly,
            keep_yearly: keep.keep_yearly,
            keep_within: keep.keep_within,
            keep_tags: keep.keep_tag,
        }
    }
}

impl Rules {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            RulesCommand::Show => Request::RulesShow(job::RulesShow {}),
            RulesCommand::Set(set) => Request::RulesSet(job::RulesSet { keep: set.keep.into(), grace: set.grace }),
            RulesCommand::Off => Request::RulesOff(job::RulesOff {}),
        })
    }
}

/// The rules in words: `3 last, all within 30d`.
fn rules_text(keep: &job::Keep, words: &Words) -> String {
    let counts = [
        (keep.keep_last, text!("rule-last", count = keep.keep_last)),
        (keep.keep_hourly, text!("rule-hourly", count = keep.keep_hourly)),
        (keep.keep_daily, text!("rule-daily", count = keep.keep_daily)),
        (keep.keep_weekly, text!("rule-weekly", count = keep.keep_weekly)),
        (keep.keep_monthly, text!("rule-monthly", count = keep.keep_monthly)),
        (keep.keep_yearly, text!("rule-yearly", count = keep.keep_yearly)),
    ];
    let counted = counts.iter().filter(|(count, _)| *count > 0).map(|(_, text)| words.say(text));
    let within = keep.keep_within.iter().map(|time| words.say(&text!("rule-within", time = time)));
    let tags = keep.keep_tags.iter().map(|tag| words.say(&text!("rule-tag", tag = tag)));
    counted.chain(within).chain(tags).collect::<Vec<_>>().join(", ")
}

/// The lines of `rules show`.
pub fn show(reply: &RulesShown, words: &Words) -> Vec<String> {
    let grace = Arg::Seconds(reply.grace.unsigned_abs());
    let mut lines = vec![words.say(&match &reply.rules {
        Some(keep) => text!("rules-on", rules = rules_text(keep, words), grace = grace),
        None => text!("rules-none"),
    })];
    if let Some(first) = reply.first_forgotten {
        lines.push(words.say(&text!("rules-forgotten", count = Arg::Count(reply.forgotten), first = Arg::Time(first))));
    }
    if let Some(first) = reply.first_unneeded {
        lines.push(words.say(&text!("rules-unneeded", count = Arg::Count(reply.unneeded), first = Arg::Time(first))));
    }
    let source = |one: &job::KeptSource| words.say(&text!("rules-source", path = one.path.as_path(), count = one.days));
    lines.extend(reply.sources.iter().map(source));
    lines
}

/// The lines of `rules set` and `rules off`.
pub fn changed(reply: &RulesReply, words: &Words) -> Vec<String> {
    let Some(keep) = &reply.rules else {
        return vec![words.say(&if reply.were_on { text!("rules-ended") } else { text!("rules-were-none") })];
    };
    let grace = Arg::Seconds(reply.grace.unwrap_or_default().unsigned_abs());
    let applies = if reply.applies { text!("rules-applied-here") } else { text!("rules-not-here", device = &reply.device) };
    vec![
        words.say(&text!("rules-set", rules = rules_text(keep, words), grace = grace)),
        words.say(&applies),
        words.say(&text!("rules-try")),
    ]
}

/// What the standing rules did beside a backup or a sync.
pub fn applied(reply: &Applied, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    if reply.forgotten > 0 {
        lines.push(words.say(&text!("rules-forgot", count = Arg::Count(reply.forgotten))));
        lines.extend(reply.gone.iter().map(|one| format!("  {}", judged(one, words))));
    }
    lines.extend(reply.pruned.iter().flat_map(|pruned| prune::done(pruned, words)));
    lines
}
