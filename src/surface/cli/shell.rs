//! `completions` and `man`: for packagers and shells; they touch no data and ask nothing of the service layer.

use std::path::PathBuf;

use clap::{Args, CommandFactory, ValueHint};

use super::{Screen, help};
use crate::app::{Exit, Failure};
use crate::surface::args::Arguments;
use crate::surface::words;
use crate::text;

/// `completions`
#[derive(Args)]
pub struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Args)]
pub struct Man {
    /// The folder to write the pages to.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: PathBuf,
}

/// Prints the completion script of a shell.
pub fn completions(args: &Completions, screen: &Screen) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut help::localized(Arguments::command(), &screen.words), "printkeep", &mut script);
    words::print(String::from_utf8_lossy(&script).trim_end());
    Exit::Done
}

/// Writes a manual page for every command.
pub fn man(args: &Man, screen: &Screen) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::path(&args.to, &error);
    std::fs::create_dir_all(&args.to).map_err(failed)?;
    clap_mangen::generate_to(help::localized(Arguments::command(), &screen.words), &args.to).map_err(failed)?;
    if !screen.quiet {
        words::print(&screen.words.say(&text!("man-written", path = args.to.as_path())));
    }
    Ok(())
}
