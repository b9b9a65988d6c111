//! What this device remembers of its own backups beside what their snapshots tell: which sources each one took and which it could
//! not, how the last attempt ended; since when each store is one; and when the recovery kit was last seen to open the account.
//!
//! One small sealed file, `history`, replaced whole under a lock. Of the newest 4096 backups the sources are kept; a file that does not
//! open is replaced by a new one, and its backups count as if nothing were known of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::secret::Secret;
use crate::engine::account::Account;
use crate::engine::account::logs::Logs;
use crate::local::home::{read_small, write_private};
use crate::local::os_random::SystemRandom;
use crate::local::stop::Stop;
use crate::local::{local_seal, lock_file};

const MAX_BACKUPS: usize = 4096;
/// So many places where pages of the kit lie.
const MAX_PAGES: usize = 16;
/// Different paths of sources.
const MAX_PATHS: usize = 4096;
const MAX_STORES: usize = 256;
/// Before this day, 2026-01-01, there was no Printkeep: a time that is earlier is a clock's mistake, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;
const MAX_TEXT: usize = 4096;
const MAX_FILE: u64 = 32 * 1024 * 1024;
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// A backup of this device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnBackup {
    /// The number of its snapshot.
    pub snapshot: u64,
    /// The sources that are in it, by path.
    pub sources: Vec<String>,
    /// The sources that could not be read.
    pub missing: Vec<String>,
    /// Files and folders inside of its sources that could not be read.
    pub unread: u64,
}

impl OwnBackup {
    /// Whether it took all that it was to take.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.unread == 0
    }
}

/// A backup that made no snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedBackup {
    /// When, in seconds since 1970.
    pub time: i64,
    /// Why, in the language it was told in.
    pub why: String,
}

/// A backup that was begun and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunBackup {
    /// When, in seconds since 1970.
    pub time: i64,
    /// The machine's run and the process.
    process: String,
}

impl BegunBackup {
    /// One of this process.
    pub fn here(time: i64) -> Self {
        Self::of(time, std::process::id())
    }

    /// One of another process of this run of the machine.
    pub fn of(time: i64, process: u32) -> Self {
        Self { time, process: format!("{}:{process}", boot()) }
    }

    /// Whether its process is there no more, so that it will never end.
    pub fn is_cut_short(&self) -> bool {
        let Some((run, process)) = self.process.split_once(':') else { return true };
        let process = process.parse().ok().and_then(rustix::process::Pid::from_raw);
        // one that belongs to somebody else is there too
        let is_there = |pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH);
        run != boot() || !process.is_some_and(is_there)
    }
}

/// What tells one run of the machine from the next; nothing where the system does not say.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// A store, as this machine knows it from its own runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenStore {
    /// Since when it is one, in seconds since 1970.
    pub since: i64,
    /// Why the last sync with it failed, in the form of no language; nothing where it did not.
    pub failed: String,
}

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    backups: Vec<OwnBackup>,
    /// The last attempt, where it made no snapshot.
    pub failed: Option<FailedBackup>,
    /// The attempt that has not ended.
    pub begun: Option<BegunBackup>,
    /// Since when each store is one, by its name, and why the last sync with it failed.
    pub stores: BTreeMap<String, SeenStore>,
    /// When the kit that lives was made to replace another, in seconds since 1970.
    pub kit_made: Option<i64>,
    /// When a kit outside of Printkeep's home was last seen to open the account.
    pub kit_seen: Option<i64>,
    /// Where pages of the kit that lives were written to, or used from, outside of the home; the newest last.
    pub kit_pages: Vec<String>,
}

impl History {
    /// What is remembered of the backup with this number.
    pub fn backup(&self, snapshot: u64) -> Option<&OwnBackup> {
        self.backups.iter().rev().find(|one| one.snapshot == snapshot)
    }

    /// Takes down a backup, which ends what was begun.
    pub fn add(&mut self, backup: OwnBackup) {
        (self.failed, self.begun) = (None, None);
        self.backups.retain(|one| one.snapshot != backup.snapshot);
        self.backups.push(backup);
        let more = self.backups.len().saturating_sub(MAX_BACKUPS);
        self.backups.drain(..more);
        while self.paths().len() > MAX_PATHS {
            self.backups.remove(0);
        }
    }

    /// Whether these are the stores that are known, none of them since a time that a wrong clock said.
    pub fn knows_stores(&self, stores: &[String], now: i64) -> bool {
        let is_sound = |seen: &SeenStore| (FIRST_DAY..=now).contains(&seen.since);
        // settings that cannot be read name none
        stores.is_empty()
            || self.stores.len() == stores.len() && stores.iter().all(|name| self.stores.get(name).is_some_and(is_sound))
    }

