//! Credentials in what would be backed up, looked for without backing anything up.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::core::name::RelPath;
use crate::engine::backup::scan::{Entry, Node, Observed, Root, Walk};
use crate::engine::{Cancel, EngineError};
use crate::kind::{self, Find, Group, HEAD_LEN};

/// What was seen.
pub struct Scanned {
    /// Settings files that hold credentials, and which lines do.
    pub found: Vec<(RelPath, Vec<Find>)>,
    /// How many settings files were looked at.
    pub count: u64,
}

/// Looks through the settings files of the sources.
pub fn scan(roots: &[Root], skip: &[PathBuf], cancel: &Cancel) -> Result<Scanned, EngineError> {
    let mut looked = Scanned { found: Vec::new(), count: 0 };
    for observed in Walk::new(roots.to_vec(), skip) {
        cancel.check()?;
        let Observed::Entry(entry) = observed else { continue };
        if let Some(finds) = in_entry(&entry) {
            looked.count += 1;
            if !finds.is_empty() {
                looked.found.push((entry.path, finds));
            }
        }
    }
    Ok(looked)
}

/// What a settings file holds; none where it is none, or cannot be read, which a backup tells.
fn in_entry(entry: &Entry) -> Option<Vec<Find>> {
    if !matches!(entry.node, Node::File) {
        return None;
    }
    let file = entry.open().ok()?;
    let mut head = vec![0; HEAD_LEN];
    let length = read_up_to(&file, &mut head);
    let is_settings = kind::identify(&head[..length], entry.stat.size, entry.path.file_name()).group() == Group::Settings;
    is_settings.then(|| kind::credentials(&text(&file)))
}

/// The part of a settings file that is looked at; wiped when dropped.
pub fn text(file: &File) -> Zeroizing<Vec<u8>> {
    let size = file.metadata().map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or(usize::MAX));
    let mut text = Zeroizing::new(vec![0; size.min(kind::MAX_LOOKED_AT)]);
    let length = read_up_to(file, &mut text);
    text.truncate(length);
    text
}

fn read_up_to(file: &File, out: &mut [u8]) -> usize {
    let mut length = 0;
    while length < out.len() {
        match file.read_at(&mut out[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    length
}
