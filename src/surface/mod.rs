//! What an owner sees and types: one vocabulary of words, exits and documents for every command.

mod after;
pub mod args;
mod args_between;
pub mod ask;
pub mod attend;
pub mod cli;
pub mod cmd;
pub mod context;
pub mod exit;
pub mod progress;
pub mod show;
pub mod words;

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

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
    let arguments = match cli::asked(arguments) {
        cli::Asked::New(request) => return perform(&context, &screen, request).code(),
        cli::Asked::Old(arguments) => arguments,
    };
    let name = arguments.command.name();
    let recording = after::Recording::of(&arguments.command);
    let planned = attend::plan(&arguments.command);
    let apart = false;
    // a mistake of ours is told like any failure, so that `--json` is one document even then
    let work = || {
        attend::begin(&context, planned.as_ref());
        dispatch(&context, arguments.command)
    };
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(mistake()));
    let done = recording.note(&context, name, done);
    if !apart {
        // a mistake there spoils no answer
        let _ = catch_unwind(AssertUnwindSafe(|| attend::end(&context, planned.as_ref(), &done)));
    }
    match done {
        Ok(answer) => context.finish(name, answer).code(),
        Err(failure) => context.fail(name, &failure).code(),
    }
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

fn mistake() -> exit::Failure {
    exit::Failure {
        exit: Exit::Failed,
        message: "this is a mistake in Printkeep, not yours; what was reported as saved is saved".into(),
        hint: Some("run the same command again; if it stops again, please report the line above".into()),
    }
}

fn dispatch(context: &Context, command: Command) -> Result<show::Answer, exit::Failure> {
    match command {
        // asked of the service layer
        Command::Device(_)
        | Command::Key(_)
        | Command::Rescue(_)
        | Command::Privacy(_)
        | Command::Setup(_)
        | Command::Snapshots(_)
        | Command::Source(_)
        | Command::Store(_) => Err(mistake()),
        Command::Ls(_) | Command::Find(_) | Command::Diff(_) | Command::Cat(_) | Command::Restore(_) => Err(mistake()),
        Command::Backup(_)
        | Command::Sync(_)
        | Command::Forget(_)
        | Command::Prune(_)
        | Command::Rules(_) => Err(mistake()),
        Command::Send(args) => cmd::post::send(context, &args),
        Command::Inbox(args) => cmd::post::inbox(context, args.command),
        Command::Check(_) | Command::Problems(_) | Command::Status(_) => Err(mistake()),
        Command::Completions(_) | Command::Man(_) => Err(mistake()),
    }
}
