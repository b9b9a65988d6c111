//! Completions and manual pages.

use clap::CommandFactory;
use serde_json::json;

use crate::store::home::DiskError;
use crate::surface::args::{Arguments, Completions, Man};
use crate::surface::exit::Failure;
use crate::surface::show::Answer;

/// Prints the completion script of a shell.
pub fn completions(args: &Completions) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "printkeep", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Ok(Answer::new(vec![script.trim_end().to_owned()], json!({ "script": script })))
}

/// Writes a manual page for every command.
pub fn man(args: &Man) -> Result<Answer, Failure> {
    std::fs::create_dir_all(&args.to).map_err(DiskError::at("create the folder", &args.to))?;
    let command = Arguments::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, &args.to).map_err(DiskError::at("write the pages to", &args.to))?;
    Ok(Answer::new(vec![format!("The manual pages are in {}.", args.to.display())], json!({ "to": args.to })))
}
