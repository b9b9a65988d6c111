//! Sizes and costs that fit the machine: memory of its own of at most 40 MiB on a PC and 24 MiB on a small printer, beside the program's pages.

use crate::core::chunker::Sizes;
use crate::core::slot::Cost;
use crate::kind::FileKind;
use crate::local::cache::Backend;

/// What a backup may use.
#[derive(Clone)]
pub struct Profile {
    /// A pack is closed at about this size, in bytes.
    pub pack_goal: usize,
    /// What may be on its way to or from a store at once, in bytes.
    pub room: usize,
    /// Of so many packs, and in so many bytes of index objects, any other device's word is taken over.
    pub others_word: (usize, u64),
    /// How many chunks are in memory at once.
    pub buffers: usize,
    /// What may be between reading and packing at once, in bytes.
    pub on_the_way: usize,
    /// Files are remembered in groups of so many: each takes about half a kilobyte until then.
    pub group_files: usize,
    /// Threads that identify and compress.
    pub workers: usize,
    /// Chunk sizes of files whose content repeats in part.
    pub sizes: Sizes,
    /// Chunk size of files that repeat whole or not at all, in bytes: a whole number of them just fits a pack.
    pub fixed: usize,
    /// zstd's level for G-code, of which there is most.
    pub level: i32,
    /// zstd's level for everything else that compresses.
    pub level_other: i32,
    /// What keeps local state.
    pub backend: Backend,
    /// What trying a passphrase costs.
    pub cost: Cost,
}

impl Profile {
    /// For a PC: both cores.
    pub fn pc() -> Self {
        Self {
            pack_goal: 4 << 20,
            room: 16 << 20,
            others_word: (49_152, 128 << 20),
            buffers: 3,
            on_the_way: 12 << 20,
            group_files: 4096,
            workers: 2,
            sizes: Sizes::PC,
            fixed: (1 << 20) - 2048,
            level: 1,
            level_other: 3,
            backend: Backend::Sled,
            cost: Cost::PC,
        }
    }

    /// For a printer with little memory: one worker, small packs.
    pub fn printer_small() -> Self {
        Self {
            pack_goal: 2 << 20,
            room: 4 << 20,
            others_word: (6_144, 10 << 20),
            buffers: 2,
            on_the_way: 2 << 20,
            group_files: 2048,
            workers: 1,
            sizes: Sizes::PRINTER,
            fixed: (256 << 10) - 1024,
            level: 1,
            level_other: 1,
            backend: Backend::Redb,
            cost: Cost::PRINTER,
        }
    }

    /// zstd's level for a kind of file; none where compressing does not pay.
    pub fn level_of(&self, kind: FileKind) -> Option<i32> {
        kind.is_compressible().then_some(if kind == FileKind::Gcode { self.level } else { self.level_other })
    }

    /// The largest chunk it makes, in bytes.
    pub fn max_chunk(&self) -> usize {
        self.sizes.max().max(self.fixed)
    }
}
