//! The commands, each from its arguments to its answer.

pub mod init;
pub mod post;
pub mod store;
