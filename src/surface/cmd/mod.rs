//! The commands, each from its arguments to its answer.

pub mod audit;
pub mod backup;
pub mod browse;
pub mod consent;
pub mod device;
pub mod doctor;
pub mod drill;
pub mod enroll;
pub mod follow;
pub mod incidents;
pub mod init;
pub mod keep;
pub mod key;
pub mod policy;
pub mod post;
pub mod prune;
pub mod rescue;
pub mod restore;
pub mod shell;
pub mod source;
pub mod status;
pub mod store;
pub mod sync;
pub mod verify;
