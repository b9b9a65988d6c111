//! Problems: what went wrong that an owner must know, graded by written rules, kept until it is remedied, told once and counted.
//!
//! | grade | rule |
//! |---|---|
//! | critical | somebody may be acting against the owner: two histories of one device, a broken audit log; a store that is not the trusted one, three times or more; ten or more wrong passphrases in a row |
//! | serious | what was saved may be lost or was touched, or somebody tries to get in: a vault that lost snapshots or keys, a damaged or exchanged object, an older state, another list of devices, a revoked device that still writes, a store that is not the trusted one, wrong passphrases, a drill that failed |
//! | warning | protection stands still: a backup that failed or could not read a source; no backup for days, here or on another device; refused credentials; a store away, out of step for days, or full; a disk nearly full; a wrong clock; a policy that cannot be read; an audit log that cannot be written |
//! | info | worth knowing: a store that does not answer; a device joined the account, or was revoked, from another machine |
//!
//! A problem is one by its kind, its subject (a store, a place) and its device: the same again is counted, not told again. It is
//! remedied when what raised it is seen to be gone, where that can be seen; wrong passphrases, broken logs and changes of
//! devices stay until the owner acknowledges them.

mod conditions;
pub mod hook;

pub use conditions::{Conditions, NEARLY_FULL, check_conditions, of_disk, other_devices};
