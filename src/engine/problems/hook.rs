//! Telling the owner's own program of a problem: run without a shell, with one JSON document on its input, for ten seconds at most.
//!
//! It gets a clean environment: no passphrase and no credential of ours goes with it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::engine::account::Account;
use crate::engine::account::problem_log::Problem;
use crate::provider::reason::Reason;

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
/// How often it is tried for one problem.
const TRIES: u32 = 5;

/// Tells a program of what it was not told yet. Gives the program and why it could not, the first time.
pub fn tell<'a>(account: &Account, program: &'a Path, document: &dyn Fn(&Problem) -> String) -> Option<(&'a Path, Reason)> {
    let mut failed = None;
    let waits = |problem: &Problem| problem.is_open() && problem.told.is_none() && problem.told_failed < TRIES;
    for problem in account.problems().into_iter().filter(waits) {
        let done = run(program, &document(&problem));
        account.logs().problem_log().change(&mut |kept| {
            if let Some(kept) = kept.problems.iter_mut().find(|kept| kept.number == problem.number) {
                match &done {
                    Ok(()) => kept.told = Some(account.now()),
                    Err(_) => kept.told_failed += 1,
                }
            }
        });
        if let Err(why) = done {
            // the others wait for the next run, which is soon enough for a program that fails
            failed = Some((program, why));
            break;
        }
    }
    failed
}

fn run(program: &Path, document: &str) -> Result<(), Reason> {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    ["PATH", "HOME", "LANG"].iter().for_each(|name| {
        std::env::var_os(name).iter().for_each(|value| {
            command.env(name, value);
        });
    });
    let mut child = command.spawn().map_err(|error| not_run(&error))?;
    let started = Instant::now();
    let input = child.stdin.take();
    let text = document.to_owned();
    // a program that reads nothing must not hold us
    let writing = std::thread::Builder::new().name("hook".into()).spawn(move || {
        input.map(|mut input| input.write_all(text.as_bytes()));
    });
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break Ok(()),
            Ok(Some(status)) => break Err(ended_with(status)),
            Ok(None) if started.elapsed() > LIMIT => {
                let _ = child.kill();
                let _ = child.wait();
                break Err(Reason::TookLong { seconds: LIMIT.as_secs().to_string() });
            }
            Ok(None) => std::thread::sleep(PAUSE),
            Err(error) => break Err(not_run(&error)),
        }
    };
    // its end of the pipe is closed, so that writing ends
    drop(writing);
    ended
}

fn not_run(error: &std::io::Error) -> Reason {
    Reason::NotRun { why: error.to_string() }
}

fn ended_with(status: ExitStatus) -> Reason {
    status.code().map_or(Reason::WasEnded {}, |number| Reason::EndedWith { number: number.to_string() })
}
