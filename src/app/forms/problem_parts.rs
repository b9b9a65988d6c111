//! The four parts of a problem, each by the name of its message.

use crate::app::forms::store_problem::device_name;
use crate::app::reasons::told;
use crate::app::{Arg, Text};
use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::Account;
use crate::engine::account::known_state::{Anomaly, Finding, StoreProblem};
use crate::engine::account::problem::{EMPTY_FOLDER, FOLDER, NewProblem, ProblemKind, Subject, UNREADABLE};
use crate::engine::account::problem_log::Problem;
use crate::text;

/// What happened and what it may mean; what was done; what the owner can do; the remedy.
pub type Parts = [Text; 4];

/// Whether what is kept is what a store shows.
pub fn is_of(account: &Account, shown: &StoreProblem, kept: &Problem) -> bool {
    let what = &kept.what;
    let member = shown.finding.device.as_ref().and_then(|device| account.roster.member(device));
    let device = member.map(|member| member.id);
    shown.finding.what.kind() == what.kind && what.subject.is_store(&shown.store) && device == what.device_id
}

/// What is kept, by its kind; what this device may not do is not advised.
pub fn of_kept(account: &Account, kept: &Problem) -> Parts {
    let what = &kept.what;
    let may_delete = account.roster.may_delete(&account.device.id);
    let kind = match (what.kind, &what.subject) {
        (ProblemKind::Devices, Subject::Joined) => "devices-joined",
        (ProblemKind::Away, _) => match (what.shown, what.known) {
            (FOLDER, 0) => "folder-away-now",
            (FOLDER, _) => "folder-away",
            (EMPTY_FOLDER, 0) => "folder-empty-now",
            (EMPTY_FOLDER, _) => "folder-empty",
            (_, 0) => "away-now",
            (_, _) if what.object.is_empty() => "away",
            (_, _) => "away-why",
        },
        (ProblemKind::Damaged, Subject::Store(_)) => "damaged-store",
        (ProblemKind::VaultLost, _) if what.shown > 0 => "vault-emptied",
        (ProblemKind::Disk, _) if what.shown == 0 => "disk-first",
        (ProblemKind::Disk, _) if !may_delete => "disk-elsewhere",
        (ProblemKind::Full, _) if !may_delete => "full-elsewhere",
        (ProblemKind::Closed, _) if what.shown == UNREADABLE => "closed-to-read",
        (kind, _) => kind.as_str(),
    };
    if what.kind == ProblemKind::PutBack {
        return kept_put_back(account, what);
    }
    let own = account.device.name.as_str();
    let part = |part: &str| with(Text::new(&format!("problem-{kind}-{part}")), what).with("own", own);
    ["happened", "done", "advice", "remedy"].map(part)
}

fn with(text: Text, what: &NewProblem) -> Text {
    let place = match &what.subject {
        Subject::Store(name) | Subject::Source(name) => Arg::from(name),
        Subject::Account | Subject::Vault | Subject::Joined | Subject::Revoked => text!("the-vault").into(),
    };
    let known = match what.kind {
        ProblemKind::Disk => Arg::Bytes(what.known),
        ProblemKind::Clock => Arg::Seconds(what.known),
        _ => Arg::Count(what.known),
    };
    let text = if what.kind == ProblemKind::DeviceClock { text.with("time", Arg::Time(what.shown.cast_signed())) } else { text };
    text.with("store", place).with("device", what.device.as_str()).with("object", told(&what.object)).with("known", known)
}

/// What a store shows that contradicts what is known.
pub fn of_shown(account: &Account, shown: &StoreProblem) -> Parts {
    let finding = &shown.finding;
    let name = |device: &Option<DeviceId>| device.as_ref().map_or_else(|| "?".into(), |device| device_name(account, device));
    let object = finding.object.map(|name| name.to_string()).unwrap_or_default();
    let [happened, done, advice] = match finding.what {
        Anomaly::PutBack => put_back(finding.device == Some(account.device.id), finding),
        what => [happened(what), done(what), advice(what)],
    };
    [happened, done, advice, remedy(finding.what)].map(|text| {
        numbers(text, finding)
            .with("store", shown.store.as_str())
            .with("device", name(&finding.device))
            .with("by", name(&finding.by))
            .with("object", object.as_str())
    })
}

/// With the numbers of a finding: of snapshots, or of notes.
fn numbers(text: Text, finding: &Finding) -> Text {
    let first = match finding.object {
        Some(ObjectName::Head(_, number) | ObjectName::DeletionNote(_, number)) => number,
        _ => finding.known,
    };
    text.with("known", finding.known)
        .with("shown", finding.shown)
        .with("first", first)
        .with("next", finding.shown.saturating_add(1))
        .with("count", finding.shown.saturating_sub(first).saturating_add(1))
        .with("anew", finding.known.saturating_sub(finding.shown))
}

