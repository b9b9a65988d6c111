//! Conditions that last: looked at whenever Printkeep runs; each is a problem while it holds, and remedied once it does not.

use crate::core::roster::Member;
use crate::engine::EngineError;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::known_state::{Anomaly, StoreProblem};
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::account::{Account, problem_log};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::repository::snapshots;
use crate::engine::repository::vault_loss::VaultLoss;
use crate::local::audit::{Event, Outcome};
use crate::local::policies;

const DAY: i64 = 86_400;
/// Less than this free on the vault's disk is nearly full, in bytes.
pub const NEARLY_FULL: u64 = 100_000_000;
/// Before this day, 2026-01-01, there was no Printkeep: a time that is earlier is a clock's mistake, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;

/// What to watch with.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    /// A backup older than so many days is a problem.
    pub silent_days: u32,
    /// How many bytes are free on the vault's disk.
    pub free: u64,
    /// Whether stores were looked at just now, so that what they show again counts again.
    pub synced: bool,
    /// The owner's names for the stores.
    pub stores: &'a [String],
}

/// The kinds that are looked at here.
const LASTING: [ProblemKind; 13] = [
    ProblemKind::Forged,
    ProblemKind::Rollback,
    ProblemKind::Fork,
    ProblemKind::Roster,
    ProblemKind::Silent,
    ProblemKind::DeviceSilent,
    ProblemKind::Disk,
    ProblemKind::Clock,
    ProblemKind::Policy,
    ProblemKind::VaultLost,
    ProblemKind::KeptBack,
    ProblemKind::DeviceClock,
    ProblemKind::PutBack,
];

/// Looks at everything that lasts; opens no socket.
pub fn check_conditions(account: &Account, watched: &Conditions<'_>) -> Result<(), EngineError> {
    let now = account.now();
    let mut found: Vec<NewProblem> =
        account.memory.store_problems().map(|store_problem| of_store_problem(account, store_problem)).collect();
    // one of each kind, store and device: the first tells
    found.dedup_by(|b, a| (a.kind, &a.subject, &a.device) == (b.kind, &b.subject, &b.device));
    let store_problems = found.len();
    let log = account.logs().problem_log();
    found.extend(clock(account, now));
    // the owner, who saw it and acknowledged it, says that the clock is right now and ran ahead before
    let is_vouched_for = |problem: &problem_log::Problem| {
        problem.what.kind == ProblemKind::Clock && problem.remedied.is_none() && problem.acknowledged.is_some()
    };
    let clock_is_wrong = found.len() > store_problems && !log.load().problems.iter().any(is_vouched_for);
    if !clock_is_wrong {
        found.extend(silent(account, watched, now)?);
        let other = |(member, time): (&Member, i64)| {
            NewProblem::of(ProblemKind::DeviceSilent, Subject::Account)
                .device(Some(member.id), &member.name)
                .numbers(days(now, time), 0)
        };
        let limit = i64::from(watched.silent_days) * DAY;
        found.extend(other_devices(account)?.into_iter().filter(|(_, time)| now - time > limit).map(other));
        found.extend(clocks_ahead(account)?);
    }
    found.extend(of_vault(account, watched)?);
    if let Err(error) = policies::in_force(&account.home) {
        found.push(NewProblem::of(ProblemKind::Policy, Subject::Account).object(&error.reason().record()));
    }
    let kept = log.load().problems;
    if !account.history().knows_stores(watched.stores, now) {
        account.logs().remember(|history| history.keep_stores(watched.stores, now));
    }
    let days_away = if clock_is_wrong { Vec::new() } else { out_of_step(account, watched, &kept, now) };
    let grew = |raised: &NewProblem| {
        let short = |what: &NewProblem| what.kind == raised.kind && what.subject == raised.subject && what.known == 0;
        raised.kind == ProblemKind::Away && kept.iter().any(|problem| problem.remedied.is_none() && short(&problem.what))
    };
    found.extend(days_away);
    for (at, raised) in found.iter().enumerate() {
        let again = watched.synced && at < store_problems || grew(raised);
        if log.raise(raised.clone(), now, again) == Some(true) {
            account.logs().audit(AuditEntry::of(Event::Problem, Outcome::Done).what(raised.kind.as_str()));
        }
    }
    let silence = |kind| matches!(kind, ProblemKind::Silent | ProblemKind::DeviceSilent | ProblemKind::DeviceClock);
    let holds = |what: &NewProblem| found.iter().any(|found| found.is_same(what));
    // a clock that is behind ends no silence, and tells nothing of another's
    let meant = |kind| LASTING.contains(&kind) && !(clock_is_wrong && silence(kind));
    log.remedied(&|problem| meant(problem.what.kind) && !holds(&problem.what) && may_end(problem), now);
    let is_away = |what: &NewProblem| matches!(what.kind, ProblemKind::Away) && !clock_is_wrong;
    let is_ours = |what: &NewProblem| watched.stores.iter().any(|store| what.subject.is_store(store));
    let back = |what: &NewProblem| is_away(what) && (!is_ours(what) || what.known > 0 && !holds(what));
    log.remedied(&|problem| back(&problem.what), now);
    let takes_nothing = |what: &NewProblem| matches!(what.kind, ProblemKind::Full | ProblemKind::Closed);
    let gone = |what: &NewProblem| takes_nothing(what) && !is_ours(what);
    log.remedied(&|problem| gone(&problem.what), now);
    Ok(())
}

