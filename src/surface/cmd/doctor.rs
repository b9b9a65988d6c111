//! `doctor`: local state rebuilt, damaged packs fetched again or set aside.

use serde_json::json;

use crate::engine::{Watch, doctor, stores};
use crate::surface::args::Doctor;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Rebuilds and repairs.
pub fn run(context: &Context, args: &Doctor) -> Result<Answer, Failure> {
    let config = context.config()?;
    let mut account = context.open()?;
    let mut keyring = ask::first_keys_if_given(&account, &args.unlock)?;
    let opened = stores::readable(&account, &config.stores);
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let profile = context.profile(&config);
    let (random, cancel) = (&context.random, &context.cancel);
    let report = doctor::doctor(&mut account, keyring.as_mut(), &profile, &opened, args.read_data, random, watch, cancel)?;
    progress.finish();
    let mut lines = vec![format!(
        "Local state was rebuilt from {}; {} looked at.",
        words::count(report.indexes.into(), "index object"),
        words::count(report.packs, "pack"),
    )];
    if let Some(why) = &report.state {
        lines.push(format!("It had been set aside: {why}."));
    }
    let mended = &report.mended;
    if !mended.repaired.is_empty() {
        let what = words::count(mended.repaired.len() as u64, "key, list or index object");
        lines.push(format!("{what} fetched again from a store."));
    }
    for (name, why) in &mended.lost {
        lines.push(format!("{name}: {why}, and no store has a good copy. Keep this vault, and run it again where one may be."));
    }
    for (name, why) in &mended.set_aside {
        lines.push(format!(
            "{name}: {why}. It was set aside, and nothing of yours needs it. `printkeep sync` names the store that holds it."
        ));
    }
    if !report.repaired.is_empty() {
        lines.push(format!("{} fetched again from a store.", words::count(report.repaired.len() as u64, "pack")));
    }
    if !report.earlier.is_empty() {
        lines.push(format!(
            "{} of these came from earlier versions: a store shows others now, or none. Ask who can write there.",
            words::count(report.earlier.len() as u64, "object")
        ));
    }
    if !report.lost.is_empty() {
        lines.push(format!(
            "{} could not be fetched. Run `printkeep backup`: what this machine still has is stored anew.",
            words::count(report.lost.len() as u64, "pack")
        ));
        lines.push(
            "What is whole in them can still be restored. What is missing after that backup is lost: `printkeep verify` with your passphrase \
             names the files, and `printkeep forget` lets the snapshots go that need them."
                .into(),
        );
    }
    if report.stored_anew > 0 {
        lines.push(format!(
            "{} gone, with nothing lost: all they held was stored anew.",
            words::count(report.stored_anew, "pack")
        ));
    }
    let lost: Vec<_> = mended.lost.iter().map(|(name, _)| *name).chain(report.lost.iter().copied()).collect();
    let repaired: Vec<_> = mended.repaired.iter().chain(&report.repaired).copied().collect();
    let names = |list: &[crate::core::name::ObjectName]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let fields = json!({
        "indexes": report.indexes, "packs": report.packs, "state_was_set_aside": report.state,
        "repaired": names(&repaired), "earlier": names(&report.earlier), "lost": names(&lost), "stored_anew": report.stored_anew,
        "set_aside": mended.set_aside.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>(),
    });
    Ok(Answer::new(lines, fields).exit(if lost.is_empty() { Exit::Done } else { Exit::Damaged }))
}
