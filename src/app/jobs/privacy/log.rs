//! The log of what was done with the account's data: shown, checked, handed out.

use std::collections::VecDeque;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::write_document;
use crate::app::answer::Answer;
use crate::app::document::DocumentKind;
use crate::app::forms::store_problem::device_name;
use crate::app::job::{Audited, Job};
use crate::app::new_file;
use crate::app::reasons::kept;
use crate::app::work::Work;
use crate::app::{Arg, Exit, Failure, Text, faults};
use crate::core::name::hex;
use crate::core::secret::Secret;
use crate::engine::account::Account;
use crate::engine::privacy::{rfc3339, signed};
use crate::local::audit::{self, Break, Entry, Event};
use crate::text;

/// The most entries that one reply holds.
const MOST: u64 = 500_000;

/// Shows the newest entries.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogShow {
    /// How many.
    pub last: u64,
    /// Whether names are shown; else each stands as a word that is always the same for the same name.
    pub names: bool,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogEntry {
    /// When, in seconds since 1970.
    pub time: i64,
    /// What kind of work.
    pub event: String,
    /// How it ended.
    pub outcome: String,
    /// On which device.
    pub device: String,
    /// Which part of that work.
    pub what: String,
    /// How many files, snapshots or objects.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whom or what by name, or masked.
    pub names: Vec<String>,
}

/// What a check of the log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogChecked {
    /// Its files.
    pub files: u64,
    /// Its entries.
    pub count: u64,
    /// The number of the last file that was let go when it was old.
    pub retired: u64,
    /// Bytes that a power cut tore, which were never acknowledged.
    pub torn: u64,
    /// Where it is not what was written.
    pub breaks: Vec<Text>,
}

fn log_break(broken: &Break) -> Text {
    let what = faults::log_break(broken);
    match broken {
        Break::Before { time, .. } => text!("log-broken-on", what = what, time = Arg::Time(*time)),
        _ => text!("log-broken", what = what),
    }
}

/// Checks the log, and keeps what is wrong as a problem.
pub fn check_trail(account: &Account, each: &mut dyn FnMut(Entry)) -> Result<audit::Checked, Failure> {
    Ok(account.logs().check_trail(each, &|broken| kept(&faults::log_break(broken)))?)
}

impl LogChecked {
    fn of(checked: &audit::Checked) -> Self {
        Self {
            files: checked.files,
            count: checked.entries,
            retired: checked.retired,
            torn: checked.torn,
            breaks: checked.breaks.iter().map(log_break).collect(),
        }
    }

    fn exit(&self) -> Exit {
        if self.breaks.is_empty() { Exit::Done } else { Exit::Damaged }
    }
}

/// The newest entries, the last one last.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Log {
    /// They.
    pub entries: Vec<LogEntry>,
    /// What the check on the way found.
    pub checked: LogChecked,
}

impl Answer for Log {
    fn exit(&self) -> Exit {
        self.checked.exit()
    }
}

fn keep<T>(kept: &mut VecDeque<T>, most: u64, one: T) {
    kept.push_back(one);
    if kept.len() as u64 > most {
        kept.pop_front();
    }
}

impl Job for LogShow {
    type Reply = Log;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Log, Failure> {
        let account = work.open_read_only()?;
        let masking = Masking::new(&account, self.names);
        let (mut kept, most) = (VecDeque::new(), self.last.min(MOST));
        let checked = check_trail(&account, &mut |entry| keep(&mut kept, most, masking.entry(&account, &entry)))?;
        Ok(Log { entries: kept.into(), checked: LogChecked::of(&checked) })
    }
}

/// Checks that nothing was removed, changed or put elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct LogVerify {}

/// What the check found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LogVerified {
    /// It.
    #[serde(flatten)]
    pub checked: LogChecked,
}

impl Answer for LogVerified {
    fn exit(&self) -> Exit {
        self.checked.exit()
    }
}

impl Job for LogVerify {
    type Reply = LogVerified;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<LogVerified, Failure> {
        Ok(LogVerified { checked: LogChecked::of(&check_trail(&work.open_read_only()?, &mut |_| {})?) })
    }
}

/// Writes the whole log, signed by this device.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogExport {
    /// The file to write.
    pub to: PathBuf,
    /// With names.
    pub names: bool,
}

/// The log was written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LogWritten {
    /// Where.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub file: PathBuf,
    /// How many entries.
    pub entries: u64,
    /// What the check on the way found.
    pub checked: LogChecked,
}

impl Answer for LogWritten {
    fn exit(&self) -> Exit {
        self.checked.exit()
    }
}

impl Job for LogExport {
    type Reply = LogWritten;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Export, "audit"))
    }

    fn run(self, work: &Work<'_>) -> Result<LogWritten, Failure> {
        new_file::refuse_taken(&self.to)?;
        let account = work.open_read_only()?;
        let masking = Masking::new(&account, self.names);
        let mut entries = VecDeque::new();
        let checked = check_trail(&account, &mut |entry| keep(&mut entries, MOST, masking.entry(&account, &entry)))?;
        let breaks: Vec<String> =
            checked.breaks.iter().map(|broken| (work.session.say)(&faults::log_break(broken), work.session.language)).collect();
        let document = json!({
            "kind": DocumentKind::AuditLog, "time": rfc3339(work.session.now()), "account": account.id().to_string(),
            "fingerprint": account.fingerprint(), "masked": !self.names, "entries": entries,
            "checked": {
                "files": checked.files, "count": checked.entries, "retired": checked.retired, "torn": checked.torn, "breaks": breaks,
            },
        });
        write_document(&self.to, &signed::sign(&account, document))?;
        Ok(LogWritten { file: self.to, entries: checked.entries, checked: LogChecked::of(&checked) })
    }
}

/// Names as they are, or each as a word that is always the same for the same name, and another in every account.
struct Masking {
    key: Option<Secret<32>>,
}

impl Masking {
    fn new(account: &Account, names: bool) -> Self {
        Self { key: (!names).then(|| account.local_key(b"audit names")) }
    }

    fn name(&self, name: &str) -> String {
        match &self.key {
            Some(key) => format!("~{}", hex(&blake3::keyed_hash(key.expose(), name.as_bytes()).as_bytes()[..4])),
            None => name.chars().filter(|c| !c.is_control()).collect(),
        }
    }

    fn entry(&self, account: &Account, entry: &audit::Entry) -> LogEntry {
        LogEntry {
            time: entry.time,
            event: entry.event.as_str().to_owned(),
            outcome: entry.outcome.as_str().to_owned(),
            device: device_name(account, &entry.device),
            what: entry.what.clone(),
            count: entry.count,
            bytes: entry.bytes,
            names: entry.names.iter().map(|name| self.name(name)).collect(),
        }
    }
}
