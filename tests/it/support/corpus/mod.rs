//! Printer files made from a seed: shaped, and compressing, like real ones; on one machine, the same bytes for the same seed.
//!
//! For tests and benches alike: `#[path = "…/support/corpus/mod.rs"] mod corpus;`.
#![allow(dead_code)] // each user takes what it needs

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

pub mod archive;
pub mod gcode;
pub mod media;
pub mod mesh;
pub mod settings;

/// Numbers from a seed (SplitMix64): quick, and good enough for content.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..end`.
    pub fn below(&mut self, end: u64) -> u64 {
        ((self.next() >> 32) * end) >> 32
    }

    /// A number in `from..to`.
    pub fn within(&mut self, from: i32, to: i32) -> i32 {
        from + i32::try_from(self.below(u64::from(to.abs_diff(from)))).unwrap()
    }

    /// Whether one of `in_a` cases has come.
    pub fn once(&mut self, in_a: u64) -> bool {
        self.below(in_a) == 0
    }

    /// Appends `len` incompressible bytes.
    pub fn noise(&mut self, len: usize, out: &mut Vec<u8>) {
        let end = out.len() + len;
        while out.len() < end {
            out.extend_from_slice(&self.next().to_le_bytes());
        }
        out.truncate(end);
    }
}

/// What a corpus consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Gcode,
    Stl,
    Picture,
    Video,
    ThreeMf,
    Settings,
}

/// A kind's share of the bytes in 1/1000, and how many files it has in 481 MB.
pub const SHARES: [(Kind, u64, u64); 6] = [
    (Kind::Gcode, 484, 120),
    (Kind::Stl, 170, 200),
    (Kind::Picture, 154, 1300),
    (Kind::Video, 134, 26),
    (Kind::ThreeMf, 54, 60),
    (Kind::Settings, 4, 500),
];

const WHOLE_BYTES: u64 = 481_000_000;

/// What was written, by kind in the order of [`SHARES`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    pub files: [u64; 6],
    pub bytes: [u64; 6],
}

impl Stats {
    /// Files of all kinds.
    pub fn all_files(&self) -> u64 {
        self.files.iter().sum()
    }

    /// Bytes of all kinds.
    pub fn all_bytes(&self) -> u64 {
        self.bytes.iter().sum()
    }
}

/// Fills `dir` with a printer's data folder of about `total_bytes`: kinds, counts and sizes in the proportions of a real collection.
pub fn write(dir: &Path, total_bytes: u64, seed: u64) -> io::Result<Stats> {
    let mut stats = Stats::default();
    for (at, (kind, share, count)) in SHARES.into_iter().enumerate() {
        let mut dice = Dice::new(seed ^ (at as u64) << 56);
        let count = (count * total_bytes).div_ceil(WHOLE_BYTES).max(1);
        let sizes = spread(total_bytes * share / 1000, count, kind, &mut dice);
        for (number, size) in sizes.into_iter().enumerate() {
            let content = content(kind, size, number, seed);
            save(&dir.join(place(kind, number)), &content, number)?;
            stats.files[at] += 1;
            stats.bytes[at] += content.len() as u64;
        }
    }
    Ok(stats)
}

/// `total` in `count` parts: many small, few large, as files are; pictures of one camera are about alike.
fn spread(total: u64, count: u64, kind: Kind, dice: &mut Dice) -> Vec<usize> {
    let octaves = if kind == Kind::Picture { 1 } else { 5 };
    let weights: Vec<u64> = (0..count).map(|_| (1000 + dice.below(1000)) << dice.below(octaves)).collect();
    let sum: u64 = weights.iter().sum();
    weights.iter().map(|weight| usize::try_from(u128::from(total) * u128::from(*weight) / u128::from(sum)).unwrap()).collect()
}

/// The content of the `number`th file of a kind. Of twelve G-code files one is a re-slice of the one before, one of 24 a copy.
pub fn content(kind: Kind, size: usize, number: usize, seed: u64) -> Vec<u8> {
    let own = seed.wrapping_mul(1_000_003).wrapping_add((kind as u64) << 40 | number as u64);
    match kind {
        Kind::Gcode => match number % 24 {
            7 | 19 => gcode::resliced(size, own - 1, own),
            12 => gcode::sliced(size, own - 12),
            _ => gcode::sliced(size, own),
        },
        Kind::Stl => mesh::stl(size, own),
        Kind::Picture => media::jpeg(size, own),
        Kind::Video => media::mp4(size, own),
        Kind::ThreeMf => archive::threemf(size, own),
        Kind::Settings => settings::config(size, own),
    }
}

/// Where Moonraker's users would keep it.
fn place(kind: Kind, number: usize) -> String {
    match kind {
        Kind::Gcode if number.is_multiple_of(5) => format!("gcodes/Gehäuse Teile/part {number} 0.2mm PLA.gcode"),
        Kind::Gcode => format!("gcodes/part_{number}_PLA_1h{}m.gcode", number % 60),
        Kind::Stl => format!("models/set-{}/part_{number}.stl", number / 25),
        Kind::ThreeMf => format!("models/project_{number}.3mf"),
        Kind::Picture => format!("timelapse/frames/print-{}/frame{:06}.jpg", number / 200, number % 200),
        Kind::Video => format!("timelapse/timelapse_part_{number}.gcode_20260301_{:02}{:02}.mp4", number / 60 % 24, number % 60),
        Kind::Settings if number == 0 => "config/printer.cfg".into(),
        Kind::Settings => format!("config/printer-20260{}{:02}_{number:06}.cfg", 1 + number / 28 % 9, 1 + number % 28),
    }
}

fn save(path: &Path, content: &[u8], number: usize) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_770_000_000 + 977 * number as u64))
}
