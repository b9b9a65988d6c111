//! Frames over a connection: each has its length before it, a limit, and a moment by which it must be whole.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::consent::{Item, Refusal, Revocation};
use crate::core::codec::clamp_u32;
use crate::core::enroll::channel::Channel;
use crate::core::enroll::frame::{Frame, MAX_FRAME};
use crate::core::seal::Refused;
use crate::engine::error::{Enrolling, PlaceName};
use crate::engine::{Cancel, EngineError};
use crate::provider::ProviderError;
use crate::provider::reason::Reason;
use crate::provider::revocable::pulled;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One step.
    pub step: Duration,
    /// All of it.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { step: Duration::from_secs(60), whole: Duration::from_secs(600) }
    }
}

/// A connection to the other device, and when it must have ended.
pub struct Wire {
    stream: TcpStream,
    step: Duration,
    end: Instant,
}

/// The other device does not answer, or not sensibly.
pub fn unreachable(why: Reason) -> EngineError {
    EngineError::Place { place: PlaceName::OtherDevice, error: ProviderError::Unreachable(why) }
}

/// What came is not what the protocol says.
pub fn nonsense(why: Refused) -> EngineError {
    EngineError::Enroll(Enrolling::NotUnderstood(why))
}

impl Wire {
    /// A connection that must have ended at `end`.
    pub fn new(stream: TcpStream, step: Duration, end: Instant) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream, step, end }
    }

    fn step(&self) -> Instant {
        self.end.min(Instant::now() + self.step)
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &[u8]) -> Result<(), EngineError> {
        if frame.len() > MAX_FRAME {
            return Err(EngineError::Enroll(Enrolling::TooMuch));
        }
        let step = self.step();
        let bytes = [&clamp_u32(frame.len()).to_le_bytes()[..], frame].concat();
        done(timeout_at(step, self.stream.write_all(&bytes)).await)
    }

    /// Receives a frame; nothing is kept of one over the limit, and one that comes too slowly is not waited for.
    pub async fn receive(&mut self) -> Result<Vec<u8>, EngineError> {
        let step = self.step();
        let mut length = [0; 4];
        done(timeout_at(step, self.stream.read_exact(&mut length)).await)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_FRAME {
            return Err(nonsense(Refused::Malformed("a message over its size limit")));
        }
        let mut frame = vec![0; length];
        done(timeout_at(step, self.stream.read_exact(&mut frame)).await)?;
        Ok(frame)
    }

    /// Sends a message in a channel.
    pub async fn tell(&mut self, channel: &mut Channel, plain: &[u8]) -> Result<(), EngineError> {
        let sealed = channel.seal(plain).map_err(nonsense)?;
        self.send(&Frame::Sealed(&sealed).encode()).await
    }

    /// Receives a message of a channel.
    pub async fn hear(&mut self, channel: &mut Channel) -> Result<zeroize::Zeroizing<Vec<u8>>, EngineError> {
        let frame = self.receive().await?;
        match Frame::decode(&frame).map_err(nonsense)? {
            Frame::Sealed(sealed) => channel.open(sealed).map_err(|_| changed()),
            _ => Err(nonsense(Refused::Malformed("a message out of turn"))),
        }
    }

    /// Lets go of the connection once the other side has what was sent.
    pub async fn close(&mut self) {
        let step = self.step();
        let _ = timeout_at(step, self.stream.shutdown()).await;
    }
}

/// A message inside the channel does not open: only somebody between, or a broken network, changes one.
fn changed() -> EngineError {
    EngineError::Enroll(Enrolling::Changed)
}

fn done<T>(read: Result<std::io::Result<T>, tokio::time::error::Elapsed>) -> Result<(), EngineError> {
    match read {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(unreachable(Reason::of_system(&error))),
        Err(_) => Err(unreachable(Reason::Silent {})),
    }
}

/// Runs `work` until it is done, the owner asks to stop, or its time is over.
pub async fn until<T>(
    end: Instant,
    cancel: &Cancel,
    leash: &Revocation,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    let stopped = async {
        while !cancel.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        done = work => done,
        () = stopped => Err(EngineError::Cancelled),
        () = pulled(leash) => Err(EngineError::Consent(Refusal::Withdrawn(Item::Network))),
        () = tokio::time::sleep_until(end) => Err(EngineError::Enroll(Enrolling::TooLate)),
    }
}
