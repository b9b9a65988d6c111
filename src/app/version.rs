//! The version of the documents that go in and come out: requests, replies, failures and events.

/// The version of the forms of requests, replies and events.
pub const VERSION: u32 = 1;
