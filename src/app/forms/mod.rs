//! Plain data that is told before there is a reply too: what events and questions show, and replies say again.

pub mod entry;
pub mod following;
pub mod judged;
pub mod notice;
pub mod omission;
pub mod problem;
pub mod problem_kind;
pub mod problem_parts;
pub mod prune;
pub mod rescue;
pub mod setup;
pub mod snapshot;
pub mod source;
pub mod store;
pub mod store_problem;
