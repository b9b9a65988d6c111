//! Verifying: what a device's snapshots name is there and is what was written; with the owner's key, that it opens.
//!
//! Trust runs one way: heads are signed and chained, a head names its index objects by hash, an index names its packs by hash.
//! So without the passphrase every byte is proved to be what was written, and with it that it can be read.

mod contradictions;
mod facts;
mod gaps;
mod heads;
mod kept;
pub mod store_notes;
mod stored_anew;
mod unsent;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use self::gaps::Gap;
use crate::core::chunk::ChunkIds;
use crate::core::keys::Keyring;
use crate::core::manifest::Node;
use crate::core::name::{ChunkId, DeviceId, ObjectHash, ObjectId, ObjectName};
use crate::core::pack::PackReader;
use crate::core::seal::{self, Refused, With};
use crate::core::slot;
use crate::core::snapshot::SnapshotId;
use crate::engine::account::{Account, keys, slots as account_slots};
use crate::engine::error::{Damage, ObjectFault, OwnFile};
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::known_damage::KnownDamage;
use crate::engine::repository::proof;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::remote::Remote;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::repository::snapshots;
use crate::engine::sync::junk::{Junk, MOST_WAITING};
use crate::engine::sync::others_word::OthersWord;
use crate::engine::{EngineError, Event, Job, Notice, Phase};
use crate::provider::ProviderError;

/// How much is checked.
pub struct Request<'a> {
    /// Whether every byte of every pack is read.
    pub read_data: bool,
    /// What is remembered as damaged there: it is read whole again, whatever else is.
    pub known: &'a KnownDamage,
    /// The owner's key, where it is at hand.
    pub keyring: Option<&'a Keyring>,
    /// Whether the place is a store, which should hold what every device's index objects tell of.
    pub store: bool,
    /// What lies in other places, with its size; asked once, where the vault lacks a pack.
    pub elsewhere: &'a dyn Fn() -> BTreeMap<ObjectName, u64>,
}

/// What a verification found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Snapshots checked.
    pub snapshots: u64,
    /// Objects checked.
    pub objects: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Packs opened with the owner's key.
    pub opened: u64,
    /// Objects that are missing, damaged or refused, each with the reason.
    pub problems: Vec<(ObjectName, ObjectFault)>,
    /// What is there and damaged, to be remembered.
    pub damage: KnownDamage,
    /// Snapshots that a device made after it was revoked: they are not believed, and nothing of the owner's needs them.
    pub disbelieved: Vec<(DeviceId, u64)>,
    /// Snapshots of this device that were not sent to the store yet.
    pub unsent: u64,
    /// What else of the account was not sent to the store yet: key slots, later keys, rosters and deletion notes.
    pub unsent_parts: u64,
    /// Objects that no snapshot needs: left by runs that were cut off.
    pub unneeded: u64,
    /// Packs that are gone and whose whole content was stored anew: nothing is lost with them.
    pub stored_anew: u64,
    /// Packs that the vault lacks and another place has in their size.
    pub elsewhere: u64,
    /// Whether this device was let in to write and the account's keys have not come to it, so that there was nothing of them to check.
    pub keys_awaited: bool,
    /// Objects of a store under later keys than this device holds, which it has no copy of: they say nothing to it.
    pub later: u64,
    /// Devices that signed what is not so.
    pub rogues: BTreeSet<DeviceId>,
    /// Snapshots that lack before others of their device, and that nobody ever saw; one for each device.
    pub gaps: Vec<Gap>,
}

/// How often it is looked again while what is looked at changes.
const LOOKS: usize = 5;

