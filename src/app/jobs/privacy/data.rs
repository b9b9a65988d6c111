//! What is held about the owner: shown, taken away, corrected; its receipts, and what is deleted when.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::log::check_trail;
use super::one_item;
use super::record::not_signed;
use crate::app::answer::Answer;
use crate::app::document::DocumentKind;
use crate::app::job::{Audited, Job};
use crate::app::new_file;
use crate::app::reasons::refused;
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text};
use crate::config::AUDIT_DAYS;
use crate::consent::{Class, ConsentState, Item, Masking};
use crate::core::device_record::Origin;
use crate::core::name::hex;
use crate::engine::account::Account;
use crate::engine::privacy::records::deletion::{days, ends};
use crate::engine::privacy::records::view::{self, Shown};
use crate::engine::privacy::records::{Take, mask, observe, record};
use crate::engine::privacy::{export, receipts, rfc3339};
use crate::local::audit::Event;
use crate::text;

/// Shows what this device recorded, exactly as it is held.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyData {
    /// What opens the values.
    pub unlock: Unlock,
}

/// What is recorded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// What is written down of what is done, which no consent is asked for.
    pub log: LogHeld,
    /// Record by record.
    pub facts: Vec<Fact>,
    /// Whether the values could be opened.
    pub opened: bool,
    /// Items that are allowed and not known here.
    pub not_known_here: Vec<String>,
}

/// The audit log as it is held: what was done with the account's data, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogHeld {
    /// How many entries.
    pub entries: u64,
    /// When the first of them was written, in seconds since 1970.
    pub since: Option<i64>,
    /// Whole files go once all in them is older than so many days.
    pub days: u32,
}

impl LogHeld {
    fn of(work: &Work<'_>, account: &Account) -> Result<Self, Failure> {
        let mut since = None;
        let checked = check_trail(account, &mut |entry| since = since.or(Some(entry.time)))?;
        Ok(Self { entries: checked.entries, since, days: work.session.config()?.audit_days.unwrap_or(AUDIT_DAYS) })
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// Its number.
    pub number: u64,
    /// Of which item.
    pub item: String,
    /// The item's class.
    #[schemars(with = "String")]
    pub class: Class,
    /// How it is masked.
    #[schemars(with = "String")]
    pub masking: Masking,
    /// When it was recorded (RFC 3339, UTC).
    pub time: String,
    /// The same, in seconds since 1970.
    pub seconds: i64,
    /// Its sealed size.
    pub sealed_bytes: u64,
    /// Whether it is the owner's correction.
    pub correction: bool,
    /// Why it may be held.
    pub legal_basis: String,
    /// SHA-256 of the decision that allowed it.
    pub consent: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// Why it does not open.
    pub error: Option<Text>,
}

impl Fact {
    fn of(fact: &Shown) -> Self {
        let (text, consent, error) = match &fact.opened {
            Some(Ok(opened)) => (Some(opened.text.clone()), Some(hex(&opened.consent)), None),
            Some(Err(why)) => (None, None, Some(refused(why))),
            None => (None, None, None),
        };
        Self {
            number: fact.number,
            item: fact.held.item.as_str().to_owned(),
            class: fact.held.item.class(),
            masking: fact.held.item.masking(),
            time: rfc3339(fact.held.time),
            seconds: fact.held.time,
            sealed_bytes: fact.size,
            correction: fact.held.origin == Origin::Correction,
            legal_basis: "consent".to_owned(),
            consent,
            text,
            error,
        }
    }
}

impl Answer for Facts {
    fn exit(&self) -> Exit {
        if self.facts.iter().any(|fact| fact.error.is_some()) { Exit::Damaged } else { Exit::Done }
    }
}

impl Job for PrivacyData {
    type Reply = Facts;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Browse, "facts"))
    }

    fn run(self, work: &Work<'_>) -> Result<Facts, Failure> {
        let account = work.open_read_only()?;
        let keyring = unlock::unlock_if_at_hand(work, &account, &self.unlock)?;
        let facts = view::facts(&account, keyring.as_ref())?;
        let unknown = not_known(&account).into_iter().map(|item| item.as_str().to_owned());
        let log = LogHeld::of(work, &account)?;
        Ok(Facts {
            log,
            facts: facts.iter().map(Fact::of).collect(),
            opened: keyring.is_some(),
            not_known_here: unknown.collect(),
        })
    }
}

/// Items that are allowed and of which nothing is held.
fn not_known(account: &Account) -> Vec<Item> {
    let is_allowed = |item: &Item| account.ledger.standing(*item) == ConsentState::Granted;
    observe::items().filter(is_allowed).filter(|item| account.facts.newest(*item).is_none()).collect()
}

/// Writes everything that is held about the owner into one archive.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyExport {
    /// The archive (tar) to write.
    pub to: PathBuf,
    /// What opens the values.
    pub unlock: Unlock,
}

/// The archive was written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Exported {
    /// Where.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub file: PathBuf,
    /// How many files are in it.
    pub files: u64,
    /// How many records.
    pub facts: u64,
    /// Whether it tells what they say.
    pub opened: bool,
}

impl Answer for Exported {}

