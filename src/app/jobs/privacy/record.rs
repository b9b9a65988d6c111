//! Consent records in the form of ISO/IEC TS 27560, signed by this device; and the proof that a signed document is unchanged.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Document, one_item};
use crate::app::answer::Answer;
use crate::app::document::DocumentKind;
use crate::app::job::{Audited, Job};
use crate::app::new_file;
use crate::app::reasons::refused;
use crate::app::work::Work;
use crate::app::{Exit, Failure, Text};
use crate::consent::record::{self, SCHEMA, Sources};
use crate::consent::{Entry, Ledger};
use crate::core::name::{hex, unhex};
use crate::core::refused::Refused;
use crate::engine::privacy::signed::NotSigned;
use crate::engine::privacy::{rfc3339, signed};
use crate::local::audit::Event;
use crate::local::policies;
use crate::text;

/// Hands out the records of every item, or the receipt of one.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ConsentRecord {
    /// The item; all where none is named.
    pub item: Option<String>,
    /// The file to write; shown where none is named.
    pub to: Option<PathBuf>,
}

impl Job for ConsentRecord {
    type Reply = Document;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Export, "consent"))
    }

    fn run(self, work: &Work<'_>) -> Result<Document, Failure> {
        self.to.as_deref().map_or(Ok(()), new_file::refuse_taken)?;
        let account = work.open_read_only()?;
        let principal = account.id().to_string();
        let (known, time) = (policies::known(&work.session.home), rfc3339);
        let sources = Sources { principal: &principal, policies: &known, time: &time };
        let now = time(work.session.now());
        let document = match &self.item {
            None => {
                let ledger: Vec<String> = account.ledger.entries().iter().map(|entry| hex(&entry.encode())).collect();
                json!({
                    "schema": SCHEMA, "kind": DocumentKind::ConsentRecords, "time": now, "account": principal,
                    "fingerprint": account.fingerprint(), "records": record::records(&account.ledger, &sources), "ledger": ledger,
                })
            }
            Some(word) => {
                let item = one_item(word)?;
                let record = record::record(&account.ledger, item, &sources);
                let record = record.ok_or_else(|| Failure::usage(text!("consent-never-decided", item = item.as_str())))?;
                json!({ "schema": SCHEMA, "kind": DocumentKind::ConsentReceipt, "time": now, "account": principal, "record": record })
            }
        };
        Document::hand_out(signed::sign(&account, document), self.to)
    }
}

/// Checks that a file is what a device signed, whole and in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ConsentCheck {
    /// The file.
    pub file: PathBuf,
}

/// The signature holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentChecked {
    /// What kind of document it is, as it says; none of a kind that is unknown here.
    pub kind: Option<DocumentKind>,
    /// The key that signed it, in hexadecimal.
    pub key: String,
    /// Decisions in it, which follow one another without a gap.
    pub entries: Option<u64>,
}

impl Answer for DocumentChecked {}

impl Job for ConsentCheck {
    type Reply = DocumentChecked;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<DocumentChecked, Failure> {
        let file = self.file.as_path();
        let bytes = work.files.read(file, signed::MAX_FILE)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged(file, text!("document-no-text")))?;
        let (document, key) = signed::check(text).map_err(|why| damaged(file, not_signed(why)))?;
        let mut entries = None;
        if let Some(ledger) = document["ledger"].as_array() {
            let mut replayed = Ledger::under(None);
            for entry in ledger {
                let bytes = entry.as_str().and_then(unhex_any).ok_or_else(|| damaged(file, text!("document-no-hex")))?;
                let entry = Entry::decode(&bytes).map_err(|why| damaged(file, refused(&Refused::from(why))))?;
                replayed.push(entry).map_err(|why| damaged(file, refused(&Refused::from(why))))?;
            }
            entries = Some(replayed.entries().len() as u64);
        }
        Ok(DocumentChecked { kind: DocumentKind::of(&document), key: hex(key.as_bytes()), entries })
    }
}

/// Why a document is not one that a device signed.
pub fn not_signed(why: NotSigned) -> Text {
    match why {
        NotSigned::NoJson => text!("document-no-json"),
        NotSigned::NoKey => text!("document-no-key"),
        NotSigned::NoSignature => text!("document-no-signature"),
        NotSigned::Changed => text!("document-changed"),
    }
}

fn damaged(file: &Path, why: Text) -> Failure {
    Failure::new(Exit::Damaged, text!("document-damaged", path = file, why = why)).hint(text!("document-damaged-hint"))
}

fn unhex_any(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| unhex::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte)).collect()
}
