//! The commands, each from its arguments to its answer.

pub mod audit;
pub mod consent;
pub mod correct;
pub mod data;
pub mod erase;
mod erase_account;
pub mod export;
pub mod follow;
pub mod init;
pub mod policy;
pub mod post;
pub mod rescue;
pub mod retention;
pub mod shell;
pub mod store;
pub mod totp;
