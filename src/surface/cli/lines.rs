//! The lines of every reply.

use super::{
    backup, cat, check, device, diff, find, follow, forget, inbox, key, ls, privacy, problems, prune, rescue, restore, rules,
    setup, snapshots, source, status, store, sync,
};
use crate::app::reply::Body;
use crate::surface::words::Words;

/// Names for each reply what makes its lines.
macro_rules! lines {
    ($($($variant:ident)|+ => $lines:path,)*) => {
        /// The lines of a reply.
        pub fn lines(body: &Body, words: &Words) -> Vec<String> {
            match body { $($(Body::$variant(reply))|+ => $lines(reply, words),)* }
        }
    };
}

/// Of a reply that ended otherwise than well, what makes it so: told also where nothing else is.
pub fn wrong(body: &Body, words: &Words) -> Vec<String> {
    match body {
        Body::Backup(reply) => backup::not_whole(reply, words),
        Body::Rescue(reply) => rescue::wrong(reply, words),
        Body::Restore(reply) => restore::wrong(reply, words),
        Body::Snapshots(reply) => snapshots::wrong(reply, words),
        Body::Status(reply) => status::wrong(reply, words),
        body => lines(body, words),
    }
}

lines! {
    DeviceAllowDelete => device::allowed,
    DeviceEnroll => device::enrolled,
    DeviceFollow => follow::lines,
    DeviceSend => inbox::sent,
    DeviceSendCancel => inbox::cancelled,
    InboxAllow => inbox::allowed,
    InboxDeny => inbox::denied,
    InboxReceive => inbox::received,
    InboxShow => inbox::show,
    DeviceForbidDelete => device::forbidden,
    DeviceList => device::list,
    DeviceRename => device::renamed,
    DeviceRejoin => device::rejoined,
    DeviceRevoke => device::revoked,
    Cat => cat::lines,
    Check => check::lines,
    Diff => diff::lines,
    Find => find::lines,
    Ls => ls::lines,
    AckProblem => problems::acknowledged,
    ExportProblems => problems::exported,
    ListProblems => problems::list,
    ShowProblem => problems::show,
    Status => status::lines,
    Restore => restore::lines,
    Rescue => rescue::lines,
    Setup => setup::lines,
    Snapshots => snapshots::lines,
    SnapshotTag | SnapshotUntag => snapshots::tagged,
    SnapshotPin | SnapshotUnpin => snapshots::pinned,
    Backup => backup::lines,
    Sync => sync::lines,
    Forget => forget::lines,
    Prune => prune::lines,
    RulesShow => rules::show,
    RulesSet | RulesOff => rules::changed,
    KeyList => key::lines::list,
    KeyPassphrase => key::lines::passphrase,
    KeyKit | KeyKitPage => key::lines::kit,
    KeyKitTest => key::lines::tested,
    KeyRotate => key::lines::rotated,
    KeyRemember => key::lines::remembered,
    KeyCodesOn | KeyCodesOff | KeyCodesStatus => key::lines::codes,
    KeyUnlock => key::lines::unlocked,
    KeyLock => key::lines::locked,
    KeyAccounts => key::lines::accounts,
    PrivacyShow => privacy::consent_lines::show,
    PrivacyGrant => privacy::consent_lines::granted,
    PrivacyDeny | PrivacyWithdraw => privacy::consent_lines::taken_back,
    PrivacyHistory => privacy::consent_lines::history,
    PolicyShow => privacy::policy_lines::show,
    PolicyList => privacy::policy_lines::list,
    PolicyDiff => privacy::policy_lines::diff,
    PolicyInstall | PolicyReset => privacy::policy_lines::in_force,
    ConsentRecord => privacy::consent_lines::document,
    ConsentCheck => privacy::consent_lines::checked,
    PrivacyData => privacy::data_lines::facts,
    PrivacyExport => privacy::data_lines::exported,
    PrivacyCorrect => privacy::data_lines::corrected,
    PrivacyErase => privacy::data_lines::erased,
    PrivacyEraseDevice => privacy::data_lines::device_erased,
    PrivacyEraseAccount => privacy::data_lines::account_erased,
    PrivacyReceipts => privacy::data_lines::receipts,
    PrivacyRetention => privacy::data_lines::retention,
    LogShow => privacy::policy_lines::log,
    LogVerify => privacy::policy_lines::verified,
    LogExport => privacy::policy_lines::written,
    StoreAdd => store::lines::added,
    StoreList => store::lines::list,
    StoreSet => store::lines::changed,
    StoreRemove => store::lines::removed,
    StoreTest => store::lines::tested,
    StoreRights => store::lines::rights,
    StoreUndo => store::lines::undone,
    StoreRegions => store::lines::regions,
    SourceAdd => source::added,
    SourceDetect => source::detected,
    SourceList => source::list,
    SourceRemove => source::removed,
    SourceSecrets => source::secrets,
}
