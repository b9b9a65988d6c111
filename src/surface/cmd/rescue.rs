//! `rescue`: a blank machine takes the place of a lost one: it joins, shows a plan, and puts everything back to where it was.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::init::{Join, join_store};
use crate::config::{Config, Source};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::catalog::Catalog;
use crate::engine::entries::Snapshot;
use crate::engine::fetch::Fetcher;
use crate::engine::places::Places;
use crate::engine::rescue::{self, Candidate, Part, Plan};
use crate::engine::restore::{self, Replace};
use crate::engine::select::{self, SnapshotInfo};
use crate::engine::sync::{self, Pull};
use crate::engine::unlock::{self, Key};
use crate::engine::verify::Shelf;
use crate::engine::{EngineError, Watch, runtime, stores};
use crate::store::work_lock::Work;
use crate::surface::args::Rescue;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Rescues.
pub fn run(context: &Context, args: &Rescue) -> Result<Answer, Failure> {
    let root = match &args.root {
        Some(root) => Some(std::path::absolute(root).map_err(|e| Failure::usage(format!("--root: {e}")))?),
        None => None,
    };
    let (mut account, mut lines) = enter(context, args)?;
    let config = context.config()?;
    let runtime = runtime()?;
    let mut catalog = Catalog::open(&account)?;
    let open = stores::readable(&account, &config.stores);
    for store in &open {
        let shelf = Shelf::new(&*store.provider, &runtime);
        sync::pull(&mut account, &mut catalog, &shelf, Pull::Metadata, &|_| {}, &context.cancel)?;
    }
    let keyring = unlock::unlock(&account, &Key::Kit(ask::read_kit(&args.recovery_kit)?.1))?;
    let info = snapshot(&account, args)?;
    let places = Places::with_stores(&account, &open, &runtime);
    let fetcher = Fetcher::new(&catalog, places, &keyring, info.head.device);
    let snapshot = Snapshot::open(&fetcher, info.head.clone())?;
    let plan = rescue::plan(&account, &fetcher, &snapshot, root.as_deref(), &context.cancel)?;
    lines.extend(plan_lines(&plan, &info));
    let mut fields = plan_fields(&plan, &info, &account);
    let told = lines.clone();
    match decide(args, &plan, &mut lines)? {
        Next::Stop(exit) => return Ok(Answer { exit, lines, fields }),
        Next::GoOn => {}
    }
    if root.is_none() {
        configure(context, config, &plan)?;
    }
    let replace = if args.overwrite { Replace::Everything } else { Replace::Nothing };
    let done = put_back(context, &fetcher, &snapshot, &plan, root.as_deref(), replace)?;
    // whoever was asked has seen the plan
    let mut lines = if args.yes { told } else { Vec::new() };
    lines.extend(done_lines(&done, root.is_none(), &account, &info));
    let Done { report, notices, refused } = &done;
    fields.extend([
        ("files".to_owned(), report.files.into()),
        ("bytes".to_owned(), report.bytes.into()),
        ("already".to_owned(), report.already.into()),
        ("failed".to_owned(), (report.failed + *refused).into()),
        ("notices".to_owned(), notices.clone().into()),
    ]);
    let exit = if report.failed + refused == 0 { Exit::Done } else { Exit::Incomplete };
    Ok(Answer { exit, lines, fields })
}

/// Joins the account, or goes on with it where an earlier run joined.
fn enter(context: &Context, args: &Rescue) -> Result<(AccountWriter, Vec<String>), Failure> {
    let kit = ask::read_kit(&args.recovery_kit)?;
    let here = context.home.accounts()?;
    let known = context.account.as_ref().map_or(!here.is_empty(), |name| here.contains(name));
    if !known {
        let how = Join {
            url: &args.store,
            kit: &kit,
            access: &args.access,
            device_name: args.device_name.clone(),
            passphrase_file: args.passphrase_file.as_deref(),
        };
        let (joined, _) = join_store(context, &how)?;
        for (name, why) in &joined.failed {
            words::note(&format!("{name}: {why}"));
        }
        let name = &joined.account.device.name;
        let line = format!("Joined the account {} as a new device, {name:?}.", joined.account.id());
        return Ok((joined.account, vec![line]));
    }
    let account = context.open(Work::Small)?;
    match unlock::unlock(&account, &Key::Kit(kit.1)) {
        Ok(_) => {}
        Err(EngineError::WrongKit) => {
            return Err(Failure::usage("another account than the kit's is on this machine")
                .hint("name a new one with --account, or another folder with --home"));
        }
        Err(error) => return Err(error.into()),
    }
    let wanted = super::store::describe("store", &args.store, &args.access)?;
    if !context.config()?.stores.iter().any(|store| store.address == wanted.address) {
        return Err(Failure::usage("this machine is in the account already, and this store is not one of its stores")
            .hint("add it first: `printkeep store add URL`"));
    }
    let line = format!("This machine is in the account already, as {:?}; going on.", account.device.name);
    Ok((account, vec![line]))
}

