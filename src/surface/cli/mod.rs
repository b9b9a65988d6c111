//! The command line: typed words to a request, a reply to lines or a document; nothing else.
//!
//! One file a command: its arguments (clap), the request they make, and the lines of its reply. Help, too, comes from the words: see [`help`].

pub mod access;
pub mod backup;
pub mod cat;
pub mod check;
pub mod device;
pub mod diff;
pub mod document;
pub mod entry;
pub mod find;
pub mod follow;
pub mod forget;
pub mod help;
pub mod inbox;
pub mod inbox_exchange;
pub mod key;
pub mod ls;
pub mod privacy;
pub mod problems;
pub mod progress;
pub mod prompt;
pub mod prune;
pub mod rescue;
pub mod restore;
pub mod rules;
pub mod setup;
pub mod shell;
pub mod snapshots;
pub mod source;
pub mod start;
pub mod status;
pub mod store;
pub mod sync;
pub mod usage;

use crate::app::Cancel;
use crate::app::reply::Body;
use crate::app::{self, Exit, Failure, Reply, Request, Session};
use crate::surface::args::{Arguments, Command};
use crate::surface::words::{self, Words};
use crate::text;

use progress::Progress;
use prompt::Terminal;

/// How answers are shown.
pub struct Screen {
    /// The words.
    pub words: Words,
    /// One JSON document instead of text.
    pub json: bool,
    /// Only what went wrong.
    pub quiet: bool,
}

/// What a command line asks.
pub fn asked(arguments: Arguments) -> Result<Request, Failure> {
    let (json, streamed) = (arguments.json, !arguments.json);
    match arguments.command {
        Command::Device(args) => args.request(),
        Command::Cat(args) => args.request(json),
        Command::Check(args) => args.request(),
        Command::Diff(args) => args.request(streamed),
        Command::Find(args) => args.request(streamed),
        Command::Ls(args) => args.request(streamed),
        Command::Problems(args) => args.request(),
        Command::Restore(args) => args.request(),
        Command::Status(args) => args.request(),
        Command::Rescue(args) => args.request(),
        Command::Setup(args) => args.request(),
        Command::Snapshots(args) => args.request(),
        Command::Backup(args) => args.request(),
        Command::Sync(args) => args.request(),
        Command::Forget(args) => args.request(),
        Command::Prune(args) => args.request(),
        Command::Rules(args) => args.request(),
        Command::Store(args) => args.request(),
        Command::Key(args) => args.request(),
        Command::Privacy(args) => args.request(),
        Command::Source(args) => args.request(),
        // these ask nothing, and were answered before
        Command::Completions(_) | Command::Man(_) => Err(Failure::mistake()),
    }
}

/// Does what is asked, shows how it goes and what came of it.
pub fn run(session: &Session, screen: &Screen, request: Request, cancel: &Cancel) -> Exit {
    let name = request.name();
    let progress = Progress::new(screen, cancel);
    let done = app::perform(session, request, &Terminal { screen, cancel, progress: &progress }, &|event| progress.take(event), cancel);
    match progress.finish() {
        // whoever reads has seen enough
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Exit::Done,
        Some(error) => return fail(screen, name, &unwritable(&error)),
        None => {}
    }
    match done {
        Ok(reply) => finish(screen, &reply),
        Err(failure) => fail(screen, name, &failure),
    }
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, text!("output-unwritable", why = error.to_string())).hint(text!("output-unwritable-hint"))
}

fn finish(screen: &Screen, reply: &Reply) -> Exit {
    if screen.json {
        words::print(&document::reply(reply, &screen.words).to_string());
        return reply.exit;
    }
    if !screen.quiet {
        lines(&reply.body, &screen.words).iter().for_each(|line| words::print(line));
    }
    reply.unwritten.iter().for_each(|text| words::note(&format!("printkeep: {}", screen.words.say(text))));
    reply.exit
}

/// Says why a command failed and what to do.
pub fn fail(screen: &Screen, name: &str, failure: &Failure) -> Exit {
    if screen.json {
        words::print(&document::failure(name, failure, &screen.words).to_string());
        return failure.exit;
    }
    words::note(&format!("printkeep: {}", screen.words.say(&failure.message)));
    if let Some(hint) = &failure.hint {
        words::note(&format!("  {}", screen.words.say(hint)));
    }
    failure.exit
}

