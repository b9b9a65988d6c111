//! Conditions that last: looked at whenever Printkeep runs; each is an incident while it holds, and remedied once it does not.

use super::{Kind, Raised};
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::audit::{Note, now};
use crate::engine::roster;
use crate::engine::select;
use crate::engine::truth::{Alarm, What};
use crate::store::audit::{Event, Outcome};
use crate::store::policies;

const DAY: i64 = 86_400;
/// Less than this free on the vault's disk is nearly full, in bytes.
pub const NEARLY_FULL: u64 = 100_000_000;
/// Before this day, 2026-01-01, there was no Printkeep: a time that is earlier is a clock's mistake, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;

/// What to watch with.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// A backup older than so many days is an incident.
    pub silent_days: u32,
    /// How many bytes are free on the vault's disk.
    pub free: u64,
    /// Whether stores were looked at just now, so that what they show again counts again.
    pub synced: bool,
    /// The owner's names for the stores.
    pub stores: &'a [String],
}

/// The kinds that are looked at here.
const LASTING: [Kind; 9] = [
    Kind::Forged,
    Kind::Rollback,
    Kind::Fork,
    Kind::Roster,
    Kind::Silent,
    Kind::DeviceSilent,
    Kind::Disk,
    Kind::Clock,
    Kind::Policy,
];

/// Looks at everything that lasts; opens no socket.
pub fn watch(account: &Account, watched: &Watched<'_>) -> Result<(), EngineError> {
    let now = now();
    let mut found: Vec<Raised> = account.memory.alarms().map(|alarm| of_alarm(account, alarm)).collect();
    // one of each kind, store and device: the first tells
    found.dedup_by(|b, a| (a.kind, &a.subject, &a.device) == (b.kind, &b.subject, &b.device));
    let alarms = found.len();
    let book = account.incident_book();
    found.extend(clock(account, now));
    // the owner, who saw it and acknowledged it, says that the clock is right now and ran ahead before
    let is_vouched_for = |incident: &super::Incident| {
        incident.what.kind == Kind::Clock && incident.remedied.is_none() && incident.acknowledged.is_some()
    };
    let clock_is_wrong = found.len() > alarms && !book.load().incidents.iter().any(is_vouched_for);
    if !clock_is_wrong {
        found.extend(silent(account, watched, now)?);
        let other =
            |(device, time): (String, i64)| Raised::of(Kind::DeviceSilent, "").device(&device).numbers(days(now, time), 0);
        let limit = i64::from(watched.silent_days) * DAY;
        found.extend(other_devices(account)?.into_iter().filter(|(_, time)| now - time > limit).map(other));
    }
    if watched.free < NEARLY_FULL {
        found.push(Raised::of(Kind::Disk, "").numbers(watched.free, 0));
    }
    if let Err(error) = policies::in_force(&account.home) {
        found.push(Raised::of(Kind::Policy, "").object(&error.to_string()));
    }
    let kept = book.load().incidents;
    let days_away = if clock_is_wrong { Vec::new() } else { out_of_step(account, watched, &kept, now) };
    let grew = |raised: &Raised| {
        let short = |what: &Raised| what.kind == raised.kind && what.subject == raised.subject && what.known == 0;
        raised.kind == Kind::Away && kept.iter().any(|incident| incident.remedied.is_none() && short(&incident.what))
    };
    found.extend(days_away);
    for (at, raised) in found.iter().enumerate() {
        let again = watched.synced && at < alarms || grew(raised);
        if book.raise(raised.clone(), now, again) == Some(true) {
            account.audit(Note::of(Event::Incident, Outcome::Done).what(raised.kind.as_str()));
        }
    }
    let silence = |kind| matches!(kind, Kind::Silent | Kind::DeviceSilent);
    let holds = |what: &Raised| found.iter().any(|f| (f.kind, &f.subject, &f.device) == (what.kind, &what.subject, &what.device));
    // a clock that is behind ends no silence
    let meant = |kind| LASTING.contains(&kind) && !(clock_is_wrong && silence(kind));
    book.remedied(&|incident| meant(incident.what.kind) && !holds(&incident.what), now);
    let is_away = |what: &Raised| matches!(what.kind, Kind::Away) && !clock_is_wrong;
    let is_ours = |what: &Raised| watched.stores.contains(&what.subject);
    let back = |what: &Raised| is_away(what) && (!is_ours(what) || what.known > 0 && !holds(what));
    book.remedied(&|incident| back(&incident.what), now);
    let gone = |what: &Raised| what.kind == Kind::Full && !is_ours(what);
    book.remedied(&|incident| gone(&incident.what), now);
    Ok(())
}

