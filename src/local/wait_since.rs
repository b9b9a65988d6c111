//! A wait that the wall clock measures, and that a clock which is set back neither skips nor shortens.

use crate::core::codec::{Bad, Reader, Writer};

/// When something last happened, and since when a clock says that it lies behind that, in seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitSince {
    last: i64,
    behind: Option<i64>,
}

impl WaitSince {
    /// It happened now.
    pub fn now(now: i64) -> Self {
        Self { last: now, behind: None }
    }

    /// How many seconds of `wait` are left; none once it is over. A clock that was set back waits all of it from then on; once it goes right
    /// again, what is left counts from when it happened. Keep it: it takes down what it saw of the clock.
    pub fn left(&mut self, wait: i64, now: i64) -> Option<u64> {
        self.behind = (now < self.last).then(|| self.behind.filter(|since| *since <= now).unwrap_or(now));
        let passed = now.saturating_sub(self.behind.unwrap_or(self.last));
        let left = wait.saturating_sub(passed);
        (left > 0).then(|| left.unsigned_abs())
    }

    /// Writes it: the time, and that of the clock set back or the same again.
    pub fn encode(&self, out: &mut Writer) {
        out.raw(&self.last.to_le_bytes());
        out.raw(&self.behind.unwrap_or(self.last).to_le_bytes());
    }

    /// Reads it.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let (last, behind) = (i64::from_le_bytes(input.array()?), i64::from_le_bytes(input.array()?));
        Ok(Self { last, behind: (behind < last).then_some(behind) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept between two looks is what was written.
    fn kept(since: WaitSince) -> WaitSince {
        let mut out = Writer::new();
        since.encode(&mut out);
        let bytes = out.into_vec();
        let mut input = Reader::new(&bytes);
        let read = WaitSince::decode(&mut input).unwrap();
        assert_eq!(read, since);
        input.finish().unwrap();
        read
    }

    #[test]
    fn a_clock_that_is_set_back_neither_skips_nor_shortens_a_wait() {
        let mut since = WaitSince::now(1_000_000);
        for (now, left) in [
            (1_000_000, Some(30)),
            (1_000_010, Some(20)),
            // set back by years: all of it from now on, also at the next look
            (100, Some(30)),
            (110, Some(20)),
            // and once more
            (50, Some(30)),
            (70, Some(10)),
            // set right again: as if nothing had been
            (1_000_012, Some(18)),
            (1_000_030, None),
        ] {
            since = kept(since);
            assert_eq!(since.left(30, now), left, "{now}");
        }
        // whoever's clock was ahead before is not kept out for as long as it was ahead
        let mut ahead = WaitSince::now(1_000_000);
        assert_eq!([ahead.left(30, 500), ahead.left(30, 530)], [Some(30), None]);
        assert_eq!(WaitSince::now(i64::MAX).left(900, i64::MIN), Some(900));
        assert_eq!(WaitSince::now(i64::MIN).left(900, i64::MAX), None);
    }
}
