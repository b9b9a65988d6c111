//! One file a job: what is asked, what is replied, and the work between.

pub mod backup;
pub mod cat;
pub mod check;
pub mod device;
pub mod diff;
pub mod find;
pub mod forget;
pub mod inbox_exchange;
pub mod key;
pub mod ls;
pub mod marks;
pub mod privacy;
pub mod problems;
pub mod prune;
pub mod records_at_store;
pub mod rescue;
pub mod restore;
pub mod rules;
pub mod setup;
pub mod snapshots;
pub mod source;
pub mod status;
pub mod store;
pub mod sync;
