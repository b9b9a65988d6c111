//! How far the audit log reached at a moment: whatever the log becomes, this much of it must stay.

use crate::core::codec::{Bad, Reader, Writer};

/// A file, how long it was, and the chain of that much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The file's number.
    pub file: u64,
    /// Its length in bytes.
    pub length: u64,
    /// BLAKE3 of those bytes.
    pub chain: [u8; 32],
}

impl Mark {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u64(self.file);
        out.u64(self.length);
        out.raw(&self.chain);
        out.into_vec()
    }

    /// Reads one.
    pub fn read(input: &mut Reader<'_>) -> Result<Self, Bad> {
        Ok(Self { file: input.u64()?, length: input.u64()?, chain: input.array()? })
    }
}
