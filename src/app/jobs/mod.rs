//! One file a job: what is asked, what is replied, and the work between.

pub mod device;
pub mod cat;
pub mod check;
pub mod diff;
pub mod find;
pub mod ls;
pub mod key;
pub mod problems;
pub mod rescue;
pub mod restore;
pub mod setup;
pub mod snapshots;
pub mod status;
pub mod store;
pub mod source;