/// Whether what no longer holds ends by itself: that one history is left says nothing of whether another machine has the keys, so that the owner
/// must have seen that there were two.
fn may_end(problem: &problem_log::Problem) -> bool {
    problem.what.kind != ProblemKind::PutBack || problem.acknowledged.is_some()
}

/// What the vault lost, and that its disk is nearly full.
fn of_vault(account: &Account, watched: &Conditions<'_>) -> Result<Vec<NewProblem>, EngineError> {
    let (mut found, lost) = (Vec::new(), VaultLoss::of(account)?);
    if !lost.is_nothing() {
        found.push(NewProblem::of(ProblemKind::VaultLost, Subject::Vault).numbers(lost.snapshots.len() as u64, lost.keys.into()));
    }
    found.extend(of_disk(account, watched.free)?);
    Ok(found)
}

/// That the vault's disk, with so many bytes free, is nearly full.
pub fn of_disk(account: &Account, free: u64) -> Result<Option<NewProblem>, EngineError> {
    if free >= NEARLY_FULL {
        return Ok(None);
    }
    let has_snapshots = !snapshots::head_names(account)?.is_empty();
    Ok(Some(NewProblem::of(ProblemKind::Disk, Subject::Account).numbers(free, has_snapshots.into())))
}

/// Stores that were in step last, or answer no more since, longer ago than a device may be silent.
fn out_of_step(account: &Account, watched: &Conditions<'_>, kept: &[problem_log::Problem], now: i64) -> Vec<NewProblem> {
    let away = |store: &String| {
        let is_away =
            |problem: &&problem_log::Problem| problem.what.kind == ProblemKind::Away && problem.what.subject.is_store(store);
        kept.iter().filter(|problem| problem.remedied.is_none()).find(is_away)
    };
    let (first_away, history) = (|store: &String| away(store).map(|problem| problem.first), account.history());
    // one that never had a whole sync is out of step since it is a store
    let never = |store: &String| history.stores.get(store).map(|seen| seen.since).into_iter().chain(first_away(store)).min();
    let long = i64::from(watched.silent_days) * DAY;
    let since = |store: &String| account.memory.store(store).and_then(|known| known.well).or_else(|| never(store));
    // what is wrong with a store is told by what it shows
    let is_well = |store: &&String| account.memory.store(store).is_none_or(|known| known.store_problems.is_empty());
    let failed = |store: &String| history.stores.get(store).map(|seen| seen.failed.clone()).unwrap_or_default();
    let why = |store: &String| match away(store) {
        Some(problem) if !problem.what.object.is_empty() => (problem.what.object.clone(), problem.what.shown),
        _ => (failed(store), 0),
    };
    let raised = |store: &String| {
        let (object, shown) = why(store);
        Some(
            NewProblem::of(ProblemKind::Away, Subject::Store(store.clone()))
                .object(&object)
                .numbers(days(now, since(store)?), shown),
        )
    };
    let old = |store: &&String| since(store).is_some_and(|time| now - time > long && time >= FIRST_DAY);
    watched.stores.iter().filter(is_well).filter(old).filter_map(raised).collect()
}

