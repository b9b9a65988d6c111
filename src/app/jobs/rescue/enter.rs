//! Coming into the account: looking only, joining, or going on where an earlier run joined.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::request::Rescue;
use crate::app::access::Access;
use crate::app::contact;
use crate::app::forms::rescue::Entered;
use crate::app::jobs::setup::{Join, at_store, join_store, new_account};
use crate::app::unlock::{proved, read_kit};
use crate::app::work::{Work, WorkKind};
use crate::app::{Failure, Text, faults};
use crate::config::Store;
use crate::core::keys::Keyring;
use crate::core::random::Random;
use crate::engine::EngineError;
use crate::engine::account::slots::{self, Key};
use crate::engine::account::writer::AccountWriter;
use crate::engine::account::{Account, NewAccount};
use crate::engine::devices::join;
use crate::engine::error::SyncFault;
use crate::engine::repository::chunk_index::ChunkIndex;
use crate::engine::repository::remotes::Remotes;
use crate::engine::repository::snapshots::{self, SnapshotInfo};
use crate::engine::repository::stores;
use crate::engine::restore::rescue::{self, Candidate};
use crate::engine::sync::{Pull, fetch};
use crate::local::home::{Home, private_folder};
use crate::provider::credentials::Credentials;
use crate::text;

/// A look's home that nobody touched for so long was left by one that was killed, in seconds.
const LEFT_BEHIND: i64 = 24 * 3600;

/// The account, unlocked, with all that is needed to read it.
pub struct Scene {
    /// The account.
    pub account: AccountWriter,
    /// What it was entered by.
    pub entered: Entered,
    /// What lies where.
    pub chunk_index: ChunkIndex,
    /// The owner's keys.
    pub keyring: Keyring,
    /// The stores that may be read.
    pub remotes: Remotes,
}

/// A look from a home of its own, which goes with it: the scene first, then its home.
pub struct Preview {
    /// What is seen.
    pub scene: Scene,
    _home: Scratch,
}

/// A home for one look.
struct Scratch {
    home: Home,
    /// The real home, where it was made for this alone.
    made: Option<PathBuf>,
}

impl Scratch {
    /// In the home, or where that cannot be written, in the system's folder for temporary files.
    fn make(work: &Work<'_>) -> Result<Self, Failure> {
        let mut bytes = [0; 8];
        work.session.random.fill(&mut bytes).map_err(EngineError::from)?;
        let name = format!("look-{}", crate::core::name::hex(&bytes));
        let root = work.session.home.root();
        Self::clean(root, work.session.now());
        let made = (!root.exists()).then(|| root.to_owned());
        let path = match private_folder(&root.join(&name)) {
            Ok(()) => root.join(&name),
            Err(_) => {
                let path = std::env::temp_dir().join(format!("printkeep-{name}"));
                private_folder(&path)?;
                path
            }
        };
        Ok(Self { home: Home::at(path), made })
    }
}

impl Scratch {
    /// Removes what looks left that were killed: folders of our own names in the home, untouched for a day.
    fn clean(root: &Path, now: i64) {
        for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let digits = name.to_str().and_then(|name| name.strip_prefix("look-")).unwrap_or_default();
            let is_ours = digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            let touched =
                |entry: &std::fs::DirEntry| entry.metadata().ok().filter(std::fs::Metadata::is_dir).map(|there| there.mtime());
            if is_ours && touched(&entry).is_some_and(|time| now - time > LEFT_BEHIND) {
                // what cannot be removed now goes another day
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.home.root());
        // a folder that holds anything by now stays
        self.made.iter().for_each(|made| drop(std::fs::remove_dir(made)));
    }
}

/// Whether this machine is in an account already.
pub fn is_known(work: &Work<'_>) -> Result<bool, Failure> {
    let here = work.session.home.accounts()?;
    Ok(work.session.account.as_ref().map_or(!here.is_empty(), |name| here.contains(name)))
}