/// The lines of a reply.
pub fn lines(body: &Body, words: &Words) -> Vec<String> {
    match body {
        Body::DeviceAllowDelete(reply) => device::allowed(reply, words),
        Body::DeviceEnroll(reply) => device::enrolled(reply, words),
        Body::DeviceFollow(reply) => follow::lines(reply, words),
        Body::DeviceSend(reply) => inbox::sent(reply, words),
        Body::DeviceSendCancel(reply) => inbox::cancelled(reply, words),
        Body::InboxAllow(reply) => inbox::allowed(reply, words),
        Body::InboxDeny(_) => inbox::denied(words),
        Body::InboxReceive(reply) => inbox::received(reply, words),
        Body::InboxShow(reply) => inbox::shown(reply, words),
        Body::DeviceForbidDelete(reply) => device::forbidden(reply, words),
        Body::DeviceList(reply) => device::list(reply, words),
        Body::DeviceRename(reply) => device::renamed(reply, words),
        Body::DeviceRevoke(reply) => device::revoked(reply, words),
        // the file was all there is to show
        Body::Cat(_) => Vec::new(),
        Body::Check(reply) => check::lines(reply, words),
        Body::Diff(reply) => diff::lines(reply, words),
        Body::Find(reply) => find::lines(reply, words),
        Body::Ls(reply) => ls::lines(reply, words),
        Body::AckProblem(reply) => problems::acknowledged(reply, words),
        Body::ExportProblems(reply) => problems::exported(reply, words),
        Body::ListProblems(reply) => problems::list(reply, words),
        Body::ShowProblem(reply) => problems::shown(reply, words),
        Body::Status(reply) => status::lines(reply, words),
        Body::Restore(reply) => restore::lines(reply, words),
        Body::Rescue(reply) => rescue::lines(reply, words),
        Body::Setup(reply) => setup::lines(reply, words),
        Body::Snapshots(reply) => snapshots::lines(reply, words),
        Body::SnapshotTag(reply) | Body::SnapshotUntag(reply) => snapshots::tagged(reply, words),
        Body::SnapshotPin(reply) | Body::SnapshotUnpin(reply) => snapshots::pinned(reply, words),
        Body::Backup(reply) => backup::lines(reply, words),
        Body::Sync(reply) => sync::lines(reply, words),
        Body::Forget(reply) => forget::lines(reply, words),
        Body::Prune(reply) => prune::lines(reply, words),
        Body::RulesShow(reply) => rules::shown(reply, words),
        Body::RulesSet(reply) | Body::RulesOff(reply) => rules::changed(reply, words),
        Body::KeyList(reply) => key::lines::list(reply, words),
        Body::KeyPassphrase(reply) => key::lines::passphrase(reply, words),
        Body::KeyKit(reply) | Body::KeyKitPage(reply) => key::lines::kit(reply, words),
        Body::KeyKitTest(reply) => key::lines::tested(reply, words),
        Body::KeyRotate(reply) => key::lines::rotated(reply, words),
        Body::KeyRemember(reply) => key::lines::remembered(reply, words),
        Body::KeyCodesOn(reply) | Body::KeyCodesOff(reply) | Body::KeyCodesStatus(reply) => key::lines::codes(reply, words),
        Body::KeyUnlock(reply) => key::lines::unlocked(reply, words),
        Body::KeyLock(reply) => key::lines::locked(reply, words),
        Body::KeyAccounts(reply) => key::lines::accounts(reply, words),
        Body::PrivacyShow(reply) => privacy::consent_lines::show(reply, words),
        Body::PrivacyGrant(reply) => privacy::consent_lines::granted(reply, words),
        Body::PrivacyDeny(reply) | Body::PrivacyWithdraw(reply) => privacy::consent_lines::taken_back(reply, words),
        Body::PrivacyHistory(reply) => privacy::consent_lines::history(reply, words),
        Body::PolicyShow(reply) => privacy::policy_lines::show(reply, words),
        Body::PolicyList(reply) => privacy::policy_lines::list(reply, words),
        Body::PolicyDiff(reply) => privacy::policy_lines::diff(reply, words),
        Body::PolicyInstall(reply) | Body::PolicyReset(reply) => privacy::policy_lines::in_force(reply, words),
        Body::ConsentRecord(reply) => privacy::consent_lines::document(reply, words),
        Body::ConsentCheck(reply) => privacy::consent_lines::checked(reply, words),
        Body::PrivacyData(reply) => privacy::data_lines::facts(reply, words),
        Body::PrivacyExport(reply) => privacy::data_lines::exported(reply, words),
        Body::PrivacyCorrect(reply) => privacy::data_lines::corrected(reply, words),
        Body::PrivacyErase(reply) => privacy::data_lines::erased(reply, words),
        Body::PrivacyEraseDevice(reply) => privacy::data_lines::device_erased(reply, words),
        Body::PrivacyEraseAccount(reply) => privacy::data_lines::account_erased(reply, words),
        Body::PrivacyReceipts(reply) => privacy::data_lines::receipts(reply, words),
        Body::PrivacyRetention(reply) => privacy::data_lines::retention(reply, words),
        Body::LogShow(reply) => privacy::policy_lines::log(reply, words),
        Body::LogVerify(reply) => privacy::policy_lines::verified(&reply.checked, words),
        Body::LogExport(reply) => privacy::policy_lines::written(reply, words),
        Body::StoreAdd(reply) => store::lines::added(reply, words),
        Body::StoreList(reply) => store::lines::list(reply, words),
        Body::StoreSet(reply) => store::lines::changed(reply, words),
        Body::StoreRemove(reply) => store::lines::removed(reply, words),
        Body::StoreTest(reply) => store::lines::tested(reply, words),
        Body::StoreRights(reply) => store::lines::rights(reply, words),
        Body::StoreUndo(reply) => store::lines::undone(reply, words),
        Body::StoreRegions(reply) => store::lines::regions(reply, words),
        Body::SourceAdd(reply) => source::added(reply, words),
        Body::SourceDetect(reply) => source::detected(reply, words),
        Body::SourceList(reply) => source::list(reply, words),
        Body::SourceRemove(reply) => source::removed(reply, words),
        Body::SourceSecrets(reply) => source::secrets(reply, words),
    }
}
