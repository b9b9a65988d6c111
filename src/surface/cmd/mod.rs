//! The commands, each from its arguments to its answer.

pub mod audit;
pub mod browse;
pub mod consent;
pub mod correct;
pub mod data;
pub mod device;
pub mod doctor;
pub mod drill;
pub mod enroll;
pub mod erase;
mod erase_account;
pub mod export;
pub mod follow;
pub mod incidents;
pub mod init;
pub mod policy;
pub mod post;
pub mod rescue;
pub mod restore;
pub mod retention;
pub mod shell;
pub mod status;
pub mod store;
pub mod totp;
pub mod verify;
