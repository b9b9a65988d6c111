//! How much a folder or file is, counted without reading it.

use std::path::{Path, PathBuf};

use crate::engine::{Cancel, EngineError};

/// More entries than this are not counted: an owner who chooses sources is not kept waiting.
const MAX_ENTRIES: u64 = 200_000;

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether all of it was counted.
    pub whole: bool,
}

/// Counts the regular files at and below a path. A link at the path itself is followed, as a backup does; none below is.
pub fn measure(path: &Path, cancel: &Cancel) -> Result<Counted, EngineError> {
    let mut counted = Counted { whole: true, ..Counted::default() };
    let Ok(there) = std::fs::metadata(path) else { return Ok(Counted::default()) };
    if there.is_file() {
        return Ok(Counted { files: 1, bytes: there.len(), whole: true });
    }
    let (mut folders, mut seen): (Vec<PathBuf>, u64) = (vec![path.to_owned()], 0);
    while let Some(folder) = folders.pop() {
        cancel.check()?;
        let Ok(entries) = std::fs::read_dir(&folder) else {
            counted.whole = false;
            continue;
        };
        for entry in entries {
            seen += 1;
            if seen > MAX_ENTRIES {
                counted.whole = false;
                return Ok(counted);
            }
            // of the entry itself: a link is not followed
            let Ok((entry, there)) = entry.and_then(|entry| entry.metadata().map(|there| (entry, there))) else {
                counted.whole = false;
                continue;
            };
            if there.is_dir() {
                folders.push(entry.path());
            } else if there.is_file() {
                counted.files += 1;
                counted.bytes = counted.bytes.saturating_add(there.len());
            }
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_through_a_link_at_the_top_and_through_none_below() {
        let root = tempfile::tempdir().unwrap();
        let (real, other) = (root.path().join("real"), root.path().join("other"));
        std::fs::create_dir_all(real.join("a/b")).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        std::fs::write(real.join("a/b/x"), [0; 300]).unwrap();
        std::fs::write(real.join("y"), [0; 40]).unwrap();
        std::fs::write(other.join("z"), [0; 9999]).unwrap();
        std::os::unix::fs::symlink(&other, real.join("away")).unwrap();
        std::os::unix::fs::symlink(&real, root.path().join("link")).unwrap();
        let cancel = Cancel::default();
        let counted = measure(&root.path().join("link"), &cancel).unwrap();
        assert_eq!(counted, Counted { files: 2, bytes: 340, whole: true });
        assert_eq!(measure(&real.join("y"), &cancel).unwrap(), Counted { files: 1, bytes: 40, whole: true });
        assert_eq!(measure(&real.join("nothing"), &cancel).unwrap(), Counted::default());
    }
}
