//! One file comes home: compared with what is there, or written beside its place and renamed into it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use rustix::fs::FileType;

use super::Replace;
use super::target::{Folder, set_attributes, standing};
use crate::core::keys::ChunkUse;
use crate::core::manifest::{Content, Entry, Node, Piece};
use crate::core::verified::Verified;
use crate::engine::error::FileFault;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::{Event, Job};

/// What became of a file.
pub enum Outcome {
    /// It was written.
    Written {
        /// So many bytes.
        bytes: u64,
        /// The name that what stood there has now, where it was kept.
        beside: Option<Vec<u8>>,
    },
    /// It was there, byte for byte.
    Already,
}

/// Restores one file into an open folder.
pub fn restore_file(
    reader: &ChunkReader<'_>,
    parent: &Folder,
    entry: &Entry,
    replace: Replace,
    job: Job<'_>,
) -> Result<Outcome, FileFault> {
    let Node::File { size, content, .. } = &entry.node else { return Ok(Outcome::Already) };
    let name = entry.path.file_name();
    let there = parent.bearer(name)?;
    if let Some(there) = &there {
        if FileType::from_raw_mode(there.st_mode) == FileType::RegularFile && there.st_size as u64 == *size {
            let file = parent.open(name)?;
            if is_same(reader, &file, content)? {
                set_attributes(&file, &entry.attributes)?;
                job.tell(Event::Bytes(*size));
                return Ok(Outcome::Already);
            }
        }
        replace.admits(standing(there, entry))?;
    }
    let mut draft = parent.draft(name)?;
    let written = write_content(reader, &mut draft.file, content, *size, job)
        .and_then(|()| Ok(set_attributes(&draft.file, &entry.attributes)?))
        .and_then(|()| match there.is_some() && replace.keeps() {
            true => Ok(Some(parent.keep_beside(name)?)),
            false => Ok(None),
        })
        .and_then(|beside| {
            match there {
                Some(_) => parent.publish(&draft, name)?,
                // two that are restored at once may turn out to bear one name
                None => parent.publish_new(&draft, name).map_err(|error| parent.bearer(name).err().unwrap_or(error))?,
            }
            Ok(beside)
        });
    match written {
        Ok(beside) => Ok(Outcome::Written { bytes: *size, beside }),
        Err(failure) => {
            parent.discard(draft);
            Err(failure)
        }
    }
}

/// Whether a file on disk is the content, compared by chunk ids.
pub fn is_same(reader: &ChunkReader<'_>, file: &File, content: &Content) -> Result<bool, FileFault> {
    let mut file = io::BufReader::with_capacity(64 * 1024, file);
    let (mut buffer, mut at) = (Vec::new(), 0);
    for piece in reader.pieces(content) {
        buffer.clear();
        let piece = piece?;
        at += piece.len();
        let same = match piece {
            Piece::Chunk(chunk) => {
                file.by_ref().take(chunk.length.into()).read_to_end(&mut buffer)?;
                reader.ids().iter().any(|ids| ids.id(ChunkUse::Data, &buffer) == chunk.id)
            }
            // a hole on the disk need not be read; asking for it moves the file's place
            Piece::Hole(length) if is_hole(file.get_ref(), at - length, length) => {
                file.seek(SeekFrom::Start(at))?;
                true
            }
            Piece::Hole(length) => {
                file.seek(SeekFrom::Start(at - length))?;
                is_zero(&mut file, length)?
            }
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the disk holds no data there; also false when the file system cannot tell.
fn is_hole(file: &File, at: u64, length: u64) -> bool {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(at)) {
        Ok(data) => data >= at + length,
        Err(error) => error == rustix::io::Errno::NXIO,
    }
}

fn is_zero(file: &mut impl Read, mut length: u64) -> io::Result<bool> {
    let mut block = [0; 16 * 1024];
    while length > 0 {
        let want = block.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        file.read_exact(&mut block[..want])?;
        if block[..want].iter().any(|b| *b != 0) {
            return Ok(false);
        }
        length -= want as u64;
    }
    Ok(true)
}

fn write_content(reader: &ChunkReader<'_>, file: &mut File, content: &Content, size: u64, job: Job<'_>) -> Result<(), FileFault> {
    let mut written = 0;
    for piece in reader.pieces(content) {
        job.check()?;
        let piece = piece?;
        match &piece {
            Piece::Chunk(chunk) => write_piece(file, &reader.chunk(ChunkUse::Data, chunk)?)?,
            Piece::Hole(length) => {
                file.seek(SeekFrom::Current(i64::try_from(*length).map_err(io::Error::other)?))?;
            }
        }
        written += piece.len();
        job.tell(Event::Bytes(piece.len()));
    }
    if written != size {
        return Err(FileFault::Pieces);
    }
    Ok(file.set_len(size)?)
}

/// Only what was verified reaches the disk.
fn write_piece(file: &mut File, piece: &Verified) -> io::Result<()> {
    file.write_all(piece.bytes())
}
