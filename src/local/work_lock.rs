//! Locks by kind of work: which work may go on beside which, who works now and since when, and waiting for one's turn.
//!
//! Each account has a folder `locks/` with one file for each thing that is worked on; a kind of work takes some of them, shared or
//! alone, all or none. The system's own lock on the file (`flock`) is the truth: it goes when its process ends, however it ends.
//! What stands in a file, `pid` and the work in words, only tells who holds it; its time of change tells since when. Nothing
//! is locked to read, and nothing is held here while the journal is written, which has a lock of its own (`local/journal.rs`).

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::local::home::{DiskError, private_folder, read_small};
use crate::local::lock_file;
use crate::local::stop::Stop;
use crate::provider::regular_file;

/// A kind of work on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// A backup: adds packs and a snapshot, and counts on what the vault holds.
    Backup,
    /// A sync: each store is taken by itself, for as long as it is worked on.
    Sync,
    /// Pruning: each store by itself, and the vault alone while it is said what goes, and while things go from it. It does not begin beside a
    /// backup, which may begin beside it.
    Prune,
    /// Repairs: the vault and the file cache alone.
    Repair,
    /// Keys, key slots, devices.
    Keys,
    /// Files sent to other devices and received from them.
    Inbox,
    /// Following another device.
    Follow,
    /// Recording what the owner allows, and deleting it.
    Records,
    /// A record or two in the journal: a consent, a setting, what was forgotten.
    Small,
    /// The whole account: it is made here, or erased.
    Whole,
}

/// How a file is taken: with others, or alone; and how long its holders are waited for whatever the caller says, because they
/// never work longer.
type Need = (&'static str, bool, Duration);

const SHARED: bool = false;
const ALONE: bool = true;
/// Even who does not wait looks again for so long: another may only have looked who works.
const AT_LEAST: Duration = Duration::from_millis(150);
/// So long is waited for work that takes moments.
const MOMENT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(25);

impl WorkKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Backup,
        Self::Sync,
        Self::Prune,
        Self::Repair,
        Self::Keys,
        Self::Inbox,
        Self::Follow,
        Self::Records,
        Self::Small,
        Self::Whole,
    ];

    /// Its name in the lock's file; where somebody waits for it, `work-…` in the words says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Sync => "sync",
            Self::Prune => "prune",
            Self::Repair => "repair",
            Self::Keys => "keys",
            Self::Inbox => "inbox",
            Self::Follow => "follow",
            Self::Records => "records",
            Self::Small => "change",
            Self::Whole => "whole account",
        }
    }

    fn needs(self) -> &'static [Need] {
        const ACCOUNT: Need = ("account", SHARED, AT_LEAST);
        match self {
            Self::Backup => &[ACCOUNT, ("backup", ALONE, AT_LEAST), ("vault", SHARED, MOMENT)],
            Self::Sync | Self::Small => &[ACCOUNT],
            Self::Prune => &[ACCOUNT, ("prune", ALONE, AT_LEAST)],
            Self::Repair => &[ACCOUNT, ("backup", ALONE, AT_LEAST), ("prune", ALONE, AT_LEAST), ("vault", ALONE, AT_LEAST)],
            Self::Keys => &[ACCOUNT, ("keys", ALONE, AT_LEAST)],
            Self::Inbox => &[ACCOUNT, ("letters", ALONE, AT_LEAST)],
            Self::Follow => &[ACCOUNT, ("follow", ALONE, AT_LEAST)],
            Self::Records => &[ACCOUNT, ("records", ALONE, MOMENT)],
            Self::Whole => &[("account", ALONE, AT_LEAST)],
        }
    }
}

impl WorkKind {
    /// What nobody may work with when it begins, and may soon after.
    fn free_first(self) -> &'static [Need] {
        match self {
            Self::Prune => &[("vault", ALONE, AT_LEAST)],
            _ => &[],
        }
    }
}

/// How long to wait for one's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// At most so long.
    For(Duration),
    /// Until it comes.
    Forever,
}