/// The snapshot to bring back: of the device that was named, or the only one, or the one that is chosen.
fn snapshot(account: &Account, args: &Rescue) -> Result<SnapshotInfo, Failure> {
    let candidates = rescue::candidates(account)?;
    let listed = |c: &Candidate| {
        let id: String = c.id.to_string().chars().take(8).collect();
        format!("{} ({id}, {})", c.name, words::count(c.snapshots.len() as u64, "snapshot"))
    };
    let list = || candidates.iter().map(listed).collect::<Vec<_>>().join(", ");
    let is_meant = |c: &&Candidate, wanted: &str| c.name == wanted || (wanted.len() >= 8 && c.id.to_string().starts_with(wanted));
    let found: Vec<&Candidate> = match &args.device {
        Some(wanted) => candidates.iter().filter(|c| is_meant(c, wanted)).collect(),
        None => candidates.iter().collect(),
    };
    let device = match (found[..].len(), &args.device) {
        (0, None) => return Err(Failure::usage("no device of this account has a snapshot yet")),
        (0, Some(wanted)) => {
            return Err(Failure::usage(format!("no device {wanted:?} has a snapshot")).hint(format!("there are {}", list())));
        }
        (1, _) => found[0],
        _ if ask::can_ask() && args.device.is_none() => {
            for (at, candidate) in found.iter().enumerate() {
                words::note(&format!("  {}. {}", at + 1, listed(candidate)));
            }
            let number = ask::line("Which device is to be rescued?")?.parse::<usize>().ok();
            let chosen = number.and_then(|number| found.get(number.checked_sub(1)?));
            chosen.ok_or_else(|| Failure::usage("that is none of them; nothing was done"))?
        }
        _ => return Err(Failure::usage("several devices can be rescued").hint(format!("name one with --device: {}", list()))),
    };
    let which = args.snapshot.map_or_else(|| "latest".to_owned(), |number| number.to_string());
    Ok(select::choose(account, &format!("{}:{which}", device.id))?)
}

enum Next {
    GoOn,
    Stop(Exit),
}

/// Whether to go on after the plan: said beforehand, or asked; nobody to ask is a no.
fn decide(args: &Rescue, plan: &Plan, lines: &mut Vec<String>) -> Result<Next, Failure> {
    if args.plan {
        return Ok(Next::Stop(Exit::Done));
    }
    if !plan.fits() {
        lines.push("There is not enough room; nothing was written. Make room and run this again.".into());
        return Ok(Next::Stop(Exit::Failed));
    }
    if args.yes {
        return Ok(Next::GoOn);
    }
    if !ask::can_ask() {
        lines.push("Nothing was written. Run this again with --yes to go on, or with --root FOLDER to try it elsewhere.".into());
        return Ok(Next::Stop(Exit::Usage));
    }
    lines.iter().for_each(|line| words::note(line));
    if matches!(ask::line("Put it back? [y/N]")?.to_lowercase().as_str(), "y" | "yes") {
        Ok(Next::GoOn)
    } else {
        lines.clear();
        lines.push("Nothing was written.".into());
        Ok(Next::Stop(Exit::Stopped))
    }
}

fn plan_lines(plan: &Plan, info: &SnapshotInfo) -> Vec<String> {
    let (number, time) = (info.head.number, words::time(info.head.time));
    let mut lines = vec![format!("Snapshot {number} of {:?}, made {time}:", info.device_name)];
    for part in &plan.parts {
        let what = match &part.to {
            Ok(to) => {
                format!("{}: {}, {}; {}", to.display(), words::count(part.files, "file"), words::size(part.bytes), there(part))
            }
            Err(why) => format!("{}: cannot be put back: {why}", shown(&part.from)),
        };
        lines.push(format!("  {what}"));
    }
    for (needed, free) in &plan.room {
        let fits = if needed <= free { "" } else { ": that does not fit" };
        lines.push(format!("  {} to write, {} free{fits}", words::size(*needed), words::size(*free)));
    }
    lines
}

