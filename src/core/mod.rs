//! Pure ground: names, keys, seals and formats; no disk, socket, clock, randomness or async, all of which are arguments.

pub mod codec;
pub mod facts;
pub mod name;
pub mod random;
pub mod secret;