/// Verifies what a place holds of the account. What goes from there meanwhile, because nothing needs it any more, is not missed, and what
/// comes is judged by what the account says then.
pub fn verify(account: &Account, remote: &Remote, request: &Request<'_>, job: Job<'_>) -> Result<Report, EngineError> {
    job.tell(Event::Phase(Phase::Verifying));
    let list = || remote.list_of(account).map(|shown| shown.objects).map_err(|error| remote.lost(error));
    let (mut held, mut stand) = (list()?, standing(account));
    let mut report = look(account, remote, request, held.clone(), job)?;
    for _ in 0..LOOKS {
        if report.gaps.is_empty() && !report.problems.iter().any(is_of_the_moment) {
            break;
        }
        let newer = Account::open_read_only(&account.home, account.name.clone(), account.clock)?;
        let now = (list()?, standing(&newer));
        if now == (held, stand) {
            break;
        }
        (held, stand) = now;
        forget_what_went(&newer, remote, request, held.clone(), &mut report, job)?;
    }
    for (name, why) in report.problems.iter().filter(|problem| is_of_the_moment(problem)) {
        job.notice(Notice::Object(*name, why));
    }
    Ok(report)
}

/// What of the account changes how a place is judged: its list of devices, its keys, its key slots.
fn standing(account: &Account) -> (u64, u32, Vec<ObjectName>) {
    (account.roster.number, account.device.keys.generation(), account.known_slots())
}

/// Whether another process may be the reason: what is missing, or is judged by what the account says. Bytes that are damaged stay so.
fn is_of_the_moment((name, why): &(ObjectName, ObjectFault)) -> bool {
    why.is_absence() || !matches!(name, ObjectName::Pack(_))
}

/// Takes back what is no fault by what the place holds and the account says now.
fn forget_what_went(
    account: &Account,
    remote: &Remote,
    before: &Request<'_>,
    held: BTreeMap<ObjectName, u64>,
    report: &mut Report,
    job: Job<'_>,
) -> Result<(), EngineError> {
    let (known, elsewhere) = (KnownDamage::new(), BTreeMap::new);
    let request = Request { read_data: false, known: &known, elsewhere: &elsewhere, ..*before };
    let again = look(account, remote, &request, held, job.watched_by(&|_| {}))?;
    let found: HashSet<&ObjectName> = again.problems.iter().map(|(name, _)| name).collect();
    report.problems.retain(|problem| !is_of_the_moment(problem) || found.contains(&problem.0));
    report.gaps = again.gaps;
    report.damage.retain(|name, _| report.problems.iter().any(|(damaged, _)| damaged == name));
    Ok(())
}

/// Looks at what a place holds, as it is listed there.
fn look(
    account: &Account,
    remote: &Remote,
    request: &Request<'_>,
    held: BTreeMap<ObjectName, u64>,
    job: Job<'_>,
) -> Result<Report, EngineError> {
    let notes = store_notes::notes(account, remote, &held)?;
    let deletion_notes = DeletionNotes::read_with(account, &notes)?;
    let mut check = Check {
        account,
        remote,
        request,
        job,
        held,
        notes: deletion_notes,
        report: Report::default(),
        needed: HashSet::new(),
        users: HashMap::new(),
        opened: HashMap::new(),
        looked: HashSet::new(),
        inside: HashSet::new(),
        junk: Junk::default(),
        others_word: OthersWord::new(account, job.profile.others_word),
        named: HashMap::new(),
        told_of: HashSet::new(),
    };
    check.small_objects()?;
    check.notes()?;
    check.facts()?;
    let needs = check.heads()?;
    let packs = check.indexes(&needs)?;
    check.packs(&packs)?;
    check.claims(&packs)?;
    let unneeded = check.held.keys().filter(|name| matches!(name, ObjectName::Pack(_) | ObjectName::Index(..)));
    check.report.unneeded = unneeded.filter(|name| !check.needed.contains(*name)).count() as u64;
    check.report.damage = check.damage();
    let rest = check.junk.rest().into_iter().map(|(name, count)| (name, ObjectFault::More(count)));
    check.report.problems.extend(rest);
    for (name, device, count) in check.others_word.rest() {
        let device = account.roster.member(&device).map(|member| member.name.clone()).unwrap_or_default();
        check.report.problems.push((name, ObjectFault::TooMuchTold { device, count }));
    }
    Ok(check.report)
}

