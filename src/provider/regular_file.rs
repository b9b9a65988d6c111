//! Opening regular files and nothing else: a pipe, socket, device or folder in the place of one is an error at once, and is never waited for.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use crate::provider::reason::Reason;

/// Opens a file for reading; a link is none, whatever it points to.
///
/// # Errors
/// What the system says; and what stands there where it is no file.
pub fn open(path: &Path) -> io::Result<File> {
    open_with(path, OpenOptions::new().read(true))
}

/// The same, where the owner may have put a link to the file.
pub fn open_followed(path: &Path) -> io::Result<File> {
    is_file(path.metadata()?.file_type())?;
    checked(OpenOptions::new().read(true).custom_flags(flags(OFlags::NONBLOCK)).open(path)?)
}

/// Opens a file that is no link as `options` say: to write, to append, made if need be.
pub fn open_with(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // opening a device may already do something
    match path.symlink_metadata() {
        Ok(found) => is_file(found.file_type())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    checked(options.custom_flags(flags(OFlags::NOFOLLOW | OFlags::NONBLOCK)).open(path)?)
}

/// What a file holds, at most `limit` bytes.
pub fn read(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Reason::LargerThan { bytes: limit.to_string() }.into()) } else { Ok(bytes) }
}

fn flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

/// What was looked at before may have been exchanged since.
fn checked(file: File) -> io::Result<File> {
    is_file(file.metadata()?.file_type()).map(|()| file)
}

fn is_file(kind: FileType) -> io::Result<()> {
    let what = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => Reason::FolderForFile {},
        kind if kind.is_symlink() => Reason::LinkForFile {},
        kind if kind.is_fifo() => Reason::PipeForFile {},
        kind if kind.is_socket() => Reason::SocketForFile {},
        _ => Reason::DeviceForFile {},
    };
    Err(what.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;

    use super::*;

    /// The test itself would never end where a pipe was waited for.
    #[test]
    fn only_regular_files_open_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link to a pipe")).unwrap();
        assert!(open(&at("file")).is_ok() && open_followed(&at("file")).is_ok() && open_followed(&at("link")).is_ok());
        for (name, what) in [("link", "a link"), ("folder", "a folder"), ("socket", "a socket"), ("pipe", "a pipe")] {
            let why = open(&at(name)).unwrap_err().to_string();
            assert!(why.contains(what), "{name}: {why}");
            for options in [OpenOptions::new().append(true), OpenOptions::new().write(true).create(true)] {
                assert!(open_with(&at(name), options).unwrap_err().to_string().contains(what), "{name}");
            }
        }
        assert!(open_followed(&at("link to a pipe")).unwrap_err().to_string().contains("a pipe"));
        assert!(open(Path::new("/dev/zero")).unwrap_err().to_string().contains("a device"));
        assert_eq!(open(&at("none")).unwrap_err().kind(), ErrorKind::NotFound);
        open_with(&at("new"), OpenOptions::new().write(true).create(true)).unwrap();
        assert!(at("new").is_file());
    }
}
