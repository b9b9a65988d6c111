//! Printkeep: an encrypted, local-first backup and sync agent for 3D printers.
//!
//! Layers, each using only those before it:
//! `core ← kind ← consent ← provider ← store ← engine ← surface`.

pub mod config;
pub mod consent;
pub mod core;
pub mod engine;
pub mod kind;
pub mod provider;
pub mod store;
