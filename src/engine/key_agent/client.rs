//! Asking the process that holds an account's keys, and starting it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::{Ask, Limits, MAX_ANSWER, PATIENCE, is_own, near, socket};
use crate::core::codec::{Reader, clamp_u32};
use crate::core::keys::Keyring;
use crate::engine::EngineError;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::{Account, keys, slots};
use crate::engine::error::{Damage, OwnFile};
use crate::local::audit::{Event, Outcome};
use crate::local::home::DiskError;

/// How an account that is unlocked stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The process that holds the keys.
    pub process: u32,
    /// Seconds it may be idle.
    pub idle: u64,
    /// Seconds until it locks if nothing asks.
    pub idle_left: u64,
    /// Seconds until it locks in any case.
    pub left: u64,
    /// Whether it hears of sleep before the machine sleeps.
    pub hears_sleep: bool,
}

/// A connection to the process.
pub struct Client {
    stream: UnixStream,
    path: std::path::PathBuf,
}

impl Client {
    /// Connects; none where nothing holds the account's keys. Without the socket's file nothing is opened.
    pub fn connect(account: &Account) -> Result<Option<Self>, EngineError> {
        let path = socket(account);
        if !path.exists() {
            return Ok(None);
        }
        let failed = |error| EngineError::from(DiskError::at("connect to", &path)(error));
        let stream = match UnixStream::connect(near(&path)?.path) {
            Ok(stream) => stream,
            // its process is gone
            Err(error) if matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound) => {
                return Ok(None);
            }
            Err(error) => return Err(failed(error)),
        };
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
        if is_own(&stream) { Ok(Some(Self { stream, path })) } else { Err(failed(std::io::ErrorKind::PermissionDenied.into())) }
    }

    /// Asks; none when it is locked by now.
    pub fn ask(&mut self, what: Ask) -> Result<Option<Zeroizing<Vec<u8>>>, EngineError> {
        let path = self.path.clone();
        let failed = |error| EngineError::from(DiskError::at("ask", &path)(error));
        self.stream.write_all(&what.encode()).map_err(failed)?;
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).map_err(failed)?;
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        if length > MAX_ANSWER {
            return Err(failed(std::io::ErrorKind::InvalidData.into()));
        }
        // as long as it must be from the beginning: one that grew would leave copies behind
        let mut bytes = Zeroizing::new(vec![0; length]);
        self.stream.read_exact(&mut bytes).map_err(failed)?;
        Ok((head[0] == 0).then_some(bytes))
    }
}

/// The account's keys, where it is unlocked; written down as every unlock is.
pub fn keys(account: &Account) -> Result<Option<Keyring>, EngineError> {
    let Some(mut client) = Client::connect(account)? else { return Ok(None) };
    let Some(bytes) = client.ask(Ask::Keys)? else { return Ok(None) };
    let done = opened(account, &bytes);
    slots::audit(account, "unlocked before", &done);
    done.map(Some)
}

fn damaged(why: Damage) -> EngineError {
    EngineError::Damaged { what: OwnFile::KeyAgent, why }
}

fn opened(account: &Account, bytes: &[u8]) -> Result<Keyring, EngineError> {
    let mut keyring = Keyring::decode(bytes).map_err(|bad| damaged(bad.into()))?;
    if keyring.account() != account.id() {
        return Err(damaged(Damage::OtherAccount));
    }
    keys::extend_here(account, &mut keyring)?;
    slots::check(account, keyring)
}

/// How it stands; none where the account is locked.
pub fn state(account: &Account) -> Result<Option<State>, EngineError> {
    let Some(mut client) = Client::connect(account)? else { return Ok(None) };
    let Some(bytes) = client.ask(Ask::State)? else { return Ok(None) };
    let mut input = Reader::new(&bytes);
    let mut read = || {
        let (process, idle, idle_left) = (input.u32()?, input.u64()?, input.u64()?);
        Ok(State { process, idle, idle_left, left: input.u64()?, hears_sleep: input.u8()? == 1 })
    };
    let read: Result<State, crate::core::codec::Bad> = read();
    read.map(Some).map_err(|bad| damaged(bad.into()))
}

/// Locks the account: when this comes back, the keys are out of memory. Whether it was unlocked.
pub fn lock(account: &Account) -> Result<bool, EngineError> {
    let Some(mut client) = Client::connect(account)? else { return Ok(false) };
    let locked = client.ask(Ask::Lock)?.is_some();
    if locked {
        account.logs().audit(AuditEntry::of(Event::Unlock, Outcome::Stopped).what("locked"));
    }
    Ok(locked)
}

/// What the process says before the number of an error of the disk.
const DISK_FAILED: &str = "the disk failed: ";

/// What the process says where the disk failed, with the number of the system's error.
pub fn disk_failed(number: i32) -> String {
    format!("{DISK_FAILED}{number}")
}

/// Starts the process that holds the keys, by `command`, which comes to [`super::serve`]; one that held them before ends. Whether it
/// hears of sleep.
pub fn start(account: &Account, keyring: &Keyring, command: &mut Command) -> Result<bool, EngineError> {
    lock(account)?;
    let failed = |error| EngineError::from(DiskError::at("start", std::path::Path::new("printkeep"))(error));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed)?;
    let plain = Zeroizing::new(keyring.encode().into_vec());
    if let Some(mut stdin) = child.stdin.take() {
        let length = clamp_u32(plain.len()).to_le_bytes();
        stdin.write_all(&length).and_then(|()| stdin.write_all(&plain)).map_err(failed)?;
    }
    let mut told = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(1024).read_to_end(&mut told).map_err(failed)?;
    }
    match std::str::from_utf8(&told).unwrap_or_default().trim_end() {
        "ready, hears of sleep" => Ok(true),
        "ready" => Ok(false),
        why if why.starts_with(DISK_FAILED) => {
            let number = why.trim_start_matches(DISK_FAILED).parse().unwrap_or_default();
            Err(DiskError::at("wait at", &socket(account))(std::io::Error::from_raw_os_error(number)).into())
        }
        "" => Err(damaged(Damage::Ended)),
        why => Err(damaged(Damage::Said(why.to_owned()))),
    }
}

/// What the command line of the process needs to say of its limits.
impl Limits {
    /// In whole seconds: idle, longest.
    pub fn seconds(&self) -> [String; 2] {
        [self.idle, self.longest].map(|limit| limit.as_secs().to_string())
    }
}