/// That a device used numbers again, as it is kept until the owner saw it.
fn kept_put_back(account: &Account, what: &NewProblem) -> Parts {
    let object = ObjectName::parse(&what.object);
    let finding = Finding { device: what.device_id, ..Finding::at(Anomaly::PutBack, object, what.known, what.shown) };
    let [happened, done, advice] = put_back(what.device_id == Some(account.device.id), &finding);
    [happened, done, advice, remedy(Anomaly::PutBack)].map(|text| numbers(with(text, what), &finding))
}

/// What is told of a device that used numbers again: by itself, or by another.
fn put_back(is_own: bool, finding: &Finding) -> [Text; 3] {
    match (is_own, finding.object) {
        (_, Some(ObjectName::DeletionNote(..))) => {
            [text!("problem-put-back-notes-happened"), text!("problem-put-back-notes-done"), text!("problem-put-back-advice")]
        }
        (true, _) if finding.known > finding.shown => {
            [text!("problem-put-back-own-happened"), text!("problem-put-back-own-done"), text!("problem-put-back-own-advice")]
        }
        (true, _) => {
            [text!("problem-put-back-own-happened"), text!("problem-put-back-done"), text!("problem-put-back-own-advice")]
        }
        (false, _) => [text!("problem-put-back-happened"), text!("problem-put-back-done"), text!("problem-put-back-advice")],
    }
}

fn happened(what: Anomaly) -> Text {
    match what {
        Anomaly::Emptied => text!("problem-emptied-happened"),
        Anomaly::Older => text!("problem-older-happened"),
        Anomaly::OlderRoster => text!("problem-older-list-happened"),
        Anomaly::Missing => text!("problem-missing-happened"),
        Anomaly::Forked => text!("problem-forked-happened"),
        Anomaly::Unchained => text!("problem-unchained-happened"),
        Anomaly::Contradicted => text!("problem-contradicted-happened"),
        Anomaly::Withheld => text!("problem-withheld-happened"),
        Anomaly::Ahead => text!("problem-ahead-happened"),
        Anomaly::Changed => text!("problem-changed-happened"),
        Anomaly::RosterForked => text!("problem-other-list-happened"),
        Anomaly::SlotBack => text!("problem-key-back-happened"),
        Anomaly::Stranger => text!("problem-stranger-happened"),
        Anomaly::Unexplained => text!("problem-unexplained-happened"),
        Anomaly::Gap => text!("problem-gap-happened"),
        Anomaly::Ungranted => text!("problem-ungranted-happened"),
        Anomaly::PutBack => text!("problem-put-back-happened"),
    }
}

fn done(what: Anomaly) -> Text {
    match what {
        Anomaly::Withheld | Anomaly::Gap | Anomaly::Ungranted => text!("problem-withheld-done"),
        Anomaly::Ahead => text!("problem-ahead-done"),
        Anomaly::Stranger => text!("problem-stranger-done"),
        Anomaly::Unexplained => text!("problem-unexplained-done"),
        Anomaly::PutBack => text!("problem-put-back-done"),
        Anomaly::Emptied | Anomaly::Older | Anomaly::OlderRoster | Anomaly::Missing | Anomaly::SlotBack => {
            text!("problem-rollback-done")
        }
        Anomaly::Forked | Anomaly::Unchained | Anomaly::Contradicted => text!("problem-fork-done"),
        Anomaly::Changed => text!("problem-forged-done"),
        Anomaly::RosterForked => text!("problem-roster-done"),
    }
}

fn advice(what: Anomaly) -> Text {
    match what {
        Anomaly::Emptied => text!("problem-emptied-advice"),
        Anomaly::Contradicted => text!("problem-contradicted-advice"),
        Anomaly::Withheld => text!("problem-withheld-advice"),
        Anomaly::Gap => text!("problem-gap-advice"),
        Anomaly::Ungranted => text!("problem-ungranted-advice"),
        Anomaly::Ahead => text!("problem-ahead-advice"),
        Anomaly::SlotBack => text!("problem-key-back-advice"),
        Anomaly::Stranger => text!("problem-stranger-advice"),
        Anomaly::Unexplained => text!("problem-unexplained-advice"),
        Anomaly::PutBack => text!("problem-put-back-advice"),
        Anomaly::Older | Anomaly::OlderRoster | Anomaly::Missing => text!("problem-rollback-advice"),
        Anomaly::Forked | Anomaly::Unchained => text!("problem-fork-advice"),
        Anomaly::Changed => text!("problem-forged-advice"),
        Anomaly::RosterForked => text!("problem-roster-advice"),
    }
}

fn remedy(what: Anomaly) -> Text {
    match what.kind() {
        _ if what == Anomaly::Unexplained => text!("problem-unexplained-remedy"),
        _ if what == Anomaly::Gap => text!("problem-gap-remedy"),
        _ if what == Anomaly::Ungranted => text!("problem-ungranted-remedy"),
        ProblemKind::PutBack => text!("problem-put-back-remedy"),
        ProblemKind::Rollback => text!("problem-rollback-remedy"),
        ProblemKind::Fork => text!("problem-fork-remedy"),
        ProblemKind::Forged => text!("problem-forged-remedy"),
        _ => text!("problem-roster-remedy"),
    }
}
