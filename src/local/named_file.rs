//! Reading a file that the owner named: a link, and a pipe such as `<(pass show printkeep)`, are as good as a file, and are waited for until a
//! stop is asked for.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::local::home::DiskError;
use crate::local::stop::Stop;
use crate::provider::reason::Reason;

/// How soon a stop is heard.
const LOOK: Duration = Duration::from_millis(50);

/// What a file holds, wiped when it is dropped: it may be a secret.
pub type Bytes = Zeroizing<Vec<u8>>;

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// It could not be read, or is too large.
    Disk(DiskError),
    /// A stop was asked for before it was read whole.
    Stopped,
}

impl From<DiskError> for Unread {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

/// Reads a file of at most `limit` bytes; none when there is no such file. A pipe is read to its end, whoever takes how long over it.
///
/// # Errors
/// What the system says, a size above `limit`, or a stop.
pub fn read(path: &Path, limit: u64, stop: &Stop) -> Result<Option<Bytes>, Unread> {
    let failed = |error: io::Error| Unread::Disk(DiskError::at("read", path)(error));
    let (tell, told) = mpsc::channel();
    let named = path.to_owned();
    // a thread of its own: nothing ends a read that waits. One that is left waiting ends with the process, or with the pipe
    let reader = std::thread::Builder::new().name("named file".into());
    reader.spawn(move || tell.send(read_whole(&named, limit))).map_err(failed)?;
    loop {
        match told.recv_timeout(LOOK) {
            Ok(Ok(bytes)) => return Ok(Some(bytes)),
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(Err(error)) => return Err(failed(error)),
            Err(RecvTimeoutError::Timeout) if stop.is_asked() => return Err(Unread::Stopped),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(failed(Reason::NotRead {}.into())),
        }
    }
}

fn read_whole(path: &Path, limit: u64) -> io::Result<Bytes> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Reason::LargerThan { bytes: limit.to_string() }.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn a_pipe_is_read_to_its_end_and_waited_for_until_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        assert!(matches!(read(&pipe, 9, &Stop::when(|| true)), Err(Unread::Stopped)));
        let other = folder.path().join("other");
        mknodat(CWD, &other, FileType::Fifo, Mode::RWXU, 0).unwrap();
        std::thread::scope(|scope| {
            let path = other.clone();
            scope.spawn(move || std::fs::OpenOptions::new().write(true).open(path).unwrap().write_all(b"secret").unwrap());
            assert_eq!(*read(&other, 9, &Stop::never()).unwrap().unwrap(), b"secret");
        });
        assert!(matches!(read(Path::new("/dev/zero"), 9, &Stop::never()), Err(Unread::Disk(_))));
        assert!(read(&folder.path().join("none"), 9, &Stop::never()).unwrap().is_none());
    }
}
