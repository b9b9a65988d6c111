//! Randomness as an argument: `core` asks for bytes, whoever calls it brings the source.

/// A cryptographically secure source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `out` whole, or refuses; a partly filled buffer is never used.
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The system's source of randomness failed. Nothing may be sealed or named without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

impl std::fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the system gives no random bytes")
    }
}

impl std::error::Error for NoRandomness {}

/// `N` random bytes, for names and salts.
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], NoRandomness> {
    let mut out = [0; N];
    random.fill(&mut out)?;
    Ok(out)
}
