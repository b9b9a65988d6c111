//! Printkeep: an encrypted, local-first backup and sync agent for 3D printers.
//!
//! Layers, each using only those before it: `core ← kind ← consent ← provider ← local ← config ← engine ← app ← surface`.
//!
//! | layer | what it holds |
//! |---|---|
//! | [`core`] | names, keys, seals and formats; pure |
//! | [`kind`] | what a file is and what it says of itself; pure |
//! | [`consent`] | what the owner allowed; pure |
//! | [`provider`] | places that keep sealed bytes: folder, S3, WebDAV, SFTP |
//! | [`local`] | what this machine remembers: accounts, device keys, journal, state |
//! | [`config`] | the owner's settings |
//! | [`engine`] | the only layer that moves things: backup, restore, check, sync |
//! | [`app`] | the one service layer: typed requests, replies, events, for whoever asks |
//! | [`surface`] | what an owner sees and types |

pub mod app;
pub mod config;
pub mod consent;
pub mod core;
pub mod engine;
pub mod kind;
pub mod local;
pub mod provider;
pub mod surface;
