//! The only layer that moves things: what is observed is planned, read, cut, sealed and kept; what is asked for comes home.

pub mod account;
pub mod backup;
pub mod cancel;
pub mod check;
pub mod clock;
pub mod devices;
pub mod error;
pub mod inbox;
pub mod job;
pub mod key_agent;
pub mod privacy;
pub mod problems;
pub mod profile;
pub mod progress;
pub mod repository;
pub mod restore;
pub mod retention;
pub mod runtime;
pub mod skip;
pub mod sync;

pub use error::{EngineError, Misuse};

pub use cancel::Cancel;
pub use job::Job;
pub use progress::{Event, Notice, OnEvent, Phase};
