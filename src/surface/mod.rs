//! What an owner sees and types: one vocabulary of words, exits and documents for every command.

pub mod cli;
pub mod words;

use std::panic::PanicHookInfo;

use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches};
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::app::{self, Cancel};
use cli::args::{Arguments, Command};
use cli::key::{Key, KeyCommand};
use cli::screen::Screen;
use cli::usage::Typed;
use words::Words;

/// Does what the arguments say, and gives the exit code.
pub fn run() -> std::process::ExitCode {
    // first of all, before there is a thread or anything is read: whoever stops it at once is heard, too
    let cancel = Cancel::default();
    cli::start::stop_on_signals(cancel.clone());
    leave_no_core();
    let mut said = Words::of(cli::start::language());
    let command = cli::help::localized(Arguments::command(), &said);
    let line = cli::usage::words(&command, std::env::args_os());
    let typed = Typed::of(&command, line.iter().skip(1).cloned());
    let parsed = command.clone().try_get_matches_from(&line);
    // one that the environment names is there for the next command, too
    let is_typed = parsed.as_ref().is_ok_and(|matches| matches.value_source("home") == Some(ValueSource::CommandLine));
    let arguments = match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            let json = std::env::args_os().any(|arg| arg == "--json");
            let screen = Screen { words: said, json, quiet: false };
            return screen.fail(&typed.name, &cli::usage::failure(&error, &typed)).code();
        }
        Err(error) => {
            let _ = error.print();
            return app::Exit::Done.code();
        }
    };
    arguments.home.iter().filter(|_| is_typed).for_each(|home| said.in_home(home));
    std::panic::set_hook(Box::new(on_panic));
    let screen = Screen { words: said, json: arguments.json, quiet: arguments.quiet };
    let helped = || command.clone();
    let done = match &arguments.command {
        Command::Completions(args) => return cli::shell::completions(args, helped(), &screen).code(),
        Command::Man(args) => cli::shell::man(args, helped(), &screen),
        _ => ask(arguments, &screen, &cancel),
    };
    done.unwrap_or_else(|failure| screen.fail(&typed.name, &failure)).code()
}

/// Asks the service layer.
fn ask(arguments: Arguments, screen: &Screen, cancel: &Cancel) -> Result<app::Exit, app::Failure> {
    let session = cli::start::session(&arguments, screen)?;
    if let Command::Key(Key { command: KeyCommand::Hold { idle, longest } }) = &arguments.command {
        return app::key_agent::hold(&session, *idle, *longest, cancel).map(|()| app::Exit::Done);
    }
    Ok(cli::request::run(&session, screen, arguments.request()?, cancel))
}

/// Keys are in memory: no core dump is written, and no other process of this user's reads what is there. Where the system refuses it,
/// work goes on.
fn leave_no_core() {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, nothing);
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Says where a mistake lies, but never what was in its hands: a panic's message may hold a name or a value.
fn on_panic(info: &PanicHookInfo<'_>) {
    // the panic of a database on damaged files is answered by a rebuild
    if !app::is_answered()
        && let Some(at) = info.location()
    {
        words::note(&format!("printkeep: stopped by a mistake of its own at {}:{}", at.file(), at.line()));
    }
}
