//! What this machine remembers: its accounts, its devices' keys, its journals and caches.

pub mod device;
pub mod home;
pub mod kit;
