//! What vault and stores hold: stores opened, snapshots, which chunks lie where, and how they are read; the room below backup, restore and sync.

pub mod chunk_index;
pub mod chunk_place;
pub mod chunk_reader;
pub mod content;
pub mod deletion_notes;
pub mod durable;
pub mod index_file;
pub mod known_damage;
pub mod listings;
pub mod monitored;
pub mod named;
pub mod proof;
pub mod read_order;
pub mod remote;
pub mod remotes;
pub mod shown;
pub mod snapshot;
pub mod snapshots;
pub mod stores;
pub mod usage;
pub mod vault_loss;
