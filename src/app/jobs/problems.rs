//! Problems: what went wrong that an owner must know, in the four parts that the policy promises.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::{Session, Text};
use crate::engine::account::Account;
use crate::engine::incident::Incident;

/// A problem, in four parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Its number on this device.
    pub number: u64,
    /// What kind: a word that stays the same.
    pub kind: String,
    /// How bad: info, warning, serious or critical.
    pub grade: String,
    /// When it was seen first, in seconds since 1970.
    pub first: i64,
    /// When it was seen last.
    pub last: i64,
    /// How often.
    pub count: u32,
    /// Whether it is neither remedied nor acknowledged.
    pub open: bool,
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
    /// A problem as it is told.
    pub fn of(account: &Account, incident: &Incident) -> Self {
        let what = &incident.what;
        let kind = what.kind.as_str();
        let part = |part: &str| {
            Text::new(&format!("problem-{kind}-{part}"))
                .with("store", what.subject.as_str())
                .with("device", what.device.as_str())
                .with("object", what.object.as_str())
                .with("known", what.known)
                .with("shown", what.shown)
        };
        Self {
            number: incident.number,
            kind: kind.to_owned(),
            grade: incident.grade().as_str().to_owned(),
            first: incident.first,
            last: incident.last,
            count: incident.count,
            open: incident.is_open(),
            happened: part("happened"),
            done: part("done"),
            advice: part("advice"),
            remedy: part("remedy"),
            account: account.name.as_str().to_owned(),
            on: account.device.name.clone(),
        }
    }

    /// For the owner's program: in sentences, in the language of the session.
    pub fn document(&self, session: &Session) -> serde_json::Value {
        let say = |text: &Text| (session.say)(text, session.language);
        serde_json::json!({
            "number": self.number, "kind": self.kind, "grade": self.grade, "first": self.first, "last": self.last, "count": self.count,
            "open": self.open, "account": self.account, "on": self.on, "language": session.language.as_str(),
            "happened": say(&self.happened), "done": say(&self.done), "advice": say(&self.advice), "remedy": say(&self.remedy),
        })
    }
}
