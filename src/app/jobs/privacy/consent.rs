//! What the owner allows: shown, granted, denied, withdrawn, and every decision in order.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PolicyInfo, items, language};
use crate::app::answer::Answer;
use crate::app::deletion::{self, DeletedHere};
use crate::app::job::{Audited, Job};
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure};
use crate::consent::{Class, ConsentState, Decision, Entry, Item, Language, Ledger, Masking, Surface};
use crate::core::name::hex;
use crate::engine::account::Account;
use crate::local::audit::Event;
use crate::local::consent_withdrawal;

/// How the owner stands to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// The item.
    pub purpose: String,
    /// Whether it is allowed now.
    pub allowed: bool,
    /// How it stands.
    #[schemars(with = "String")]
    pub standing: ConsentState,
    /// When that was decided, in seconds since 1970; 0 where it came by itself.
    pub since: Option<i64>,
    /// Whether anything in Printkeep does it.
    pub served: bool,
    /// Its class.
    #[schemars(with = "String")]
    pub class: Class,
    /// How it is masked.
    #[schemars(with = "String")]
    pub masking: Masking,
    /// How long it is kept, in days.
    pub days: Option<u16>,
    /// What the policy says of it.
    pub meaning: Option<String>,
}

impl Consent {
    fn of(ledger: &Ledger, item: Item, language: Language) -> Self {
        let statement = ledger.policy().and_then(|policy| policy.statement(item));
        Self {
            purpose: item.as_str().to_owned(),
            allowed: ledger.standing(item) == ConsentState::Granted,
            standing: ledger.standing(item),
            since: ledger.last(item).map(|entry| entry.asked.time),
            served: item.purpose().is_served(),
            class: item.class(),
            masking: item.masking(),
            days: ledger.policy().map(|policy| policy.days(item)),
            meaning: statement.map(|said| said.purpose.in_language(language).to_owned()),
        }
    }
}

/// Shows what is allowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyShow {
    /// In which language.
    pub language: Option<String>,
}

/// What is allowed, item by item.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Consents {
    /// Every item.
    pub consents: Vec<Consent>,
    /// Items whose policy has changed since they were granted.
    pub stale: u64,
    /// The policy in force; none where it cannot be read.
    pub policy: Option<PolicyInfo>,
}

impl Answer for Consents {}

impl Job for PrivacyShow {
    type Reply = Consents;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Consents, Failure> {
        let language = language(work.session, self.language.as_deref())?;
        let ledger = &work.open_read_only()?.ledger;
        let stale = Item::all().filter(|item| ledger.standing(*item) == ConsentState::Stale).count() as u64;
        let consents = Item::all().map(|item| Consent::of(ledger, item, language)).collect();
        Ok(Consents { consents, stale, policy: ledger.policy().map(PolicyInfo::of) })
    }
}

/// Allows items, each by itself, under the policy in force.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyGrant {
    /// Which: items, or purposes for all of their items.
    pub items: Vec<String>,
}

/// Items were allowed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Granted {
    /// Them.
    pub consents: Vec<Consent>,
}

impl Answer for Granted {}

impl Job for PrivacyGrant {
    type Reply = Granted;

    fn audited(&self) -> Option<Audited> {
        // a decision is written where it is booked; here only one that was refused
        Some(Audited::of(Event::Consent, "grant"))
    }

    fn run(self, work: &Work<'_>) -> Result<Granted, Failure> {
        let items = items(&self.items)?;
        let mut account = work.open(WorkKind::Small)?;
        let asked = work.session.asked();
        // all or none
        for item in &items {
            account.ledger.decide(*item, Decision::Granted, asked, [0; 16])?;
        }
        for item in &items {
            account.decide(*item, Decision::Granted, asked)?;
        }
        Ok(Granted { consents: items.iter().map(|item| Consent::of(&account.ledger, *item, asked.language)).collect() })
    }
}

/// Says no.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyDeny {
    /// To which items.
    pub items: Vec<String>,
}

