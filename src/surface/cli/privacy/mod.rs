//! `privacy …`: the words.

pub mod consent_lines;
pub mod data_lines;
pub mod policy_lines;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueHint};

use crate::app::jobs::privacy as job;
use crate::app::{Failure, Request};
use crate::surface::cli::unlock::Unlock;

/// How many entries of the log are shown.
const LAST: u64 = 50;

/// `privacy`
#[derive(Args)]
pub struct Privacy {
    /// What to do
    #[command(subcommand)]
    pub command: PrivacyCommand,
}

/// In which language.
#[derive(Args)]
pub struct Tongue {
    /// en or zh-CN
    #[arg(long)]
    pub lang: Option<String>,
}

/// What a decision is about.
#[derive(Args)]
pub struct Items {
    /// Items or purposes
    #[arg(required = true, value_name = "KIND")]
    pub items: Vec<String>,
}

/// `privacy …`
#[derive(Subcommand)]
pub enum PrivacyCommand {
    /// What is allowed
    Show(Tongue),
    /// Allow
    Grant(Items),
    /// Say no
    Deny(Items),
    /// Take back
    Withdraw(Items),
    /// Every decision
    History,
    /// Policies
    Policy {
        /// What to do
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Consent records
    ConsentRecord {
        /// What to do
        #[command(subcommand)]
        command: RecordCommand,
    },
    /// What is recorded
    Data {
        /// What opens the values
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Everything in one archive
    Export {
        /// The archive
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: PathBuf,
        /// What opens the values
        #[command(flatten)]
        unlock: Unlock,
    },
    /// A correction
    Correct {
        /// The kind of data
        kind: String,
        /// How it is
        value: String,
    },
    /// Delete
    Erase(Erase),
    /// Receipts
    Receipts,
    /// What is deleted when
    Retention,
    /// What was done
    Log {
        /// What to do
        #[command(subcommand)]
        command: Option<LogCommand>,
    },
}

/// `privacy policy …`
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Show one
    Show {
        /// In which language
        #[command(flatten)]
        tongue: Tongue,
        /// Another one
        #[arg(long, value_name = "POLICY")]
        policy: Option<String>,
    },
    /// Those known here
    List,
    /// What changed
    Diff {
        /// The earlier
        old: String,
        /// The later
        new: String,
        /// In which language
        #[command(flatten)]
        tongue: Tongue,
    },
    /// One of the owner's own
    Install {
        /// The policy
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// The built-in one
    Reset,
}

/// `privacy consent-record …`
#[derive(Subcommand)]
pub enum RecordCommand {
    /// All records
    Export {
        /// Where to
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: Option<PathBuf>,
    },
    /// The receipt of one
    Receipt {
        /// The kind of data
        kind: String,
        /// Where to
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: Option<PathBuf>,
    },
    /// Whether a file is unchanged
    Check {
        /// The file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// `privacy log …`
#[derive(Subcommand)]
pub enum LogCommand {
    /// The newest entries
    Show {
        /// How many
        #[arg(long, value_name = "N", default_value_t = LAST)]
        last: u64,
        /// With names
        #[arg(long)]
        names: bool,
    },
    /// Whether it is whole
    Verify,
    /// The whole log
    Export {
        /// The file
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: PathBuf,
        /// With names
        #[arg(long)]
        names: bool,
    },
}

/// `privacy erase`
#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true))]
pub struct Erase {
    /// Facts of a kind of data, or of all that belong to a purpose
    #[arg(long, value_name = "KIND", group = "what")]
    pub kind: Option<String>,
    /// Facts of a class
    #[arg(long, value_name = "CLASS", group = "what")]
    pub class: Option<String>,
    /// Facts of a device
    #[arg(long, value_name = "NAME", group = "what")]
    pub device: Option<String>,
    /// The account
    #[arg(long, group = "what")]
    pub whole_account: bool,
    /// Leave what lies beyond the network
    #[arg(long, requires = "whole_account")]
    pub here_only: bool,
    /// Do not ask
    #[arg(long, value_name = "ACCOUNT")]
    pub yes_erase: Option<String>,
}

impl Privacy {
    /// What it asks for.
    pub fn request(self) -> Result<Request, Failure> {
        use job::consent as c;
        use job::data as d;
        Ok(match self.command {
            PrivacyCommand::Show(tongue) => Request::PrivacyShow(c::PrivacyShow { language: tongue.lang }),
            PrivacyCommand::Grant(Items { items }) => Request::PrivacyGrant(c::PrivacyGrant { items }),
            PrivacyCommand::Deny(Items { items }) => Request::PrivacyDeny(c::PrivacyDeny { items }),
            PrivacyCommand::Withdraw(Items { items }) => Request::PrivacyWithdraw(c::PrivacyWithdraw { items }),
            PrivacyCommand::History => Request::PrivacyHistory(c::PrivacyHistory {}),
            PrivacyCommand::Policy { command } => command.request(),
            PrivacyCommand::ConsentRecord { command } => command.request(),
            PrivacyCommand::Data { unlock } => Request::PrivacyData(d::PrivacyData { unlock: unlock.into() }),
            PrivacyCommand::Export { to, unlock } => Request::PrivacyExport(d::PrivacyExport { to, unlock: unlock.into() }),
            PrivacyCommand::Correct { kind, value } => Request::PrivacyCorrect(d::PrivacyCorrect { item: kind, value }),
            PrivacyCommand::Erase(args) => args.request(),
            PrivacyCommand::Receipts => Request::PrivacyReceipts(d::PrivacyReceipts {}),
            PrivacyCommand::Retention => Request::PrivacyRetention(d::PrivacyRetention {}),
            PrivacyCommand::Log { command } => command.unwrap_or(LogCommand::Show { last: LAST, names: false }).request(),
        })
    }
}

impl PolicyCommand {
    fn request(self) -> Request {
        use job::policy as p;
        match self {
            Self::Show { tongue, policy } => Request::PolicyShow(p::PolicyShow { policy, language: tongue.lang }),
            Self::List => Request::PolicyList(p::PolicyList {}),
            Self::Diff { old, new, tongue } => Request::PolicyDiff(p::PolicyDiff { old, new, language: tongue.lang }),
            Self::Install { file } => Request::PolicyInstall(p::PolicyInstall { file }),
            Self::Reset => Request::PolicyReset(p::PolicyReset {}),
        }
    }
}

impl RecordCommand {
    fn request(self) -> Request {
        match self {
            Self::Export { to } => Request::ConsentRecord(job::record::ConsentRecord { item: None, to }),
            Self::Receipt { kind, to } => Request::ConsentRecord(job::record::ConsentRecord { item: Some(kind), to }),
            Self::Check { file } => Request::ConsentCheck(job::record::ConsentCheck { file }),
        }
    }
}

impl LogCommand {
    fn request(self) -> Request {
        match self {
            Self::Show { last, names } => Request::LogShow(job::log::LogShow { last, names }),
            Self::Verify => Request::LogVerify(job::log::LogVerify {}),
            Self::Export { to, names } => Request::LogExport(job::log::LogExport { to, names }),
        }
    }
}

impl Erase {
    fn request(self) -> Request {
        let Self { kind, class, device, whole_account, here_only, yes_erase } = self;
        match (whole_account, device) {
            (true, _) => Request::PrivacyEraseAccount(job::erase_account::PrivacyEraseAccount { here_only, yes_erase }),
            (false, Some(device)) => Request::PrivacyEraseDevice(job::erase::PrivacyEraseDevice { device, yes_erase }),
            (false, None) => {
                let items = kind.into_iter().collect();
                Request::PrivacyErase(job::erase::PrivacyErase { items, class, yes_erase })
            }
        }
    }
}
