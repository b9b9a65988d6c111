//! What the owner allowed: item by item, denied until granted, under a policy; the only maker of a [`Permit`].
//!
//! Pure: the ledger is replayed from records that `store` keeps; time is an argument.
//!
//! ```compile_fail
//! let forged = printkeep::consent::Permit { item: printkeep::consent::Item::Network };
//! ```
//!
//! ```
//! use printkeep::consent::{Item, Ledger, Policy, Refusal};
//! let ledger = Ledger::under(Some(Policy::built_in().into()));
//! assert_eq!(ledger.permit(Item::Network).err(), Some(Refusal::NotGranted(Item::Network)));
//! ```

mod item;
mod ledger;
pub mod mask;
pub mod policy;
pub mod record;

pub use crate::core::digest::sha256;
pub use item::{Class, Item, Masking, Purpose};
pub use ledger::{ConsentContext, ConsentState, Decision, Entry, Ledger, Permit, Refusal, Revocation, Surface};
pub use policy::{Language, Policy};
