//! What this device holds for an account, in `device.key` (0600): enough to write, nothing that opens what was written.
//!
//! Layout: magic `PKDV`, version 2, device 16, signing seed 32, local key 32, secret key 32, link key 32, device name (bytes), what
//! a writer keeps (see `WriterKeys::encode`), BLAKE3 of everything before it (32). Version 1 has no link key.

use std::path::Path;

use zeroize::Zeroizing;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::keys::{Keyring, WriterKeys};
use crate::core::name::DeviceId;
use crate::core::random::{NoRandomness, Random};
use crate::core::roster::{MAX_NAME, Member, Role};
use crate::core::secret::Secret;
use crate::core::sign::SigningKey;
use crate::local::home::{DiskError, read_small};
use crate::local::shred;

const MAGIC: [u8; 4] = *b"PKDV";
const MAX_FILE: u64 = 1024 * 1024;

/// This device's own part of an account.
pub struct Device {
    /// Which device it is.
    pub id: DeviceId,
    /// What the owner calls it.
    pub name: String,
    /// Signs what it writes.
    pub signer: SigningKey,
    /// Seals its local state.
    pub local_key: Secret<32>,
    /// Needed beside the passphrase to open a slot here.
    pub secret_key: Secret<32>,
    /// Shared with the owner alone; a device enrolled by an early version has none, and gets no later keys.
    pub link: Option<Secret<32>>,
    /// What it writes with.
    pub keys: WriterKeys,
}

impl Device {
    /// A new device of an account that is unlocked here.
    pub fn enrol(name: String, keyring: &Keyring, random: &dyn Random) -> Result<Self, NoRandomness> {
        let id = DeviceId::random(random)?;
        Ok(Self {
            id,
            name,
            signer: SigningKey::random(random)?,
            local_key: Secret::random(random)?,
            secret_key: Secret::random(random)?,
            link: Some(keyring.link(&id)),
            keys: keyring.writer().ok_or(NoRandomness)?,
        })
    }

    /// Its line in the roster.
    pub fn member(&self) -> Member {
        Member { id: self.id, key: self.signer.public(), role: Role::AppendOnly, last_note: None, name: self.name.clone() }
    }

    /// Writes `device.key`.
    pub fn save(&self, path: &Path) -> Result<(), DiskError> {
        let mut out = Writer::new();
        out.raw(&MAGIC);
        out.u8(if self.link.is_some() { 2 } else { 1 });
        out.raw(self.id.as_bytes());
        out.raw(self.signer.seed().expose());
        out.raw(self.local_key.expose());
        out.raw(self.secret_key.expose());
        self.link.iter().for_each(|link| out.raw(link.expose()));
        out.bytes(self.name.as_bytes());
        self.keys.encode(&mut out);
        let sum = blake3::hash(out.as_slice());
        out.raw(sum.as_bytes());
        shred::replace(path, &Zeroizing::new(out.into_vec()))
    }

    /// Reads `device.key`; none when there is none.
    pub fn load(path: &Path) -> Result<Option<Self>, LoadError> {
        match read_small(path, MAX_FILE).map_err(LoadError::Disk)? {
            Some(bytes) => Self::decode(&Zeroizing::new(bytes)).map(Some).map_err(LoadError::Damaged),
            None => Ok(None),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let (body, sum) = bytes.split_last_chunk::<32>().ok_or(Bad("it is too short"))?;
        if blake3::hash(body).as_bytes() != sum {
            return Err(Bad("its checksum does not agree"));
        }
        let mut input = Reader::new(body);
        if input.array()? != MAGIC {
            return Err(Bad("it is not a device key"));
        }
        let version = input.u8()?;
        if !(1..=2).contains(&version) {
            return Err(Bad("it was made by a later version of Printkeep"));
        }
        let id = DeviceId::from_bytes(input.array()?);
        let signer = SigningKey::from_seed(take(&mut input)?)?;
        let (local_key, secret_key) = (take(&mut input)?, take(&mut input)?);
        let link = if version == 2 { Some(take(&mut input)?) } else { None };
        let name = std::str::from_utf8(input.bytes(MAX_NAME)?).map_err(|_| Bad("its name is not UTF-8"))?.to_owned();
        let keys = WriterKeys::decode(&mut input)?;
        input.finish()?;
        Ok(Self { id, name, signer, local_key, secret_key, link, keys })
    }
}

fn take(input: &mut Reader<'_>) -> Result<Secret<32>, Bad> {
    Secret::copied_from(input.take(32)?).ok_or(Bad("it is too short"))
}

/// Why `device.key` could not be read.
#[derive(Debug)]
pub enum LoadError {
    /// The disk failed.
    Disk(DiskError),
    /// Its bytes are not what was written.
    Damaged(Bad),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::AccountId;
    use crate::core::testing::Counting;

    #[test]
    fn a_device_reads_back_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.key");
        let random = Counting::new(71);
        let keyring = Keyring::random(AccountId::from_bytes([7; 16]), &random).unwrap();
        let device = Device::enrol("Ender".into(), &keyring, &random).unwrap();
        assert!(matches!(Device::load(&path), Ok(None)));
        device.save(&path).unwrap();
        let again = Device::load(&path).unwrap().unwrap();
        assert_eq!((again.id, again.name), (device.id, device.name));
        assert!(again.local_key == device.local_key && again.secret_key == device.secret_key);
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(7) {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(Device::load(&path), Err(LoadError::Damaged(_))), "{at}");
        }
    }
}
