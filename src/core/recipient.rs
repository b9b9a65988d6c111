//! The hybrid key that devices write to and only the owner opens: HPKE (RFC 9180) in base mode, KEM X-Wing
//! (X25519 + ML-KEM-768, KEM id 0x647a), KDF HKDF-SHA256, AEAD AES-256-GCM.

use std::convert::Infallible;

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};

use super::codec::Bad;
use super::random::{NoRandomness, Random};
use super::secret::Secret;

type PublicKey = <XWing as Kem>::PublicKey;
type PrivateKey = <XWing as Kem>::PrivateKey;
type EncappedKey = <XWing as Kem>::EncappedKey;

/// Size of an X-Wing ciphertext, in bytes.
pub const ENCAPPED_LEN: usize = 1120;
/// Size of a 32-byte object key sealed to a recipient: ciphertext, key, tag.
pub const SEALED_KEY_LEN: usize = ENCAPPED_LEN + 32 + 16;

/// The public half: what a device needs to seal an object key.
pub struct Recipient(PublicKey);

impl Recipient {
    /// Its size in bytes.
    pub const LEN: usize = 1216;

    /// Reads a public key; one that is not valid is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Bad> {
        PublicKey::from_bytes(bytes).map(Self).map_err(|_| Bad("not a valid recipient key"))
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        self.0.to_bytes().into()
    }

    /// Seals `key` so that only the private half opens it, and only under the same `info`: one encapsulation.
    pub fn seal_key(&self, key: &Secret<32>, info: &[u8], random: &dyn Random) -> Result<[u8; SEALED_KEY_LEN], NoRandomness> {
        let mut source = Drawn::new(random)?;
        let sealed = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, XWing>(
            &OpModeS::Base,
            &self.0,
            info,
            key.expose(),
            &[],
            &mut source,
        );
        let mut out = [0; SEALED_KEY_LEN];
        match sealed {
            Ok((encapped, sealed)) if !source.overdrawn && sealed.len() == 48 => {
                out[..ENCAPPED_LEN].copy_from_slice(&encapped.to_bytes());
                out[ENCAPPED_LEN..].copy_from_slice(&sealed);
                Ok(out)
            }
            _ => Err(NoRandomness),
        }
    }
}

/// The private half; it exists only inside an unlocked account.
pub struct RecipientKey {
    seed: Secret<32>,
    key: PrivateKey,
}

impl RecipientKey {
    /// A new random one.
    pub fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
        Self::from_seed(Secret::random(random)?).map_err(|_| NoRandomness)
    }

    /// The key that this seed stands for.
    pub fn from_seed(seed: Secret<32>) -> Result<Self, Bad> {
        let key = PrivateKey::from_bytes(seed.expose()).map_err(|_| Bad("not a valid recipient seed"))?;
        Ok(Self { seed, key })
    }

    /// Its seed, for key slots.
    pub fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    /// Its public half.
    pub fn public(&self) -> Recipient {
        Recipient(XWing::sk_to_pk(&self.key))
    }

    /// Opens what `Recipient::seal_key` sealed under the same `info`.
    pub fn open_key(&self, sealed: &[u8; SEALED_KEY_LEN], info: &[u8]) -> Option<Secret<32>> {
        let (encapped, sealed) = sealed.split_at(ENCAPPED_LEN);
        let encapped = EncappedKey::from_bytes(encapped).ok()?;
        let opened =
            hpke::single_shot_open::<AesGcm256, HkdfSha256, XWing>(&OpModeR::Base, &self.key, &encapped, info, sealed, &[])
                .ok()?;
        let opened = zeroize::Zeroizing::new(opened);
        Secret::copied_from(&opened)
    }
}

/// Randomness drawn beforehand, because HPKE and SPAKE2 take only sources that cannot fail: each needs exactly 64 bytes.
pub(super) struct Drawn {
    bytes: Secret<64>,
    used: usize,
    overdrawn: bool,
}

impl Drawn {
    /// Draws them.
    pub(super) fn new(random: &dyn Random) -> Result<Self, NoRandomness> {
        Ok(Self { bytes: Secret::random(random)?, used: 0, overdrawn: false })
    }

    /// Whether more was asked for than was drawn, so that what came of it must not be used.
    pub(super) fn is_overdrawn(&self) -> bool {
        self.overdrawn
    }
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut out = [0; 4];
        self.try_fill_bytes(&mut out)?;
        Ok(u32::from_le_bytes(out))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut out = [0; 8];
        self.try_fill_bytes(&mut out)?;
        Ok(u64::from_le_bytes(out))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        match self.bytes.expose().get(self.used..self.used + out.len()) {
            Some(drawn) => out.copy_from_slice(drawn),
            None => self.overdrawn = true,
        }
        self.used += out.len();
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    #[test]
    fn a_key_opens_only_with_its_private_half_and_its_info() {
        let random = Counting::new(1);
        let (owner, other) = (RecipientKey::random(&random).unwrap(), RecipientKey::random(&random).unwrap());
        let key = Secret::random(&random).unwrap();
        let sealed = owner.public().seal_key(&key, b"here", &random).unwrap();
        assert!(owner.open_key(&sealed, b"here").is_some_and(|k| k == key));
        assert!(owner.open_key(&sealed, b"there").is_none());
        assert!(other.open_key(&sealed, b"here").is_none());
        let public = Recipient::from_bytes(&owner.public().to_bytes()).unwrap();
        assert!(owner.open_key(&public.seal_key(&key, b"x", &random).unwrap(), b"x").is_some());
    }
}
