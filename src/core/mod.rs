//! Pure ground: names, keys, seals and formats; no disk, socket, clock, randomness or async, all of which are arguments.

#![doc = include_str!("FORMAT.md")]

mod body;
pub mod chunk;
pub mod chunker;
pub mod codec;
pub mod deletion_note;
pub mod device_record;
pub mod digest;
pub mod enroll;
pub mod header;
pub mod index;
pub mod keys;
pub mod letter;
pub mod manifest;
pub mod name;
pub mod named;
pub mod pack;
pub mod print_metadata;
pub mod proof;
pub mod random;
pub mod recipient;
pub mod refused;
pub mod roster;
pub mod rotation;
pub mod seal;
pub mod secret;
pub mod sign;
pub mod signed;
pub mod slot;
pub mod snapshot;
#[cfg(test)]
pub mod testing;
pub mod verified;