/// Looks at the account without taking a place in it. The key of a server that is met now is asked for here, and stands in the request
/// from then on.
pub fn preview(work: &Work<'_>, asked: &mut Rescue) -> Result<Preview, Failure> {
    let kit = read_kit(work, &asked.recovery_kit)?;
    let (store, credentials) = reached(work, asked)?;
    if store.address.needs_network() {
        work.remark(text!("rescue-look-network"));
    }
    let store = contact::met_before_joining(work, store)?;
    asked.access.pin = store.trust.pins().iter().map(|pin| contact::key_text(&store.address, pin)).collect();
    let scratch = Scratch::make(work)?;
    let new = NewAccount { home: &scratch.home, kit_account: kit.0, ..new_account(work, asked.device_name.clone(), None)? };
    let session = work.session;
    let request = join::Request { new, store: &store, credentials, kit: &kit.1, asked: session.asked() };
    let looked = join::inspect(request, work.quiet_job()).map_err(|error| at_store(error, &store))?;
    tell_damaged(work, &looked.failed);
    let scene = scene(work, looked.account, Entered::Looked, Remotes::holding(&store, looked.remote), &asked.recovery_kit)?;
    Ok(Preview { scene, _home: scratch })
}

/// The store that is named, and what opens it: as the settings say where it is a store of this machine and nothing else is asked for.
fn reached(work: &Work<'_>, asked: &Rescue) -> Result<(Store, Option<Credentials>), Failure> {
    let store = asked.access.describe("store", &asked.store)?;
    if asked.access == Access::default()
        && is_known(work)?
        && let Some(known) = work.session.config()?.stores.into_iter().find(|known| known.address == store.address)
    {
        let kept = stores::read_credentials(&work.open_read_only()?, &known.name)?;
        return Ok((known, kept));
    }
    let credentials = asked.access.credentials(&work.files, &store)?;
    Ok((store, credentials))
}

/// Joins the account, or goes on with it where an earlier run joined.
pub fn enter(work: &Work<'_>, asked: &Rescue) -> Result<Scene, Failure> {
    let kit = read_kit(work, &asked.recovery_kit)?;
    if !is_known(work)? {
        let how = Join {
            url: &asked.store,
            kit: &kit,
            kit_file: &asked.recovery_kit,
            access: &asked.access,
            device_name: asked.device_name.clone(),
            passphrase_file: asked.passphrase_file.as_deref(),
        };
        let (joined, store) = join_store(work, &how)?;
        tell_damaged(work, &joined.failed);
        joined.pending.iter().for_each(|why| work.remark(text!("joined-pending", why = faults::at_its_place(why))));
        return scene(work, joined.account, Entered::Joined, Remotes::holding(&store, joined.remote), &asked.recovery_kit);
    }
    let mut account = work.open(WorkKind::Small)?;
    match slots::unlock(&account, &Key::Kit(kit.1)) {
        Ok(_) => proved(work, &account, &asked.recovery_kit),
        Err(EngineError::WrongKit) => {
            return Err(Failure::usage(text!("rescue-other-account")).hint(text!("rescue-other-account-hint")));
        }
        Err(error) => return Err(error.into()),
    }
    let wanted = asked.access.describe("store", &asked.store)?;
    let config = work.session.config()?;
    if !config.stores.iter().any(|store| store.address == wanted.address) {
        return Err(Failure::usage(text!("rescue-other-store")).hint(text!("rescue-other-store-hint")));
    }
    let remotes = Remotes::of(&config.stores, work.runtime());
    let mut chunk_index = ChunkIndex::open(&account)?;
    for remote in remotes.readable(&account) {
        fetch::pull(&mut account, &mut chunk_index, remote, Pull::Metadata, work.quiet_job())?;
    }
    scene(work, account, Entered::Before, remotes, &asked.recovery_kit)
}

