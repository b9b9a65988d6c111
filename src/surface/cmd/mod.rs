//! The commands, each from its arguments to its answer.

pub mod backup;
pub mod erase;
pub mod init;
pub mod keep;
pub mod post;
pub mod prune;
pub mod retention;
mod standing;
pub mod store;
pub mod sync;
pub mod totp;
