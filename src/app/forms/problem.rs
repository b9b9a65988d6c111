//! A problem, in the four parts that the policy promises.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::forms::problem_kind::{Grade, Kind, Subject};
use crate::app::forms::problem_parts::{self as parts, Parts};
use crate::app::forms::store_problem::{Contradiction, device_name};
use crate::app::reasons;
use crate::app::{Session, Text};
use crate::engine::account::Account;
use crate::engine::account::known_state::{self, Finding};
use crate::engine::account::problem_log::Problem as KeptProblem;

/// A problem, in four parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Its number on this device; none for what only holds now and is kept nowhere.
    pub number: Option<u64>,
    /// What kind.
    pub kind: Kind,
    /// What a store shows, where that is what is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomaly: Option<Contradiction>,
    /// How bad.
    pub grade: Grade,
    /// What it is about.
    pub subject: Subject,
    /// Which device, by the owner's name for it.
    pub device: String,
    /// What exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Text>,
    /// A number that is known: a snapshot, days, bytes, tries, objects.
    pub known: u64,
    /// A number that was shown.
    pub shown: u64,
    /// When it was seen first, in seconds since 1970.
    pub first: i64,
    /// When it was seen last.
    pub last: i64,
    /// When all was well last, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// How often.
    pub count: u32,
    /// Whether it is neither remedied nor acknowledged.
    pub open: bool,
    /// When the owner acknowledged it.
    pub acknowledged: Option<i64>,
    /// When it was seen to be remedied.
    pub remedied: Option<i64>,
    /// When the owner's program was told.
    pub told: Option<i64>,
    /// What happened, and what it may mean.
    pub happened: Text,
    /// What Printkeep did.
    pub done: Text,
    /// What the owner can do.
    pub advice: Text,
    /// What remedies it.
    pub remedy: Text,
    /// The account, as it is called here.
    pub account: String,
    /// The device that saw it.
    pub on: String,
}

impl Problem {
    /// A problem as it is told. Where a store still shows what is wrong, it is told by that.
    pub fn of(account: &Account, kept: &KeptProblem) -> Self {
        let of_it = |shown: &&known_state::StoreProblem| kept.is_open() && parts::is_of(account, shown, kept);
        let shown = account.memory.store_problems().find(of_it);
        let parts = match shown {
            Some(shown) => parts::of_shown(account, shown),
            None => parts::of_kept(account, kept),
        };
        let what = &kept.what;
        Self {
            number: Some(kept.number).filter(|number| *number > 0),
            anomaly: shown.map(|shown| shown.finding.what.into()),
            subject: (&what.subject).into(),
            device: what.device.clone(),
            object: Some(reasons::told(&what.object)).filter(|_| !what.object.is_empty()),
            known: what.known,
            shown: what.shown,
            first: kept.first,
            last: kept.last,
            since: shown.and_then(|shown| shown.since),
            count: kept.count,
            open: kept.is_open(),
            acknowledged: kept.acknowledged,
            remedied: kept.remedied,
            told: kept.told,
            ..Self::now(account, Kind::Kept(what.kind), kept.grade().into(), parts)
        }
    }

    /// What a store shows just now, kept or not.
    pub fn of_shown(account: &Account, of: &known_state::StoreProblem) -> Self {
        let (kind, finding) = (of.finding.what.kind(), &of.finding);
        let Finding { device, object, known, shown, .. } = finding;
        Self {
            anomaly: Some(finding.what.into()),
            subject: Subject::Store(of.store.clone()),
            device: device.as_ref().map(|device| device_name(account, device)).unwrap_or_default(),
            object: object.as_ref().map(|name| Text::plain(name.to_string())),
            known: *known,
            shown: *shown,
            since: of.since,
            ..Self::now(account, Kind::Kept(kind), kind.grade(1, *known).into(), parts::of_shown(account, of))
        }
    }

    /// What holds now.
    pub fn now(account: &Account, kind: Kind, grade: Grade, parts: Parts) -> Self {
        let time = account.now();
        let [happened, done, advice, remedy] = parts;
        Self {
            number: None,
            kind,
            anomaly: None,
            grade,
            subject: Subject::Account,
            device: String::new(),
            object: None,
            known: 0,
            shown: 0,
            first: time,
            last: time,
            since: None,
            count: 1,
            open: true,
            acknowledged: None,
            remedied: None,
            told: None,
            happened,
            done,
            advice,
            remedy,
            account: account.name.as_str().to_owned(),
            on: account.device.name.clone(),
        }
    }

    /// Whether it needs the owner, rather than being worth knowing.
    pub fn needs_owner(&self) -> bool {
        self.open && self.grade != Grade::Info
    }

    /// For the owner's program: in sentences, in the language of the session.
    pub fn document(&self, session: &Session) -> serde_json::Value {
        let say = |text: &Text| (session.say)(text, session.language);
        let mut document = serde_json::to_value(self).unwrap_or_default();
        for (part, text) in
            [("happened", &self.happened), ("done", &self.done), ("advice", &self.advice), ("remedy", &self.remedy)]
        {
            document[part] = say(text).into();
        }
        if let Some(object) = &self.object {
            document["object"] = say(object).into();
        }
        document["language"] = session.language.as_str().into();
        document
    }
}
