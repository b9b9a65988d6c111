//! A database's own entry: the salt its keys come from, the stamp it must bear, and how large it was when it was last weighed.

use std::ops::ControlFlow;

use super::guard::Guarded;
use super::{Backend, CacheError, CacheStore, FILES, KEY_LEN, Place, folder};
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::keys::derive;
use crate::core::random::{self, Random};
use crate::core::secret::Secret;
use crate::local::local_seal::Values;

/// The header's key; no other key begins with 0.
const HEADER: [u8; KEY_LEN] = [0; KEY_LEN];
const VERSION: u8 = 1;
/// A database smaller than this, in bytes, is never worth beginning anew.
const SMALL: u64 = if cfg!(test) { 8 } else { 64 } * 1024 * 1024;
/// How many times as large as what lives in it a database may be.
const BLOAT: u64 = 4;

/// What the caller's stamp becomes: another backend or version is another stamp.
fn whole_stamp(stamp: &[u8; 32], backend: Backend) -> [u8; 32] {
    let mut whole = blake3::Hasher::new();
    whole.update(b"printkeep/1 state").update(&[backend as u8]).update(stamp);
    *whole.finalize().as_bytes()
}

/// The keys of a database's salt.
pub struct Keys {
    salt: [u8; 32],
    names: Secret<32>,
    values: Values,
}

impl Keys {
    /// Reads the header, or writes one where the database is empty.
    pub(super) fn open(store: &Guarded, place: &Place, backend: Backend, random: &dyn Random) -> Result<Self, CacheError> {
        let Some(found) = store.get(&HEADER)? else {
            // entries without their salt are no use, and would only be stumbled over
            let mut empty = true;
            store.for_each(FILES, &mut |_, _| {
                empty = false;
                ControlFlow::Break(())
            })?;
            let salt = random::bytes(random)?;
            let keys = Self::new(&place.local_key, &salt);
            return if empty {
                keys.write_size(store, place, backend, 0, random).map(|()| keys)
            } else {
                Err(CacheError::Damaged)
            };
        };
        let (salt, sealed) = split(&found).map_err(|_| CacheError::Foreign)?;
        let keys = Self::new(&place.local_key, &salt);
        let plain = keys.open_value(&HEADER, sealed)?;
        let (stamp, weighed) = plain.split_first_chunk::<32>().ok_or(CacheError::Foreign)?;
        let weighed = weighed.try_into().map(u64::from_le_bytes).map_err(|_| CacheError::Foreign)?;
        if *stamp != whole_stamp(&place.stamp, backend) {
            return Err(CacheError::Foreign);
        }
        let size = folder::weigh(&place.folder);
        if size > SMALL.max(weighed.saturating_mul(2)) {
            if size > living(store)?.saturating_mul(BLOAT) {
                return Err(CacheError::Bloated);
            }
            keys.write_size(store, place, backend, size, random)?;
        }
        Ok(keys)
    }

    fn new(local_key: &Secret<32>, salt: &[u8; 32]) -> Self {
        let names = derive(local_key.expose(), salt, &[b"printkeep/1 state names"]);
        Self { salt: *salt, names, values: Values::new(local_key, salt) }
    }

    /// Writes the header, with the size at which the database was weighed.
    pub(super) fn write_size(
        &self,
        store: &Guarded,
        place: &Place,
        backend: Backend,
        size: u64,
        random: &dyn Random,
    ) -> Result<(), CacheError> {
        let plain = [whole_stamp(&place.stamp, backend).as_slice(), &size.to_le_bytes()].concat();
        let mut out = Writer::new();
        out.u8(VERSION);
        out.raw(&self.salt);
        out.raw(&self.seal(&HEADER, &plain, random)?);
        store.apply(&[(HEADER, Some(out.into_vec()))])
    }

    /// The key that the database sees.
    pub fn raw_key(&self, key: &[u8]) -> [u8; KEY_LEN] {
        let mut hasher = blake3::Hasher::new_keyed(self.names.expose());
        hasher.update(&[FILES]).update(key);
        let mut raw = [FILES; KEY_LEN];
        raw[1..].copy_from_slice(hasher.finalize().as_bytes());
        raw
    }

    /// Seals a value for its raw key.
    pub fn seal(&self, raw_key: &[u8; KEY_LEN], value: &[u8], random: &dyn Random) -> Result<Vec<u8>, CacheError> {
        Ok(self.values.seal(raw_key, value, random)?)
    }

    /// Opens a value that lies under this raw key.
    pub fn open_value(&self, raw_key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CacheError> {
        self.values.open(raw_key, sealed).ok_or(CacheError::Damaged)
    }
}

fn split(header: &[u8]) -> Result<([u8; 32], &[u8]), Bad> {
    let mut input = Reader::new(header);
    match input.u8()? {
        VERSION => Ok((input.array()?, input.take(input.len())?)),
        _ => Err(Bad("another version")),
    }
}

/// Bytes of all keys and values.
fn living(store: &Guarded) -> Result<u64, CacheError> {
    let mut bytes = 0;
    store.for_each(FILES, &mut |key, value| {
        bytes += (key.len() + value.len()) as u64;
        ControlFlow::Continue(())
    })?;
    Ok(bytes)
}
