//! One backup: observe → read → cut → identify, compress → seal into packs → index → snapshot last.
//!
//! Three kinds of threads, joined by bounded channels, so that memory stays flat: the reader walks, reads and cuts; workers
//! identify and compress; the packer puts what they give back in order, seals it and writes. A kill at any moment leaves sealed
//! objects that nothing refers to, never a record without its bytes: packs before their index object, that before local state
//! and the snapshot.

pub mod detect;
pub mod extents;
mod files;
mod lists;
pub mod measure;
mod packer;
mod reader;
pub mod request;
pub mod scan;
pub mod secret_scan;
mod window;
mod worker;

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;

use crate::core::chunk::ChunkIds;
use crate::core::manifest::Source;
use crate::core::name::RelPath;
use crate::core::random::Random;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::backup::scan::{Root, Walk};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::{known_damage, snapshots};
use crate::engine::{Cancel, EngineError, Event, Job, Misuse, Notice, Phase};
use crate::local::cache::{self, Backend, Cache, CacheError};

pub use request::{Report, Request};

/// Backs up the sources into the account's vault.
pub fn backup(account: &mut AccountWriter, request: &Request, job: Job<'_>) -> Result<Report, EngineError> {
    match account.roster.member(&account.device.id) {
        Some(member) if member.is_active() => {}
        Some(_) => return Err(EngineError::Usage(Misuse::RevokedHere)),
        None => return Err(EngineError::Usage(Misuse::Unlisted(account.device.name.clone()))),
    }
    match attempt(account, request, job) {
        // a cache that fails in the middle of a run has the same answer as one that does not open
        Err(EngineError::State(why)) => {
            job.notice(Notice::StateRebuilt(&account.folder().join("state"), &why));
            cache::set_aside(&account.folder().join("state"))?;
            attempt(account, request, job)
        }
        done => done,
    }
}

fn attempt(account: &mut AccountWriter, request: &Request, job: Job<'_>) -> Result<Report, EngineError> {
    let (cache, rebuilt) = open_cache(account, job.profile.backend, job.random)?;
    if let Some(why) = rebuilt {
        job.notice(Notice::StateRebuilt(&account.folder().join("state"), &why));
    }
    job.tell(Event::Phase(Phase::Rebuilding));
    let mut chunk_index = ChunkIndex::open(account)?;
    known_damage::set_aside(account, &mut chunk_index)?;
    job.tell(Event::Phase(Phase::BackingUp));
    if request.count_first {
        let (files, bytes) = count(request, job.cancel)?;
        job.tell(Event::Total { files, bytes });
    }
    run(account, (chunk_index, &cache), request, job, worker::look_at)
}

/// More than this between two snapshots is a leap of the clock, or a machine that lay in a drawer, in seconds.
const LEAP: i64 = 366 * 86_400;

/// Whether the clock leapt since this device's newest snapshot, so that how old a file is is not to be believed: then none is left
/// out as too old.
pub fn has_leapt(account: &Account, now: i64) -> bool {
    let last = account.head.and_then(|(number, _)| snapshots::head(account, account.device.id, number).ok());
    last.is_some_and(|(head, _)| (now - head.time).abs() > LEAP)
}

/// Opens the cache of files, which this process then owns; one that cannot be used was set aside, and the reason is given.
pub fn open_cache(
    account: &AccountWriter,
    backend: Backend,
    random: &dyn Random,
) -> Result<(Cache, Option<CacheError>), EngineError> {
    let mut stamp = blake3::Hasher::new();
    stamp.update(b"printkeep/3 state").update(account.id().as_bytes()).update(account.device.id.as_bytes());
    let key = account.local_key(b"state");
    let opened = Cache::open(&account.folder().join("state"), backend, &key, stamp.finalize().as_bytes(), random)?;
    Ok((opened.state, opened.rebuilt))
}

fn count(request: &Request, cancel: &Cancel) -> Result<(u64, u64), EngineError> {
    let (mut files, mut bytes) = (0, 0);
    for observed in Walk::new(request.roots.clone(), &request.skip) {
        if let Some(size) = observed.file_size() {
            files += 1;
            bytes += size;
        }
        cancel.check()?;
    }
    Ok((files, bytes))
}

fn run(
    account: &mut AccountWriter,
    (chunk_index, cache): (ChunkIndex, &Cache),
    request: &Request,
    job: Job<'_>,
    look: worker::Look,
) -> Result<Report, EngineError> {
    let chunk_index = RwLock::new(chunk_index);
    let claimed = Mutex::default();
    let ids = ChunkIds::new(account.device.keys.newest());
    let (gone, room) = (AtomicBool::new(false), window::Room::new(job.profile.on_the_way));
    let shared =
        worker::Shared { ids: &ids, chunk_index: &chunk_index, cache, claimed: &claimed, room: &room, gone: &gone, look };
    let (lines, desk) = window::channels(job.profile);
    let held = &*account;
    let made = thread::scope(|scope| {
        let (steps, spare) = (desk.steps, desk.spare);
        let sources = sources(&request.roots);
        let packing = scope.spawn(move || {
            let _ended = worker::Ended(shared.gone);
            packer::Packer::new(held, shared, job, spare).run(steps, sources)
        });
        for _ in 0..job.profile.workers {
            let (jobs, out, spare) = (desk.jobs.clone(), lines.steps.clone(), lines.spare_back.clone());
            scope.spawn(move || worker::work(&shared, &jobs, &out, &spare));
        }
        drop(desk.jobs);
        let read = reader::Reader::new(held, shared, request, lines, job).read_all();
        // the packer's reason comes first: it is why the reader found its channels closed
        let packed = packing.join().map_err(|_| EngineError::Crashed)?;
        match (packed, read) {
            (Err(EngineError::Cancelled), Err(error)) | (Err(error), _) | (_, Err(error)) => Err(error),
            (Ok(packed), Ok(read)) => Ok((packed, read)),
        }
    });
    let (packed, met) = made?;
    account.remember_head(packed.number, packed.hash)?;
    chunk_index.into_inner().unwrap_or_else(PoisonError::into_inner).publish(account);
    Ok(Report { number: packed.number, stats: packed.stats, met })
}

