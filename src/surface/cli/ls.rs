//! `ls`.

use std::path::PathBuf;

use clap::Args;

use super::entry;
use crate::app::jobs::ls::{self as job, Listing};
use crate::app::{Failure, Request};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `ls`
#[derive(Args)]
pub struct Ls {
    #[arg(default_value = "latest")]
    snapshot: String,
    path: Option<PathBuf>,
    #[arg(long, short)]
    recursive: bool,
    #[command(flatten)]
    unlock: Unlock,
}

impl Ls {
    /// What it asks for; `streamed` where lines are shown as they come.
    pub fn request(self, streamed: bool) -> Result<Request, Failure> {
        let Self { snapshot, path, recursive, unlock } = self;
        Ok(Request::Ls(job::Ls { snapshot, path, recursive, streamed, unlock: unlock.into() }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &Listing, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.entries.iter().map(|one| entry::line(one, words)).collect();
    if reply.count == 0 {
        lines.push(words.say(&text!("ls-empty", which = entry::which(&reply.which))));
    }
    lines
}
