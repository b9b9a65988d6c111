//! Problems that only hold now: seen from what lies here, kept nowhere, gone when what they tell of is done.

use std::path::PathBuf;

use crate::app::forms::problem::Problem;
use crate::app::forms::problem_kind::{Condition, Grade, Kind};
use crate::app::unlock::living_kit;
use crate::app::work::Work;
use crate::app::{Arg, Failure, Text};
use crate::config::{Config, Store};
use crate::consent::Item;
use crate::core::name::ObjectName;
use crate::core::slot::SlotKind;
use crate::engine::account::problem::{NewProblem, ProblemKind};
use crate::engine::account::problem_log::Problem as KeptProblem;
use crate::engine::account::{Account, slots};
use crate::engine::key_agent::reading_key::{self, Held};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::{listings, snapshots, stores};

/// Before this day, 2026-01-01, there was no Printkeep: a time that is earlier is a clock's mistake, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;

/// How long a kit may lie somewhere without having been tried, in seconds: a month.
const PATIENCE: i64 = 30 * 86_400;

/// Those that hold now.
pub fn now(work: &Work<'_>, config: &Config, account: &Account) -> Result<Vec<Problem>, Failure> {
    let mut found = Vec::new();
    let mut tell = |kind: Condition, grade: Grade, with: &[(&str, Arg)]| {
        let part = |part: &str| {
            let text = Text::new(&format!("problem-{}-{part}", kind.as_str()));
            with.iter().fold(text, |text, (name, value)| text.with(name, value.clone()))
        };
        found.push(Problem::now(account, Kind::Now(kind), grade, ["happened", "done", "advice", "remedy"].map(part)));
    };
    if let Some(path) = unwritable(work, account) {
        tell(Condition::HomeReadOnly, Grade::Warning, &[("path", path.as_path().into())]);
    }
    match is_active(account).then_some(account.head) {
        None => tell(left_out(account), Grade::Serious, &[]),
        Some(None) if only_reads(config, account)? => {}
        Some(None) => tell(Condition::NoBackup, Grade::Warning, &[]),
        Some(Some((number, _))) if is_dated_before(account, number) => {
            tell(Condition::BackupClock, Grade::Warning, &[]);
        }
        // a timer runs `backup` without paths
        Some(Some(_)) if config.sources.is_empty() => tell(Condition::NoSource, Grade::Info, &[]),
        Some(Some(_)) => {}
    }
    if let Some(first) = account.revoked_apart().first() {
        let names: Vec<_> = account.revoked_apart().iter().map(|line| line.name.as_str()).collect();
        let with = [("names", Arg::from(names.join(", ").as_str())), ("first", Arg::from(first.name.as_str()))];
        tell(Condition::RevokedApart, Grade::Serious, &with);
    }
    // a device that was let in to write knows of nobody's keys, and needs none
    let slots = slots::list(account)?;
    if !slots.is_empty() && !slots.iter().any(|slot| slot.kind == Ok(SlotKind::Recovery)) {
        tell(Condition::NoKit, Grade::Warning, &[]);
    }
    let kept = account.problems();
    for store in &config.stores {
        let name = || ("store", Arg::from(store.name.as_str()));
        if let Some((kind, grade)) = of_store(account, store, &kept) {
            tell(kind, grade, &[name()]);
        }
        match lost_there(account, store)? {
            0 => {}
            count => tell(Condition::StoreLacks, Grade::Warning, &[name(), ("count", Arg::Count(count))]),
        }
    }
    match living_kit(&work.session.home, account) {
        Some((kit, _)) => tell(Condition::KitHere, Grade::Info, &[("path", kit.as_path().into())]),
        None if only_a_kit_opens(account)? => {
            if let Some(grade) = unproved(account, work.session.now()) {
                tell(Condition::KitUnproved, grade, &[]);
            }
        }
        None => {}
    }
    // told by a file of this machine: no keyring is asked
    if matches!(reading_key::held(account)?, Held::Stale) {
        tell(Condition::StaleReadingKey, Grade::Info, &[]);
    }
    Ok(found)
}

