//! stub
use crate::core::random::Random;
use crate::core::secret::Secret;
use std::io::Write;
use std::path::{Path, PathBuf};
pub struct Record {
    pub kind: u8,
    pub bytes: Vec<u8>,
}
pub struct Recovery;
#[derive(Debug)]
pub struct JournalError(String);
impl std::fmt::Display for JournalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
pub struct Journal {
    path: PathBuf,
}
impl Journal {
    pub fn open(path: &Path, _: &Secret<32>, _: &dyn Random) -> Result<(Self, Vec<Record>, Recovery), JournalError> {
        let b = std::fs::read(path).unwrap_or_default();
        let mut r = Vec::new();
        let mut i = 0;
        while i + 3 <= b.len() {
            let n = u16::from_le_bytes([b[i + 1], b[i + 2]]) as usize;
            r.push(Record { kind: b[i], bytes: b[i + 3..i + 3 + n].to_vec() });
            i += 3 + n;
        }
        Ok((Self { path: path.to_owned() }, r, Recovery))
    }
    pub fn append(&mut self, kind: u8, bytes: &[u8]) -> Result<(), JournalError> {
        let mut f =
            std::fs::OpenOptions::new().create(true).append(true).open(&self.path).map_err(|e| JournalError(e.to_string()))?;
        let mut v = vec![kind];
        v.extend((bytes.len() as u16).to_le_bytes());
        v.extend(bytes);
        f.write_all(&v).map_err(|e| JournalError(e.to_string()))
    }
}
