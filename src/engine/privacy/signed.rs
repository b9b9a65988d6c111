//! Documents that an owner can show to others: see the engine's.

pub use crate::engine::signed::{MAX_FILE, check, sign, sign_with};
