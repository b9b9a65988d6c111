//! Everything that can be asked for: one variant a job, each with the job's own fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::job::{Audited, Job, Recording};
use crate::app::work::Work;
use crate::app::{Failure, forms, jobs};
use crate::text;

pub use crate::app::version::VERSION;

/// A request as it comes in, for whoever speaks in documents.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RequestDocument {
    /// The version of its form.
    pub printkeep: u32,
    /// What is asked for.
    #[serde(flatten)]
    pub request: Request,
}

impl RequestDocument {
    /// The document of a request.
    pub fn of(request: Request) -> Self {
        Self { printkeep: VERSION, request }
    }

    /// What is asked for.
    ///
    /// # Errors
    /// A document of another version is not guessed at.
    pub fn read(self) -> Result<Request, Failure> {
        match self.printkeep {
            VERSION => Ok(self.request),
            other => Err(Failure::usage(text!("request-version", version = other, known = VERSION))),
        }
    }
}

/// Names every job once: `Variant "its-name" job::Request -> job::Reply`.
macro_rules! jobs {
    ($($(#[$doc:meta])* $variant:ident $name:literal $request:ty => $reply:ty,)*) => {
        /// A request.
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "command")]
        pub enum Request {
            $($(#[$doc])* #[serde(rename = $name)] $variant($request),)*
        }

        impl Request {
            /// Its name, as replies, records and logs tell it.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// What the audit log says of it.
            pub fn audited(&self) -> Option<Audited> {
                match self { $(Self::$variant(job) => job.audited(),)* }
            }

            /// What is recorded after it.
            pub fn recording(&self) -> Recording {
                match self { $(Self::$variant(job) => job.recording(),)* }
            }

            pub(super) fn run(self, work: &Work<'_>) -> Result<ReplyBody, Failure> {
                match self { $(Self::$variant(job) => job.run(work).map(|reply| ReplyBody::$variant(Box::new(reply))),)* }
            }
        }

        /// The body of a reply: one variant a job.
        #[allow(missing_docs)]
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "command")]
        pub enum ReplyBody {
            $(#[serde(rename = $name)] $variant(Box<$reply>),)*
        }

        impl ReplyBody {
            /// The job's own answer.
            pub fn answer(&self) -> &dyn Answer {
                match self { $(Self::$variant(reply) => &**reply,)* }
            }
        }
    };
}

jobs! {
    /// Puts everything a lost device had back.
    Rescue "rescue" jobs::rescue::Rescue => forms::rescue::Rescued,
    /// Lets a device say what is no longer needed.
    DeviceAllowDelete "device allow-delete" jobs::device::DeviceAllowDelete => jobs::device::DeviceChanged,
    /// Lets a new device in.
    DeviceEnroll "device enroll" jobs::device::DeviceEnroll => jobs::device::DeviceEnrolled,
    /// Lets a device only add snapshots.
    DeviceForbidDelete "device forbid-delete" jobs::device::DeviceForbidDelete => jobs::device::DeviceChanged,
    /// Brings the newest files of another device here.
    DeviceFollow "device follow" jobs::device::DeviceFollow => jobs::device::Followed,
    /// Lets files that are sent to this device in.
    InboxAllow "device inbox allow" jobs::device::InboxAllow => jobs::device::InboxFolder,
    /// Lets nothing in.
    InboxDeny "device inbox deny" jobs::device::InboxDeny => jobs::device::InboxFolder,
    /// Takes what the stores hold for this device.
    InboxReceive "device inbox receive" jobs::device::InboxReceive => jobs::device::InboxReceived,
    /// Shows what is allowed, what waits, and what was sent.
    InboxShow "device inbox show" jobs::device::InboxShow => jobs::device::InboxShown,
    /// Sends a file to a device.
    DeviceSend "device send" jobs::device::DeviceSend => jobs::device::DeviceSent,
    /// Takes a file back that was sent.
    DeviceSendCancel "device send cancel" jobs::device::DeviceSendCancel => jobs::device::DeviceSendCancelled,
    /// Lists the devices.
    DeviceList "device list" jobs::device::DeviceList => jobs::device::Devices,
    /// Gives a device another name.
    DeviceRename "device rename" jobs::device::DeviceRename => jobs::device::DeviceChanged,
    /// Puts this device back into the list of devices.
    DeviceRejoin "device rejoin" jobs::device::DeviceRejoin => jobs::device::DeviceChanged,
    /// Believes nothing more of a device.
    DeviceRevoke "device revoke" jobs::device::DeviceRevoke => jobs::device::DeviceRevoked,
    /// Gives the content of a file.
    Cat "cat" jobs::cat::Cat => jobs::cat::Given,
    /// Checks the vault or a store.
    Check "check" jobs::check::Check => jobs::check::Checked,
    /// Compares two snapshots.
    Diff "diff" jobs::diff::Diff => jobs::diff::Changes,
    /// Finds files in snapshots.
    Find "find" jobs::find::Find => jobs::find::Findings,
    /// Lists what a snapshot holds.
    Ls "ls" jobs::ls::Ls => jobs::ls::Listing,
    /// Says that the owner has seen a problem.
    AckProblem "problems ack" jobs::problems::AckProblem => jobs::problems::OneProblem,
    /// Writes problems to a file.
    ExportProblems "problems export" jobs::problems::ExportProblems => jobs::problems::ExportedProblems,
    /// Lists problems.
    ListProblems "problems list" jobs::problems::ListProblems => jobs::problems::ProblemList,
    /// Shows a problem.
    ShowProblem "problems show" jobs::problems::ShowProblem => jobs::problems::OneProblem,
    /// Tells how things stand.
    Status "status" jobs::status::Status => jobs::status::StatusReply,
    /// Brings files back.
    Restore "restore" jobs::restore::Restore => jobs::restore::Restored,
    /// Sets this machine up.
    Setup "setup" jobs::setup::Setup => forms::setup::SetupReply,
    /// Adds a store.
    StoreAdd "store add" jobs::store::add::StoreAdd => forms::store::StoreAdded,
    /// Lists the stores.
    StoreList "store list" jobs::store::StoreList => jobs::store::Stores,
    /// Changes a store.
    StoreSet "store set" jobs::store::set::StoreSet => jobs::store::set::StoreChanged,
    /// Forgets a store.
    StoreRemove "store remove" jobs::store::StoreRemove => jobs::store::StoreRemoved,
    /// Tries what stores can do.
    StoreTest "store test" jobs::store::test::StoreTest => forms::store::StoresTested,
    /// Says what credentials must be allowed.
    StoreRights "store rights" jobs::store::rights::StoreRights => jobs::store::rights::Rights,
    /// Lets a store show again what it showed.
    StoreUndo "store undo" jobs::store::undo::StoreUndo => jobs::store::undo::StoreUndone,
    /// Shows or sets the regions allowed.
    StoreRegions "store regions" jobs::store::regions::StoreRegions => jobs::store::regions::Regions,
    /// Lists what opens the account.
    KeyList "key list" jobs::key::KeyList => jobs::key::Keys,
    /// Sets a new passphrase on this device.
    KeyPassphrase "key passphrase" jobs::key::KeyPassphrase => jobs::key::PassphraseSet,
    /// Makes a new recovery kit.
    KeyKit "key kit" jobs::key::kit::KeyKit => jobs::key::kit::KitWritten,
    /// Writes the page of the kit that lives once more.
    KeyKitPage "key kit --page" jobs::key::kit::KeyKitPage => jobs::key::kit::KitWritten,
    /// Proves that a kit opens the account.
    KeyKitTest "key kit --test" jobs::key::kit::KeyKitTest => jobs::key::kit::KitOpens,
    /// Changes the account's keys.
    KeyRotate "key rotate" jobs::key::KeyRotate => jobs::key::KeysRotated,
    /// Keeps the reading key on this machine, or no longer.
    KeyRemember "key remember" jobs::key::remember::KeyRemember => jobs::key::remember::Remembered,
    /// Turns one-time codes on.
    KeyCodesOn "key codes on" jobs::key::codes::KeyCodesOn => jobs::key::codes::CodesReply,
    /// Turns one-time codes off.
    KeyCodesOff "key codes off" jobs::key::codes::KeyCodesOff => jobs::key::codes::CodesReply,
    /// Tells whether one-time codes are asked for.
    KeyCodesStatus "key codes status" jobs::key::codes::KeyCodesStatus => jobs::key::codes::CodesReply,
    /// Keeps the account unlocked for a while.
    KeyUnlock "key unlock" jobs::key::agent::KeyUnlock => jobs::key::agent::UnlockedReply,
    /// Locks the account.
    KeyLock "key lock" jobs::key::agent::KeyLock => jobs::key::agent::LockedReply,
    /// Lists the accounts of this machine.
    KeyAccounts "key accounts" jobs::key::agent::KeyAccounts => jobs::key::agent::Accounts,
    /// Shows what is allowed.
    PrivacyShow "privacy show" jobs::privacy::consent::PrivacyShow => jobs::privacy::consent::Consents,
    /// Allows items.
    PrivacyGrant "privacy grant" jobs::privacy::consent::PrivacyGrant => jobs::privacy::consent::Granted,
    /// Says no to items.
    PrivacyDeny "privacy deny" jobs::privacy::consent::PrivacyDeny => jobs::privacy::consent::TakenBack,
    /// Takes items back.
    PrivacyWithdraw "privacy withdraw" jobs::privacy::consent::PrivacyWithdraw => jobs::privacy::consent::TakenBack,
    /// Shows every decision.
    PrivacyHistory "privacy history" jobs::privacy::consent::PrivacyHistory => jobs::privacy::consent::Decisions,
    /// Shows a policy.
    PolicyShow "privacy policy show" jobs::privacy::policy::PolicyShow => jobs::privacy::policy::PolicyText,
    /// Lists the policies known here.
    PolicyList "privacy policy list" jobs::privacy::policy::PolicyList => jobs::privacy::policy::Policies,
    /// Shows what changed between two policies.
    PolicyDiff "privacy policy diff" jobs::privacy::policy::PolicyDiff => jobs::privacy::policy::PolicyDifference,
    /// Puts a policy of the owner's own in force.
    PolicyInstall "privacy policy install" jobs::privacy::policy::PolicyInstall => jobs::privacy::policy::PolicyInForce,
    /// Puts the built-in policy in force.
    PolicyReset "privacy policy reset" jobs::privacy::policy::PolicyReset => jobs::privacy::policy::PolicyInForce,
    /// Hands out consent records.
    ConsentRecord "privacy consent-record" jobs::privacy::record::ConsentRecord => jobs::privacy::Document,
    /// Checks a signed document.
    ConsentCheck "privacy consent-record check" jobs::privacy::record::ConsentCheck => jobs::privacy::record::DocumentChecked,
    /// Shows what is recorded.
    PrivacyData "privacy data" jobs::privacy::data::PrivacyData => jobs::privacy::data::Facts,
    /// Writes everything that is held into one archive.
    PrivacyExport "privacy export" jobs::privacy::data::PrivacyExport => jobs::privacy::data::Exported,
    /// Keeps a correction.
    PrivacyCorrect "privacy correct" jobs::privacy::data::PrivacyCorrect => jobs::privacy::data::Corrected,
    /// Deletes facts.
    PrivacyErase "privacy erase" jobs::privacy::erase::PrivacyErase => jobs::privacy::erase::Erased,
    /// Deletes the facts of a device.
    PrivacyEraseDevice "privacy erase --device" jobs::privacy::erase::PrivacyEraseDevice => jobs::privacy::erase::DeviceErased,
    /// Erases the account.
    PrivacyEraseAccount "privacy erase --whole-account"
        jobs::privacy::erase_account::PrivacyEraseAccount => jobs::privacy::erase_account::AccountErased,
    /// Shows the receipts of what was deleted.
    PrivacyReceipts "privacy receipts" jobs::privacy::data::PrivacyReceipts => jobs::privacy::data::Receipts,
    /// Shows what is deleted when.
    PrivacyRetention "privacy retention" jobs::privacy::data::PrivacyRetention => jobs::privacy::data::Retention,
    /// Shows the log.
    LogShow "privacy log show" jobs::privacy::log::LogShow => jobs::privacy::log::Log,
    /// Checks the log.
    LogVerify "privacy log verify" jobs::privacy::log::LogVerify => jobs::privacy::log::LogVerified,
    /// Writes the whole log.
    LogExport "privacy log export" jobs::privacy::log::LogExport => jobs::privacy::log::LogWritten,
    /// Backs up into the local vault.
    Backup "backup" jobs::backup::Backup => jobs::backup::BackedUp,
    /// Brings the vault and the stores to the same state.
    Sync "sync" jobs::sync::Sync => jobs::sync::Synced,
    /// Forgets snapshots.
    Forget "forget" jobs::forget::Forget => jobs::forget::Forgotten,
    /// Removes what no snapshot needs.
    Prune "prune" jobs::prune::Prune => forms::prune::PruneReply,
    /// Shows the rules by which snapshots go by themselves.
    RulesShow "rules show" jobs::rules::RulesShow => jobs::rules::RulesShown,
    /// Sets them.
    RulesSet "rules set" jobs::rules::RulesSet => jobs::rules::RulesReply,
    /// Ends them.
    RulesOff "rules off" jobs::rules::RulesOff => jobs::rules::RulesReply,
    /// Gives a snapshot a tag.
    SnapshotTag "snapshots tag" jobs::marks::SnapshotTag => jobs::marks::Tagged,
    /// Takes a tag from a snapshot.
    SnapshotUntag "snapshots untag" jobs::marks::SnapshotUntag => jobs::marks::Tagged,
    /// Lets a snapshot never be forgotten.
    SnapshotPin "snapshots pin" jobs::marks::SnapshotPin => jobs::marks::Pinned,
    /// Lets a snapshot be forgotten again.
    SnapshotUnpin "snapshots unpin" jobs::marks::SnapshotUnpin => jobs::marks::Pinned,
    /// Lists snapshots.
    Snapshots "snapshots" jobs::snapshots::Snapshots => jobs::snapshots::SnapshotList,
    /// Adds a folder or file to what is backed up.
    SourceAdd "source add" jobs::source::SourceAdd => forms::source::SourceAdded,
    /// Finds what printers keep on this machine.
    SourceDetect "source detect" jobs::source::SourceDetect => forms::source::SourcesDetected,
    /// Lists what is backed up.
    SourceList "source list" jobs::source::SourceList => jobs::source::Sources,
    /// Stops backing something up.
    SourceRemove "source remove" jobs::source::SourceRemove => jobs::source::SourceRemoved,
    /// Looks which settings files hold passwords or keys.
    SourceSecrets "source secrets" jobs::source::SourceSecrets => jobs::source::SecretsFound,
}
