//! Where a file is cut into chunks: by its content, so that what repeats is found again, and at places only the key can tell.
//!
//! # How
//! 1. The first `min` bytes of a chunk are not looked at.
//! 2. From there on a keyed gear hash of the last 64 bytes marks one place in 128 as an *anchor*.
//! 3. A PRF (SipHash-2-4, its own key) of the 64 bytes before the anchor says whether the anchor counts, and how far behind it
//!    the cut falls: uniformly within `avg - min` bytes.
//! 4. When no anchor counts before `max`, the anchor with the smallest PRF value does; without any anchor the cut is at `max`.
//!
//! Lengths are thus `min` + exponential(half of `avg - min`) + uniform(`avg - min`), at most `max`. With `min` a quarter of
//! `avg`, three bytes of eight are hashed, and moved content is found again after one or two chunks; with `min` half of `avg`, two
//! bytes of eight, and three chunks.
//!
//! # Why
//! Cutters that cut where a rolling hash hits a mask, whatever secret polynomial or table is in it, tell an equation about the
//! secret with each boundary: arXiv 2504.02095 and eprint 2025/558 (CCS 2025) recover such secrets of backup programs from known
//! chunks, and then recognise known files by their chunk lengths. To confirm a hit by a PRF is not enough: each boundary still
//! lies on a hit, so the equations hold (`attack.rs` shows the attack on both kinds, and that it fails here). The second paper's
//! answer is a universal hash, then a PRF, at every place, which slows cutting to 1 GB/s and less. Here the boundary does not lie
//! on the hash's hit but a pseudorandom distance behind it: the PRF is asked at one place in 128, the boundary may be at any byte,
//! and passively no usable equation about the gear's table is seen.
//!
//! # What remains
//! - Who chooses plaintext, sees exact chunk lengths and adapts can find single anchors, and from some hundreds of them the gear
//!   table. The PRF's key stays secret, and a cut still tells next to nothing: each of the about `n = (avg - min) / 128` anchors in
//!   front of it may be its anchor, so that a cut weighs about `0.7 / n` bits for or against a known file (0.0001 at 1 MiB).
//! - Lengths tell the size of what was cut, and that equal content under one key was cut alike: the same file twice, or a long run
//!   of one byte. No cutter that deduplicates can hide that. Packs do: the provider sees padded packs of many chunks, never one
//!   chunk's length. This module is the second wall, for whoever sees lengths all the same (by timing or range reads).
//! - SipHash-2-4 has a key of 128 bits; it protects where cuts fall, never content.

mod gear;
mod siphash;
mod sizes;

#[cfg(test)]
mod attack;

use std::ops::ControlFlow;

pub use sizes::{Sizes, WrongSizes};

use super::secret::Secret;
use gear::{Gear, WINDOW};
use siphash::SipHash;

/// Separates this use of the key from any other, and this version of the cutter from the next.
const LABEL: &[u8] = b"printkeep/1 cutter: gear table, SipHash key";

/// Cuts by content. Two cutters of one key and one `Sizes` cut alike; those of two keys have nothing in common.
pub struct Chunker {
    sizes: Sizes,
    gear: Gear,
    prf: SipHash,
}

impl Chunker {
    /// The cutter of this key. The key is expanded with keyed BLAKE3 into 2 KiB of gear table and 16 bytes for SipHash.
    pub fn new(sizes: Sizes, key: &Secret<32>) -> Self {
        let mut expanded = blake3::Hasher::new_keyed(key.expose()).update(LABEL).finalize_xof();
        Self { sizes, gear: Gear::filled_by(|bytes| expanded.fill(bytes)), prf: SipHash::filled_by(|bytes| expanded.fill(bytes)) }
    }

    /// The length of the first chunk of `data`, which starts where the chunk before ended. `at_end` says that nothing follows.
    ///
    /// `None` means: give more, at least `max` bytes or up to the end; or there is nothing. How the caller's buffers are split
    /// makes no difference. A chunk has `min..=max` bytes; only the last of a file may have fewer.
    pub fn next(&self, data: &[u8], at_end: bool) -> Option<usize> {
        match data.get(..self.sizes.max()) {
            Some(view) => Some(self.boundary(view).unwrap_or(view.len())),
            None if at_end && !data.is_empty() => Some(self.boundary(data).map_or(data.len(), |cut| cut.min(data.len()))),
            None => None,
        }
    }

    /// Where the first chunk of `view` ends, which may be behind a view that is shorter than `max`.
    fn boundary(&self, view: &[u8]) -> Option<usize> {
        let last = view.len().min(self.sizes.last_anchor());
        let mut best: Option<(u64, usize)> = None;
        let found = self.gear.anchors(view, self.sizes.min(), last, |at| {
            let drawn = self.prf.of_window(window_before(view, at));
            if self.sizes.counts(drawn) {
                return ControlFlow::Break(at + self.sizes.distance(drawn));
            }
            if best.is_none_or(|(least, _)| drawn < least) {
                best = Some((drawn, at));
            }
            ControlFlow::Continue(())
        });
        let whole = view.len() == self.sizes.max();
        found.or_else(|| best.filter(|_| whole).map(|(drawn, at)| at + self.sizes.distance(drawn)))
    }
}

/// The bytes that decide about an anchor at `at`; there are always enough, since no chunk is shorter than a window.
fn window_before(view: &[u8], at: usize) -> &[u8; WINDOW] {
    view.get(..at).and_then(|before| before.last_chunk()).unwrap_or(&[0; WINDOW])
}
