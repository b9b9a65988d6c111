//! The ladder of keys: what an owner holds, what a device holds, and every label a key is derived under.

use ring::hkdf::{HKDF_SHA256, KeyType, Salt};

use super::codec::{Bad, Reader, Writer, clamp_u32};
use super::name::{AccountId, DeviceId};
use super::random::{NoRandomness, Random};
use super::recipient::{Recipient, RecipientKey};
use super::secret::Secret;
use super::sign::{SigningKey, VerifyingKey};

/// The most generations of keys an account may hold; each `key rotate` adds one.
pub const MAX_GENERATIONS: usize = 1024;

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-SHA256 (RFC 5869) of `ikm` under `salt`, with the parts of `info` joined in order; `N` is at most 8,160 bytes.
pub fn derive<const N: usize>(ikm: &[u8], salt: &[u8], info: &[&[u8]]) -> Secret<N> {
    const { assert!(N <= 255 * 32) };
    let prk = Salt::new(HKDF_SHA256, salt).extract(ikm);
    Secret::filled_by(|out| {
        // ring refuses only lengths over 255 hashes, which the assertion above excludes
        let filled = prk.expand(info, Length(N)).and_then(|okm| okm.fill(out));
        debug_assert!(filled.is_ok());
    })
}

/// The symmetric keys of one generation that every enrolled device holds: they show which chunks exist, never what is in them.
pub struct SharedKeys {
    /// Opens index objects and the outer layer of snapshots.
    pub index: Secret<32>,
    /// Makes chunk ids and the cutter's parameters.
    pub chunk: Secret<32>,
}

impl SharedKeys {
    fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
        Ok(Self { index: Secret::random(random)?, chunk: Secret::random(random)? })
    }

    /// The key under which the ids of chunks of one use are made.
    pub fn chunk_ids(&self, usage: ChunkUse) -> Secret<32> {
        derive(self.chunk.expose(), b"printkeep/1", &[b"chunk id", &[usage as u8]])
    }

    /// The key from which the cutter's parameters come.
    pub fn cutter(&self) -> Secret<32> {
        derive(self.chunk.expose(), b"printkeep/1", &[b"cutter"])
    }

    /// The key under which values of one use become pseudonyms: the same on every device of the account, another in every account.
    pub fn pseudonyms(&self, usage: &[u8]) -> Secret<32> {
        derive(self.chunk.expose(), b"printkeep/1", &[b"pseudonym", usage])
    }

    fn copy(&self) -> Self {
        let copy = |key: &Secret<32>| Secret::filled_by(|to| to.copy_from_slice(key.expose()));
        Self { index: copy(&self.index), chunk: copy(&self.chunk) }
    }

    fn encode(&self, out: &mut Writer) {
        out.raw(self.index.expose());
        out.raw(self.chunk.expose());
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        Ok(Self { index: take_key(input)?, chunk: take_key(input)? })
    }
}

/// What a chunk holds; a chunk of one use is never taken for one of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ChunkUse {
    /// A piece of a file.
    Data = 1,
    /// Entries of a snapshot's manifest.
    Manifest = 2,
    /// A list of the pieces of a large file.
    List = 3,
    /// The root of a snapshot: what was backed up, and where its manifest lies.
    Root = 4,
}

/// One generation of an account's keys.
struct Generation {
    recipient: RecipientKey,
    shared: SharedKeys,
}

impl Generation {
    fn encode(&self, out: &mut Writer) {
        out.raw(self.recipient.seed().expose());
        self.shared.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let recipient = RecipientKey::from_seed(take_key(input)?)?;
        Ok(Self { recipient, shared: SharedKeys::decode(input)? })
    }
}

/// All keys of an account: what a passphrase or a recovery kit opens. The device that only writes never holds it.
pub struct Keyring {
    account: AccountId,
    signing: SigningKey,
    generations: Vec<Generation>,
}

impl Keyring {
    /// The keys of a new account.
    pub fn random(account: AccountId, random: &dyn Random) -> Result<Self, NoRandomness> {
        let first = Generation { recipient: RecipientKey::random(random)?, shared: SharedKeys::random(random)? };
        Ok(Self { account, signing: SigningKey::random(random)?, generations: vec![first] })
    }

    /// Whose keys these are.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The key that signs the roster of devices.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The private half of a generation's recipient key; generations count from 1.
    pub fn recipient(&self, generation: u32) -> Option<&RecipientKey> {
        self.generation(generation).map(|g| &g.recipient)
    }

    /// A generation's shared keys.
    pub fn shared(&self, generation: u32) -> Option<&SharedKeys> {
        self.generation(generation).map(|g| &g.shared)
    }

    fn generation(&self, generation: u32) -> Option<&Generation> {
        self.generations.get((generation as usize).checked_sub(1)?)
    }

    /// The key that the owner shares with one device alone, to send it what no other device may read.
    pub fn link(&self, device: &DeviceId) -> Secret<32> {
        derive(self.signing.seed().expose(), b"printkeep/1", &[b"link", device.as_bytes()])
    }

    /// What a device that only writes gets to keep.
    pub fn writer(&self) -> Option<WriterKeys> {
        self.writer_of(self.newest())
    }