/// What keeps a store from being synced with, or that it never was.
fn of_store(account: &Account, store: &Store, kept: &[KeptProblem]) -> Option<(Condition, Grade)> {
    if store.address.needs_network() && account.ledger.permit(Item::Network).is_err() {
        return Some((Condition::NoConsent, Grade::Info));
    }
    if stores::lacks_credentials(account, store) {
        return Some((Condition::NoCredentials, Grade::Warning));
    }
    let known = account.memory.store(&store.name);
    let is_new = known.is_none_or(|known| known.well.is_none() && known.store_problems.is_empty());
    // after days that is a problem, which is kept
    let tells = |what: &NewProblem| what.kind == ProblemKind::Away && what.known > 0 && what.subject.is_store(&store.name);
    let is_told = kept.iter().any(|one| one.remedied.is_none() && tells(&one.what));
    (is_new && !is_told).then_some((Condition::NeverSynced, Grade::Info))
}

/// How many parts of the backup a folder no longer holds that were sent there and that the vault has: what a sync found wrong is told by that, and
/// what another device said there, and this machine has not heard, may be why they went.
fn lost_there(account: &Account, store: &Store) -> Result<u64, Failure> {
    if account.memory.store(&store.name).is_some_and(|known| !known.store_problems.is_empty()) {
        return Ok(0);
    }
    // an emptied folder is told as such
    let Some(there) = stores::lies_there(account, store).filter(|_| stores::why_away(account, store).is_none()) else {
        return Ok(0);
    };
    let here = |name: &ObjectName| account.vault.size_now(name).is_ok();
    let is_news = |name: &&ObjectName| matches!(name, ObjectName::DeletionNote(..) | ObjectName::Roster(_)) && !here(name);
    let is_part = |name: &ObjectName| matches!(name, ObjectName::Head(..) | ObjectName::Index(..) | ObjectName::Pack(_));
    let gone: Vec<_> =
        listings::known_there(account, &store.name).into_iter().filter(|name| is_part(name) && !there.contains(name)).collect();
    if gone.is_empty() || there.iter().any(|name| is_news(&name)) {
        return Ok(0);
    }
    let notes = DeletionNotes::read(account)?;
    let lets_go = |name: &ObjectName| match name {
        ObjectName::Head(device, number) => snapshots::is_forgotten(account, &notes, *device, *number),
        name => notes.lets_go(name),
    };
    Ok(gone.iter().filter(|name| !lets_go(name) && here(name)).count() as u64)
}

/// Why this device takes no part: its owner revoked it, or the list that holds never named it.
fn left_out(account: &Account) -> Condition {
    if account.roster.member(&account.device.id).is_some() { Condition::Revoked } else { Condition::Unlisted }
}

/// Whether a snapshot bears a time before there was any; one that the vault lost bears none.
fn is_dated_before(account: &Account, number: u64) -> bool {
    snapshots::head(account, account.device.id, number).is_ok_and(|(head, _)| head.time < FIRST_DAY)
}

/// Where a backup has to write and this process may not: as root every folder can be written to, but on a disk that is read-only.
fn unwritable(work: &Work<'_>, account: &Account) -> Option<PathBuf> {
    let home = &work.session.home;
    let refuses = |path: &PathBuf| {
        let asked = rustix::fs::access(path, rustix::fs::Access::WRITE_OK);
        matches!(asked, Err(rustix::io::Errno::ROFS | rustix::io::Errno::ACCESS))
    };
    [home.root().to_owned(), home.vault(), account.folder()].into_iter().find(refuses)
}

/// Whether nothing but a recovery kit opens the account: no device of it has a passphrase.
pub fn only_a_kit_opens(account: &Account) -> Result<bool, Failure> {
    let kinds: Vec<_> = slots::list(account)?.into_iter().filter_map(|slot| slot.kind.ok()).collect();
    Ok(kinds.contains(&SlotKind::Recovery) && !kinds.iter().any(|kind| matches!(kind, SlotKind::Passphrase(_))))
}

/// How bad it is that nobody showed a kit outside of the home yet; none once somebody did. Worth knowing at first, a problem after a month.
fn unproved(account: &Account, now: i64) -> Option<Grade> {
    let history = account.history();
    if history.kit_seen.is_some() {
        return None;
    }
    let since = history.kit_made.or_else(|| account.trail().since().ok().flatten()).unwrap_or(now);
    Some(if now.saturating_sub(since) > PATIENCE { Grade::Warning } else { Grade::Info })
}

/// Whether the owner lets this device take part.
pub fn is_active(account: &Account) -> bool {
    account.roster.member(&account.device.id).is_some_and(|member| member.is_active())
}

/// Whether this device backs nothing up and was never meant to: it has no source, and others of the account have snapshots.
fn only_reads(config: &Config, account: &Account) -> Result<bool, Failure> {
    Ok(config.sources.is_empty() && !snapshots::head_names(account)?.is_empty())
}
