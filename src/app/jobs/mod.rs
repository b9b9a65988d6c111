//! One file a job: what is asked, what is replied, and the work between.

pub mod cat;
pub mod check;
pub mod device;
pub mod diff;
pub mod find;
pub mod key;
pub mod privacy;
pub mod ls;
pub mod problems;
pub mod rescue;
pub mod restore;
pub mod setup;
pub mod snapshots;
pub mod source;
pub mod status;
pub mod store;