struct Check<'a> {
    account: &'a Account,
    remote: &'a Remote,
    request: &'a Request<'a>,
    job: Job<'a>,
    held: BTreeMap<ObjectName, u64>,
    notes: DeletionNotes,
    report: Report,
    needed: HashSet<ObjectName>,
    /// The heads that need each pack, by index object and ordinal.
    users: HashMap<(IndexId, u32), Vec<SnapshotId>>,
    /// What the index objects that were looked at tell of packs; nothing of those that are missing or refused.
    opened: HashMap<IndexId, Vec<(ObjectId, NeededPack)>>,
    /// Index objects that were looked at.
    looked: HashSet<IndexId>,
    /// Packs whose bytes are what was written: what is wrong with them only the owner's key shows.
    inside: HashSet<ObjectName>,
    /// What the store shows that nothing here knows of and that opens for nobody.
    junk: Junk,
    /// How much of what other devices tell is looked at.
    others_word: OthersWord,
    /// How many packs the snapshots of each other device name.
    named: HashMap<DeviceId, usize>,
    /// Heads that others tell of, or that stood in a store.
    told_of: HashSet<ObjectName>,
}

/// An index object as a snapshot names it: its id, and the hash of its bytes.
type IndexId = (ObjectId, ObjectHash);

/// A pack that snapshots need.
#[derive(Clone, Copy)]
struct NeededPack {
    index: ObjectId,
    size: u32,
    hash: ObjectHash,
    device: DeviceId,
    directory: blake3::Hash,
}

impl NeededPack {
    fn is_same(&self, other: &Self) -> bool {
        (self.size, self.hash) == (other.size, other.hash)
    }
}

/// A hash over what an index object says that a pack holds.
fn directory_hash(chunks: &[(ChunkId, u32)]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for (id, length) in chunks {
        hasher.update(id.as_bytes()).update(&length.to_le_bytes());
    }
    hasher.finalize()
}

