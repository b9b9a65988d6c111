//! What a backup leaves behind beside its snapshot: which sources it took and which it could not, how it ended, and the problems of that.

use std::path::PathBuf;

use crate::app::forms::notice::{Notice, NoticeKind};
use crate::app::reasons::kept;
use crate::app::work::Work;
use crate::app::{Exit, Failure};
use crate::config::Config;
use crate::engine::account::Account;
use crate::engine::account::history::{BegunBackup, FailedBackup, History, OwnBackup};
use crate::engine::account::problem::{NewProblem, ProblemKind, Subject};
use crate::engine::account::problem_log::Problem;
use crate::provider::reason::Reason;
use crate::text;

/// What a backup took.
pub struct Took<'a> {
    /// The sources that were there, by label and path.
    pub taken: Vec<(String, PathBuf)>,
    /// Those that were not, and why.
    pub missing: &'a [(PathBuf, Reason)],
    /// Files and folders that could not be read.
    pub unread: u64,
    /// What was told of single files.
    pub notices: &'a [Notice],
}

/// Before a backup reads anything: one that is killed is known by that. One that was killed before is taken down now.
pub fn begun(work: &Work<'_>, account: &Account) {
    cut_short(account);
    account.logs().remember(|history| {
        history.failed = last_failed(history);
        history.begun = Some(BegunBackup::here(work.session.now()));
    });
}

/// After a snapshot was made: takes down what is in it, raises what is wrong and remedies what is well again. Gives the sources that
/// could not be read.
pub fn made((account, config): (&Account, &Config), snapshot: u64, took: &Took<'_>) -> Vec<String> {
    let failed = || took.notices.iter().filter(|notice| notice.kind == NoticeKind::Failed);
    let mut backup = OwnBackup { snapshot, unread: took.unread, ..OwnBackup::default() };
    let mut wrong: Vec<NewProblem> = Vec::new();
    for (path, why) in took.missing {
        backup.missing.push(path.display().to_string());
        wrong.push(NewProblem::of(ProblemKind::Source, Subject::Source(path.display().to_string())).object(&why.record()));
    }
    for (label, path) in &took.taken {
        let path = path.display().to_string();
        if let Some(whole) = failed().find(|notice| notice.subject == *label) {
            backup.unread = backup.unread.saturating_sub(1);
            wrong.push(NewProblem::of(ProblemKind::Source, Subject::Source(path.clone())).object(&kept(&whole.reason)));
            backup.missing.push(path);
            continue;
        }
        let inside = || failed().filter(|notice| notice.subject.strip_prefix(label).is_some_and(|rest| rest.starts_with('/')));
        if let Some(first) = inside().next() {
            let object = kept(&text!("of-file", file = &first.subject, why = first.reason.clone()));
            wrong.push(
                NewProblem::of(ProblemKind::Unread, Subject::Source(path.clone()))
                    .object(&object)
                    .numbers(inside().count() as u64, 0),
            );
        }
        backup.sources.push(path);
    }
    let others = backup.sources.len() as u64;
    wrong.iter_mut().filter(|problem| problem.kind == ProblemKind::Source).for_each(|problem| problem.known = others);
    remedy(account, config, &backup, &wrong);
    wrong.into_iter().for_each(|problem| account.logs().raise(problem));
    let missing = backup.missing.clone();
    account.logs().remember(|history| history.add(backup));
    missing
}

/// What this backup read again is remedied, and what nobody wants any more.
fn remedy(account: &Account, config: &Config, backup: &OwnBackup, wrong: &[NewProblem]) {
    let is_wrong = |what: &NewProblem| wrong.iter().any(|one| one.kind == what.kind && one.subject == what.subject);
    let is_wanted = |subject: &String| {
        backup.missing.contains(subject) || config.sources.iter().any(|source| source.path.display().to_string() == *subject)
    };
    account.logs().remedied_where(&|problem| match problem.what.kind {
        ProblemKind::BackupFailed => true,
        ProblemKind::Source | ProblemKind::Unread => {
            let Subject::Source(subject) = &problem.what.subject else { return false };
            !is_wrong(&problem.what) && (backup.sources.contains(subject) || !is_wanted(subject))
        }
        _ => false,
    });
}

/// None of the sources is there.
pub fn away(work: &Work<'_>, missing: &[(PathBuf, Reason)], failure: &Failure) {
    let Ok(account) = work.open_read_only() else { return };
    for (path, why) in missing {
        account
            .logs()
            .raise(NewProblem::of(ProblemKind::Source, Subject::Source(path.display().to_string())).object(&why.record()));
    }
    ended(work, &account, failure);
}

/// A backup made no snapshot. That other work goes on, that the owner stopped it, a command line that makes no sense, and a path that somebody
/// at the terminal mistyped are no failures.
pub fn failed(work: &Work<'_>, failure: &Failure, given: bool) {
    let Ok(account) = work.open_read_only() else { return };
    match failure.exit {
        Exit::Busy => return,
        Exit::Stopped => {
            account.logs().remember(|history| history.begun = None);
            return;
        }
        Exit::Usage if given => return,
        _ if given && work.prompt.is_there() => return,
        _ => {}
    }
    let why = ended(work, &account, failure);
    account.logs().raise(NewProblem::of(ProblemKind::BackupFailed, Subject::Account).object(&why));
    // whoever watches is told by the failure itself
    account.logs().mark_shown(ProblemKind::BackupFailed);
}

fn ended(work: &Work<'_>, account: &Account, failure: &Failure) -> String {
    let why = kept(&failure.message);
    let failed = FailedBackup { time: work.session.now(), why: why.clone() };
    account.logs().remember(|history| (history.begun, history.failed) = (None, Some(failed)));
    why
}

/// A backup that was begun and whose process is gone failed too: looked at whenever problems are. What is remembered of backups stays as
/// it is, which only they change.
pub fn cut_short(account: &Account) {
    let Some(begun) = account.history().begun.filter(BegunBackup::is_cut_short) else { return };
    let why = kept(&text!("backup-cut-short"));
    let is_it = |what: &NewProblem| what.kind == ProblemKind::BackupFailed && what.object == why;
    let is_raised = |one: &Problem| one.remedied.is_none() && is_it(&one.what) && one.last >= begun.time;
    if !account.problems().iter().any(is_raised) {
        account.logs().raise(NewProblem::of(ProblemKind::BackupFailed, Subject::Account).object(&why));
    }
}

/// How the last backup failed, if it did: one whose process is gone did.
pub fn last_failed(history: &History) -> Option<FailedBackup> {
    let gone = history.begun.as_ref().filter(|begun| begun.is_cut_short());
    let failed = gone.map(|begun| FailedBackup { time: begun.time, why: kept(&text!("backup-cut-short")) });
    failed.or_else(|| history.failed.clone())
}
