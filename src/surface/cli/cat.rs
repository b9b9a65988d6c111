//! `cat`.

use std::path::PathBuf;

use clap::Args;

use crate::app::jobs::cat::{self as job, Given};
use crate::app::{Failure, Request};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `cat`
#[derive(Args)]
pub struct Cat {
    snapshot: String,
    path: PathBuf,
    #[command(flatten)]
    unlock: Unlock,
}

impl Cat {
    /// What it asks for. Standard output holds the file: no document fits beside it.
    pub fn request(self, json: bool) -> Result<Request, Failure> {
        if json {
            return Err(Failure::usage(text!("cat-json")).hint(text!("cat-json-hint")));
        }
        let Self { snapshot, path, unlock } = self;
        Ok(Request::Cat(job::Cat { snapshot, path, unlock: unlock.into() }))
    }
}

/// The lines of the reply: none, for the file was all there is to show.
pub fn lines(_: &Given, _: &Words) -> Vec<String> {
    Vec::new()
}
