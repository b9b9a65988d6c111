//! `backup`: the given paths, or the configured sources, into the local vault.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{init, standing};
use crate::config::{self, Config};
use crate::core::name::RelPath;
use crate::engine::backup::{self, Report, Request};
use crate::engine::observe::{Omissions, Omitted, Root, Rules, Skip, labels};
use crate::engine::{EngineError, Watch};
use crate::store::work_lock::Work;
use crate::surface::args::Backup;
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

const DAY: i64 = 86_400;

/// Backs up. On an empty home an account is made first, without a question where nobody can be asked.
pub fn run(context: &Context, args: &Backup) -> Result<Answer, Failure> {
    let config = context.config()?;
    let Chosen { mut roots, missing } = roots(&config, args, context.now())?;
    let made = match context.open(Work::Backup) {
        Ok(account) => Opened::There(Box::new(account)),
        Err(_) if context.home.accounts()?.is_empty() && context.account.is_none() => {
            refuse_beside_lost(context)?;
            let passphrase = ask::new_passphrase(context, None)?;
            Opened::Made(Box::new(init::create(context, None, passphrase.as_ref(), None)?))
        }
        Err(failure) => return Err(failure),
    };
    let (mut lines, mut fields) = match &made {
        Opened::Made(made) => (made.lines(context), json!({ "made": made.fields(context) })),
        Opened::There(_) => (Vec::new(), json!({})),
    };
    let mut account = match made {
        Opened::Made(made) => made.account,
        Opened::There(account) => *account,
    };
    if backup::has_leapt(&account, context.now()) && roots.iter().any(|root| root.since.is_some()) {
        words::note("The clock is more than a year from the snapshot before: no file is left out as too old this time.");
        roots.iter_mut().for_each(|root| root.since = None);
    }
    let progress = context.progress();
    missing.iter().for_each(|(path, why)| progress.failed(&path.display().to_string(), why));
    let request = Request {
        roots,
        skip: vec![context.home.root().to_owned()],
        profile: context.profile(&config),
        time: context.now(),
        count_first: progress.is_watched(),
    };
    let watch: Watch<'_> = &|event| progress.event(event);
    let started = std::time::Instant::now();
    let mut report = backup::backup(&mut account, &request, &context.random, watch, &context.cancel)?;
    report.failed += missing.len() as u64;
    let notices = progress.finish();
    lines.extend(told(context, &report, started.elapsed().as_secs_f64(), &config));
    let more = json!({
        "snapshot": report.number, "files": report.stats.files, "folders": report.stats.folders, "bytes": report.stats.bytes,
        "stored": report.stats.stored, "read": report.read, "read_bytes": report.read_bytes, "failed": report.failed,
        "changed": report.changed, "credentials": report.credentials, "skipped": report.skipped, "notices": notices,
        "left_out": report.omitted.count(Skip::Credentials), "old": report.omitted.count(Skip::Old),
        "omitted": report.omitted.iter().map(|(why, o)| (why.as_str(), json!({ "count": o.count, "first": paths(&o.first) }))).collect::<std::collections::BTreeMap<_, _>>(),
        "followed": report.followed.iter().map(|(path, to)| json!({ "path": path.to_string(), "to": to })).collect::<Vec<_>>(),
    });
    if let (serde_json::Value::Object(fields), serde_json::Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    if let Some(told) = standing::after_backup(context, &config, &mut account) {
        lines.extend(told.lines);
        fields["snapshots"] = told.fields;
    }
    let whole = report.failed == 0 && report.changed == 0;
    Ok(Answer::new(lines, fields).exit(if whole { Exit::Done } else { Exit::Incomplete }))
}

/// Where the vault holds backups and no account is here, a device's key is lost: a new account beside them would look as if all were well.
fn refuse_beside_lost(context: &Context) -> Result<(), Failure> {
    let Some(lost) = context.home.backed_up().into_iter().next() else { return Ok(()) };
    let home = context.home.root().display();
    let message =
        format!("{home} holds backups of the account {lost}, and this device's key for it, accounts/NAME/device.key, is gone");
    Err(failure(message).hint(format!(
        "put that file back from a copy; or move {home} away, say to {home}.old, and take the account over with its recovery kit: \
         `printkeep init --join file://{home}.old/vault --recovery-kit KIT`; `printkeep init` makes a new account on purpose"
    )))
}

enum Opened {
    There(Box<crate::engine::account::AccountWriter>),
    Made(Box<init::Made>),
}

fn told(context: &Context, report: &Report, seconds: f64, config: &Config) -> Vec<String> {
    let Report { number, stats, read, read_bytes, failed, changed, skipped, credentials, .. } = report;
    let (left_out, old) = (report.omitted.count(Skip::Credentials), report.omitted.count(Skip::Old));
    let mut lines = vec![format!(
        "Snapshot {number}: {}, {}; {} read ({}), {} added to the vault, in {seconds:.1} s.",
        words::count(stats.files, "file"),
        words::size(stats.bytes),
        read,
        words::size(*read_bytes),
        words::size(stats.stored),
    )];
    if *skipped > 0 {
        lines.push(format!("{} left out: sockets, pipes and devices have no content.", words::count(*skipped, "special file")));
    }
    if *credentials > left_out {
        lines.push(format!(
            "Passwords or keys stand in {} of this snapshot, sealed like all of it and named above.",
            words::count(credentials - left_out, "settings file")
        ));
        lines.push("To leave such files out: `printkeep source add FOLDER --no-credentials`.".into());
    }
    if left_out > 0 {
        lines.push(format!("{} left out, because passwords or keys stand in them.", words::count(left_out, "settings file")));
    }
    if old > 0 {
        lines.push(format!(
            "{} left out, because they did not change for longer than their source is kept.",
            words::count(old, "file")
        ));
    }
    lines.extend(followed(&report.followed));
    lines.extend(omitted(&report.omitted));
    if *changed > 0 {
        lines.push(format!("{} changed while being read; the next backup reads them again.", words::count(*changed, "file")));
    }
    if *failed > 0 {
        lines.push(format!(
            "{} could not be read and are not in this snapshot; they are named above.",
            words::count(*failed, "item")
        ));
    }
    if *number == 1 {
        lines.push(format!("It lies sealed in {}.", context.home.vault().display()));
        lines.push(if config.stores.is_empty() {
            "Nothing left this machine. `printkeep store add` and `printkeep privacy grant network` send it to storage of yours."
                .into()
        } else {
            "`printkeep sync` sends it to your stores.".into()
        });
    }
    lines
}

fn paths(paths: &[RelPath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

/// What of the source lies elsewhere and was taken all the same.
fn followed(links: &[(RelPath, PathBuf)]) -> Vec<String> {
    let line = |(path, to): &(RelPath, PathBuf)| {
        format!("{path} is a link: what it leads to, {}, is in the backup in its place.", to.display())
    };
    links.iter().map(line).collect()
}

/// What was left out, by reason, the first few by name; what is told elsewhere is not told again.
fn omitted(omissions: &Omissions) -> Vec<String> {
    let named = |omitted: &Omitted| {
        let names = paths(&omitted.first[..omitted.first.len().min(3)]).join(", ");
        if omitted.count > 3 { format!("{names}, …") } else { names }
    };
    let line = |(why, omitted): (Skip, &Omitted)| {
        let (count, names) = (omitted.count, named(omitted));
        Some(match why {
            Skip::Pipe | Skip::Socket | Skip::Device | Skip::Old | Skip::Credentials => return None,
            Skip::Database => format!(
                "NOT in this backup: Moonraker's database ({names}), which holds the print history, users, webcams and the settings of Mainsail \
                 and Fluidd. It is in use, and a plain copy could be torn. Moonraker writes a sound copy into its `backup` folder when it is \
                 asked to: `curl -X POST http://localhost:7125/server/database/backup`; that one is backed up."
            ),
            Skip::LeadsOut => format!(
                "Not backed up: what {} to outside of the sources ({names}). Add it as a source of its own if you need it.",
                if count == 1 { "1 link leads".into() } else { format!("{count} links lead") }
            ),
            why => format!("{} left out, each because {why}: {names}.", words::count(count, "item")),
        })
    };
    omissions.iter().filter_map(line).collect()
}

/// What is to be backed up, and the configured sources that are not there now, with the reason.
pub(super) struct Chosen {
    /// The sources, labelled.
    pub roots: Vec<Root>,
    missing: Vec<(PathBuf, String)>,
}

pub(super) fn roots(config: &Config, args: &Backup, now: i64) -> Result<Chosen, Failure> {
    for pattern in &args.exclude {
        config::check_pattern(pattern).map_err(|error| Failure::usage(error.message))?;
    }
    let sources = sources(config, args)?;
    let mut missing = Vec::new();
    for source in &sources {
        match std::fs::metadata(&source.path) {
            Ok(_) => {}
            Err(error) if args.paths.is_empty() => missing.push((source.path.clone(), error.to_string())),
            Err(error) => return Err(not_there(&source.path, &error.to_string())),
        }
    }
    match &missing[..] {
        [(path, why)] if sources.len() == 1 => return Err(not_there(path, why)),
        all if all.len() == sources.len() => {
            all.iter().for_each(|(path, why)| words::note(&format!("failed: {}: {why}", path.display())));
            let failure = failure(format!("none of the {} sources can be backed up", sources.len()));
            return Err(failure.hint("are their disks mounted? `printkeep source list` shows them"));
        }
        _ => {}
    }
    // labels of all, so that none changes its label while another's disk is away
    let labelled = labels(&sources.iter().map(|source| source.path.clone()).collect::<Vec<_>>());
    let there = sources.iter().zip(labelled).filter(|(source, _)| !missing.iter().any(|(path, _)| *path == source.path));
    let root = |(source, (path, label)): (&config::Source, (PathBuf, Vec<u8>))| {
        let exclude: Vec<String> = source.exclude.iter().chain(&args.exclude).cloned().collect();
        let rules = Rules::new(&path, source.kinds.as_deref(), &source.include, &exclude);
        let rules = rules.map_err(|error| EngineError::Usage(error.to_string()))?;
        let since = source.keep_days.map(|days| now - i64::from(days) * DAY);
        Ok::<_, Failure>(Root { label, path, rules, no_credentials: source.no_credentials, since })
    };
    let roots = there.map(root).collect::<Result<_, _>>()?;
    Ok(Chosen { roots, missing })
}

/// The paths on the command line, or else the configured sources.
fn sources(config: &Config, args: &Backup) -> Result<Vec<config::Source>, Failure> {
    let given = |path: &PathBuf| {
        let path = full_path(path)?;
        Ok(config::Source { path, kinds: None, include: Vec::new(), exclude: Vec::new(), no_credentials: false, keep_days: None })
    };
    let sources: Vec<_> = match &args.paths[..] {
        [] => config.sources.clone(),
        paths => paths.iter().map(given).collect::<Result<_, Failure>>()?,
    };
    if sources.is_empty() {
        return Err(Failure::usage("there is nothing to back up")
            .hint("name a folder: `printkeep backup FOLDER`, or choose sources: `printkeep source detect --add`"));
    }
    Ok(sources)
}

fn failure(message: String) -> Failure {
    Failure { exit: Exit::Failed, message, hint: None }
}

fn not_there(path: &Path, why: &str) -> Failure {
    failure(format!("cannot back up {}: {why}", path.display())).hint("is it the right path, and is its disk mounted?")
}

/// The full path of something that is there, links in the way resolved as the owner sees them: none.
pub fn full_path(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
    // `.` and a trailing slash are gone; `..` is taken out by the system's own view of the folder
    if absolute.components().any(|c| matches!(c, std::path::Component::ParentDir)) {
        return absolute.canonicalize().map_err(|e| Failure::usage(format!("{}: {e}", path.display())));
    }
    Ok(absolute.components().collect())
}
