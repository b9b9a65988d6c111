//! What this machine remembers: its accounts, its devices' keys, its journals and caches.

pub mod audit;
pub mod cache;
pub mod consent_withdrawal;
pub mod device;
pub mod home;
pub mod journal;
pub mod journal_error;
pub mod local_seal;
pub mod lock_file;
pub mod logind;
pub mod may_vanish;
pub mod named_file;
pub mod os_random;
pub mod passphrase;
pub mod policies;
pub mod recovery_kit;
pub mod reserve;
pub mod sealed_index;
pub mod shred;
pub mod stop;
pub mod system_keyring;
pub mod totp;
pub mod unlock_attempts;
pub mod wait_since;
pub mod work_lock;
