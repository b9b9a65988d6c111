//! Checking: that what is kept is there and whole, and what can be put right.

pub mod doctor;
pub mod verify;
