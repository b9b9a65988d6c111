//! The process that holds an account's keys.

use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};
use zeroize::Zeroizing;

use super::{Ask, HURRY, Limits, MAX_ANSWER, is_own, near, socket};
use crate::core::codec::{Writer, clamp_u32};
use crate::engine::account::Account;
use crate::engine::account::audit::AuditEntry;
use crate::engine::{Cancel, EngineError};
use crate::local::audit::{Event, Outcome};
use crate::local::home::DiskError;
use crate::local::logind::{self, Sign};
use crate::local::may_vanish;

/// How often the clock is looked at.
const TICK: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// The clock that goes on while the machine sleeps may run so far ahead of the other before that counts as sleep.
const SLEPT: Duration = Duration::from_secs(2);

/// Why it locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was asked to.
    Asked,
    /// Nothing asked for the keys for as long as it may be idle.
    Idle,
    /// It was unlocked for as long as it may be.
    Over,
    /// The machine went to sleep.
    Sleep,
    /// The screen was locked.
    Screen,
    /// It was stopped.
    Stopped,
}

impl Why {
    /// For the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "locked",
            Self::Idle => "locked: idle",
            Self::Over => "locked: time over",
            Self::Sleep => "locked: sleep",
            Self::Screen => "locked: screen",
            Self::Stopped => "locked: stopped",
        }
    }
}

/// The keys, until they are wiped.
struct Held {
    keys: Option<Zeroizing<Vec<u8>>>,
    why: Option<Why>,
}

impl Held {
    /// Wipes the keys; the first reason holds.
    fn lock(&mut self, why: Why) {
        drop(self.keys.take());
        self.why.get_or_insert(why);
    }
}

type Shared = Arc<Mutex<Held>>;

fn held(shared: &Shared) -> std::sync::MutexGuard<'_, Held> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Time since the machine started, with and without the time it slept.
fn clocks() -> [Duration; 2] {
    [ClockId::Boottime, ClockId::Monotonic].map(|clock| {
        let time = clock_gettime(clock);
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
    })
}

/// Whether the machine slept between two looks at the clocks.
fn slept([boot, awake]: [Duration; 2], [boot_now, awake_now]: [Duration; 2]) -> bool {
    boot_now.saturating_sub(boot) > awake_now.saturating_sub(awake) + SLEPT
}

/// Reads the keys from `input`, tells on `ready` that it waits, and holds them until something locks the account. Gives the reason.
pub fn serve(
    account: &Account,
    limits: Limits,
    input: &mut dyn Read,
    ready: &mut dyn Write,
    cancel: &Cancel,
) -> Result<Why, EngineError> {
    let path = socket(account);
    let failed = |error| EngineError::from(DiskError::at("wait at", &path)(error));
    let shared: Shared = Arc::new(Mutex::new(Held { keys: Some(read_keys(input).map_err(failed)?), why: None }));
    let listener = listen(&path, &failed)?;
    let on_sign = shared.clone();
    let heard = logind::listen(move |sign| {
        held(&on_sign).lock(match sign {
            Sign::Sleep => Why::Sleep,
            Sign::Screen => Why::Screen,
        });
    });
    // what the system lets a user keep out of swap is often less than this; then it may be swapped
    let _ = rustix::mm::mlockall(rustix::mm::MlockAllFlags::CURRENT | rustix::mm::MlockAllFlags::ONFAULT);
    let (own, hears_sleep, begun) = (identity(&path), heard.is_ok(), clocks());
    let mut holder = KeyAgent { socket: path.clone(), own, shared, limits, hears_sleep, begun, asked: begun, looked: begun };
    let word = if hears_sleep { "ready, hears of sleep" } else { "ready" };
    ready.write_all(word.as_bytes()).and_then(|()| ready.flush()).map_err(failed)?;
    let done = holder.run(&listener, cancel);
    let why = holder.end();
    done.map_err(failed)?;
    // an account that was taken away is not brought back by a line in its log
    if why != Why::Asked && path.parent().is_some_and(Path::is_dir) {
        account.logs().audit(AuditEntry::of(Event::Unlock, Outcome::Stopped).what(why.as_str()));
    }
    Ok(why)
}

/// The keys, after their length in four bytes.
fn read_keys(input: &mut dyn Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_ANSWER {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    let mut keys = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut keys)?;
    Ok(keys)
}

