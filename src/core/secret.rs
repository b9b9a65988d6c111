//! Bytes that vanish: a secret has one door, `expose()`, and is wiped when dropped.
//!
//! Wiping cannot reach copies the compiler spilled, pages the kernel swapped, or a core dump: the agent turns core dumps off,
//! and keeps secrets boxed so that a move does not leave a copy behind.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::random::{NoRandomness, Random};

/// `N` secret bytes on the heap. No `Clone`, `Debug`, `Default` or `Serialize`: a secret is moved, or named, never printed.
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// A secret filled in place by `fill`.
    pub fn filled_by(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut bytes = Box::new([0; N]);
        fill(&mut bytes);
        Self(bytes)
    }

    /// A secret filled in place by `fill`, or its error.
    pub fn try_filled_by<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// A new random secret; refused when the source of randomness fails.
    pub fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
        Self::try_filled_by(|bytes| random.fill(bytes))
    }

    /// A copy of `bytes`, when there are exactly `N`.
    pub fn copied_from(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == N).then(|| Self::filled_by(|to| to.copy_from_slice(bytes)))
    }

    /// The only door.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

/// Secret text of any length, such as a passphrase: wiped when dropped, never printed.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the text over; the caller's buffer is the one that will be wiped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The only door.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_copied_only_at_its_own_length() {
        assert!(Secret::<4>::copied_from(&[1, 2, 3]).is_none());
        assert_eq!(Secret::<3>::copied_from(&[1, 2, 3]).map(|s| *s.expose()), Some([1, 2, 3]));
    }

    #[test]
    fn failing_randomness_makes_no_secret() {
        struct Broken;
        impl Random for Broken {
            fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
                Err(NoRandomness)
            }
        }
        assert!(Secret::<32>::random(&Broken).is_err());
    }
}
