//! The one way to do anything: begin, work, record what is allowed, write the audit log, look for problems.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::app::event::OnEvent;
use crate::app::forms::problem::Problem;
use crate::app::job::Audited;
use crate::app::jobs::problems::lasting::look_for_problems;
use crate::app::reasons::because;
use crate::app::request::Request;
use crate::app::work::Work;
use crate::app::{Event as AppEvent, Exit, Failure, Prompt, Reply, Session, Text, after};
use crate::config::{AUDIT_DAYS, Config};
use crate::engine::account::Account;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::problem::{Grade, ProblemKind, Subject};
use crate::engine::account::problem_log::Problem as KeptProblem;
use crate::engine::problems::hook;
use crate::engine::{Cancel, EngineError};
use crate::local::audit::{Event, Outcome};
use crate::local::reserve;
use crate::provider::reason::Reason;
use crate::text;

/// Does what is asked, for whoever asks.
///
/// # Errors
/// A [`Failure`] says what went wrong, where and what to do; it is audited and looked at for problems like a reply. A mistake of Printkeep's own is
/// a failure too: nothing here panics through.
pub fn perform(
    session: &Session,
    request: Request,
    prompt: &dyn Prompt,
    on_event: OnEvent<'_>,
    cancel: &Cancel,
) -> Result<Reply, Failure> {
    let work = Work::new(session, prompt, on_event, cancel);
    let (name, audited, recording) = (request.name(), request.audited(), request.recording());
    let began = session.now();
    if audited.as_ref().is_some_and(|audited| audited.frees_room) {
        reserve::give_up(&session.home);
    }
    let run = || {
        cancel.check()?;
        begin(&work, audited.as_ref());
        request.run(&work).map(Reply::of)
    };
    let mut done = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(Failure::mistake()));
    done = done.map_err(|failure| if cancel.is_cancelled() { stopped(failure) } else { located(session, failure) });
    after::record(&work, recording, name, &mut done);
    // a mistake there spoils no reply
    let _ = catch_unwind(AssertUnwindSafe(|| end(&work, audited.as_ref(), began, &mut done)));
    if audited.as_ref().is_some_and(|audited| audited.frees_room || matches!(audited.event, Event::Backup | Event::Sync)) {
        reserve::keep(&session.home);
    }
    done
}

/// How a request ends that was stopped: what goes wrong after that, because nothing answers any more, is no fault of its own. What stands in
/// the account half done is told all the same.
fn stopped(failure: Failure) -> Failure {
    let tells = failure.exit == Exit::Stopped || failure.is_half_done();
    if tells { failure } else { EngineError::Cancelled.into() }
}

/// Names the folders that an advice is about.
fn located(session: &Session, failure: Failure) -> Failure {
    let failure = through_a_store(session, failure);
    at_folders(session, failure)
}

/// A device whose key is gone joins anew through a store of the settings, where there is one: its own vault knows nothing of what other machines
/// changed since.
fn through_a_store(session: &Session, mut failure: Failure) -> Failure {
    let is_lost_key = |hint: &mut Text| matches!(&*hint.id, "key-lost-hint" | "key-lost-store-hint");
    let first = || session.config().ok()?.stores.into_iter().next();
    if let Some(hint) = failure.hint.take_if(is_lost_key) {
        failure.hint = Some(match (first(), hint.args.get("vault")) {
            (None, _) => hint,
            (Some(store), Some(vault)) => {
                text!("key-lost-through-hint", store = store.address.to_string(), vault = vault.clone())
            }
            (Some(store), None) => text!("key-lost-only-hint", store = store.address.to_string()),
        });
    }
    failure
}

fn at_folders(session: &Session, mut failure: Failure) -> Failure {
    if let Some(hint) = failure.hint.take_if(|hint| hint.id == "own-file-hint") {
        let name = Account::choose(&session.home, session.account.as_ref());
        let folder = name.map_or_else(|_| session.home.root().join("accounts"), |name| session.home.account(&name));
        failure.hint = Some(hint.with("vault", session.home.vault().as_path()).with("folder", folder.as_path()));
    }
    failure
}

/// Before work that reads much back or lets much go: so that work which is killed stands in the log too.
fn begin(work: &Work<'_>, audited: Option<&Audited>) {
    if let Some(audited) = audited.filter(|audited| audited.begins)
        && let Ok(account) = work.open_read_only()
    {
        account.logs().audit(AuditEntry::of(audited.event, Outcome::Begun).what(audited.what).names(audited.names.clone()));
    }
}