    /// Takes down where a page of the kit that lives lies.
    pub fn add_kit_page(&mut self, path: &str) {
        self.kit_pages.retain(|known| known != path);
        self.kit_pages.push(path.to_owned());
        let more = self.kit_pages.len().saturating_sub(MAX_PAGES);
        self.kit_pages.drain(..more);
    }

    /// Keeps these stores alone; one that is new is one since now.
    pub fn keep_stores(&mut self, stores: &[String], now: i64) {
        self.stores.retain(|name, _| stores.contains(name));
        for name in stores.iter().take(MAX_STORES) {
            let seen = self.stores.entry(name.clone()).or_default();
            if !(FIRST_DAY..=now).contains(&seen.since) {
                seen.since = now;
            }
        }
    }

    fn paths(&self) -> Vec<&str> {
        let all = self.backups.iter().flat_map(|one| one.sources.iter().chain(&one.missing));
        let mut paths: Vec<&str> = all.map(String::as_str).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    fn encode(&self) -> Vec<u8> {
        let (mut out, paths) = (Writer::new(), self.paths());
        out.u8(1);
        out.varint(paths.len() as u64);
        paths.iter().for_each(|path| text(&mut out, path));
        out.varint(self.backups.len() as u64);
        for backup in &self.backups {
            [backup.snapshot, backup.unread].iter().for_each(|number| out.varint(*number));
            for listed in [&backup.sources, &backup.missing] {
                out.varint(listed.len() as u64);
                listed.iter().filter_map(|path| paths.binary_search(&path.as_str()).ok()).for_each(|at| out.varint(at as u64));
            }
        }
        for at in [self.kit_made, self.kit_seen] {
            out.u8(at.is_some().into());
            at.iter().for_each(|at| out.raw(&at.to_le_bytes()));
        }
        out.varint(self.kit_pages.len() as u64);
        self.kit_pages.iter().for_each(|path| text(&mut out, path));
        out.varint(self.stores.len() as u64);
        for (name, seen) in &self.stores {
            text(&mut out, name);
            out.raw(&seen.since.to_le_bytes());
            text(&mut out, &seen.failed);
        }
        let failed = self.failed.as_ref().map(|failed| (failed.time, &failed.why));
        let begun = self.begun.as_ref().map(|begun| (begun.time, &begun.process));
        for ended in [failed, begun] {
            out.u8(ended.is_some().into());
            ended.iter().for_each(|(time, said)| {
                out.raw(&time.to_le_bytes());
                text(&mut out, said);
            });
        }
        out.into_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        if input.u8()? != 1 {
            return Err(Bad("a history of a later version"));
        }
        let count = input.count(MAX_PATHS)?;
        let paths = (0..count).map(|_| read_text(&mut input)).collect::<Result<Vec<_>, _>>()?;
        let count = input.count(MAX_BACKUPS)?;
        let backups = (0..count).map(|_| read_backup(&mut input, &paths)).collect::<Result<_, _>>()?;
        let (kit_made, kit_seen) = (maybe(&mut input)?, maybe(&mut input)?);
        let count = input.count(MAX_PAGES)?;
        let kit_pages = (0..count).map(|_| read_text(&mut input)).collect::<Result<_, _>>()?;
        let count = input.count(MAX_STORES)?;
        let stores = (0..count).map(|_| read_store(&mut input)).collect::<Result<_, _>>()?;
        let (failed, begun) = (maybe_said(&mut input)?, maybe_said(&mut input)?);
        input.finish()?;
        let failed = failed.map(|(time, why)| FailedBackup { time, why });
        let begun = begun.map(|(time, process)| BegunBackup { time, process });
        Ok(Self { backups, failed, begun, stores, kit_made, kit_seen, kit_pages })
    }
}

fn text(out: &mut Writer, text: &str) {
    out.bytes(&text.as_bytes()[..text.floor_char_boundary(MAX_TEXT)]);
}

fn read_text(input: &mut Reader<'_>) -> Result<String, Bad> {
    String::from_utf8(input.bytes(MAX_TEXT)?.to_vec()).map_err(|_| Bad("a text that is not UTF-8"))
}

fn read_backup(input: &mut Reader<'_>, paths: &[String]) -> Result<OwnBackup, Bad> {
    let (snapshot, unread) = (input.varint()?, input.varint()?);
    let mut listed = || {
        let count = input.count(paths.len())?;
        let path = |at: usize| paths.get(at).cloned().ok_or(Bad("a source that is not listed"));
        (0..count).map(|_| path(input.count(paths.len())?)).collect::<Result<Vec<_>, _>>()
    };
    Ok(OwnBackup { snapshot, unread, sources: listed()?, missing: listed()? })
}

fn read_store(input: &mut Reader<'_>) -> Result<(String, SeenStore), Bad> {
    let name = read_text(input)?;
    Ok((name, SeenStore { since: i64::from_le_bytes(input.array()?), failed: read_text(input)? }))
}

fn maybe(input: &mut Reader<'_>) -> Result<Option<i64>, Bad> {
    Ok(if input.u8()? == 0 { None } else { Some(i64::from_le_bytes(input.array()?)) })
}

fn maybe_said(input: &mut Reader<'_>) -> Result<Option<(i64, String)>, Bad> {
    Ok(match maybe(input)? {
        Some(time) => Some((time, read_text(input)?)),
        None => None,
    })
}

/// The file.
struct HistoryFile {
    path: PathBuf,
    key: Secret<32>,
    stop: Stop,
}

impl HistoryFile {
    fn at(account: &Path, key: Secret<32>, stop: Stop) -> Self {
        Self { path: account.join("history"), key, stop }
    }

