//! The channels between reader, workers and packer, all bounded: chunks by a fixed number of buffers and a sum of bytes, steps by a window.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::files::Signature;
use crate::core::chunk::Encoded;
use crate::core::manifest::{Attributes, Entry};
use crate::core::name::{ChunkId, RelPath};
use crate::core::print_metadata::PrintMetadata;
use crate::engine::profile::Profile;

/// How many steps may be on their way to the packer.
const WINDOW: usize = 4096;

/// Bytes on their way: wiped when dropped.
pub type Buffer = Zeroizing<Vec<u8>>;

/// A step with its number: the packer takes them in order, whatever order workers finish in.
pub type Numbered = (u64, Step);

/// What the packer is told, in the order of paths.
pub enum Step {
    /// A folder, a link, or a file that did not change; for that, the packs that hold it.
    Entry(Box<Entry>, Vec<(u32, u32)>),
    /// A file's content follows.
    Begin(Box<(RelPath, Attributes)>),
    /// A run of zeros.
    Hole(u64),
    /// A chunk of content.
    Chunk(Worked),
    /// A file's content ends.
    End(Box<Ending>),
    /// A file could not be read on; it is left out.
    Abandon,
    /// A worker met a mistake of ours in the chunk that would stand here.
    Crashed,
    /// Everything was read: nothing follows.
    Done,
}

/// How a file ended.
pub struct Ending {
    /// Code of its kind.
    pub kind: u8,
    /// What it says of itself.
    pub facts: PrintMetadata,
    /// What shows at the next run that it is unchanged; none when it changed while it was read.
    pub signature: Option<Signature>,
}

/// A chunk that a worker has seen.
pub struct Worked {
    /// Which chunk.
    pub id: ChunkId,
    /// Its length in bytes.
    pub length: u32,
    /// What to store, unless it is stored or on its way already.
    pub encoded: Option<Encoded>,
}

/// A chunk for a worker.
pub struct ChunkJob {
    /// The number of its step.
    pub number: u64,
    /// Its bytes.
    pub bytes: Buffer,
    /// zstd's level; none where compressing does not pay.
    pub level: Option<i32>,
}

/// Room for chunks between reader and packer, in bytes of plaintext. Compressed chunks wait outside of buffers for their turn, and a disk
/// that takes its time would let any number of them gather.
pub struct Room {
    taken: Mutex<usize>,
    freed: Condvar,
    most: usize,
}

impl Room {
    /// Room for `most` bytes, or one chunk if that is larger.
    pub fn new(most: usize) -> Self {
        Self { taken: Mutex::new(0), freed: Condvar::new(), most }
    }

    /// Takes room in the order of steps, so that the chunk whose turn it is always has some; false if none came free within `patience`.
    pub fn take(&self, bytes: usize, patience: Duration) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |taken: &mut usize| *taken > 0 && *taken + bytes > self.most;
        let (mut taken, _) = self.freed.wait_timeout_while(taken, patience, is_full).unwrap_or_else(PoisonError::into_inner);
        if is_full(&mut taken) {
            return false;
        }
        *taken += bytes;
        true
    }

    /// Gives room back.
    pub fn give_back(&self, bytes: usize) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) -= bytes;
        self.freed.notify_one();
    }
}

/// Where workers find jobs.
pub type Jobs = Arc<Mutex<Receiver<ChunkJob>>>;

/// The reader's ends.
pub struct Lines {
    /// To the packer.
    pub steps: SyncSender<Numbered>,
    /// To the workers.
    pub jobs: SyncSender<ChunkJob>,
    /// Empty buffers.
    pub spare: Receiver<Buffer>,
    /// Where used buffers go back to.
    pub spare_back: SyncSender<Buffer>,
    /// One token for each step on its way.
    pub window: SyncSender<()>,
}

/// The other ends.
pub struct Desk {
    /// The packer's.
    pub steps: Incoming,
    /// The workers'.
    pub jobs: Jobs,
    /// Where the packer gives buffers back.
    pub spare: SyncSender<Buffer>,
}

/// What the packer receives from.
pub struct Incoming {
    /// Steps, in any order.
    pub steps: Receiver<Numbered>,
    /// Takes a token back for each step that is done.
    pub window: Receiver<()>,
}

/// All channels of one run.
pub fn channels(profile: &Profile) -> (Lines, Desk) {
    let (steps, steps_in) = sync_channel(WINDOW);
    let (jobs, jobs_in) = sync_channel(profile.buffers);
    let (spare_back, spare) = sync_channel(profile.buffers);
    let (window, window_in) = sync_channel(WINDOW);
    for _ in 0..profile.buffers {
        // the channel has room for every buffer
        let _ = spare_back.send(Zeroizing::new(Vec::with_capacity(profile.max_chunk())));
    }
    let desk = Desk {
        steps: Incoming { steps: steps_in, window: window_in },
        jobs: Arc::new(Mutex::new(jobs_in)),
        spare: spare_back.clone(),
    };
    (Lines { steps, jobs, spare, spare_back, window }, desk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_that_wait_for_the_disk_take_no_more_than_their_room_and_one_always_fits() {
        let room = Room::new(10);
        assert!(room.take(4, Duration::ZERO) && room.take(6, Duration::ZERO));
        assert!(!room.take(1, Duration::ZERO));
        room.give_back(4);
        assert!(room.take(4, Duration::ZERO));
        room.give_back(10);
        assert!(room.take(25, Duration::ZERO), "a chunk larger than the room passes alone");
        assert!(!room.take(1, Duration::ZERO));
        room.give_back(25);
    }

    #[test]
    fn who_waits_for_room_goes_on_once_some_is_free() {
        let room = Room::new(1);
        assert!(room.take(1, Duration::ZERO));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| room.take(1, Duration::from_secs(60)));
            room.give_back(1);
            assert!(waiting.join().unwrap());
        });
    }
}
