//! Wrong passphrases, counted durably: three are free, then each waits longer, up to a quarter of an hour; a right one starts anew.
//!
//! A try is counted before it is made, under a lock of a moment, so that neither a second process nor a kill in the middle makes one
//! free. While it goes on, its process holds a share of a second lock: whoever would have to wait because of tries that are only under way waits
//! for these, and is not refused for them. Nobody waits for a process that holds on to either: a try that cannot be counted in turn, because of
//! such a process or because the disk is full or read-only, costs time instead, in the latter case where it was wrong: the owner may need the
//! backup just then.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::core::codec::{Reader, Writer};
use crate::core::random::Random;
use crate::core::secret::Secret;
use crate::local::home::{read_small, remove_if_there};
use crate::local::local_seal;
use crate::local::lock_file::{self, LockFile, NotTaken};
use crate::local::may_vanish;
use crate::local::stop::Stop;
use crate::local::wait_since::WaitSince;

/// How many wrong ones wait for nothing.
pub const FREE: u32 = 3;
const FIRST_WAIT: i64 = 5;
const LONGEST_WAIT: i64 = 900;
/// How long tries of other processes are waited for that are under way.
const OTHERS: Duration = Duration::from_secs(10);
/// Between two looks at them.
const LOOK: Duration = Duration::from_millis(50);
/// How long a lock is waited for that nothing hangs on.
const BRIEF: Duration = Duration::from_millis(500);
/// What a try costs that cannot be counted in turn.
const UNCOUNTED: Duration = Duration::from_secs(5);

/// A try that may be made now.
pub struct UnlockAttempt {
    path: PathBuf,
    before: Count,
    /// Whether it could not be counted, and costs time instead.
    owes: bool,
    _running: Option<LockFile>,
}

/// Why no try may be made now.
#[derive(Debug, PartialEq, Eq)]
pub enum NoAttempt {
    /// In so many seconds one may.
    TooSoon(u64),
    /// A stop was asked for.
    Stopped,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    wrong: u32,
    since: WaitSince,
}

/// So many wrong ones in a row: how long the next must wait after the last, in seconds.
fn wait_after(wrong: u32) -> i64 {
    match wrong.checked_sub(FREE) {
        None => 0,
        Some(more) => (FIRST_WAIT << more.min(10)).min(LONGEST_WAIT),
    }
}

/// How many seconds must pass before the next try; none where one may be made now. Nothing is counted; tries that are under way make nobody wait here.
pub fn wait(account: &Path, key: &Secret<32>, now: i64) -> Option<u64> {
    let sealed = read_small(&account.join("tries"), 4096).ok()??;
    let mut count = read(key, &sealed)?;
    count.since.left(wait_after(count.wrong), now).filter(|_| !is_running(account))
}

/// Counts a try as wrong and lets it be made; or tells how long it must wait. It waits itself only for tries that are under way.
pub fn begin(account: &Path, key: &Secret<32>, now: i64, random: &dyn Random, stop: &Stop) -> Result<UnlockAttempt, NoAttempt> {
    let began = Instant::now();
    loop {
        let passed = i64::try_from(began.elapsed().as_secs()).unwrap_or_default();
        match count(account, key, now.saturating_add(passed), random, stop) {
            Err(NoAttempt::TooSoon(_)) if began.elapsed() < OTHERS && is_running(account) => {
                if !stop.rest(LOOK) {
                    return Err(NoAttempt::Stopped);
                }
            }
            counted => return counted,
        }
    }
}

fn count(account: &Path, key: &Secret<32>, now: i64, random: &dyn Random, stop: &Stop) -> Result<UnlockAttempt, NoAttempt> {
    let path = account.join("tries");
    let (_lock, paid) = match lock_file::take(&lock_of(account), UNCOUNTED, stop) {
        Ok(lock) => (Some(lock), false),
        Err(NotTaken::Stopped) => return Err(NoAttempt::Stopped),
        Err(NotTaken::Held) => (None, true),
        Err(NotTaken::Disk(_)) => (None, false),
    };
    let unknown = Count { wrong: FREE, since: WaitSince::now(now) };
    let mut before = match read_small(&path, 4096) {
        Ok(None) => Count::default(),
        Ok(Some(sealed)) => read(key, &sealed).unwrap_or(unknown),
        Err(_) => unknown,
    };
    if let Some(left) = before.since.left(wait_after(before.wrong), now) {
        write(&path, key, before, random);
        return Err(NoAttempt::TooSoon(left));
    }
    // seen to be under way before it is seen to be counted
    let running = lock_file::share(&running_of(account), BRIEF, stop).ok();
    let counted = write(&path, key, Count { wrong: before.wrong.saturating_add(1), since: WaitSince::now(now) }, random);
    Ok(UnlockAttempt { path, before, owes: !counted && !paid, _running: running })
}

/// Held while tries are counted.
fn lock_of(account: &Path) -> PathBuf {
    account.join("tries.lock")
}

/// Shared by tries that are under way.
fn running_of(account: &Path) -> PathBuf {
    account.join("tries.running")
}

fn is_running(account: &Path) -> bool {
    matches!(lock_file::take(&running_of(account), Duration::ZERO, &Stop::never()), Err(NotTaken::Held))
}

impl UnlockAttempt {
    /// It was right: counting starts anew.
    pub fn right(self) {
        let _ = remove_if_there(&self.path);
    }

