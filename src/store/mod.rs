//! What this machine remembers.
