//! Randomness for tests: the same bytes every time, so that a failing case can be run again.

use std::sync::atomic::{AtomicU64, Ordering};

use super::random::{NoRandomness, Random};

/// BLAKE3 in counter mode from a seed. For tests and vectors only: whoever knows the seed knows every key.
pub struct Counting {
    seed: u64,
    drawn: AtomicU64,
}

impl Counting {
    /// The source that this seed stands for.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        let call = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"not random: for tests").update(&self.seed.to_le_bytes()).update(&call.to_le_bytes());
        hasher.finalize_xof().fill(out);
        Ok(())
    }
}
