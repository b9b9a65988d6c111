//! Files of the home that may vanish, such as caches: one that cannot be read is as good as none, and a folder that bears the name of one
//! stands in nobody's way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::local::home::{DiskError, read_small, remove_if_there, write_private};

/// So many folders that were moved aside from one name are kept apart.
const MOST_ASIDE: u32 = 100;

/// What such a file holds; none where it is missing, has more than `limit` bytes or cannot be read.
pub fn read(path: &Path, limit: u64) -> Option<Vec<u8>> {
    read_small(path, limit).ok().flatten()
}

/// Writes one (0600), durably.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    set_folder_aside(path)?;
    write_private(path, bytes)
}

/// Removes one; one that is not there is no error.
pub fn remove(path: &Path) -> Result<(), DiskError> {
    set_folder_aside(path)?;
    remove_if_there(path)
}

/// Moves a folder that bears the name of one of our files out of the way, to `<name>.set-aside`, with all that is in it; whatever else
/// bears the name stays.
pub fn set_folder_aside(path: &Path) -> Result<(), DiskError> {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    let numbered = |number: u32| if number == 0 { ".set-aside".to_owned() } else { format!(".set-aside-{number}") };
    let mut to = (0..MOST_ASIDE).map(|number| with_end(path, &numbered(number)));
    let to = to.find(|to| to.symlink_metadata().is_err()).unwrap_or_else(|| with_end(path, ".set-aside"));
    // with the stroke nothing but a folder is moved, whatever another process put there meanwhile
    match fs::rename(with_end(path, "/"), to) {
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => Ok(()),
        moved => moved.map_err(DiskError::at("set aside", path)),
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_the_place_of_a_file_is_moved_aside_with_what_is_in_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("cache");
        for n in 0..3 {
            fs::create_dir(&path).unwrap();
            fs::write(path.join("mine"), [n]).unwrap();
            assert_eq!(read(&path, 10), None);
            write(&path, b"ours").unwrap();
            assert_eq!(read(&path, 10).as_deref(), Some(&b"ours"[..]));
            assert_eq!(read(&path, 3), None, "larger than it may be");
            remove(&path).unwrap();
        }
        for (n, name) in [(0, "cache.set-aside"), (1, "cache.set-aside-1"), (2, "cache.set-aside-2")] {
            assert_eq!(fs::read(home.path().join(name).join("mine")).unwrap(), [n]);
        }
        fs::write(&path, "ours").unwrap();
        set_folder_aside(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 4);
    }
}
