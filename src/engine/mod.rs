//! The only layer that moves things.
