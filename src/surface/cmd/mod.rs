//! The commands, each from its arguments to its answer.

pub mod audit;
pub mod backup;
pub mod consent;
pub mod correct;
pub mod data;
pub mod erase;
mod erase_account;
pub mod export;
pub mod follow;
pub mod init;
pub mod keep;
pub mod policy;
pub mod post;
pub mod prune;
pub mod retention;
mod standing;
pub mod store;
pub mod sync;
pub mod totp;
