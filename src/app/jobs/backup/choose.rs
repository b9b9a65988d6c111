//! What is to be backed up, and the configured sources that are not there now.

use std::path::{Path, PathBuf};

use crate::app::access::asked_wrong;
use crate::app::event::Watcher;
use crate::app::forms::notice::{Notice, NoticeKind};
use crate::app::reasons::because;
use crate::app::work::Work;
use crate::app::{Exit, Failure, own_folders};
use crate::config::{self, Config};
use crate::engine::backup::scan::{Root, Rules, labels};
use crate::provider::reason::Reason;
use crate::text;

const DAY: i64 = 86_400;

/// What is to be backed up, and the configured sources that are not there now, with the reason.
pub struct Chosen {
    /// The sources that are there, labelled.
    pub roots: Vec<Root>,
    /// Where those are that are not there, and what the system says.
    pub missing: Vec<(PathBuf, Reason)>,
}

/// What is asked for.
pub struct Selection<'a> {
    /// Folders or files; none for the sources.
    pub paths: &'a [PathBuf],
    /// Patterns, in gitignore form, that are left out.
    pub exclude: &'a [String],
}

/// The paths that are given, or else the configured sources.
pub fn choose(work: &Work<'_>, config: &Config, wanted: &Selection<'_>) -> Result<Chosen, Failure> {
    for pattern in wanted.exclude {
        config::check_pattern(pattern).map_err(asked_wrong)?;
    }
    let sources = sources(work, config, wanted)?;
    sources.iter().try_for_each(|source| own_folders::refuse(&work.session.home, config, &source.path))?;
    let missing = missing(&sources, !wanted.paths.is_empty())?;
    // labels of all, so that none changes its label while another's disk is away
    let labelled = labels(&sources.iter().map(|source| source.path.clone()).collect::<Vec<_>>());
    let there = sources.iter().zip(labelled).filter(|(source, _)| !missing.iter().any(|(path, _)| *path == source.path));
    let root = |(source, (path, label)): (&config::Source, (PathBuf, Vec<u8>))| {
        let exclude: Vec<String> = source.exclude.iter().chain(wanted.exclude).cloned().collect();
        let rules = Rules::new(&path, source.kinds.as_deref(), &source.include, &exclude);
        let rules = rules.map_err(asked_wrong)?;
        let since = source.keep_days.map(|days| work.session.now() - i64::from(days) * DAY);
        Ok::<_, Failure>(Root { label, path, rules, no_credentials: source.no_credentials, since })
    };
    Ok(Chosen { roots: there.map(root).collect::<Result<_, _>>()?, missing })
}

fn sources(work: &Work<'_>, config: &Config, wanted: &Selection<'_>) -> Result<Vec<config::Source>, Failure> {
    let given = |path: &PathBuf| {
        let path = work.full_path(path)?;
        Ok(config::Source { path, kinds: None, include: Vec::new(), exclude: Vec::new(), no_credentials: false, keep_days: None })
    };
    let sources: Vec<_> = match wanted.paths {
        [] => config.sources.clone(),
        paths => paths.iter().map(given).collect::<Result<_, Failure>>()?,
    };
    if sources.is_empty() {
        return Err(Failure::usage(text!("backup-nothing")).hint(text!("backup-nothing-hint")));
    }
    Ok(sources)
}

/// The sources that are not there; a given path must be there.
fn missing(sources: &[config::Source], given: bool) -> Result<Vec<(PathBuf, Reason)>, Failure> {
    let look = |source: &config::Source| Some((source.path.clone(), Reason::of_system(&std::fs::metadata(&source.path).err()?)));
    let missing: Vec<_> = sources.iter().filter_map(look).collect();
    match &missing[..] {
        [(path, why), ..] if given => Err(not_there(path, why)),
        _ => Ok(missing),
    }
}

/// That none of the sources is there: each is told, where there are several.
pub(super) fn all_away(work: &Work<'_>, missing: &[(PathBuf, Reason)]) -> Failure {
    if let [(path, why)] = missing {
        return not_there(path, why);
    }
    let watcher = work.watcher();
    missing.iter().for_each(|(path, why)| away(&watcher, path, why));
    Failure::new(Exit::Failed, text!("backup-all-away", count = missing.len())).hint(text!("backup-all-away-hint"))
}

fn not_there(path: &Path, why: &Reason) -> Failure {
    Failure::new(Exit::Failed, text!("backup-not-there", path = path, why = because(why))).hint(text!("backup-not-there-hint"))
}

/// Paths that were given and lie in no source, so that a backup without paths, as a timer runs it, does not take them.
pub fn no_source(config: &Config, chosen: &Chosen, given: &[PathBuf]) -> Vec<PathBuf> {
    if given.is_empty() {
        return Vec::new();
    }
    let is_held = |path: &PathBuf| config.sources.iter().any(|source| path.starts_with(&source.path));
    chosen.roots.iter().map(|root| root.path.clone()).filter(|path| !is_held(path)).collect()
}

/// Tells of a source that is not there now.
pub(super) fn away(watcher: &Watcher<'_>, path: &std::path::Path, why: &Reason) {
    watcher.notice(Notice { kind: NoticeKind::Failed, subject: path.display().to_string(), reason: because(why) });
}
