//! After the work: what the owner allows to be recorded is recorded, and what was kept long enough is deleted.
//!
//! It never changes how the work ended: a fact that cannot be recorded is told in the reply.

use std::path::PathBuf;

use crate::app::deletion::store_names;
use crate::app::job::Recording;
use crate::app::reply::{Recorded, Reply};
use crate::app::text::PLAIN;
use crate::app::work::{Work, WorkKind};
use crate::app::{Arg, Exit, Failure, Text};
use crate::config::Config;
use crate::consent::mask::Raw;
use crate::consent::{ConsentState, Item};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::privacy::records::observe::{Scene, observe};
use crate::engine::privacy::records::{Take, deletion, mask, record as record_fact};
use crate::text;

/// Records what is allowed, and says in the reply what it was.
pub fn record(work: &Work<'_>, recording: Recording, name: &str, done: &mut Result<Reply, Failure>) {
    if recording == Recording::Nothing {
        return;
    }
    let recorded = try_record(work, recording, name, done);
    if let Ok(reply) = done {
        match recorded {
            Ok(recorded) => reply.recorded = recorded,
            Err(failure) => reply.unwritten.push(text!("facts-unwritten", why = failure.message)),
        }
    }
}

fn try_record(
    work: &Work<'_>,
    recording: Recording,
    name: &str,
    done: &Result<Reply, Failure>,
) -> Result<Option<Recorded>, Failure> {
    // most owners allow nothing: that costs no lock and no write
    match work.open_read_only() {
        Ok(account) if is_recording(&account) => {}
        _ => return Ok(None),
    }
    let mut account = match work.open(WorkKind::Records) {
        Ok(account) => account,
        Err(failure) if failure.exit == Exit::Busy => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let config = work.session.config().unwrap_or_default();
    let (mut recorded, time) = (Recorded::default(), work.session.now());
    if recording == Recording::Facts {
        recorded.deleted = deletion::tidy(&mut account, &store_names(&config), time)?.len() as u64;
        if done.is_ok() {
            let sources: Vec<PathBuf> = config.sources.iter().map(|source| source.path.clone()).collect();
            let scene = Scene { root: &work.session.system_root, sources: &sources };
            let observed = observe(&mut account, &scene, time, &work.session.random)?;
            recorded.recorded = observed.recorded.iter().map(|item| item.as_str().to_owned()).collect();
            recorded.not_known_here = observed.unknown.iter().map(|item| item.as_str().to_owned()).collect();
        }
    }
    operation(work, &mut account, name, done)?;
    diagnosis(work, &mut account, &config, name, done)?;
    Ok(Some(recorded))
}

/// Whether anything is allowed to be recorded, or was recorded and may have to go.
fn is_recording(account: &Account) -> bool {
    let allowed = |item: Item| item.is_recorded() && account.ledger.standing(item) == ConsentState::Granted;
    account.facts.held().next().is_some() || Item::all().any(allowed)
}

fn happened(work: &Work<'_>, account: &mut AccountWriter, item: Item, values: &[Raw], names: &[String]) -> Result<(), Failure> {
    let Ok(permit) = account.ledger.permit(item) else { return Ok(()) };
    if let Some(masked) = mask(account, &permit, values, names) {
        record_fact(account, &permit, &masked, Take::Always, work.session.now(), &work.session.random)?;
    }
    Ok(())
}

/// Which request ran, how it ended, how much it moved; no names.
fn operation(work: &Work<'_>, account: &mut AccountWriter, name: &str, done: &Result<Reply, Failure>) -> Result<(), Failure> {
    let (exit, moved) = match done {
        Ok(reply) => (reply.exit, reply.body.answer().tally().moved),
        Err(failure) => (failure.exit, 0),
    };
    let exit = (exit as u8).to_string();
    let values = [("command", name.to_owned()), ("exit", exit), ("bytes moved", moved.to_string())];
    happened(work, account, Item::OperationLog, &values, &[])
}

/// What went wrong, by the name of its message, scrubbed of whatever could name something.
fn diagnosis(
    work: &Work<'_>,
    account: &mut AccountWriter,
    config: &Config,
    name: &str,
    done: &Result<Reply, Failure>,
) -> Result<(), Failure> {
    let Err(failure) = done else { return Ok(()) };
    let mut names: Vec<String> = config.stores.iter().map(|store| store.name.clone()).collect();
    names.extend(account.roster.members.iter().map(|member| member.name.clone()));
    names.extend([account.name.as_str().to_owned(), account.device.name.clone()]);
    names.extend(std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    let values = [("command", name.to_owned()), ("error", nameless(&failure.message))];
    happened(work, account, Item::Diagnostics, &values, &names)
}

/// A message's name and the reasons that it gives; whatever else it says may be what the owner calls something, with no quotes to know
/// it by, and becomes `…`. Reasons are scrubbed where they are masked.
fn nameless(text: &Text) -> String {
    let said = text.args.iter().map(|(name, value)| match value {
        Arg::Message(text) => nameless(text),
        Arg::Text(why) if name == "why" || text.id == PLAIN => why.clone(),
        _ => "…".to_owned(),
    });
    let said = said.collect::<Vec<_>>().join(" ");
    match (text.id.as_str(), said.is_empty()) {
        (PLAIN, _) => said,
        (id, true) => id.to_owned(),
        (id, false) => format!("{id}: {said}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reasons_of_a_message_stay() {
        let place = text!("place-refused", place = "kitchen", why = "it does not accept the credentials");
        for (text, said) in [
            (text!("no-snapshot", name = "anna"), "no-snapshot: …"),
            (place.clone(), "place-refused: … it does not accept the credentials"),
            (text!("sync-away", store = "anna", why = place), "sync-away: … place-refused: … it does not accept the credentials"),
            (text!("passphrase-wait", wait = Arg::Seconds(4)), "passphrase-wait: …"),
            (text!("stopped"), "stopped"),
            (Text::plain("the kit is cut"), "the kit is cut"),
        ] {
            assert_eq!(nameless(&text), said);
        }
    }
}