/// Waits at the socket, in the place of one that was killed and left its own behind.
fn listen(path: &Path, failed: &dyn Fn(std::io::Error) -> EngineError) -> Result<UnixListener, EngineError> {
    may_vanish::remove(path)?;
    let listener = UnixListener::bind(near(path)?.path).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// Which file lies at a path; none when there is none.
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

fn is_there(path: &Path, own: Option<(u64, u64)>) -> bool {
    identity(path) == own
}

struct KeyAgent {
    socket: PathBuf,
    own: Option<(u64, u64)>,
    shared: Shared,
    limits: Limits,
    hears_sleep: bool,
    begun: [Duration; 2],
    asked: [Duration; 2],
    looked: [Duration; 2],
}

impl KeyAgent {
    fn run(&mut self, listener: &UnixListener, cancel: &Cancel) -> std::io::Result<()> {
        while held(&self.shared).why.is_none() {
            let mut waiting = [PollFd::new(listener, PollFlags::IN)];
            match poll(&mut waiting, Some(&TICK)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if cancel.check().is_err() {
                held(&self.shared).lock(Why::Stopped);
            }
            // whoever takes the account away, or puts another in its place, locks this one
            if !is_there(&self.socket, self.own) {
                held(&self.shared).lock(Why::Stopped);
            }
            // before anybody is answered: what came while the machine slept finds it locked
            self.look_at_the_clock();
            match listener.accept() {
                Ok((stream, _)) => drop(self.answer(stream)),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                // one that went away before it was taken
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        Ok(())
    }

    /// Wipes the keys, whatever ended it, and takes its socket away; gives why it locked.
    fn end(&self) -> Why {
        let mut held = held(&self.shared);
        held.lock(Why::Stopped);
        // only its own, not that of another which took its place
        if is_there(&self.socket, self.own) {
            let _ = std::fs::remove_file(&self.socket);
        }
        held.why.unwrap_or(Why::Stopped)
    }

    fn look_at_the_clock(&mut self) {
        let now = clocks();
        let since = |then: [Duration; 2]| now[0].saturating_sub(then[0]);
        let why = match () {
            () if slept(self.looked, now) => Some(Why::Sleep),
            () if since(self.begun) >= self.limits.longest => Some(Why::Over),
            () if since(self.asked) >= self.limits.idle => Some(Why::Idle),
            () => None,
        };
        self.looked = now;
        if let Some(why) = why {
            held(&self.shared).lock(why);
        }
    }

    /// Answers one process of this user; whatever goes wrong is the other's to see.
    fn answer(&mut self, mut stream: UnixStream) -> std::io::Result<()> {
        if !is_own(&stream) {
            return Ok(());
        }
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(HURRY))?;
        stream.set_write_timeout(Some(HURRY))?;
        let mut request = [0; 8];
        stream.read_exact(&mut request)?;
        let Some(ask) = Ask::decode(&request) else { return Ok(()) };
        let mut held = held(&self.shared);
        let mut state = Writer::new();
        let answer: Option<&[u8]> = match (ask, &held.keys) {
            (_, None) => None,
            (Ask::Keys, Some(keys)) => {
                self.asked = clocks();
                Some(keys.as_slice())
            }
            (Ask::State, Some(_)) => {
                self.encode(&mut state);
                Some(state.as_slice())
            }
            (Ask::Lock, Some(_)) => {
                held.lock(Why::Asked);
                Some(&[])
            }
        };
        let bytes = answer.unwrap_or_default();
        stream.write_all(&[u8::from(answer.is_none())])?;
        stream.write_all(&clamp_u32(bytes.len()).to_le_bytes())?;
        stream.write_all(bytes)?;
        if ask == Ask::Lock {
            // until whoever asked has seen it, or does not look
            let _ = stream.read(&mut [0]);
        }
        Ok(())
    }

    fn encode(&self, out: &mut Writer) {
        let now = clocks()[0];
        let left = |limit: Duration, then: [Duration; 2]| limit.saturating_sub(now.saturating_sub(then[0])).as_secs();
        out.u32(std::process::id());
        out.u64(self.limits.idle.as_secs());
        out.u64(left(self.limits.idle, self.asked));
        out.u64(left(self.limits.longest, self.begun));
        out.u8(self.hears_sleep.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_went_on_while_the_other_stood_still_is_sleep() {
        let at = |boot: u64, awake: u64| [Duration::from_secs(boot), Duration::from_secs(awake)];
        assert!(!slept(at(100, 90), at(101, 91)));
        assert!(!slept(at(100, 90), at(103, 91)), "a slow look");
        assert!(slept(at(100, 90), at(104, 91)));
        assert!(slept(at(100, 90), at(4000, 91)));
    }

    #[test]
    fn keys_are_gone_once_it_is_locked_and_the_first_reason_holds() {
        let mut held = Held { keys: Some(Zeroizing::new(vec![1, 2, 3])), why: None };
        held.lock(Why::Idle);
        held.lock(Why::Sleep);
        assert!(held.keys.is_none() && held.why == Some(Why::Idle));
    }
}
