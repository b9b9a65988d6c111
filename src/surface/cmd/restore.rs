//! `restore`: a snapshot, or parts of it, below a folder.

use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use super::browse::Reading;
use crate::engine::entries::Snapshot;
use crate::engine::{Watch, restore, select};
use crate::surface::args::Restore;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Restores.
pub fn run(context: &Context, args: &Restore) -> Result<Answer, Failure> {
    let reading = Reading::open(context, &args.unlock)?;
    let info = select::choose(&reading.account, &args.snapshot)?;
    let fetcher = reading.fetcher(&info);
    let (number, device) = (info.head.number, info.device_name.clone());
    let snapshot = Snapshot::open(&fetcher, info.head)?;
    let to = std::path::absolute(&args.to).map_err(|e| Failure::usage(format!("--to: {e}")))?;
    let request = restore::Request {
        paths: args.paths.iter().map(|path| path.as_bytes().to_vec()).collect(),
        to: to.clone(),
        place: restore::Place::Labelled,
        replace: if args.overwrite { restore::Replace::Everything } else { restore::Replace::Older },
        workers: 2,
    };
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let started = std::time::Instant::now();
    let report = restore::restore(&fetcher, &snapshot, &request, watch, &context.cancel)?;
    let notices = progress.finish();
    let mut lines = vec![format!(
        "Restored {} ({}) of snapshot {number} below {} in {:.1} s.",
        words::count(report.files, "file"),
        words::size(report.bytes),
        to.display(),
        started.elapsed().as_secs_f64(),
    )];
    if report.already > 0 {
        lines.push(format!("{} were there already, byte for byte.", words::count(report.already, "file")));
    }
    if report.failed > 0 {
        lines.push(format!("{} could not be restored; they are named above.", words::count(report.failed, "item")));
    }
    let earlier = fetcher.earlier();
    if !earlier.is_empty() {
        lines.push(format!(
            "{} came from earlier versions: a store shows others now, or none. Run `printkeep doctor`, and ask who can write there.",
            words::count(earlier.len() as u64, "object")
        ));
    }
    let earlier: Vec<_> = earlier.iter().map(|(name, store)| json!({ "object": name.to_string(), "store": store })).collect();
    let fields = json!({
        "earlier": earlier,
        "snapshot": number, "device": device, "to": to, "files": report.files, "bytes": report.bytes,
        "already": report.already, "failed": report.failed, "notices": notices,
    });
    Ok(Answer::new(lines, fields).exit(if report.failed == 0 { Exit::Done } else { Exit::Incomplete }))
}
