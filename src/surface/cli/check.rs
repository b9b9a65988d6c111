//! `check`.

use clap::Args;

use super::{entry, problems};
use crate::app::jobs::check as job;
use crate::app::jobs::check::{Checked, Repaired, Tried};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::cli::unlock::Unlock;
use crate::surface::words::Words;
use crate::text;

/// `check`
#[derive(Args)]
pub struct Check {
    #[arg(long)]
    read_data: bool,
    #[arg(long, value_name = "NAME")]
    store: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    try_restore: Option<u32>,
    #[arg(long, conflicts_with = "store")]
    repair: bool,
    #[command(flatten)]
    unlock: Unlock,
}

impl Check {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        let Self { read_data, store, try_restore, repair, unlock } = self;
        Ok(Request::Check(job::Check { store, read_data, try_restore, repair, unlock: unlock.into() }))
    }
}

/// The lines of the reply.
pub fn lines(reply: &Checked, words: &Words) -> Vec<String> {
    let mut said: Vec<Text> = reply.repair.iter().flat_map(repaired).collect();
    said.push(text!(
        "checked",
        snapshots = text!("snapshots-count", count = reply.snapshots),
        place = problems::place(reply.store.as_deref()),
        size = Arg::Bytes(reply.bytes)
    ));
    said.extend(reply.keys_awaited.then(|| text!("checked-keys-awaited")));
    said.extend((reply.later > 0).then(|| text!("checked-later", count = reply.later)));
    said.extend((reply.unsent > 0).then(|| text!("checked-unsent", count = reply.unsent)));
    said.extend((reply.unsent_parts > 0).then(|| text!("checked-unsent-parts", count = reply.unsent_parts)));
    said.extend((reply.stored_anew > 0).then(|| text!("checked-stored-anew", count = reply.stored_anew)));
    said.extend(
        (reply.elsewhere > 0)
            .then(|| text!("checked-elsewhere", count = reply.elsewhere, stores = reply.elsewhere_in.join(", "))),
    );
    said.extend(reply.gaps.iter().map(gap));
    said.extend(outcome(reply));
    said.extend((reply.unneeded > 0).then(|| text!("checked-unneeded", count = reply.unneeded)));
    let mut lines: Vec<String> = said.iter().map(|text| words.say(text)).collect();
    lines.extend(reply.affected.iter().map(|file| words.say(&text!("checked-affected", path = file))));
    for problem in &reply.problems {
        lines.push(problems::short(problem, words));
        lines.extend(problems::in_parts(problem, words));
    }
    let mut beside: Vec<Text> = Vec::new();
    let intruder = |one: &job::Intruder| match one.own {
        true => text!("checked-intruder-here", count = one.snapshots),
        false => text!("checked-intruder", count = one.snapshots, device = &one.device),
    };
    beside.extend(reply.intruders.iter().map(intruder));
    beside.extend(reply.rogues.iter().map(|device| text!("checked-rogue", device = device)));
    beside.extend(reply.tried.iter().flat_map(|one| tried(one, reply.elsewhere > 0)));
    lines.extend(beside.iter().map(|text| words.say(text)));
    lines
}

fn gap(gap: &job::Gap) -> Text {
    let (first, before) = (gap.first.to_string(), gap.before.to_string());
    text!("checked-gap", count = Arg::Count(gap.count), device = &gap.device, first = first, before = before)
}

/// Whether all is well, and what was proved; else what to do.
fn outcome(reply: &Checked) -> Vec<Text> {
    if !reply.damaged.is_empty() {
        let mut said = vec![text!("checked-damaged", count = reply.damaged.len())];
        said.extend((!reply.unlocked).then(|| text!("checked-locked")));
        said.push(match (reply.store.is_some(), reply.repair.is_some()) {
            (true, _) => text!("checked-damaged-store"),
            (false, true) => text!("checked-damaged-still"),
            (false, false) => text!("checked-damaged-here"),
        });
        return said;
    }
    if !reply.problems.is_empty() {
        return Vec::new();
    }
    if reply.snapshots == 0 {
        return vec![if reply.store.is_some() { text!("checked-nothing-there") } else { text!("checked-nothing") }];
    }
    if reply.later > 0 || !reply.gaps.is_empty() {
        return vec![text!("checked-well-rest")];
    }
    match (reply.read_data, reply.unlocked) {
        // whether files come back is told by the trying itself, where that was asked for
        (false, _) if reply.tried.is_some() => vec![text!("checked-well-names"), text!("checked-more-bytes")],
        (false, _) => vec![text!("checked-well-names"), text!("checked-more")],
        (true, false) => vec![text!("checked-well-bytes")],
        (true, true) => vec![text!("checked-well-opens")],
    }
}

fn repaired(repair: &Repaired) -> Vec<Text> {
    let mut said = vec![text!("repaired-state", count = repair.packs)];
    said.extend(repair.state_was_set_aside.as_ref().map(|why| text!("repaired-set-aside", why = why.clone())));
    let count = repair.repaired.len();
    said.extend((count > 0).then(|| text!("repaired-fetched", count = count)));
    said.extend((!repair.earlier.is_empty()).then(|| text!("repaired-earlier", count = repair.earlier.len())));
    said.extend(repair.kept.iter().map(|one| text!("repaired-lost-other", object = &one.object, why = one.reason.clone())));
    said.extend((!repair.unreached.is_empty()).then(|| text!("repaired-unreached", stores = repair.unreached.join(", "))));
    said.extend(repair.set_aside.iter().map(|object| text!("repaired-not-needed", object = object)));
    said.extend((repair.lost_packs > 0).then(|| text!("repaired-lost", count = repair.lost_packs)));
    said.extend((repair.stored_anew > 0).then(|| text!("checked-stored-anew", count = repair.stored_anew)));
    said
}

fn tried(tried: &Tried, with_stores: bool) -> Vec<Text> {
    if tried.of == 0 {
        return vec![text!("tried-nothing", which = entry::which(&tried.which))];
    }
    let place = match with_stores && tried.store.is_none() {
        true => text!("the-vault-and-stores").into(),
        false => problems::place(tried.store.as_deref()),
    };
    let mut said = vec![text!(
        "tried",
        tried = Arg::Text(tried.tried.to_string()),
        files = text!("files", count = tried.of),
        which = entry::which(&tried.which),
        place = place,
        back = Arg::Text(tried.files.to_string()),
        size = Arg::Bytes(tried.bytes),
        compared = Arg::Text(tried.compared.to_string())
    )];
    let numbers = tried.also.iter().map(|which| which.snapshot.to_string()).collect::<Vec<_>>().join(", ");
    said.extend((!tried.also.is_empty()).then(|| text!("tried-also", snapshots = numbers)));
    said.extend((tried.failed > 0).then(|| text!("tried-failed", count = tried.failed)));
    said
}
