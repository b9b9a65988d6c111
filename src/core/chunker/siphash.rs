//! SipHash-2-4 (Aumasson and Bernstein, 2012) of one window: the PRF behind every cut.

use zeroize::Zeroizing;

use super::gear::WINDOW;

/// A SipHash key.
pub(super) struct SipHash(Box<Zeroizing<[u64; 2]>>);

impl SipHash {
    /// A key read, in little-endian order, from the 16 bytes that `fill` gives.
    pub(super) fn filled_by(fill: impl FnOnce(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; 16]);
        fill(bytes.as_mut_slice());
        let [low, high] = std::array::from_fn(|half| bytes.as_chunks().0[half]);
        Self(Box::new(Zeroizing::new([u64::from_le_bytes(low), u64::from_le_bytes(high)])))
    }

    /// The PRF of a window.
    #[inline]
    pub(super) fn of_window(&self, window: &[u8; WINDOW]) -> u64 {
        let [low, high] = **self.0;
        let mut v = [
            low ^ 0x736f_6d65_7073_6575,
            high ^ 0x646f_7261_6e64_6f6d,
            low ^ 0x6c79_6765_6e65_7261,
            high ^ 0x7465_6462_7974_6573,
        ];
        for &bytes in window.as_chunks().0 {
            absorb(&mut v, u64::from_le_bytes(bytes));
        }
        absorb(&mut v, (WINDOW as u64) << 56);
        v[2] ^= 0xff;
        for _ in 0..4 {
            round(&mut v);
        }
        v[0] ^ v[1] ^ v[2] ^ v[3]
    }
}

#[inline(always)]
fn absorb(v: &mut [u64; 4], word: u64) {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
}

#[inline(always)]
fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library keeps SipHash-2-4 under a deprecated name: an independent implementation.
    #[test]
    #[expect(deprecated)]
    fn agrees_with_the_standard_library() {
        use std::hash::Hasher;
        for seed in 0..100u8 {
            let key: [u8; 16] = *blake3::hash(&[seed]).as_bytes().first_chunk().unwrap();
            let window: [u8; WINDOW] = std::array::from_fn(|i| seed.wrapping_mul(31).wrapping_add(i.to_le_bytes()[0]));
            let [low, high] = std::array::from_fn(|half| u64::from_le_bytes(key.as_chunks().0[half]));
            let mut theirs = std::hash::SipHasher::new_with_keys(low, high);
            theirs.write(&window);
            assert_eq!(SipHash::filled_by(|bytes| bytes.copy_from_slice(&key)).of_window(&window), theirs.finish());
        }
    }
}