/// How to wait, when to stop waiting, and whom to tell.
pub struct Waiting<'a> {
    /// How long.
    pub wait: Wait,
    /// Whether to stop waiting now.
    pub stop: Stop,
    /// Told once, when waiting begins, for whom.
    pub on_wait: &'a dyn Fn(Option<&Holder>),
}

impl Waiting<'_> {
    /// Not at all.
    pub fn no() -> Waiting<'static> {
        Waiting { wait: Wait::No, stop: Stop::never(), on_wait: &|_| {} }
    }

    fn is_over(&self, since: Instant, at_least: Duration) -> bool {
        let most = match self.wait {
            Wait::No => at_least,
            Wait::For(most) => most.max(at_least),
            Wait::Forever => return false,
        };
        since.elapsed() >= most
    }
}

/// Who works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// At what: the kind of work by its name, and ` with ` a store where it is of one.
    pub work: String,
    /// Since when, in seconds since 1970.
    pub since: i64,
}

/// Why work could not begin.
#[derive(Debug)]
pub enum LockError {
    /// Other work goes on; whose, where that is known.
    Busy(Option<Holder>),
    /// The owner stopped the waiting.
    Cancelled,
    /// The disk failed.
    Disk(DiskError),
}

/// What a process holds; let go when it is dropped.
#[derive(Debug, Default)]
pub struct Held(Vec<(File, bool)>);

impl Drop for Held {
    fn drop(&mut self) {
        // what stands there would be told of whoever comes next, until it has written its own
        self.0.iter().filter(|(_, alone)| *alone).for_each(|(file, _)| drop(file.set_len(0)));
    }
}

/// Takes what `work` on the account in this folder needs.
pub fn take(account: &Path, work: WorkKind, waiting: &Waiting<'_>) -> Result<Held, LockError> {
    let needs: Vec<Need> = work.needs().iter().chain(work.free_first()).copied().collect();
    let mut held = take_all(account, &needs, work.as_str(), waiting)?;
    drop(Held(held.0.split_off(work.needs().len())));
    Ok(held)
}

/// Takes the whole account for a moment, if nobody works on it.
pub fn take_if_alone(account: &Path) -> Result<Option<Held>, LockError> {
    let folder = folder(account);
    private_folder(&folder).map_err(LockError::Disk)?;
    Ok(try_all(&folder, &[("account", ALONE, AT_LEAST)])?.ok())
}

/// Takes a store for this process alone.
pub fn take_store(account: &Path, store: &str, work: WorkKind, waiting: &Waiting<'_>) -> Result<Held, LockError> {
    let file = format!("store-{store}");
    take_all(account, &[(&file, ALONE, AT_LEAST)], &format!("{} with {store}", work.as_str()), waiting)
}

/// Takes the inbox beside other work.
pub fn take_inbox(account: &Path, work: WorkKind) -> Result<Held, LockError> {
    take_all(account, &[("letters", ALONE, AT_LEAST)], work.as_str(), &Waiting::no())
}

/// Takes the vault alone, so that nobody counts on what is about to go from it.
pub fn take_vault(account: &Path, work: WorkKind, waiting: &Waiting<'_>) -> Result<Held, LockError> {
    take_all(account, &[("vault", ALONE, AT_LEAST)], work.as_str(), waiting)
}

/// Takes what is changed in a moment: it is always waited for, until a stop is asked for.
pub fn take_moment(account: &Path, what: &'static str, stop: &Stop) -> Result<Held, LockError> {
    take_all(account, &[(what, ALONE, MOMENT)], what, &Waiting { stop: stop.clone(), ..Waiting::no() })
}