/// After the work: writes it down, looks for problems, tells them.
fn end(work: &Work<'_>, audited: Option<&Audited>, began: i64, done: &mut Result<Reply, Failure>) {
    let accounts = accounts(work, audited);
    let config = work.session.config().unwrap_or_default();
    for account in &accounts {
        if let Some(audited) = audited {
            match (write(account, audited, done), &mut *done) {
                (None, _) => remedied(account, began),
                (Some(why), Ok(reply)) => reply.unwritten.push(text!("audit-unwritten", why = because(&why))),
                (Some(_), Err(_)) => {}
            }
            if matches!(audited.event, Event::Backup | Event::Sync | Event::Prune) {
                let days = config.audit_days.unwrap_or(AUDIT_DAYS);
                // what cannot be let go today goes another day
                let _ = account.trail().retire(days, work.session.now(), &work.session.random);
            }
        }
        let synced = audited.is_some_and(|audited| audited.event == Event::Sync);
        tell_problems(work, &config, account, synced);
    }
}

/// The log can be written again, and nothing of this request is missing in it.
fn remedied(account: &Account, began: i64) {
    let is_new =
        |problem: &KeptProblem| problem.what.kind == ProblemKind::AuditUnwritten && problem.is_open() && problem.last > began;
    if !account.problems().iter().any(is_new) {
        account.logs().remedied(ProblemKind::AuditUnwritten, &Subject::Account);
    }
}

/// The accounts that a request was about: the one that is meant, or all where a policy holds for all.
fn accounts(work: &Work<'_>, audited: Option<&Audited>) -> Vec<Account> {
    match work.open_read_only() {
        Ok(account) => vec![account],
        Err(_) if audited.is_some_and(|audited| audited.event == Event::Policy) => {
            let Session { home, clock, .. } = work.session;
            let open = |name| {
                let mut account = Account::open_read_only(home, name, *clock).ok()?;
                account.heed(work.cancel.stop());
                Some(account)
            };
            home.accounts().unwrap_or_default().into_iter().filter_map(open).collect()
        }
        Err(_) => Vec::new(),
    }
}

/// Writes what was done; gives why it could not be written.
fn write(account: &Account, audited: &Audited, done: &Result<Reply, Failure>) -> Option<Reason> {
    let exit = done.as_ref().map_or_else(|failure| failure.exit, |reply| reply.exit);
    let outcome = match exit {
        Exit::Done => Outcome::Done,
        Exit::Stopped | Exit::Declined => Outcome::Stopped,
        Exit::Locked | Exit::NoConsent => Outcome::Refused,
        _ if done.is_ok() => Outcome::Partly,
        _ => Outcome::Failed,
    };
    // a decision on consent is written where it is booked
    if (audited.event, outcome) == (Event::Consent, Outcome::Done) {
        return None;
    }
    let tally = done.as_ref().map(|reply| reply.body.answer().tally()).unwrap_or_default();
    let note = AuditEntry::of(audited.event, outcome).what(audited.what).amount(tally.objects, tally.bytes);
    account.logs().audit(note.names(audited.names.clone()))
}

/// Looks for problems, tells those that are new, and hands them to the owner's program.
fn tell_problems(work: &Work<'_>, config: &Config, account: &Account, synced: bool) {
    // what cannot be looked at now was told by the work itself
    let _ = look_for_problems(work, config, account, synced);
    for problem in account.logs().take_unshown().iter().filter(|problem| problem.grade() > Grade::Info) {
        (work.on_event)(AppEvent::Problem(Box::new(Problem::of(account, problem))));
    }
    if let Some(program) = &config.hook {
        let document = |problem: &_| Problem::of(account, problem).document(work.session).to_string();
        if let Some((program, why)) = hook::tell(account, program, &document) {
            work.remark(text!("hook-failed", program = program, why = because(&why)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stops_is_told_what_stands_half_done() {
        let of = |id: &str| Failure::new(Exit::Store, Text::new(id));
        for id in ["enroll-half-done", "keys-half-changed", "keys-half-changed-here"] {
            assert_eq!(stopped(of(id)), of(id));
        }
        let left = Failure::left();
        assert_eq!(stopped(left.clone()), left);
        assert_eq!(stopped(of("place-unreachable")).exit, Exit::Stopped);
    }
}