impl Check<'_> {
    fn problem(&mut self, name: ObjectName, why: impl Into<ObjectFault>) {
        let why = why.into();
        let is_later = self.request.store && why == ObjectFault::Refused(Refused::NoKey);
        if is_later && self.account.vault.size_now(&name).is_err() {
            self.report.later += 1;
            return;
        }
        // what nothing here knows of costs a store so many requests and lines, and no more
        let is_strange = self.request.store && !self.needed.contains(&name) && self.account.vault.size_now(&name).is_err();
        if is_strange && !why.is_absence() && !self.junk.counts(&self.account.roster, &name) {
            return;
        }
        // what another process may be the reason of is told once all was looked at
        if !is_of_the_moment(&(name, why.clone())) {
            self.job.notice(Notice::Object(name, &why));
        }
        self.report.problems.push((name, why));
    }

    /// What is there and damaged.
    fn damage(&self) -> KnownDamage {
        let there = self.report.problems.iter().filter(|(name, _)| self.held.contains_key(name));
        there.map(|(name, why)| (*name, self.inside.contains(name).then(|| why.clone()))).collect()
    }

    /// Reads an object; one that is missing is a problem, a place that fails ends the run.
    fn read(&mut self, name: ObjectName) -> Result<Option<Vec<u8>>, EngineError> {
        self.job.check()?;
        let is_strange = |name| self.request.store && !self.needed.contains(name) && self.account.vault.size_now(name).is_err();
        let waits = self.report.later >= MOST_WAITING as u64;
        if is_strange(&name) && (waits || self.junk.passes_over(self.account, &name)) {
            return Ok(None);
        }
        self.report.objects += 1;
        match self.remote.get(&name) {
            Ok(bytes) => {
                self.report.bytes += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Err(ProviderError::Missing) => {
                self.problem(name, ObjectFault::Missing);
                Ok(None)
            }
            Err(error @ (ProviderError::Nonsense(_) | ProviderError::Local(_))) => {
                self.problem(name, error);
                Ok(None)
            }
            Err(error) => Err(self.remote.lost(error)),
        }
    }

    /// Rosters and key slots: chained, signed, whole; a slot at least says fairly what opens it.
    fn small_objects(&mut self) -> Result<(), EngineError> {
        let names: Vec<_> = self.held.keys().copied().collect();
        let mut slots = 0;
        for name in names {
            match name {
                ObjectName::Roster(_) => {
                    if let Some(bytes) = self.read(name)?
                        && let Err(why) = proof::roster(self.account, &name, &bytes)
                    {
                        self.problem(name, why);
                    }
                }
                ObjectName::Slot(_) => {
                    slots += 1;
                    if let Some(bytes) = self.read(name)? {
                        let told: Vec<_> = self.account.slot_hash(&name).into_iter().collect();
                        let proved = proof::prove(self.account, name, bytes, &told);
                        if let Err(why) = proved.and_then(|(_, sealed)| slot::kind(sealed.bytes())) {
                            self.problem(name, why);
                        }
                    }
                }
                ObjectName::Keys(_) | ObjectName::Grant(..) => {
                    if let Some(bytes) = self.read(name)?
                        && let Err(why) = keys::check(self.account, self.request.keyring, name, &bytes)
                    {
                        self.problem(name, why);
                    }
                }
                _ => {}
            }
        }
        let mut known_slots = self.account.known_slots();
        // those that another device replaced are sent nowhere
        known_slots.retain(|name| !self.request.store || !self.account.memory.is_superseded(&name.place()));
        slots += known_slots.iter().filter(|name| !self.held.contains_key(*name)).count();
        let keys = (2..=u64::from(self.account.device.keys.generation())).map(ObjectName::Keys);
        let rosters = (1..=self.account.roster.number).map(ObjectName::Roster);
        self.must_be_there(keys.chain(rosters).chain(known_slots));
        self.no_slots(slots == 0)
    }

    /// What it means that a place shows no key slot: nothing to a device that was let in to write and never saw one, nor where it is shown none.
    fn no_slots(&mut self, none: bool) -> Result<(), EngineError> {
        let were_here = account_slots::were_here(self.account);
        let is_shown = self.remote.shows(&ObjectName::Slot(ObjectId::from_bytes([0; 16])));
        match (self.request.store, were_here) {
            (true, true) if none && is_shown => Err(EngineError::Damaged { what: OwnFile::Account, why: Damage::NoSlot }),
            (false, true) if none => Err(EngineError::KeysLost),
            (_, false) => {
                self.report.keys_awaited = none;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Each pack is there in its size; with `read_data`, in its bytes; with the owner's key, it opens.
    fn packs(&mut self, packs: &BTreeMap<ObjectId, NeededPack>) -> Result<(), EngineError> {
        let bytes = packs.values().map(|pack| u64::from(pack.size)).sum();
        self.job.tell(Event::Total { files: packs.len() as u64, bytes });
        let mut gone = HashMap::new();
        for (id, wanted) in packs {
            let name = ObjectName::Pack(*id);
            self.needed.insert(name);
            match self.held.get(&name) {
                None => gone.extend([(*id, (wanted.device, u64::from(wanted.size)))]),
                Some(size) if *size != u64::from(wanted.size) => {
                    let why = ObjectFault::Size { has: *size, wanted: wanted.size.into() };
                    self.problem(name, self.of_writer(&wanted.device, why));
                }
                Some(_) if self.request.read_data || self.request.known.contains_key(&name) => {
                    self.pack_data(name, *id, wanted)?
                }
                Some(_) => self.report.objects += 1,
            }
            self.job.tell(Event::Bytes(wanted.size.into()));
            self.job.tell(Event::FileDone);
        }
        if !gone.is_empty() && !self.request.store {
            let held = (self.request.elsewhere)();
            // a store that was left at a stop says nothing of what it lacks
            self.job.check()?;
            let before = gone.len();
            gone.retain(|id, (_, size)| held.get(&ObjectName::Pack(*id)) != Some(size));
            self.report.elsewhere = (before - gone.len()) as u64;
        }
        let gone: HashMap<ObjectId, DeviceId> = gone.into_iter().map(|(id, (device, _))| (id, device)).collect();
        let anew = if gone.is_empty() { HashSet::new() } else { self.stored_anew(&gone) };
        self.job.check()?;
        self.report.stored_anew = anew.len() as u64;
        for (id, device) in gone.iter().filter(|(id, _)| !anew.contains(*id)) {
            self.problem(ObjectName::Pack(*id), self.of_writer(device, ObjectFault::Missing));
        }
        Ok(())
    }

    fn pack_data(&mut self, name: ObjectName, id: ObjectId, wanted: &NeededPack) -> Result<(), EngineError> {
        let Some(bytes) = self.read(name)? else { return Ok(()) };
        let of_writer = |check: &Self, why: ObjectFault| check.of_writer(&wanted.device, why);
        if seal::hash(&bytes) != wanted.hash {
            self.problem(name, of_writer(self, Refused::Changed.into()));
        } else if let Some(keyring) = self.request.keyring {
            self.inside.insert(name);
            match keys::with_later(self.account, keyring, |keyring| open_pack(keyring, id, &bytes)) {
                Ok(chunks) if directory_hash(&chunks) == wanted.directory => self.report.opened += 1,
                Ok(_) => {
                    self.report.rogues.insert(wanted.device);
                    self.problem(name, of_writer(self, ObjectFault::OtherChunks));
                }
                Err(why) => {
                    // its bytes are those that the device signed, so that nobody else can have made them wrong
                    if why != Refused::NoKey {
                        self.report.rogues.insert(wanted.device);
                    }
                    self.problem(name, of_writer(self, why.into()));
                }
            }
        } else if let Some(Some(why)) = self.request.known.get(&name).cloned() {
            self.inside.insert(name);
            self.problem(name, why);
        }
        Ok(())
    }

    /// What is wrong, with who wrote it, where it was not this device.
    fn of_writer(&self, device: &DeviceId, why: ObjectFault) -> ObjectFault {
        match self.account.roster.member(device).filter(|_| *device != self.account.device.id) {
            Some(member) => ObjectFault::WrittenBy(member.name.clone(), Box::new(why)),
            None => why,
        }
    }
}

/// Opens a pack, and every chunk in it with its id.
fn open_pack(keyring: &Keyring, id: ObjectId, bytes: &[u8]) -> Result<Vec<(ChunkId, u32)>, Refused> {
    let reader = PackReader::open(&With::Owner(keyring), id, bytes)?;
    let keys = keyring.shared(reader.generation()).ok_or(Refused::NoKey)?;
    reader.check_ids(bytes, &ChunkIds::new(keys))
}

/// The files of the newest snapshots that need a damaged or missing pack, up to `limit` of them: what the owner has lost.
pub fn affected(
    account: &Account,
    chunk_index: &ChunkIndex,
    keyring: &Keyring,
    damaged: &HashSet<ObjectName>,
    limit: usize,
) -> Result<Vec<String>, EngineError> {
    let mut files = Vec::new();
    for (device, numbers) in snapshots::head_names(account)? {
        let reader = ChunkReader::new(chunk_index, ReadOrder::vault_only(account), keyring, device);
        let Some(number) = numbers.last() else { continue };
        let Ok((head, _)) = snapshots::head(account, device, *number) else { continue };
        let Ok(snapshot) = Snapshot::open(&reader, head) else { continue };
        for entry in snapshot.entries() {
            let Ok(entry) = entry else { break };
            let Node::File { content, .. } = &entry.node else { continue };
            let lost = reader.pieces(content).any(|piece| match piece {
                Ok(crate::core::manifest::Piece::Chunk(chunk)) => match chunk_index.locate(&device, &chunk.id) {
                    Some((ordinal, _)) => damaged.contains(&ObjectName::Pack(chunk_index.packs()[ordinal as usize].id)),
                    _ => true,
                },
                Ok(_) => false,
                Err(_) => true,
            });
            if lost {
                files.push(entry.path.to_string());
                if files.len() == limit {
                    return Ok(files);
                }
            }
        }
    }
    Ok(files)
}
