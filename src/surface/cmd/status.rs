//! `status`: last backup, what waits for upload, space, problems; the exit code tells whether all is well.

use serde_json::json;

use crate::config::SILENT_DAYS;
use crate::core::slot::SlotKind;
use crate::engine::incident::{Grade, Kind};
use crate::engine::reading_key::{self, Held};
use crate::engine::{keep, select, stores, sync, unlock};
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;
use crate::surface::{alarm, attend, incident_words};

/// Before this day, 2026-01-01, there was no Printkeep: a time that is earlier is a clock's mistake, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;

/// Tells how things stand; opens no socket.
pub fn run(context: &Context) -> Result<Answer, Failure> {
    let config = context.config()?;
    let account = context.look()?;
    attend::look(context, &config, &account, false)?;
    account.take_unshown();
    let silent = i64::from(config.silent_days.unwrap_or(SILENT_DAYS)) * 86_400;
    let mut lines = vec![
        format!("Account {:?}, device {:?}, fingerprint {}", account.name.as_str(), account.device.name, account.fingerprint()),
        format!("Vault {}", context.home.vault().display()),
    ];
    let (mut problems, mut advice) = (Vec::new(), Vec::new());
    let revoked = account.roster.member(&account.device.id).is_none_or(|member| !member.is_active());
    if revoked {
        problems.push(
            "the owner revoked this device: no other device believes what it backs up; to let it in again, enrol it anew".into(),
        );
    }
    let last = match account.head {
        Some((number, _)) if !revoked => Some(select::head(&account, account.device.id, number)?.0),
        _ => None,
    };
    match &last {
        Some(head) => {
            let (files, bytes) = (words::count(head.stats.files, "file"), words::size(head.stats.bytes));
            lines.push(format!("Last backup: snapshot {} of {}, {files}, {bytes}", head.number, words::time(head.time)));
            if head.time < FIRST_DAY {
                problems.push("this machine's clock was wrong at the last backup: set it, and run `printkeep backup`".into());
            } else if context.now() - head.time > silent {
                problems.push(format!(
                    "the last backup is {} days old: run `printkeep backup`",
                    (context.now() - head.time) / 86_400
                ));
            }
        }
        None if revoked => {}
        None => problems.push("there is no backup yet: run `printkeep backup`".into()),
    }
    let held = sync::held(&account)?;
    let used: u64 = held.values().sum();
    let free = attend::free_space(&context.home.vault());
    lines.push(format!(
        "Space: {} in {}, {} free",
        words::size(used),
        words::count(held.len() as u64, "object"),
        words::size(free)
    ));
    if free < 100_000_000 {
        problems.push("less than 100 MB are free on the vault's disk".into());
    }
    let freed = keep::could_free(&account, &held)?;
    if freed.snapshots + freed.marked > 0 {
        lines.push(format!(
            "Prune could free: {} forgotten (up to {}), {} marked as unneeded ({})",
            words::count(freed.snapshots, "snapshot"),
            words::size(freed.snapshot_bytes),
            words::count(freed.marked, "object"),
            words::size(freed.marked_bytes),
        ));
    }
    let mut waiting = Vec::new();
    for store in &config.stores {
        let (count, bytes) = stores::waiting(&account, store, &held)?;
        lines.push(format!("Store {:?}: {} ({}) to send", store.name, words::count(count, "object"), words::size(bytes)));
        waiting.push(json!({ "store": store.name, "objects": count, "bytes": bytes }));
        if store.address.needs_network() && account.ledger.permit(crate::consent::Item::Network).is_err() {
            advice.push(format!("the store {:?} waits for your consent: `printkeep consent grant network`", store.name));
        }
    }
    let alarms: Vec<_> = account.memory.alarms().cloned().collect();
    problems.extend(alarms.iter().map(|alarm| alarm::line(&account, alarm)));
    if let Some(drill) = account.last_drill() {
        let (files, went) = (words::count(drill.files, "file"), if drill.failed == 0 { "all came back" } else { "FAILED" });
        lines.push(format!("Last drill: {} from {}, {files}, {went}", words::time(drill.time), drill.place));
    }
    // what has a line of its own above is not told twice
    let told = |kind: Kind| match kind {
        Kind::Silent | Kind::Disk => true,
        Kind::Rollback | Kind::Fork | Kind::Forged | Kind::Roster => !alarms.is_empty(),
        _ => false,
    };
    let incidents = account.incidents();
    let open: Vec<_> = incidents.iter().filter(|incident| incident.is_open()).collect();
    for incident in open.iter().filter(|incident| !told(incident.what.kind)) {
        let line = incident_words::problem(incident);
        if incident.grade() > Grade::Info { problems.push(line) } else { advice.push(line) }
    }
    if let Some((kit, _)) = crate::app::unlock::living_kit(&context.home, &account) {
        advice.push(format!("a recovery kit still lies on this machine; move it to a safe place: {}", kit.display()));
    }
    // told by a file of this machine: no keyring is asked
    let reading = reading_key::held(&account)?;
    match reading {
        Held::Nothing => {}
        Held::Key => lines.push(
            "This machine holds the reading key: with your session's keyring open, reading back needs no passphrase".into(),
        ),
        Held::Stale => advice.push(
            "the reading key kept on this machine is from before `key rotate` and not used: `printkeep key remember` keeps the new one"
                .into(),
        ),
    }
    if !unlock::list(&account)?.iter().any(|slot| slot.kind == Ok(SlotKind::Recovery)) {
        problems.push("there is no recovery kit: make one with `printkeep key recovery`".into());
    }
    lines.extend(problems.iter().map(|problem| format!("Problem: {problem}")));
    lines.extend(advice.iter().map(|text| format!("Advice: {text}")));
    if problems.is_empty() {
        lines.push("No problems.".into());
    }
    let fields = json!({
        "account": account.name.as_str(), "id": account.id().to_string(), "device": account.device.name, "fingerprint": account.fingerprint(),
        "vault": context.home.vault(),
        "last": last.map(|h| json!({ "snapshot": h.number, "time": h.time, "files": h.stats.files, "bytes": h.stats.bytes })),
        "objects": held.len(), "used_bytes": used, "free_bytes": free, "waiting": waiting,
        "prunable": { "snapshots": freed.snapshots, "snapshot_bytes": freed.snapshot_bytes, "marked": freed.marked, "marked_bytes": freed.marked_bytes },
        "problems": problems, "advice": advice,
        "reading_key": reading.word(),
        "alarms": alarm::fields(&account, &alarms),
        "incidents": open.iter().map(|incident| incident_words::fields(&account, incident)).collect::<Vec<_>>(),
        "drill": account.last_drill().map(|d| json!({ "time": d.time, "place": d.place, "files": d.files, "bytes": d.bytes, "failed": d.failed })),
    });
    Ok(Answer::new(lines, fields).exit(if problems.is_empty() { Exit::Done } else { Exit::Incomplete }))
}
