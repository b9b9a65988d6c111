//! What is known to be durable, because the place that keeps it said so: a record counts only with the receipt of its very object.
//!
//! A pack's record becomes durable with the vault's receipt, the index object that tells of it is made of durable records alone, and the
//! chunk index takes over durable index objects alone. Nobody makes such a record without a receipt:
//!
//! ```compile_fail
//! use printkeep::core::pack::PackRecord;
//! use printkeep::engine::repository::durable::Durable;
//! fn forge(record: PackRecord) -> Durable<PackRecord> {
//!     Durable(record)
//! }
//! ```
//!
//! ```
//! use printkeep::core::pack::PackRecord;
//! use printkeep::engine::EngineError;
//! use printkeep::engine::repository::durable::Durable;
//! use printkeep::provider::PutReceipt;
//! fn vouched(receipt: &PutReceipt, record: PackRecord) -> Result<Durable<PackRecord>, EngineError> {
//!     Durable::new(receipt, record)
//! }
//! ```

use std::ops::Deref;

use crate::core::index::Index;
use crate::core::name::{ObjectHash, ObjectName};
use crate::core::pack::PackRecord;
use crate::core::random::Random;
use crate::engine::EngineError;
use crate::engine::account::AccountWriter;
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::provider::PutReceipt;

/// A record of an object that is durable.
#[derive(Debug)]
pub struct Durable<T>(T);

/// A record of an object.
pub trait RecordOf {
    /// The object's name.
    fn object(&self) -> ObjectName;

    /// Its size in bytes.
    fn size(&self) -> u64;
}

impl<T: RecordOf> Durable<T> {
    /// A record with the receipt of its object.
    ///
    /// # Errors
    /// [`EngineError::Damaged`] where the receipt is of another object.
    pub fn new(receipt: &PutReceipt, record: T) -> Result<Self, EngineError> {
        if (receipt.name(), receipt.size()) == (record.object(), record.size()) {
            return Ok(Self(record));
        }
        let why = Damage::Receipt { given: record.object(), named: receipt.name() };
        Err(EngineError::Damaged { what: OwnFile::Place(receipt.place().to_owned()), why })
    }
}

impl<T> Deref for Durable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl RecordOf for PackRecord {
    fn object(&self) -> ObjectName {
        ObjectName::Pack(self.id)
    }

    fn size(&self) -> u64 {
        self.size.into()
    }
}

/// An index object of this device's own.
#[derive(Debug)]
pub struct OwnIndex {
    /// What it tells.
    pub index: Index,
    /// Its name.
    pub name: ObjectName,
    /// BLAKE3 of its bytes.
    pub hash: ObjectHash,
    size: u64,
}

impl RecordOf for OwnIndex {
    fn object(&self) -> ObjectName {
        self.name
    }

    fn size(&self) -> u64 {
        self.size
    }
}

/// Tells of packs in an index object, which is in the vault then.
pub fn tell(
    account: &AccountWriter,
    packs: Vec<Durable<PackRecord>>,
    random: &dyn Random,
) -> Result<Durable<OwnIndex>, EngineError> {
    let device = &account.device;
    let index = Index { device: device.id, packs: packs.into_iter().map(|durable| durable.0).collect() };
    let sealed = index.seal(&device.keys, &device.signer, random)?;
    let receipt = account.vault_writer().put_now(&sealed).map_err(in_vault)?;
    Durable::new(&receipt, OwnIndex { index, name: sealed.name(), hash: sealed.hash(), size: sealed.bytes().len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::chunk::Encoded;
    use crate::core::keys::{Keyring, WriterKeys};
    use crate::core::name::{AccountId, ChunkId};
    use crate::core::pack::PackWriter;
    use crate::core::seal::Proved;
    use crate::core::testing::Counting;
    use crate::provider::folder::Folder;

    fn pack(keys: &WriterKeys, random: &Counting) -> (Proved, PackRecord) {
        let mut pack = PackWriter::new(keys, 4096, random).unwrap();
        pack.add(ChunkId::from_bytes([1; 32]), &Encoded::raw(zeroize::Zeroizing::new(vec![7; 100])));
        pack.finish(keys)
    }

    #[test]
    fn a_record_is_durable_only_with_the_receipt_of_its_very_object() {
        let (folder, random) = (tempfile::tempdir().unwrap(), Counting::new(5));
        let account = AccountId::from_bytes([1; 16]);
        let keys = Keyring::random(account, &random).unwrap().writer().unwrap();
        let vault = Folder::create(folder.path(), account).unwrap();
        let ((one, record), (_, other)) = (pack(&keys, &random), pack(&keys, &random));
        let receipt = vault.put_now(&one).unwrap();
        assert!(matches!(Durable::new(&receipt, other), Err(EngineError::Damaged { .. })));
        let longer = PackRecord { size: record.size + 1, ..record.clone() };
        assert!(matches!(Durable::new(&receipt, longer), Err(EngineError::Damaged { .. })));
        assert_eq!(*Durable::new(&receipt, record.clone()).unwrap(), record);
    }
}