fn scene(work: &Work<'_>, account: AccountWriter, entered: Entered, remotes: Remotes, kit: &Path) -> Result<Scene, Failure> {
    let chunk_index = ChunkIndex::open(&account)?;
    let keyring = slots::unlock(&account, &Key::Kit(read_kit(work, kit)?.1))?;
    Ok(Scene { account, entered, chunk_index, keyring, remotes })
}

fn tell_damaged(work: &Work<'_>, failed: &[(crate::core::name::ObjectName, SyncFault)]) {
    for (name, why) in failed {
        work.remark(text!("rescue-damaged", object = name.to_string(), why = faults::sync(why)));
    }
}

/// The snapshot to bring back: of the device that was named, or the only one, or the one that is chosen.
///
/// # Errors
/// A device that backs up itself is not lost: its own files come back by `restore`, and those of another only where that is named.
pub fn snapshot(work: &Work<'_>, account: &Account, asked: &Rescue) -> Result<SnapshotInfo, Failure> {
    let candidates = rescue::candidates(account)?;
    let own = &account.device;
    let is_own = |wanted: &String| snapshots::device_matches(account, &own.id, wanted);
    let is_another = |wanted: &String| candidates.iter().any(|c| is_meant(&c, wanted));
    if asked.device.as_ref().is_some_and(|wanted| is_own(wanted) && !is_another(wanted)) {
        return Err(Failure::usage(text!("rescue-own-device", device = &own.name)).hint(text!("rescue-own-device-hint")));
    }
    if asked.device.is_none() && snapshots::head_names(account)?.contains_key(&own.id) {
        let message = text!("rescue-backs-up-itself", device = &own.name);
        let hint = match candidates.is_empty() {
            true => text!("rescue-own-device-hint"),
            false => text!("rescue-backs-up-itself-hint", devices = list(&candidates)),
        };
        return Err(Failure::usage(message).hint(hint));
    }
    let found: Vec<&Candidate> = match &asked.device {
        Some(wanted) => candidates.iter().filter(|c| is_meant(c, wanted)).collect(),
        None => candidates.iter().collect(),
    };
    let device = match (found.as_slice(), &asked.device) {
        ([], None) => return Err(Failure::usage(text!("rescue-no-snapshot"))),
        ([], Some(wanted)) => {
            let failure = Failure::usage(text!("rescue-no-device", name = wanted));
            return Err(match candidates.is_empty() {
                true => failure,
                false => failure.hint(text!("rescue-devices-hint", devices = list(&candidates))),
            });
        }
        ([one], _) => *one,
        (several, None) if work.prompt.is_there() => chosen(work, several)?,
        _ => return Err(Failure::usage(text!("rescue-several")).hint(text!("rescue-several-hint", devices = list(&candidates)))),
    };
    let which = asked.snapshot.map_or_else(|| "latest".to_owned(), |number| number.to_string());
    Ok(snapshots::choose(account, &format!("{}:{which}", device.id))?)
}

fn is_meant(candidate: &&Candidate, wanted: &str) -> bool {
    candidate.name == wanted || (wanted.len() >= 8 && candidate.id.to_string().starts_with(wanted))
}

fn list(candidates: &[Candidate]) -> String {
    candidates.iter().map(listed).collect::<Vec<_>>().join(", ")
}

/// A device as it can be named: its name, and the begin of its id.
fn listed(candidate: &Candidate) -> String {
    let id: String = candidate.id.to_string().chars().take(8).collect();
    format!("{} ({id}, {})", candidate.name, candidate.snapshots.len())
}

fn chosen<'a>(work: &Work<'_>, of: &[&'a Candidate]) -> Result<&'a Candidate, Failure> {
    let lines: Vec<String> = of.iter().zip(1..).map(|(one, number): (_, u32)| format!("  {number}  {}", listed(one))).collect();
    let question: Text = text!("rescue-which", devices = lines.join("\n"));
    let number = work.prompt.answer(&question)?.parse::<usize>().ok();
    let chosen = number.and_then(|number| of.get(number.checked_sub(1)?)).copied();
    chosen.ok_or_else(|| Failure::usage(text!("rescue-none-of-them")))
}