    /// What a device that only writes kept while this generation was the newest.
    pub fn writer_of(&self, generation: u32) -> Option<WriterKeys> {
        let newest = self.generation(generation)?;
        Some(WriterKeys {
            account: self.account,
            generation,
            recipient: newest.recipient.public(),
            shared: self.generations.iter().take(generation as usize).map(|g| g.shared.copy()).collect(),
            roster: self.signing.public(),
        })
    }

    /// The newest generation.
    pub fn newest(&self) -> u32 {
        clamp_u32(self.generations.len())
    }

    /// Adds a generation of random keys; none when there are as many as there may be.
    pub fn add_random(&mut self, random: &dyn Random) -> Result<Option<u32>, NoRandomness> {
        if self.generations.len() >= MAX_GENERATIONS {
            return Ok(None);
        }
        self.generations.push(Generation { recipient: RecipientKey::random(random)?, shared: SharedKeys::random(random)? });
        Ok(Some(self.newest()))
    }

    /// Layout of the newest generation alone: recipient seed 32, index key 32, chunk key 32.
    pub(super) fn encode_newest(&self, out: &mut Writer) {
        self.generations.last().iter().for_each(|newest| newest.encode(out));
    }

    /// Takes one more generation over, as `encode_newest` wrote it.
    pub(super) fn add_decoded(&mut self, input: &mut Reader<'_>) -> Result<(), Bad> {
        if self.generations.len() >= MAX_GENERATIONS {
            return Err(Bad("more generations of keys than there may be"));
        }
        self.generations.push(Generation::decode(input)?);
        Ok(())
    }

    /// Layout: account 16, signing seed 32, count, then per generation recipient seed 32, index key 32, chunk key 32.
    pub fn encode(&self) -> Writer {
        let mut out = Writer::new();
        out.raw(self.account.as_bytes());
        out.raw(self.signing.seed().expose());
        out.varint(self.generations.len() as u64);
        self.generations.iter().for_each(|generation| generation.encode(&mut out));
        out
    }

    /// Reads what `encode` wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let account = AccountId::from_bytes(input.array()?);
        let signing = SigningKey::from_seed(take_key(&mut input)?)?;
        let count = input.count(MAX_GENERATIONS)?;
        let mut generations = Vec::new();
        for _ in 0..count {
            generations.push(Generation::decode(&mut input)?);
        }
        input.finish()?;
        if generations.is_empty() {
            return Err(Bad("an account without keys"));
        }
        Ok(Self { account, signing, generations })
    }
}

/// The keys of a device that writes: it seals to the recipient, sees which chunks exist, and opens nothing that was sealed before.
pub struct WriterKeys {
    account: AccountId,
    generation: u32,
    recipient: Recipient,
    shared: Vec<SharedKeys>,
    roster: VerifyingKey,
}

impl WriterKeys {
    /// Whose account it writes to.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The newest generation, which new objects are sealed under.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The public key that objects are sealed to.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// The key that the roster of devices must be signed with.
    pub fn roster(&self) -> &VerifyingKey {
        &self.roster
    }

    /// The newest shared keys.
    pub fn newest(&self) -> &SharedKeys {
        // `decode` and `Keyring::writer` make no value without a generation
        &self.shared[self.shared.len() - 1]
    }

    /// A generation's shared keys; generations count from 1.
    pub fn shared(&self, generation: u32) -> Option<&SharedKeys> {
        self.shared.get((generation as usize).checked_sub(1)?)
    }

    /// Whether these are later keys of the same account: all that `before` holds stand in them unchanged.
    pub fn follows(&self, before: &Self) -> bool {
        let same = |(a, b): (&SharedKeys, &SharedKeys)| a.index == b.index && a.chunk == b.chunk;
        self.account == before.account
            && self.roster == before.roster
            && self.generation > before.generation
            && self.shared.iter().zip(&before.shared).all(same)
    }

    /// Layout: account 16, account's verifying key 32, recipient 1216, count, then per generation index key 32, chunk key 32.
    pub fn encode(&self, out: &mut Writer) {
        out.raw(self.account.as_bytes());
        out.raw(self.roster.as_bytes());
        out.raw(&self.recipient.to_bytes());
        out.varint(self.shared.len() as u64);
        for shared in &self.shared {
            shared.encode(out);
        }
    }

    /// Reads what `encode` wrote.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let account = AccountId::from_bytes(input.array()?);
        let roster = VerifyingKey::from_bytes(input.array()?);
        let recipient = Recipient::from_bytes(input.take(Recipient::LEN)?)?;
        let count = input.count(MAX_GENERATIONS)?;
        let shared = (0..count).map(|_| SharedKeys::decode(input)).collect::<Result<Vec<_>, _>>()?;
        if shared.is_empty() {
            return Err(Bad("a device without keys"));
        }
        Ok(Self { account, generation: clamp_u32(shared.len()), recipient, shared, roster })
    }
}

fn take_key(input: &mut Reader<'_>) -> Result<Secret<32>, Bad> {
    let bytes = input.take(32)?;
    Secret::copied_from(bytes).ok_or(Bad("it ends too early"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::unhex;

    #[test]
    fn derive_agrees_with_rfc_5869_case_1() {
        let okm: Secret<42> = derive(
            &[0x0b; 22],
            &unhex::<13>("000102030405060708090a0b0c").unwrap(),
            &[&unhex::<10>("f0f1f2f3f4f5f6f7f8f9").unwrap()],
        );
        let expected =
            unhex::<42>("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865").unwrap();
        assert_eq!(*okm.expose(), expected);
    }
}