fn sources(roots: &[Root]) -> Vec<Source> {
    let source = |root: &Root| {
        let label = RelPath::new(&root.label)?;
        Some(Source { label, path: std::os::unix::ffi::OsStrExt::as_bytes(root.path.as_os_str()).to_vec() })
    };
    roots.iter().filter_map(source).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::{RecvTimeoutError, SyncSender, channel};
    use std::time::Duration;

    use zstd::bulk::Compressor;

    use super::*;
    use crate::core::name::ObjectName;
    use crate::core::random::NoRandomness;
    use crate::core::slot::Cost;
    use crate::core::testing::Counting;
    use crate::engine::account::NewAccount;
    use crate::engine::clock::Clock;
    use crate::engine::profile::Profile;
    use crate::engine::runtime::Runtime;
    use crate::local::home::{AccountName, Home};
    use window::Buffer;

    /// Breaks once chunks are on their way, as a mistake of ours would.
    fn breaks(_: &worker::Shared<'_>, _: Buffer, _: Option<&mut Compressor<'_>>, _: &SyncSender<Buffer>) -> window::Worked {
        panic!("a mistake, made for a test")
    }

    /// Randomness that breaks on every thread but one.
    struct Only(std::thread::ThreadId, Counting);

    impl Random for Only {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
            assert_eq!(std::thread::current().id(), self.0, "a mistake, made for a test");
            self.1.fill(out)
        }
    }

    fn heads(account: &Account) -> usize {
        let mut count = 0;
        let mut look = |page: &[crate::provider::Listed]| {
            count += page.iter().filter(|listed| matches!(listed.name, ObjectName::Head(..))).count();
        };
        account.vault.list_now("heads", &mut look).unwrap();
        count
    }

    /// Backs up more than the buffers hold, with such a worker and such randomness; what came of it, and how many snapshots there are.
    fn back_up(
        folder: &Path,
        look: worker::Look,
        breaks_packer: bool,
        profile: &Profile,
    ) -> (Result<Report, EngineError>, usize) {
        let random = Counting::new(7);
        let home = Home::at(folder.join("home"));
        let name = AccountName::parse("default").unwrap();
        let (clock, cost) = (Clock::SYSTEM, Cost::PRINTER);
        let new = NewAccount { home: &home, name, clock, device_name: "pc".into(), passphrase: None, cost, kit_account: None };
        let (mut account, _) = AccountWriter::create(new, &random).unwrap();
        let data = folder.join("data");
        std::fs::create_dir(&data).unwrap();
        (0..40u8).for_each(|n| std::fs::write(data.join(format!("{n}.gcode")), vec![n; 1 << 20]).unwrap());
        let rules = scan::Rules::new(&data, None, &[], &[]).unwrap();
        let root = Root { label: b"data".to_vec(), path: data, rules, no_credentials: false, since: None };
        let request = Request { roots: vec![root], skip: Vec::new(), count_first: false };
        let cancel = Cancel::default();
        let (here, runtime) = (Only(std::thread::current().id(), Counting::new(8)), Runtime::new(&cancel));
        let random: &dyn Random = if breaks_packer { &here } else { &random };
        let job = Job { random, clock, cancel: &cancel, on_event: &|_| {}, runtime: &runtime, profile };
        let (cache, _) = open_cache(&account, profile.backend, random).unwrap();
        let chunk_index = ChunkIndex::open(&account).unwrap();
        let done = run(&mut account, (chunk_index, &cache), &request, job, look);
        let heads = heads(&account);
        (done, heads)
    }

    /// A run in which one thread breaks ends with an error, in time, and without a snapshot.
    fn ends(look: worker::Look, breaks_packer: bool) {
        for profile in [Profile::pc(), Profile::printer_small()] {
            let (tell, told) = channel();
            std::thread::spawn(move || {
                let folder = tempfile::tempdir().unwrap();
                tell.send(back_up(folder.path(), look, breaks_packer, &profile)).unwrap();
            });
            let ended = told.recv_timeout(Duration::from_secs(60));
            assert!(!matches!(ended, Err(RecvTimeoutError::Timeout)), "it waits for ever");
            let (done, heads) = ended.unwrap();
            assert!(matches!(done, Err(EngineError::Crashed)) && heads == 0, "{done:?} {heads}");
        }
    }

    #[test]
    fn a_worker_that_breaks_ends_the_run_with_an_error_and_no_snapshot() {
        ends(breaks, false);
    }

    #[test]
    fn a_packer_that_breaks_ends_the_run_with_an_error_and_no_snapshot() {
        ends(worker::look_at, true);
    }
}
