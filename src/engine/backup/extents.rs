//! Data and holes of a sparse file, as the file system tells them (`SEEK_DATA`, `SEEK_HOLE`).

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{SeekFrom, seek};

/// Holes shorter than this are read as the zeros they are, in bytes.
const MIN_HOLE: u64 = 64 * 1024;
/// A file in more parts than this is read whole.
const MAX_EXTENTS: usize = 100_000;

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Its first byte.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u64,
    /// Whether it takes no room on the disk.
    pub hole: bool,
}

/// The parts of a file of `len` bytes, in order, together the whole file.
pub fn extents(file: &File, len: u64) -> Vec<Extent> {
    let whole = || if len == 0 { Vec::new() } else { vec![Extent { offset: 0, len, hole: false }] };
    let is_dense = file.metadata().is_ok_and(|m| m.blocks() * 512 >= len);
    if is_dense { whole() } else { sparse(file, len).unwrap_or_else(whole) }
}

fn sparse(file: &File, len: u64) -> Option<Vec<Extent>> {
    let mut found: Vec<Extent> = Vec::new();
    let mut at = 0;
    while at < len {
        let data = match seek(file, SeekFrom::Data(at)) {
            Ok(offset) => offset.min(len),
            // no more data
            Err(rustix::io::Errno::NXIO) => len,
            Err(_) => return None,
        };
        push(&mut found, at, data - at, true);
        if data == len {
            break;
        }
        let end = seek(file, SeekFrom::Hole(data)).ok()?.min(len);
        push(&mut found, data, end - data, false);
        at = end;
        if found.len() > MAX_EXTENTS {
            return None;
        }
    }
    Some(found)
}

/// Appends a part; data next to data, and holes too short to matter, become one part.
fn push(found: &mut Vec<Extent>, offset: u64, len: u64, hole: bool) {
    let hole = hole && len >= MIN_HOLE;
    match found.last_mut() {
        _ if len == 0 => {}
        Some(last) if last.hole == hole => last.len += len,
        _ => found.push(Extent { offset, len, hole }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, SeekFrom as From, Write};

    #[test]
    fn parts_cover_the_file_and_short_holes_are_data() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 4096]).unwrap();
        file.seek(From::Start(1 << 20)).unwrap();
        file.write_all(&[2; 4096]).unwrap();
        file.set_len(5 << 20).unwrap();
        let parts = extents(&file, 5 << 20);
        assert_eq!(parts.iter().map(|part| part.len).sum::<u64>(), 5 << 20);
        assert!(parts.windows(2).all(|pair| pair[0].offset + pair[0].len == pair[1].offset && pair[0].hole != pair[1].hole));
        assert!(parts.iter().any(|part| part.hole), "the file system keeps no holes");
        let mut found = Vec::new();
        [(0, 10, false), (10, 100, true), (110, 10, false)].into_iter().for_each(|(o, l, h)| push(&mut found, o, l, h));
        assert_eq!(found, [Extent { offset: 0, len: 120, hole: false }]);
    }
}
