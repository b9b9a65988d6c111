//! One file a job: what is asked, what is replied, and the work between.

pub mod key;
pub mod problems;
pub mod setup;
pub mod snapshots;
pub mod store;
pub mod source;
