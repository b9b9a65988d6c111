//! The lengths chunks may have; a `Sizes` that exists fits a cutter.

/// Shortest, average and longest chunk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    min: usize,
    avg: usize,
    max: usize,
}

/// These sizes make no cutter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongSizes {
    /// `min` is below [`Sizes::LEAST`].
    Min,
    /// `avg` is less than 1 KiB above `min`.
    Avg,
    /// `max` is less than twice `avg`, or above [`Sizes::MOST`].
    Max,
}

impl std::fmt::Display for WrongSizes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Min => "the shortest chunk must have at least 1 KiB",
            Self::Avg => "the average chunk must have at least 1 KiB more than the shortest",
            Self::Max => "the longest chunk must have at least twice the average's bytes and at most 4 MiB",
        })
    }
}

impl std::error::Error for WrongSizes {}

impl Sizes {
    /// The least `min`.
    pub const LEAST: usize = 1 << 10;
    /// The greatest `max`: one chunk is in memory whole, several times.
    pub const MOST: usize = 4 << 20;

    /// For a PC.
    pub const PC: Self = Self { min: 256 << 10, avg: 1 << 20, max: 2 << 20 };
    /// For a printer with little memory.
    pub const PRINTER: Self = Self { min: 64 << 10, avg: 256 << 10, max: 512 << 10 };

    /// Checked sizes: `1 KiB <= min`, `min + 1 KiB <= avg`, `2 avg <= max <= 4 MiB`.
    pub const fn new(min: usize, avg: usize, max: usize) -> Result<Self, WrongSizes> {
        if min < Self::LEAST {
            Err(WrongSizes::Min)
        } else if avg < min.saturating_add(Self::LEAST) {
            Err(WrongSizes::Avg)
        } else if max > Self::MOST || max < avg.saturating_mul(2) {
            Err(WrongSizes::Max)
        } else {
            Ok(Self { min, avg, max })
        }
    }

    /// The shortest chunk but a file's last.
    pub const fn min(&self) -> usize {
        self.min
    }

    /// What chunks of varied content have on average.
    pub const fn avg(&self) -> usize {
        self.avg
    }

    /// The longest chunk, and what a caller must offer unless the file ends.
    pub const fn max(&self) -> usize {
        self.max
    }

    /// A cut falls less than this behind its anchor.
    pub(super) const fn reach(&self) -> usize {
        self.avg - self.min
    }

    /// An anchor behind this place could be cut after `max`.
    pub(super) const fn last_anchor(&self) -> usize {
        self.max - self.reach()
    }

    /// Whether the anchor for which `drawn` was drawn counts: by the upper half, once in `reach / 2` places.
    pub(super) const fn counts(&self, drawn: u64) -> bool {
        let in_a_row = (self.reach() / 2) as u64 >> super::gear::ANCHOR_BITS;
        (drawn >> 32) * in_a_row < 1 << 32
    }

    /// How far behind its anchor the cut falls: by the lower half, below `reach`.
    pub(super) const fn distance(&self, drawn: u64) -> usize {
        (((drawn & 0xffff_ffff) * self.reach() as u64) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_that_fit_a_cutter_exist() {
        assert_eq!(Sizes::new(1023, 4096, 8192), Err(WrongSizes::Min));
        assert_eq!(Sizes::new(1024, 2047, 8192), Err(WrongSizes::Avg));
        assert_eq!(Sizes::new(usize::MAX, usize::MAX, usize::MAX), Err(WrongSizes::Max));
        assert_eq!(Sizes::new(1024, 2048, 4095), Err(WrongSizes::Max));
        assert_eq!(Sizes::new(1024, 2048, (4 << 20) + 1), Err(WrongSizes::Max));
        assert_eq!(Sizes::new(1024, usize::MAX, 4 << 20), Err(WrongSizes::Max));
        assert!(Sizes::new(1024, 2048, 4096).is_ok());
        for named in [Sizes::PC, Sizes::PRINTER] {
            assert_eq!(Sizes::new(named.min, named.avg, named.max), Ok(named));
        }
    }

    #[test]
    fn a_cut_reaches_never_beyond_the_longest_chunk() {
        for sizes in [
            Sizes::PC,
            Sizes::PRINTER,
            Sizes { min: 1024, avg: 2048, max: 4096 },
            Sizes { min: 1024, avg: 2 << 20, max: 4 << 20 },
        ] {
            assert!(sizes.last_anchor() >= sizes.min);
            assert!(sizes.last_anchor() + sizes.distance(u64::MAX) < sizes.max);
            assert_eq!(sizes.distance(0xffff_ffff_0000_0000), 0);
        }
    }
}