fn take_all(account: &Path, needs: &[(&str, bool, Duration)], words: &str, waiting: &Waiting<'_>) -> Result<Held, LockError> {
    let folder = folder(account);
    private_folder(&folder).map_err(LockError::Disk)?;
    let (started, mut told) = (Instant::now(), false);
    loop {
        // all or none: who holds one thing while it waits for another would stand in the way of those it waits for
        let (file, at_least) = match try_all(&folder, needs)? {
            Ok(held) => return Ok(sign(held, words)),
            Err(need) => need,
        };
        if waiting.stop.is_asked() {
            return Err(LockError::Cancelled);
        }
        if waiting.is_over(started, at_least) {
            return Err(LockError::Busy(holder(&folder, file)));
        }
        if !told && waiting.wait != Wait::No && started.elapsed() >= AT_LEAST {
            (waiting.on_wait)(holder(&folder, file).as_ref());
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Everything, or what stood in the way and how long it is waited for at least.
fn try_all<'n>(folder: &Path, needs: &[(&'n str, bool, Duration)]) -> Result<Result<Held, (&'n str, Duration)>, LockError> {
    let mut held = Held::default();
    for (name, alone, at_least) in needs {
        let path = folder.join(name);
        let file = open(&path)?;
        let tried = if *alone { file.try_lock() } else { file.try_lock_shared() };
        match tried {
            Ok(()) => held.0.push((file, *alone)),
            Err(TryLockError::WouldBlock) => {
                // nothing was written yet, so that nothing is wiped
                held.0.clear();
                return Ok(Err((name, *at_least)));
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Disk(DiskError::at("lock", &path)(error))),
        }
    }
    Ok(Ok(held))
}

fn open(path: &Path) -> Result<File, LockError> {
    lock_file::open(path).map_err(LockError::Disk)
}

/// Writes into what is held alone who holds it.
fn sign(held: Held, words: &str) -> Held {
    let line = format!("{} {words}\n", std::process::id());
    for (file, _) in held.0.iter().filter(|(_, alone)| *alone) {
        // the lock is held whatever stands in its file: a full disk must not keep anybody from making room
        let _ = file.set_len(0).and_then(|()| (&*file).write_all(line.as_bytes()));
    }
    held
}

/// Who holds this file; where others share it, who of them works at something alone: a backup shares the vault, and whoever asks may itself hold
/// something else.
fn holder(folder: &Path, name: &str) -> Option<Holder> {
    let others = || fs::read_dir(folder).ok().into_iter().flatten().flatten().map(|entry| entry.path());
    [folder.join(name), folder.join("backup")].into_iter().chain(others()).find_map(|path| holder_of(&path))
}

