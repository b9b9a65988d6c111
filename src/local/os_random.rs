//! The system's randomness, by ring: the one source that `store` and everything above it hands to `core`.

use ring::rand::SecureRandom;

use crate::core::random::{NoRandomness, Random};

/// The system's source of random bytes.
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// A handle to it; nothing is opened.
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(out).map_err(|_| NoRandomness)
    }
}
