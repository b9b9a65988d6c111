//! One file a job: what is asked, what is replied, and the work between.

pub mod problems;
pub mod setup;
pub mod snapshots;
