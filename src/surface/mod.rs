//! What an owner sees and types: one vocabulary of words, exits and documents for every command.

pub mod args;
pub mod ask;
pub mod cli;
pub mod context;
pub mod exit;
pub mod progress;
pub mod show;
pub mod words;

use std::panic::PanicHookInfo;

use clap::{CommandFactory, FromArgMatches};
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::app;
use crate::store::state::is_guarding;
use args::{Arguments, Command};
use cli::key::{Key, KeyCommand};
use context::Context;
use exit::Exit;
use words::Words;

/// Does what the arguments say, and gives the exit code.
pub fn run() -> std::process::ExitCode {
    leave_no_core();
    let said = Words::of(context::language());
    let parsed = cli::help::localized(Arguments::command(), &said).try_get_matches();
    let arguments = match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            let json = std::env::args_os().any(|arg| arg == "--json");
            let screen = cli::Screen { words: said, json, quiet: false };
            return cli::fail(&screen, "", &cli::usage::failure(&error)).code();
        }
        Err(error) => {
            let _ = error.print();
            return Exit::Done.code();
        }
    };
    let context = match Context::new(&arguments) {
        Ok(context) => context,
        Err(failure) => return words::report_early(&arguments, &failure).code(),
    };
    let screen = cli::Screen { words: said, json: context.json, quiet: context.quiet };
    match &arguments.command {
        Command::Completions(args) => return cli::shell::completions(args, &screen).code(),
        Command::Man(args) => {
            let done = cli::shell::man(args, &screen);
            return done.map_or_else(|failure| cli::fail(&screen, "man", &failure), |()| app::Exit::Done).code();
        }
        _ => {}
    }
    if let Command::Key(Key { command: KeyCommand::Hold { idle, longest } }) = &arguments.command {
        std::panic::set_hook(Box::new(on_panic));
        let held = app::key_agent::hold(&context.session(false), *idle, *longest, &context.cancel);
        return held.map_or_else(|failure| failure.exit, |()| app::Exit::Done).code();
    }
    std::panic::set_hook(Box::new(on_panic));
    perform(&context, &screen, cli::asked(arguments)).code()
}

/// Asks the service layer.
fn perform(context: &Context, screen: &cli::Screen, request: Result<app::Request, app::Failure>) -> app::Exit {
    let session = context.session(cli::progress::is_watched(screen));
    match request {
        Ok(request) => cli::run(&session, screen, request, &context.cancel),
        Err(failure) => cli::fail(screen, "", &failure),
    }
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
    if !is_guarding()
        && let Some(at) = info.location()
    {
        words::note(&format!("printkeep: stopped by a mistake of its own at {}:{}", at.file(), at.line()));
    }
}