impl Job for PrivacyExport {
    type Reply = Exported;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Export, "data"))
    }

    fn run(self, work: &Work<'_>) -> Result<Exported, Failure> {
        new_file::refuse_taken(&self.to)?;
        let session = work.session;
        let account = work.open_read_only()?;
        let keyring = unlock::unlock_if_at_hand(work, &account, &self.unlock)?;
        let facts = view::facts(&account, keyring.as_ref())?;
        let config = session.config()?;
        let (archive, files) = export::archive(&session.home, &account, &config, &facts, keyring.is_some(), session.now());
        new_file::write(&self.to, &archive)?;
        Ok(Exported { file: self.to, files, facts: facts.len() as u64, opened: keyring.is_some() })
    }
}

/// Says how something is, where what was recorded is wrong; both are kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyCorrect {
    /// The item.
    pub item: String,
    /// How it is.
    pub value: String,
}

/// A correction is kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Corrected {
    /// Of which item.
    pub item: String,
    /// The number of its record; none where the same is held already.
    pub number: Option<u64>,
    /// What is kept, masked where the policy says so.
    pub text: String,
}

impl Answer for Corrected {}

impl Job for PrivacyCorrect {
    type Reply = Corrected;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "facts corrected"))
    }

    fn run(self, work: &Work<'_>) -> Result<Corrected, Failure> {
        let item = one_item(&self.item)?;
        if !item.is_recorded() || matches!(item, Item::OperationLog | Item::Diagnostics) {
            return Err(Failure::usage(text!("correct-nothing", item = item.as_str())));
        }
        let mut account = work.open(WorkKind::Records)?;
        let permit = account.ledger.permit(item);
        let permit =
            permit.map_err(|refusal| Failure::from(refusal).hint(text!("correct-not-allowed-hint", item = item.as_str())))?;
        let values = [("corrected", self.value.clone())];
        let masked = mask(&account, &permit, &values, &[]);
        let masked = masked.ok_or_else(|| match item.masking() {
            Masking::Truncated => Failure::usage(text!("correct-no-ip", value = &self.value)),
            _ => Failure::usage(text!("correct-empty")),
        })?;
        let (now, random) = (work.session.now(), &work.session.random);
        let number = record(&mut account, &permit, &masked, Take::Correction, now, random)?;
        Ok(Corrected { item: item.as_str().to_owned(), number, text: masked.text().to_owned() })
    }
}

/// Shows the signed receipts of what was deleted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PrivacyReceipts {}

/// The receipts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Receipts {
    /// The oldest first.
    pub receipts: Vec<ReceiptInfo>,
}

/// A receipt.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptInfo {
    /// Where it lies.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub file: PathBuf,
    /// What kind it is, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// What it says, where its signature holds.
    pub document: Option<Value>,
    /// What is wrong with it.
    pub error: Option<Text>,
}

impl Answer for Receipts {
    fn exit(&self) -> Exit {
        if self.receipts.iter().all(|receipt| receipt.error.is_none()) { Exit::Done } else { Exit::Damaged }
    }
}

impl Job for PrivacyReceipts {
    type Reply = Receipts;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Receipts, Failure> {
        let told = |receipt: receipts::DeletionReceipt| {
            let (document, error) = match receipt.document {
                Ok(document) => (Some(document), None),
                Err(why) => (None, Some(not_signed(why))),
            };
            ReceiptInfo { file: receipt.path, kind: document.as_ref().and_then(DocumentKind::of), document, error }
        };
        Ok(Receipts { receipts: receipts::all(&work.session.home).into_iter().map(told).collect() })
    }
}

/// Shows how long each item is kept, and what is deleted next.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PrivacyRetention {}

/// How long recorded items are kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Retention {
    /// The audit log.
    pub log: LogHeld,
    /// Item by item.
    pub items: Vec<ItemKept>,
    /// Deleted records that wait for a sync.
    pub waiting: Vec<Waiting>,
}

/// How long an item is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemKept {
    /// The item.
    pub item: String,
    /// Its class.
    #[schemars(with = "String")]
    pub class: Class,
    /// How long, in days.
    pub days: u16,
    /// How many records are held.
    pub held: u64,
    /// When the oldest is deleted, in seconds since 1970.
    pub next: Option<i64>,
}

/// What waits for a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// The store.
    pub store: String,
    /// How many deleted records.
    pub records: u64,
}

impl Answer for Retention {}

impl Job for PrivacyRetention {
    type Reply = Retention;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Retention, Failure> {
        let account = work.open_read_only()?;
        let kept = |item: Item| {
            let held = account.facts.held().filter(|(_, held)| held.item == item);
            let times: Vec<i64> = held.map(|(_, held)| held.time).collect();
            ItemKept {
                item: item.as_str().to_owned(),
                class: item.class(),
                days: days(&account, item),
                held: times.len() as u64,
                next: times.iter().map(|time| ends(&account, item, *time)).min(),
            }
        };
        let waiting = account.facts.waiting_stores();
        let waiting =
            waiting.map(|store| Waiting { store: store.to_string(), records: account.facts.waiting(store).len() as u64 });
        let log = LogHeld::of(work, &account)?;
        Ok(Retention {
            log,
            items: Item::all().filter(|item| item.is_recorded()).map(kept).collect(),
            waiting: waiting.collect(),
        })
    }
}
