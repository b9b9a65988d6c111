//! Files that a request makes where its owner says: never in the place of another, be it a file, a link or a pipe.

use std::io::ErrorKind;
use std::path::Path;

use crate::app::Failure;
use crate::local::home::write_new;
use crate::text;

/// Refuses a path where something is already; asked before work whose result goes there.
pub fn refuse_taken(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() { Err(taken(path)) } else { Ok(()) }
}

/// Writes a private file (0600) that is not there yet.
///
/// # Errors
/// Where something is there by now, or the disk fails.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    match write_new(path, bytes) {
        Err(error) if error.source.kind() == ErrorKind::AlreadyExists => Err(taken(path)),
        done => Ok(done?),
    }
}

fn taken(path: &Path) -> Failure {
    Failure::usage(text!("file-taken", path = path)).hint(text!("file-taken-hint"))
}
