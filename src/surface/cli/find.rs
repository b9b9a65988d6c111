//! `find`.

use clap::Args;

use super::entry;
use crate::app::jobs::find::{self as job, Findings};
use crate::app::{Failure, Request};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `find`
#[derive(Args)]
pub struct Find {
    pattern: String,
    #[arg(long)]
    snapshot: Option<String>,
    #[command(flatten)]
    unlock: Unlock,
}

impl Find {
    /// What it asks for; `streamed` where lines are shown as they come.
    pub fn request(self, streamed: bool) -> Result<Request, Failure> {
        let Self { pattern, snapshot, unlock } = self;
        Ok(Request::Find(job::Find { pattern, snapshot, streamed, unlock: unlock.into() }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &Findings, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.found.iter().map(|one| entry::line(&one.entry, words)).collect();
    if reply.count == 0 {
        lines.push(words.say(&text!("find-nothing", pattern = &reply.pattern)));
    }
    lines
}
