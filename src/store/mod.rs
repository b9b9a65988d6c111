//! What this machine remembers: its accounts, its devices' keys, its journals and caches.

pub mod audit;
pub mod device;
pub mod entropy;
pub mod guard;
pub mod home;
pub mod journal;
pub mod kit;
pub mod local_seal;
pub mod passphrase;
pub mod policies;
pub mod sealed_index;
pub mod settings_lock;
pub mod shred;
pub mod sleep;
pub mod state;
pub mod system_keyring;
pub mod totp;
pub mod tries;
pub mod withdrawal;
pub mod work_lock;
