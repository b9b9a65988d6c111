//! An account that its owner unlocked for a while: a process of its own holds the keys in memory, so that commands that read need no
//! passphrase, until the owner locks it, nothing has asked for a time, or the machine goes to sleep.
//!
//! It waits at a socket in the account's folder, which is this user's alone, and answers nobody but this user's processes: whoever
//! can run programs as the owner while the account is unlocked can read the backup, and nobody else. It keeps the keys encoded in one
//! buffer, writes them nowhere, leaves no core dump, and wipes the buffer before it answers that it is locked.
//!
//! | request | 8 bytes: magic `PKHD`, version 1, code, zeros |
//! |---|---|
//! | 1 keys | what `Keyring::encode` writes |
//! | 2 lock | nothing |
//! | 3 state | process id `u32`; seconds it may be idle, seconds until it locks if idle, seconds until it locks anyway `u64` each; whether it hears of sleep `u8` |
//!
//! Answer: 0 when it has what was asked, 1 when it is locked; length `u32`; so many bytes.

mod client;
pub mod reading_key;
mod serve;

pub use client::{Client, State, disk_failed, keys, lock, start, state};
pub use serve::{Why, serve};

use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use crate::engine::account::Account;
use crate::local::home::DiskError;

const MAGIC: [u8; 4] = *b"PKHD";
const VERSION: u8 = 1;
/// The longest answer, which is the most keys an account may have.
const MAX_ANSWER: usize = 256 * 1024;
/// How long it may take until one who asks is answered: others may be before it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one who was let in may take to say what it asks, and to read the answer: the next one waits meanwhile.
const HURRY: Duration = Duration::from_millis(500);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Ask {
    /// The keys.
    Keys = 1,
    /// That it locks.
    Lock = 2,
    /// How it stands.
    State = 3,
}

impl Ask {
    fn encode(self) -> [u8; 8] {
        let mut out = [0; 8];
        out[..4].copy_from_slice(&MAGIC);
        (out[4], out[5]) = (VERSION, self as u8);
        out
    }

    fn decode(bytes: &[u8; 8]) -> Option<Self> {
        [Self::Keys, Self::Lock, Self::State].into_iter().find(|ask| ask.encode() == *bytes)
    }
}

/// How long an account stays unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After so long in which nothing asked for the keys it locks.
    pub idle: Duration,
    /// After so long it locks in any case.
    pub longest: Duration,
}

/// Where it waits.
fn socket(account: &Account) -> PathBuf {
    account.folder().join("unlocked.sock")
}

/// A short path to a socket, however long its own is: a socket's address holds 108 bytes.
struct Near {
    _folder: OwnedFd,
    path: PathBuf,
}

fn near(socket: &Path) -> Result<Near, DiskError> {
    let (folder, name) = (socket.parent().unwrap_or(socket), socket.file_name().unwrap_or_default());
    let opened = rustix::fs::open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let opened = opened.map_err(|error| DiskError::at("open", folder)(error.into()))?;
    let path = Path::new("/proc/self/fd").join(opened.as_raw_fd().to_string()).join(name);
    Ok(Near { _folder: opened, path })
}

/// Whether the process at the other end runs as this user.
fn is_own(stream: &std::os::unix::net::UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_read_back_and_others_are_none() {
        for ask in [Ask::Keys, Ask::Lock, Ask::State] {
            assert_eq!(Ask::decode(&ask.encode()), Some(ask));
        }
        for at in 0..8 {
            let mut bytes = Ask::Keys.encode();
            bytes[at] ^= 0x40;
            assert_eq!(Ask::decode(&bytes), None);
        }
    }
}