    /// It was wrong: how many there were in a row, this one included. None where it was to cost time and a stop was asked for.
    pub fn wrong(self, stop: &Stop) -> Option<u32> {
        let is_paid = !self.owes || stop.rest(UNCOUNTED);
        is_paid.then(|| self.before.wrong.saturating_add(1))
    }

    /// It could not be told, because something else failed: it does not count.
    pub fn void(self, key: &Secret<32>, random: &dyn Random) {
        let _lock = lock_file::take(&self.path.with_extension("lock"), BRIEF, &Stop::never());
        // others may have been counted since
        let now = read_small(&self.path, 4096).ok().flatten().and_then(|sealed| read(key, &sealed));
        if let Some(count) = now.filter(|count| count.wrong > 0) {
            let since = if count.wrong == self.before.wrong.saturating_add(1) { self.before.since } else { count.since };
            write(&self.path, key, Count { wrong: count.wrong - 1, since }, random);
        }
    }
}

fn write(path: &Path, key: &Secret<32>, count: Count, random: &dyn Random) -> bool {
    let mut out = Writer::new();
    out.u32(count.wrong);
    count.since.encode(&mut out);
    local_seal::seal(key, b"tries", out.as_slice(), random).is_ok_and(|sealed| may_vanish::write(path, &sealed).is_ok())
}

fn read(key: &Secret<32>, sealed: &[u8]) -> Option<Count> {
    let bytes = local_seal::open(key, b"tries", sealed)?;
    let mut input = Reader::new(&bytes);
    let count = Count { wrong: input.u32().ok()?, since: WaitSince::decode(&mut input).ok()? };
    input.finish().ok().map(|()| count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    fn wrong(attempt: UnlockAttempt) -> Option<u32> {
        attempt.wrong(&Stop::never())
    }

    #[test]
    fn what_cannot_be_counted_costs_time_where_it_is_wrong_and_none_where_it_is_right() {
        let folder = tempfile::tempdir().unwrap();
        let (key, random) = (Secret::random(&Counting::new(1)).unwrap(), Counting::new(2));
        // nothing can be written in a folder that is not there, and the counter of none is of none
        let nowhere = folder.path().join("nowhere/else");
        let began = Instant::now();
        let stopped = Stop::when(move || began.elapsed() > Duration::from_millis(50));
        begin(&nowhere, &key, 5, &random, &Stop::never()).ok().unwrap().right();
        assert!(began.elapsed() < UNCOUNTED / 2);
        assert_eq!(begin(&nowhere, &key, 5, &random, &Stop::never()).ok().unwrap().wrong(&stopped), None);
    }

    #[test]
    fn three_are_free_then_each_waits_longer_and_a_right_one_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (key, random) = (Secret::random(&Counting::new(1)).unwrap(), Counting::new(2));
        let go = |now| begin(folder.path(), &key, now, &random, &Stop::never());
        for expected in 1..=3 {
            assert_eq!(go(1000).ok().and_then(wrong), Some(expected));
        }
        let told = |now| wait(folder.path(), &key, now);
        assert_eq!((told(1000), told(1004), told(1005)), (Some(5), Some(1), None));
        assert_eq!(go(1000).err(), Some(NoAttempt::TooSoon(5)));
        assert_eq!(go(1004).err(), Some(NoAttempt::TooSoon(1)));
        assert_eq!(go(1005).ok().and_then(wrong), Some(4));
        assert_eq!(go(1005).err(), Some(NoAttempt::TooSoon(10)));
        // a clock that is set back neither frees nor locks out, and one that is set right again frees nothing before its time
        assert_eq!(go(10).err(), Some(NoAttempt::TooSoon(10)));
        assert_eq!(go(15).err(), Some(NoAttempt::TooSoon(5)));
        assert_eq!(go(1006).err(), Some(NoAttempt::TooSoon(9)));
        assert_eq!((told(10), told(1014)), (Some(10), Some(1)));
        assert_eq!(go(10).err(), Some(NoAttempt::TooSoon(10)));
        go(20).ok().unwrap().right();
        assert_eq!(go(20).ok().and_then(wrong), Some(1));
        // a file that was tampered with is no way around
        std::fs::write(folder.path().join("tries"), b"nonsense").unwrap();
        assert_eq!(go(30).err(), Some(NoAttempt::TooSoon(5)));
        // nor is a folder in its place, which keeps nobody out for good either
        std::fs::remove_file(folder.path().join("tries")).unwrap();
        std::fs::create_dir(folder.path().join("tries")).unwrap();
        assert_eq!(go(40).err(), Some(NoAttempt::TooSoon(5)));
        assert_eq!(go(45).ok().and_then(wrong), Some(4));
        assert_eq!([wait_after(2), wait_after(9), wait_after(100), wait_after(u32::MAX)], [0, 320, 900, 900]);
    }

    #[test]
    fn a_try_that_was_killed_counts_and_one_that_could_not_be_told_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (key, random) = (Secret::random(&Counting::new(1)).unwrap(), Counting::new(2));
        drop(begin(folder.path(), &key, 5, &random, &Stop::never()));
        begin(folder.path(), &key, 5, &random, &Stop::never()).ok().unwrap().void(&key, &random);
        assert_eq!(begin(folder.path(), &key, 5, &random, &Stop::never()).ok().and_then(wrong), Some(2));
    }
}
