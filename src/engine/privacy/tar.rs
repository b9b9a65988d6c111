//! A tar archive (POSIX ustar): small files with short names, so that any machine opens an export.

const BLOCK: usize = 512;
/// The longest name that fits a header.
const MAX_NAME: usize = 100;

/// An archive of these files, by name; one whose name does not fit is left out.
pub fn archive(files: &[(String, Vec<u8>)], time: i64) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.len() < MAX_NAME) {
        out.extend_from_slice(&header(name, bytes.len() as u64, time.max(0) as u64));
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    // two empty blocks end it
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn header(name: &str, size: u64, time: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", size.min(0o77_777_777_777)));
    put(136, &format!("{:011o}\0", time.min(0o77_777_777_777)));
    // the checksum counts itself as spaces
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_reads_it() {
        let files = [("a/b.json".to_owned(), b"{}".to_vec()), ("c.html".into(), vec![b'x'; 1000])];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.tar");
        std::fs::write(&path, archive(&files, 1_700_000_000)).unwrap();
        let done = std::process::Command::new("tar").arg("-xf").arg(&path).arg("-C").arg(folder.path()).status().unwrap();
        assert!(done.success());
        for (name, bytes) in files {
            assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), bytes);
        }
    }
}
