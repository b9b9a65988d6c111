//! The process that `key unlock` starts: it holds an account's keys in memory, and does nothing else.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use crate::app::reasons::kept;
use crate::app::{Failure, Session};
use crate::engine::account::Account;
use crate::engine::key_agent::{self, Limits};
use crate::engine::{Cancel, EngineError};
use crate::local::home::DiskError;

/// Holds the keys that come on its standard input until it is locked; detached from the terminal it was started at. `idle` and
/// `longest` are in seconds.
pub fn hold(session: &Session, idle: u64, longest: u64, cancel: &Cancel) -> Result<(), Failure> {
    let limits = Limits { idle: Duration::from_secs(idle), longest: Duration::from_secs(longest) };
    // it fails where it leads a group already, which is as good
    let _ = rustix::process::setsid();
    let name = Account::choose(&session.home, session.account.as_ref())?;
    let account = Account::open_read_only(&session.home, name, session.clock)?;
    // unbuffered: no buffer of the library's keeps a copy
    let unbuffered = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned().map(File::from);
    let streams = unbuffered(std::io::stdin().as_fd()).and_then(|input| Ok((input, unbuffered(std::io::stdout().as_fd())?)));
    let (mut input, ready) = streams.map_err(DiskError::at("open", Path::new("/dev/stdin")))?;
    let mut ready = Ready(Some(ready));
    match key_agent::serve(&account, limits, &mut input, &mut ready, cancel) {
        Ok(_) => Ok(()),
        // its number alone: whoever started this says it in words
        Err(EngineError::Disk(error)) if error.source.raw_os_error().is_some() => {
            let number = error.source.raw_os_error().unwrap_or_default();
            let _ = ready.write_all(key_agent::disk_failed(number).as_bytes());
            Err(error.into())
        }
        Err(error) => {
            let failure = Failure::from(error);
            // whoever started it says it in words
            let _ = ready.write_all(kept(&failure.message).as_bytes());
            Err(failure)
        }
    }
}

/// Standard output, which is closed with the first word: whoever started this process waits for its end.
struct Ready(Option<File>);

impl Write for Ready {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.as_mut().map_or(Ok(bytes.len()), |to| to.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0 = None;
        close_standard_streams()
    }
}

/// Points standard input and output at nothing.
fn close_standard_streams() -> std::io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    Ok(())
}