/// Who holds a file alone now. What a process that is gone left in it counts for nothing.
fn holder_of(path: &Path) -> Option<Holder> {
    let file = regular_file::open(path).ok()?;
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    let text = String::from_utf8(read_small(path, 4096).ok()??).ok()?;
    let (pid, work) = text.trim_end().split_once(' ')?;
    let pid: u32 = pid.parse().ok()?;
    let changed = file.metadata().ok()?.modified().ok()?;
    Path::new(&format!("/proc/{pid}")).exists().then(|| Holder { pid, work: work.to_owned(), since: seconds(changed) })
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Who does work of a kind that nobody else may do beside it, if anybody does.
pub fn who(account: &Path, work: WorkKind) -> Option<Holder> {
    let (file, ..) = work.needs().iter().find(|(_, alone, _)| *alone)?;
    holder_of(&folder(account).join(file))
}

/// Where an account's locks lie.
fn folder(account: &Path) -> PathBuf {
    account.join("locks")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(done: Result<Held, LockError>) -> Option<Holder> {
        match done {
            Err(LockError::Busy(holder)) => holder,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn kinds_of_work_exclude_what_they_must_and_nothing_else() {
        use WorkKind::*;
        let pairs = [
            (Backup, Backup),
            (Backup, Repair),
            (Prune, Prune),
            (Prune, Repair),
            (Repair, Repair),
            (Keys, Keys),
            (Inbox, Inbox),
            (Follow, Follow),
        ];
        let folder = tempfile::tempdir().unwrap();
        for first in WorkKind::ALL {
            for second in WorkKind::ALL {
                let held = take(folder.path(), first, &Waiting::no()).unwrap();
                let excluded = pairs.contains(&(first, second)) || pairs.contains(&(second, first));
                // a backup may begin beside a prune, and a prune does not beside a backup
                let apart = first == Whole || second == Whole || excluded || (first, second) == (Backup, Prune);
                if first == Records && second == Records {
                    continue;
                }
                let done = take(folder.path(), second, &Waiting::no());
                assert_eq!(matches!(done, Err(LockError::Busy(_))), apart, "{first:?} {second:?}");
                drop(held);
            }
        }
    }

    #[test]
    fn who_is_busy_says_who_works_and_what_a_dead_process_left_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path(), WorkKind::Backup, &Waiting::no()).unwrap();
        let holder = busy(take(folder.path(), WorkKind::Repair, &Waiting::no())).unwrap();
        assert_eq!((holder.pid, holder.work.as_str()), (std::process::id(), "backup"));
        assert!(holder.since > 1_600_000_000);
        assert_eq!(who(folder.path(), WorkKind::Backup), Some(holder));
        assert_eq!(who(folder.path(), WorkKind::Prune), None);
        drop(held);
        assert_eq!(who(folder.path(), WorkKind::Backup), None);
        // killed: its words are there, its lock is not
        fs::write(folder.path().join("locks/backup"), "4194304 backup\n").unwrap();
        let held = take(folder.path(), WorkKind::Backup, &Waiting::no()).unwrap();
        drop(held);
        let other = open(&folder.path().join("locks/backup")).unwrap();
        other.lock().unwrap();
        fs::write(folder.path().join("locks/backup"), "4194304 backup\n").unwrap();
        assert_eq!(busy(take(folder.path(), WorkKind::Backup, &Waiting::no())), None);
    }

    #[test]
    fn who_wants_the_vault_alone_is_told_of_the_backup_and_not_of_itself() {
        let folder = tempfile::tempdir().unwrap();
        let work = [WorkKind::Prune, WorkKind::Keys, WorkKind::Follow, WorkKind::Backup];
        let held: Vec<_> = work.into_iter().map(|work| take(folder.path(), work, &Waiting::no()).unwrap()).collect();
        let holder = busy(take_vault(folder.path(), WorkKind::Prune, &Waiting::no())).unwrap();
        assert_eq!(holder.work, "backup");
        drop(held);
        let _backup = take(folder.path(), WorkKind::Backup, &Waiting::no()).unwrap();
        assert_eq!(busy(take(folder.path(), WorkKind::Prune, &Waiting::no())).unwrap().work, "backup");
    }

    #[test]
    fn a_store_is_worked_on_by_one_and_others_go_on_with_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let _nas = take_store(folder.path(), "nas", WorkKind::Sync, &Waiting::no()).unwrap();
        assert_eq!(busy(take_store(folder.path(), "nas", WorkKind::Prune, &Waiting::no())).unwrap().work, "sync with nas");
        assert!(take_store(folder.path(), "cloud", WorkKind::Prune, &Waiting::no()).is_ok());
        assert!(take(folder.path(), WorkKind::Backup, &Waiting::no()).is_ok());
    }

    #[test]
    fn who_waits_gets_its_turn_and_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path(), WorkKind::Backup, &Waiting::no()).unwrap();
        let (told, waits) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let path = folder.path();
            scope.spawn(move || {
                let on_wait = move |holder: Option<&Holder>| told.send(holder.cloned()).unwrap();
                let waiting = Waiting { wait: Wait::Forever, stop: Stop::never(), on_wait: &on_wait };
                take(path, WorkKind::Backup, &waiting).unwrap();
            });
            assert_eq!(waits.recv().unwrap().unwrap().work, "backup");
            let stop = Waiting { wait: Wait::Forever, stop: Stop::when(|| true), on_wait: &|_| {} };
            assert!(matches!(take(path, WorkKind::Backup, &stop), Err(LockError::Cancelled)));
            drop(held);
        });
        assert!(take(folder.path(), WorkKind::Whole, &Waiting::no()).is_ok());
    }
}
