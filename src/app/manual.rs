//! Manual pages, written into a folder for packagers: none in the place of another file.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::app::{Failure, new_file};

/// A manual page.
pub struct Page {
    /// The name of its file.
    pub file: String,
    /// What it says.
    pub text: Vec<u8>,
}

/// Writes pages into a folder, which is made where it is not there.
///
/// # Errors
/// Where one of them, or an older one of the same program, lies there already; then nothing is written.
pub fn write(to: &Path, pages: &[Page]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::path(to, &error);
    std::fs::create_dir_all(to).map_err(failed)?;
    for there in std::fs::read_dir(to).map_err(failed)?.flatten().map(|entry| entry.file_name()) {
        if there.to_str().is_some_and(|name| name.starts_with("printkeep") && name.ends_with(".1")) {
            new_file::refuse_taken(&to.join(there))?;
        }
    }
    for page in pages {
        let path = to.join(&page.file);
        new_file::write(&path, &page.text)?;
        // everybody may read a manual
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).map_err(failed)?;
    }
    Ok(())
}