    fn load(&self) -> History {
        let sealed = read_small(&self.path, MAX_FILE).ok().flatten();
        let opened = sealed.and_then(|sealed| local_seal::open(&self.key, b"history", &sealed));
        opened.and_then(|bytes| History::decode(&bytes).ok()).unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut History)) -> bool {
        let lock = self.path.with_extension("lock");
        let Ok(_lock) = lock_file::take(&lock, LOCK_WAIT, &self.stop) else { return false };
        let before = self.load();
        let mut history = before.clone();
        change(&mut history);
        if history == before {
            return true;
        }
        let sealed = local_seal::seal(&self.key, b"history", &history.encode(), &SystemRandom::new());
        sealed.is_ok_and(|sealed| write_private(&self.path, &sealed).is_ok())
    }
}

impl Account {
    /// What this device remembers of its own backups; nothing where it cannot be read.
    pub fn history(&self) -> History {
        HistoryFile::at(&self.folder(), self.local_key(b"history"), self.stop.clone()).load()
    }
}

impl Logs<'_> {
    /// Changes what is remembered, durably. Whether that could be done: a disk that takes nothing is told by the work itself.
    pub fn remember(&self, change: impl FnOnce(&mut History)) -> bool {
        HistoryFile::at(&self.folder(), self.local_key(b"history"), self.stop.clone()).change(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(snapshot: u64) -> OwnBackup {
        OwnBackup { snapshot, sources: vec!["/a".into(), format!("/b{snapshot}")], missing: vec!["/c".into()], unread: 2 }
    }

    #[test]
    fn what_is_remembered_comes_back_and_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path(), Secret::filled_by(|key| key.fill(7)), Stop::never());
        assert_eq!(file.load(), History::default());
        assert!(file.change(|history| {
            history.backups = (1..MAX_BACKUPS as u64).map(backup).collect();
            (6000..6003).for_each(|number| history.add(backup(number)));
            history.failed = Some(FailedBackup { time: -5, why: "no space".into() });
            history.begun = Some(BegunBackup::here(9));
            history.keep_stores(&["nas".into(), "wrong".into()], FIRST_DAY);
            history.keep_stores(&["nas".into(), "new".into()], FIRST_DAY + 5);
            (history.kit_made, history.kit_seen) = (Some(1), None);
            (0..MAX_PAGES + 3).for_each(|number| history.add_kit_page(&format!("/stick/{number}")));
            history.add_kit_page("/stick/9");
        }));
        let history = file.load();
        assert_eq!((history.backup(6002), history.backup(1)), (Some(&backup(6002)), None));
        assert!(history.paths().len() <= MAX_PATHS);
        assert_eq!(history.failed.as_ref().map(|failed| failed.why.as_str()), Some("no space"));
        assert!(!history.begun.as_ref().unwrap().is_cut_short(), "it is this process");
        assert_eq!((history.kit_made, history.kit_seen), (Some(1), None));
        let pages = (&history.kit_pages[0], &history.kit_pages[MAX_PAGES - 1], history.kit_pages.len());
        assert_eq!(pages, (&"/stick/3".into(), &"/stick/9".into(), MAX_PAGES));
        let since = |name: &str| history.stores.get(name).map(|seen| seen.since - FIRST_DAY);
        assert_eq!([since("nas"), since("new"), since("wrong")], [Some(0), Some(5), None]);
        assert!(
            history.knows_stores(&["new".into(), "nas".into()], FIRST_DAY + 9)
                && !history.knows_stores(&["nas".into()], FIRST_DAY + 9)
        );
        std::fs::write(folder.path().join("history"), b"nonsense").unwrap();
        assert_eq!(file.load(), History::default());
    }

    #[test]
    fn a_backup_of_a_process_that_is_gone_was_cut_short() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let begun = BegunBackup::of(0, child.id());
        child.wait().unwrap();
        assert!(begun.is_cut_short());
        assert!(BegunBackup { time: 0, process: format!("another-run:{}", std::process::id()) }.is_cut_short());
    }
}