fn days(now: i64, then: i64) -> u64 {
    (now.saturating_sub(then) / DAY).unsigned_abs()
}

impl Anomaly {
    /// The kind of problem that it is.
    pub fn kind(self) -> ProblemKind {
        match self {
            Self::Emptied | Self::Older | Self::OlderRoster | Self::Missing | Self::Withheld | Self::SlotBack => {
                ProblemKind::Rollback
            }
            Self::Gap | Self::Ungranted => ProblemKind::KeptBack,
            Self::Forked | Self::Unchained | Self::Contradicted | Self::Ahead => ProblemKind::Fork,
            Self::Changed | Self::Unexplained => ProblemKind::Forged,
            Self::RosterForked | Self::Stranger => ProblemKind::Roster,
            Self::PutBack => ProblemKind::PutBack,
        }
    }
}

fn of_store_problem(account: &Account, store_problem: &StoreProblem) -> NewProblem {
    let finding = &store_problem.finding;
    let member = finding.device.as_ref().and_then(|device| account.roster.member(device));
    let object = finding.object.map_or_else(String::new, |name| name.to_string());
    // of devices that are none anybody can make up as many as there are names
    let id = member.map(|member| member.id);
    let device = member.map(|member| member.name.as_str()).unwrap_or_default();
    NewProblem::of(finding.what.kind(), Subject::Store(store_problem.store.clone()))
        .device(id, device)
        .object(&object)
        .numbers(finding.known, finding.shown)
}

/// The clock is more than a day behind the newest thing that was done here.
fn clock(account: &Account, now: i64) -> Option<NewProblem> {
    let mut newest = account.trail().latest_time().ok().flatten().unwrap_or(i64::MIN);
    newest = account.ledger.entries().iter().map(|entry| entry.asked.time).fold(newest, i64::max);
    let behind = newest.saturating_sub(now);
    (behind > DAY || now < FIRST_DAY)
        .then(|| NewProblem::of(ProblemKind::Clock, Subject::Account).numbers(behind.max(0).unsigned_abs(), 0))
}

/// This device has made no snapshot for days: since its last one, or since the account is here.
fn silent(account: &Account, watched: &Conditions<'_>, now: i64) -> Result<Option<NewProblem>, EngineError> {
    if account.roster.member(&account.device.id).is_none_or(|member| !member.is_active()) {
        return Ok(None);
    }
    let last = match account.head {
        Some((number, hash)) => match snapshots::head(account, account.device.id, number) {
            Ok((head, _)) => Some(head.time),
            // one that the vault lost is told as such, until it is forgotten
            Err(_) if !DeletionNotes::read(account)?.excuses(&account.device.id, number, Some(&hash)) => None,
            Err(_) => snapshots::last(account, account.device.id)?.map(|last| last.time),
        },
        None => account.trail().since().ok().flatten(),
    };
    let old = last.filter(|last| now - last > i64::from(watched.silent_days) * DAY && *last >= FIRST_DAY);
    Ok(old.map(|last| NewProblem::of(ProblemKind::Silent, Subject::Account).numbers(days(now, last), 0)))
}

fn others(account: &Account) -> impl Iterator<Item = &Member> {
    account.roster.members.iter().filter(|member| member.is_active() && member.id != account.device.id)
}

/// When each other device of the account made its last snapshot, as far as this machine has seen; a time that is still to come tells nothing.
pub fn other_devices(account: &Account) -> Result<Vec<(&Member, i64)>, EngineError> {
    let mut found = Vec::new();
    for member in others(account) {
        if let Some(last) = snapshots::last_not_ahead(account, member.id)?
            && last.time >= FIRST_DAY
        {
            found.push((member, last.time));
        }
    }
    Ok(found)
}

/// Other devices whose newest snapshot bears a time that is still to come: their clock is wrong, or whoever holds their key makes it up.
fn clocks_ahead(account: &Account) -> Result<Vec<NewProblem>, EngineError> {
    let mut found = Vec::new();
    for member in others(account) {
        if let Some(last) = snapshots::last(account, member.id)?
            && snapshots::is_ahead(account, last.time)
        {
            let raised = NewProblem::of(ProblemKind::DeviceClock, Subject::Account).device(Some(member.id), &member.name);
            found.push(raised.numbers(last.number, last.time.unsigned_abs()));
        }
    }
    Ok(found)
}
