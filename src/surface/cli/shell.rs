//! `completions` and `man`: for packagers and shells; they touch no data and ask nothing of the service layer.

use std::path::PathBuf;

use clap::{Args, Command, ValueHint};

use super::screen::Screen;
use crate::app::manual::{self, Page};
use crate::app::{Exit, Failure};
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

/// Prints the completion script of a shell for a command with its help.
pub fn completions(args: &Completions, mut command: Command, screen: &Screen) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "printkeep", &mut script);
    screen.print([String::from_utf8_lossy(&script).trim_end()], Exit::Done)
}

/// Makes a manual page for a command with its help, and for each below it, which are written where the owner says.
pub fn man(args: &Man, command: Command, screen: &Screen) -> Result<Exit, Failure> {
    let mut command = in_one_place(command).disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    // no page fails to be written into memory
    manual_of(command, &mut pages).map_err(|_| Failure::mistake())?;
    manual::write(&args.to, &pages)?;
    let said = (!screen.quiet).then(|| screen.words.say(&text!("man-written", path = args.to.as_path())));
    Ok(screen.print(said, Exit::Done))
}

/// The pages of a command and of those below it.
fn manual_of(command: Command, pages: &mut Vec<Page>) -> std::io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()).cloned() {
        manual_of(inner, pages)?;
    }
    let manual = clap_mangen::Man::new(command);
    let (file, mut text) = (manual.get_filename(), Vec::new());
    manual.render(&mut text)?;
    pages.push(Page { file, text });
    Ok(())
}

/// A manual page lists the options of every command with the others, so that they do not stand below the examples a second time.
fn in_one_place(command: Command) -> Command {
    let examples = command.get_after_help().map(ToString::to_string);
    let command = match examples {
        Some(examples) => command.after_long_help(examples),
        None => command.after_long_help(clap::builder::Resettable::Reset),
    };
    let command = command.mut_args(|arg| arg.hide_long_help(false).hide_short_help(false));
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, in_one_place))
}