/// Stores that were in step last, or answer no more since, longer ago than a device may be silent.
fn out_of_step(account: &Account, watched: &Watched<'_>, kept: &[super::Incident], now: i64) -> Vec<Raised> {
    let away = |store: &String| {
        let is_away = |incident: &&super::Incident| incident.what.kind == Kind::Away && incident.what.subject == *store;
        kept.iter().filter(|incident| incident.remedied.is_none()).find(is_away)
    };
    let first_away = |store: &String| away(store).map(|incident| incident.first);
    let long = i64::from(watched.silent_days) * DAY;
    let since = |store: &String| account.memory.store(store).and_then(|known| known.well).or_else(|| first_away(store));
    // what is wrong with a store is told by what it shows
    let is_well = |store: &&String| account.memory.store(store).is_none_or(|known| known.alarms.is_empty());
    let why = |store: &String| away(store).map(|incident| incident.what.object.clone()).unwrap_or_default();
    let raised = |store: &String| Some(Raised::of(Kind::Away, store).object(&why(store)).numbers(days(now, since(store)?), 0));
    let old = |store: &&String| since(store).is_some_and(|time| now - time > long && time >= FIRST_DAY);
    watched.stores.iter().filter(is_well).filter(old).filter_map(raised).collect()
}

fn days(now: i64, then: i64) -> u64 {
    (now.saturating_sub(then) / DAY).unsigned_abs()
}

impl What {
    /// The kind of problem that it is.
    pub fn kind(self) -> Kind {
        match self {
            Self::Emptied | Self::Older | Self::OlderRoster | Self::Missing | Self::Withheld | Self::SlotBack => Kind::Rollback,
            Self::Forked | Self::Unchained | Self::Contradicted | Self::Ahead => Kind::Fork,
            Self::Changed => Kind::Forged,
            Self::RosterForked | Self::Stranger => Kind::Roster,
        }
    }
}

fn of_alarm(account: &Account, alarm: &Alarm) -> Raised {
    let finding = &alarm.finding;
    let member = finding.device.as_ref().and_then(|device| account.roster.member(device));
    let object = finding.object.map_or_else(String::new, |name| name.to_string());
    let device = member.map(|member| member.name.clone()).unwrap_or_default();
    Raised::of(finding.what.kind(), &alarm.store).device(&device).object(&object).numbers(finding.known, finding.shown)
}

/// The clock is more than a day behind the newest thing that was done here.
fn clock(account: &Account, now: i64) -> Option<Raised> {
    let mut newest = account.trail().latest_time().ok().flatten().unwrap_or(i64::MIN);
    newest = account.ledger.entries().iter().map(|entry| entry.asked.time).fold(newest, i64::max);
    let behind = newest.saturating_sub(now);
    (behind > DAY || now < FIRST_DAY).then(|| Raised::of(Kind::Clock, "").numbers(behind.max(0).unsigned_abs(), 0))
}

/// This device has made no snapshot for days: since its last one, or since the account is here.
fn silent(account: &Account, watched: &Watched<'_>, now: i64) -> Result<Option<Raised>, EngineError> {
    if account.roster.member(&account.device.id).is_none_or(|member| !member.is_active()) {
        return Ok(None);
    }
    let last = match account.head {
        Some((number, _)) => select::head(account, account.device.id, number).ok().map(|(head, _)| head.time),
        None => account.trail().since().ok().flatten(),
    };
    let old = last.filter(|last| now - last > i64::from(watched.silent_days) * DAY && *last >= FIRST_DAY);
    Ok(old.map(|last| Raised::of(Kind::Silent, "").numbers(days(now, last), 0)))
}

/// When each other device of the account made its last snapshot, as far as this machine has seen.
pub fn other_devices(account: &Account) -> Result<Vec<(String, i64)>, EngineError> {
    let mut found = Vec::new();
    for member in account.roster.members.iter().filter(|member| member.is_active() && member.id != account.device.id) {
        if let Some(last) = roster::last(account, member.id)?
            && last.time >= FIRST_DAY
        {
            found.push((member.name.clone(), last.time));
        }
    }
    Ok(found)
}
