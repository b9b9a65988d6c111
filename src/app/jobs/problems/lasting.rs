//! Looking for problems that last: a silent device, a full disk, a clock that leapt.

use crate::app::Failure;
use crate::app::jobs::backup::remember::cut_short;
use crate::app::work::Work;
use crate::config::{Config, SILENT_DAYS};
use crate::engine::account::Account;
use crate::engine::account::problem::ProblemKind;
use crate::engine::account::problem_log::Problem;
use crate::engine::problems::{Conditions, check_conditions, of_disk};

/// Looks for problems that last: a silent device, a full disk, a clock that leapt.
pub fn look_for_problems(work: &Work<'_>, config: &Config, account: &Account, synced: bool) -> Result<(), Failure> {
    cut_short(account);
    let silent_days = config.silent_days.unwrap_or(SILENT_DAYS);
    let stores: Vec<String> = config.stores.iter().map(|store| store.name.clone()).collect();
    Ok(check_conditions(
        account,
        &Conditions { silent_days, free: free_space(&work.session.home.vault()), synced, stores: &stores },
    )?)
}

/// What is kept, with the disk as it is now: where that is full, nothing new can be kept of it.
pub fn kept_now(work: &Work<'_>, account: &Account) -> Result<Vec<Problem>, Failure> {
    let (mut kept, now) = (account.problems(), account.now());
    let is_it = |one: &&mut Problem| one.what.kind == ProblemKind::Disk && one.remedied.is_none();
    match (kept.iter_mut().find(is_it), of_disk(account, free_space(&work.session.home.vault()))?) {
        (Some(known), Some(what)) => known.what = what,
        (Some(known), None) => known.remedied = Some(now),
        (None, Some(what)) => kept.push(Problem::unkept(what, now)),
        (None, None) => {}
    }
    Ok(kept)
}

/// How many bytes are free where `path` lies; as many as can be where that is not known.
pub fn free_space(path: &std::path::Path) -> u64 {
    // a folder that is gone would lie where the one above it does
    let there = path.ancestors().find(|path| path.exists()).unwrap_or(path);
    rustix::fs::statvfs(there).map_or(u64::MAX, |stat| stat.f_bavail * stat.f_frsize)
}
