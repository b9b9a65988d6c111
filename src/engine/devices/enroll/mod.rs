//! Enrolling a device from another: the one that can unlock the account lets it in, and it gets keys to write with, never keys to read.
//!
//! Both sides need the owner's consent to network use for their sockets. The protocol is in `FORMAT.md`, its messages in `core::enroll`.

pub mod guest;
pub mod host;
mod wire;

pub use wire::Limits;
