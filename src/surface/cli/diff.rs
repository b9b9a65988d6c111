//! `diff`.

use clap::Args;

use super::entry;
use crate::app::jobs::diff::{self as job, Changes};
use crate::app::{Failure, Request};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `diff`
#[derive(Args)]
pub struct Diff {
    before: String,
    #[arg(default_value = "latest")]
    after: String,
    #[command(flatten)]
    unlock: Unlock,
}

impl Diff {
    /// What it asks for; `streamed` where lines are shown as they come.
    pub fn request(self, streamed: bool) -> Result<Request, Failure> {
        let Self { before, after, unlock } = self;
        Ok(Request::Diff(job::Diff { before, after, streamed, unlock: unlock.into() }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &Changes, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.changes.iter().map(|one| entry::changed(one, words)).collect();
    lines.push(words.say(&match reply.count {
        0 => text!("diff-nothing", before = entry::which(&reply.before), after = entry::which(&reply.after)),
        _ => text!("diff-marks"),
    }));
    lines
}
