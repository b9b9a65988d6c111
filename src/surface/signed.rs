//! Documents that an owner can show to others: see [`crate::engine::signed`].

pub use crate::engine::signed::{MAX_FILE, check, sign, sign_with};