fn shown(path: &Path) -> String {
    path.display().to_string().chars().filter(|c| !c.is_control()).collect()
}

fn there(part: &Part) -> String {
    let there = &part.there;
    match (there.exists, there.same, there.differ) {
        (false, _, _) => "nothing is there".into(),
        (true, 0, 0) => "none of it is there".into(),
        (true, same, 0) => format!("{same} are there already"),
        (true, same, differ) => format!("{same} are there already, {differ} are there and differ (kept without --overwrite)"),
    }
}

fn plan_fields(plan: &Plan, info: &SnapshotInfo, account: &Account) -> Map<String, Value> {
    let parts: Vec<Value> = plan
        .parts
        .iter()
        .map(|part| {
            json!({
                "label": part.label.to_string(), "from": shown(&part.from), "to": part.to.as_ref().ok(), "reason": part.to.as_ref().err(),
                "files": part.files, "bytes": part.bytes, "exists": part.there.exists, "same": part.there.same,
                "differ": part.there.differ, "to_write": part.there.missing_bytes,
            })
        })
        .collect();
    let room: Vec<Value> = plan.room.iter().map(|(needed, free)| json!({ "needed": needed, "free": free })).collect();
    let mut fields = Map::new();
    fields.insert("device".into(), account.device.name.clone().into());
    fields.insert("rescued".into(), info.device_name.clone().into());
    fields.insert("snapshot".into(), info.head.number.into());
    fields.insert("plan".into(), parts.into());
    fields.insert("room".into(), room.into());
    fields
}

/// The old device's sources become this one's, so that the next backup goes on. A snapshot tells of paths, not of patterns.
fn configure(context: &Context, mut config: Config, plan: &Plan) -> Result<(), Failure> {
    let before = config.sources.len();
    for part in plan.parts.iter().filter(|part| part.to.is_ok() && part.from.to_str().is_some()) {
        if !config.sources.iter().any(|source| source.path == part.from) {
            config.sources.push(Source {
                path: part.from.clone(),
                kinds: None,
                include: Vec::new(),
                exclude: Vec::new(),
                no_credentials: false,
                keep_days: None,
            });
        }
    }
    if config.sources.len() > before { context.save_config(&config) } else { Ok(()) }
}

struct Done {
    report: restore::Report,
    notices: Vec<Value>,
    refused: u64,
}

fn put_back(
    context: &Context,
    fetcher: &Fetcher<'_>,
    snapshot: &Snapshot<'_>,
    plan: &Plan,
    root: Option<&Path>,
    replace: Replace,
) -> Result<Done, Failure> {
    let progress = context.progress();
    let watch: Watch<'_> = &|event| progress.event(event);
    let (mut report, mut refused) = (restore::Report::default(), 0);
    for part in &plan.parts {
        match rescue::put_back(fetcher, snapshot, part, root, replace, watch, &context.cancel) {
            Ok(one) => {
                report.files += one.files;
                report.bytes += one.bytes;
                report.already += one.already;
                report.failed += one.failed;
            }
            // one source that cannot be put back keeps no other waiting
            Err(error @ (EngineError::Disk(_) | EngineError::Usage(_) | EngineError::NoPath(_))) => {
                words::note(&format!("{}: {error}", shown(&part.from)));
                refused += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Done { report, notices: progress.finish(), refused })
}

fn done_lines(done: &Done, configured: bool, account: &Account, info: &SnapshotInfo) -> Vec<String> {
    let Done { report, refused, .. } = done;
    let (old, new) = (&info.device_name, &account.device.name);
    let mut lines = vec![format!("Put back {} ({}).", words::count(report.files, "file"), words::size(report.bytes))];
    if report.already > 0 {
        lines.push(format!("{} were there already, byte for byte.", words::count(report.already, "file")));
    }
    if report.failed + refused > 0 {
        lines.push(format!("{} could not be put back; they are named above.", words::count(report.failed + refused, "item")));
    }
    lines.push(format!("This machine is a new device, {new:?}: its backups lie beside those of {old:?} and can neither overwrite nor expire them."));
    if configured {
        lines.push(
            "Its sources are those of the old device, whole; set kinds and patterns again with `printkeep source add`.".into(),
        );
        lines.push("Next: `printkeep backup`, then `printkeep sync`.".into());
    } else {
        lines.push("That was for trying: besides Printkeep's own folder nothing else was changed. Without --root it goes to where it was.".into());
    }
    lines
}
