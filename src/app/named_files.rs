//! The files that a request names, such as a passphrase's or a recovery kit: read until a stop, and what can be read only once is kept for the request.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::app::Failure;
use crate::local::named_file::{self, Bytes};
use crate::local::stop::Stop;
use crate::text;

/// The files of one request.
pub struct NamedFiles {
    stop: Stop,
    /// Pipes are empty once they were read.
    pipes: Mutex<Vec<(PathBuf, Bytes)>>,
}

impl NamedFiles {
    /// None read yet; reading ends at that stop.
    pub fn until(stop: Stop) -> Self {
        Self { stop, pipes: Mutex::default() }
    }

    /// What a file of at most `limit` bytes holds.
    ///
    /// # Errors
    /// Where it is missing, unreadable or too large; [`Exit::Stopped`](crate::app::Exit::Stopped) at a stop.
    pub fn read(&self, path: &Path, limit: u64) -> Result<Bytes, Failure> {
        self.read_if_there(path, limit)?.ok_or_else(|| Failure::usage(text!("file-missing", path = path)))
    }

    /// The same; none where it is missing.
    pub fn read_if_there(&self, path: &Path, limit: u64) -> Result<Option<Bytes>, Failure> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = pipes.iter().find(|(read, _)| read == path) {
            return Ok(Some(bytes.clone()));
        }
        let can_be_read_again = path.metadata().is_ok_and(|found| found.is_file());
        let bytes = named_file::read(path, limit, &self.stop)?;
        pipes.extend(bytes.clone().filter(|_| !can_be_read_again).map(|bytes| (path.to_owned(), bytes)));
        Ok(bytes)
    }

    /// The same as text.
    pub fn text(&self, path: &Path, limit: u64) -> Result<Zeroizing<String>, Failure> {
        let bytes = self.read(path, limit)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Failure::usage(text!("file-not-utf8", path = path)))?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}
