//! A keyed gear hash that marks anchors; it finds places quickly, and no secret rests on it.

use std::ops::ControlFlow;

use zeroize::Zeroizing;

/// How many bytes before a place decide about it.
pub(super) const WINDOW: usize = 64;

/// One place in `1 << ANCHOR_BITS` is an anchor: the fewer bits, the less a cut tells, and the more often the PRF is asked.
pub(super) const ANCHOR_BITS: u32 = 7;

/// The hash of an anchor is below this: the topmost bits are those that all 64 bytes have reached.
const ANCHOR: u64 = 1 << (u64::BITS - ANCHOR_BITS);

/// One secret word per byte value. The hash of a window is the xor of its bytes' words, each shifted left by the byte's distance
/// from the end: what is older than 64 bytes is shifted out.
pub(super) struct Gear(Box<Zeroizing<[u64; 256]>>);

impl Gear {
    /// A table whose words are read, in little-endian order, from the 2,048 bytes that `fill` gives.
    pub(super) fn filled_by(fill: impl FnOnce(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; 2048]);
        fill(bytes.as_mut_slice());
        let mut words = Box::new(Zeroizing::new([0; 256]));
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Self(words)
    }

    /// The word of a byte value.
    #[inline(always)]
    pub(super) fn word(&self, byte: u8) -> u64 {
        self.0[usize::from(byte)]
    }

    /// Asks `visit` about each anchor in `first..=last` of `data`, in order, until it breaks.
    /// `first` is at least [`WINDOW`]; `last` at most the length of `data`.
    #[inline(always)]
    pub(super) fn anchors<B>(
        &self,
        data: &[u8],
        first: usize,
        last: usize,
        mut visit: impl FnMut(usize) -> ControlFlow<B>,
    ) -> Option<B> {
        let warm_up = data.get(first.wrapping_sub(WINDOW)..first)?;
        let mut hash = warm_up.iter().fold(0, |hash, &byte| (hash << 1) ^ self.word(byte));
        let mut at = first;
        if hash < ANCHOR
            && let ControlFlow::Break(found) = visit(at)
        {
            return Some(found);
        }
        let (quads, rest) = data.get(first..last)?.as_chunks::<4>();
        for &[a, b, c, d] in quads {
            // One shift and one xor of the running hash per four bytes: the words are combined beside it.
            let one = self.word(a);
            let two = (one << 1) ^ self.word(b);
            let three = (two << 1) ^ self.word(c);
            let four = (three << 1) ^ self.word(d);
            let hashes = [(hash << 1) ^ one, (hash << 2) ^ two, (hash << 3) ^ three, (hash << 4) ^ four];
            for (hash, at) in hashes.into_iter().zip(at + 1..) {
                if hash < ANCHOR
                    && let ControlFlow::Break(found) = visit(at)
                {
                    return Some(found);
                }
            }
            hash = hashes[3];
            at += 4;
        }
        for &byte in rest {
            hash = (hash << 1) ^ self.word(byte);
            at += 1;
            if hash < ANCHOR
                && let ControlFlow::Break(found) = visit(at)
            {
                return Some(found);
            }
        }
        None
    }
}
