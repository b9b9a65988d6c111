//! `store undo`: a store shows again what it showed before somebody replaced or hid it.

use std::path::Path;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::config::parse_time;
use crate::engine::{EngineError, consent, runtime, stores};
use crate::provider::cloud::Cloud;
use crate::surface::args::Access;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// What is wanted.
pub struct Wanted<'a> {
    /// A store's name or address.
    pub store: &'a str,
    /// When.
    pub since: &'a str,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
    /// The kit that says whose account it is.
    pub kit: Option<&'a Path>,
    /// How an address is reached.
    pub access: &'a Access,
}

/// So many names are told one by one.
const NAMED: usize = 20;

/// Brings back what was shown then.
pub fn run(context: &Context, wanted: &Wanted<'_>) -> Result<Answer, Failure> {
    let then = moment(wanted.since, Timestamp::now()).ok_or_else(|| {
        Failure::usage(format!("{:?} is no time before now", wanted.since))
            .hint("write 2026-11-20T12:00:00Z, \"2026-11-20 12:00\" or 3d")
    })?;
    let cloud = open(context, wanted)?;
    let place = crate::provider::Provider::place(&cloud);
    let undone = runtime()?
        .block_on(cloud.undo(then, !wanted.dry_run))
        .map_err(|error| EngineError::Place { place: place.clone(), error })?;
    let replaced = undone.back.iter().filter(|(_, replaced)| *replaced).count() as u64;
    let hidden = undone.back.len() as u64 - replaced;
    let would = if wanted.dry_run { "would come back" } else { "came back" };
    let mut lines: Vec<String> = undone.back.iter().take(NAMED).map(|(name, _)| format!("  {name}")).collect();
    if undone.back.len() > NAMED {
        lines.push(format!("  … and {} more", undone.back.len() - NAMED));
    }
    lines.push(format!(
        "{} looked at in {place}: {hidden} that were hidden and {replaced} that were replaced since {then} {would}.",
        words::count(undone.looked, "object"),
    ));
    for (name, why) in &undone.lost {
        lines.push(format!("{name}: what was there then is no object of this account: {why}"));
    }
    if !undone.back.is_empty() && !wanted.dry_run {
        lines.push(
            "Change the credentials that somebody used there, and run `printkeep sync`; on a new machine `printkeep rescue`."
                .into(),
        );
    }
    let names = |list: &mut dyn Iterator<Item = String>| list.collect::<Vec<_>>();
    let fields = json!({
        "since": then.to_string(), "dry_run": wanted.dry_run, "looked": undone.looked, "hidden": hidden, "replaced": replaced,
        "back": names(&mut undone.back.iter().map(|(name, _)| name.to_string())),
        "lost": names(&mut undone.lost.iter().map(|(name, why)| format!("{name}: {why}"))),
    });
    Ok(Answer::new(lines, fields).exit(if undone.lost.is_empty() { Exit::Done } else { Exit::Incomplete }))
}

fn open(context: &Context, wanted: &Wanted<'_>) -> Result<Cloud, Failure> {
    let no_cloud = || {
        Failure::usage("only S3 storage keeps versions").hint("for a folder, WebDAV or SFTP, use the provider's own snapshots")
    };
    let config = context.config()?;
    if let Some(store) = config.stores.iter().find(|store| store.name == wanted.store) {
        let account = context.look()?;
        return stores::server(&account, store).map_err(EngineError::from)?.ok_or_else(no_cloud);
    }
    if !wanted.store.contains("://") {
        return Err(super::store::unknown(wanted.store));
    }
    let kit = wanted.kit.ok_or_else(|| {
        Failure::usage("an address does not say whose account is meant")
            .hint("give --recovery-kit, or the name of a store of this machine")
    })?;
    let account = ask::read_kit(kit)?.0.ok_or_else(|| Failure::usage("this kit does not say which account it belongs to"))?;
    let store = super::store::describe("store", wanted.store, wanted.access)?;
    let credentials = super::store::credentials(&store, wanted.access)?.ok_or_else(no_cloud)?;
    if !context.home.accounts()?.is_empty() {
        return Err(
            Failure::usage("this machine is in an account").hint("add the store first, `printkeep store add`, and give its name")
        );
    }
    // typing a store's address on a new machine is the owner's yes to reaching it
    words::note("This reaches your store over the network; giving its address counts as your consent to that.");
    let permit = consent::before_there_is_an_account(&context.home, context.asked())?;
    if !matches!(store.address, crate::provider::address::Address::S3(_)) {
        return Err(no_cloud());
    }
    stores::cloud(&permit, &store, &credentials, account)
        .map_err(|error| EngineError::Place { place: store.name.clone(), error }.into())
}

/// Reads a time: with its zone, or this machine's, or so long ago. None for one that is not before now.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let ago = || now.checked_sub(SignedDuration::from_secs(parse_time(text).ok()?)).ok();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>().ok().or_else(local).or_else(ago).filter(|then| *then < now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_three_ways_and_the_future_in_none() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let read = |text: &str| moment(text, now).map(|then| then.to_string());
        assert_eq!(read("2026-11-20T10:00:00Z").as_deref(), Some("2026-11-20T10:00:00Z"));
        assert_eq!(read("3d").as_deref(), Some("2026-11-22T12:00:00Z"));
        assert!(read("2026-11-20 10:00").is_some() && read("2026-11-20").is_some());
        for bad in ["", "soon", "2026-13-01", "2027-01-01T00:00:00Z", "-3d", "0d"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