/// Takes items back; use stops within a second, also in another process that is at work.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PrivacyWithdraw {
    /// Which items.
    pub items: Vec<String>,
}

/// Items are not allowed any more.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct TakenBack {
    /// How they stand now.
    pub consents: Vec<Consent>,
    /// What was deleted for it.
    pub deleted: DeletedHere,
    /// Items that a process at work was told of: it stops using them within a second, and books it.
    pub left: Vec<String>,
}

impl Answer for TakenBack {}

impl Job for PrivacyDeny {
    type Reply = TakenBack;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Consent, "deny"))
    }

    fn run(self, work: &Work<'_>) -> Result<TakenBack, Failure> {
        take_back(work, &items(&self.items)?, Decision::Denied)
    }
}

impl Job for PrivacyWithdraw {
    type Reply = TakenBack;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Consent, "withdraw"))
    }

    fn run(self, work: &Work<'_>) -> Result<TakenBack, Failure> {
        take_back(work, &items(&self.items)?, Decision::Withdrawn)
    }
}

/// So long whoever is at work is waited for; then it is told.
const PATIENCE: Duration = Duration::from_secs(1);

fn take_back(work: &Work<'_>, items: &[Item], decision: Decision) -> Result<TakenBack, Failure> {
    let asked = work.session.asked();
    let decided = work.open_within(WorkKind::Records, PATIENCE).and_then(|mut account| {
        items.iter().try_for_each(|item| account.decide(*item, decision, asked).map(drop))?;
        Ok(account)
    });
    let mut account = match decided {
        Ok(account) => account,
        // whoever stops the waiting still takes back
        Err(failure) if matches!(failure.exit, Exit::Busy | Exit::Stopped) => return leave(work, items),
        Err(failure) => return Err(failure),
    };
    account.heed(work.cancel.stop());
    let deleted = deletion::tidy(work.session, &mut account)?;
    let consents = items.iter().map(|item| Consent::of(&account.ledger, *item, asked.language)).collect();
    Ok(TakenBack { consents, deleted, left: Vec::new() })
}

/// Another process is at work: it is told, and stops by itself.
fn leave(work: &Work<'_>, items: &[Item]) -> Result<TakenBack, Failure> {
    let name = Account::choose(&work.session.home, work.session.account.as_ref())?;
    consent_withdrawal::leave(&work.session.home.account(&name), items)?;
    Ok(TakenBack { left: items.iter().map(|item| item.as_str().to_owned()).collect(), ..TakenBack::default() })
}

/// Shows every decision, in the order they were made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PrivacyHistory {}

/// Every decision.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Decisions {
    /// The first one first.
    pub entries: Vec<DecisionInfo>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionInfo {
    /// On which item.
    pub purpose: String,
    /// What was decided.
    #[schemars(with = "String")]
    pub decision: Decision,
    /// When, in seconds since 1970; 0 where it came by itself.
    pub time: i64,
    /// On which surface it was asked.
    #[schemars(with = "String")]
    pub surface: Surface,
    /// In which language.
    pub language: String,
    /// Under which version of the policy.
    pub policy: u32,
    /// SHA-256 of the entry.
    pub sha256: String,
    /// SHA-256 of the entry before it.
    pub previous: String,
}

impl DecisionInfo {
    fn of(entry: &Entry) -> Self {
        Self {
            purpose: entry.item.as_str().to_owned(),
            decision: entry.decision,
            time: entry.asked.time,
            surface: entry.asked.surface,
            language: entry.asked.language.as_str().to_owned(),
            policy: entry.version,
            sha256: hex(&entry.hash()),
            previous: hex(&entry.previous),
        }
    }
}

impl Answer for Decisions {}

impl Job for PrivacyHistory {
    type Reply = Decisions;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Decisions, Failure> {
        Ok(Decisions { entries: work.open_read_only()?.ledger.entries().iter().map(DecisionInfo::of).collect() })
    }
}
