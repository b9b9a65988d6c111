//! Problems: what went wrong that an owner must know, in the four parts that the policy promises; listed, shown, acknowledged, handed out.

pub mod conditions;
mod parts;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::alarm::device_name;
use crate::app::perform::look_for_problems;
use crate::app::reply::Answer;
use crate::app::request::{Audited, Job};
use crate::app::work::Work;
use crate::app::{Exit, Failure, Session, Text};
use crate::config::Config;
use crate::core::name::ObjectName;
use crate::engine::account::Account;
use crate::engine::account::known_state::{self, Finding};
use crate::engine::account::problem::Grade;
use crate::engine::account::problem_log::Problem as KeptProblem;
use crate::engine::privacy::signed;
use crate::local::audit::Event;
use crate::local::home::write_private;
use crate::text;
use parts::Parts;
pub use parts::VAULT;

/// A problem, in four parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Its number on this device; none for what only holds now and is kept nowhere.
    pub number: Option<u64>,
    /// What kind: a word that stays the same.
    pub kind: String,
    /// What a store shows, where that is what is wrong: a word that stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
    /// How bad: info, warning, serious or critical.
    pub grade: String,
    /// Which store or place; nothing where there is only one.
    pub subject: String,
    /// Which device, by the owner's name for it.
    pub device: String,
    /// What exactly.
    pub object: String,
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
    pub fn of(account: &Account, incident: &KeptProblem) -> Self {
        let alarm =
            account.memory.store_problems().find(|alarm| parts::is_of(account, alarm, incident)).filter(|_| incident.is_open());
        let parts = match alarm {
            Some(alarm) => parts::of_alarm(account, alarm),
            None => parts::of_incident(incident),
        };
        let what = &incident.what;
        Self {
            number: Some(incident.number),
            alarm: alarm.map(|alarm| parts::word(alarm.finding.what).to_owned()),
            subject: what.subject.clone(),
            device: what.device.clone(),
            object: what.object.clone(),
            known: what.known,
            shown: what.shown,
            first: incident.first,
            last: incident.last,
            since: alarm.and_then(|alarm| alarm.since),
            count: incident.count,
            open: incident.is_open(),
            acknowledged: incident.acknowledged,
            remedied: incident.remedied,
            told: incident.told,
            ..Self::now(account, what.kind.as_str(), incident.grade(), parts)
        }
    }

    /// What a store shows just now, kept or not.
    pub fn of_alarm(account: &Account, alarm: &known_state::StoreProblem) -> Self {
        let (kind, finding) = (alarm.finding.what.kind(), &alarm.finding);
        let Finding { device, object, known, shown, .. } = finding;
        Self {
            alarm: Some(parts::word(finding.what).to_owned()),
            subject: alarm.store.clone(),
            device: device.as_ref().map(|device| device_name(account, device)).unwrap_or_default(),
            object: object.as_ref().map(ObjectName::to_string).unwrap_or_default(),
            known: *known,
            shown: *shown,
            since: alarm.since,
            ..Self::now(account, kind.as_str(), kind.grade(1, *known), parts::of_alarm(account, alarm))
        }
    }

    /// What holds now.
    fn now(account: &Account, kind: &str, grade: Grade, parts: Parts) -> Self {
        let time = account.now();
        let [happened, done, advice, remedy] = parts;
        Self {
            number: None,
            kind: kind.to_owned(),
            alarm: None,
            grade: grade.as_str().to_owned(),
            subject: String::new(),
            device: String::new(),
            object: String::new(),
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
        self.open && self.grade != Grade::Info.as_str()
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
        document["language"] = session.language.as_str().into();
        document
    }
}

/// Everything that is open now, looked at anew; it counts as told.
pub fn open(work: &Work<'_>, config: &Config, account: &Account) -> Result<Vec<Problem>, Failure> {
    look_for_problems(work, config, account, false)?;
    account.take_unshown();
    let incidents = account.problems();
    let mut found: Vec<Problem> =
        incidents.iter().filter(|incident| incident.is_open()).map(|incident| Problem::of(account, incident)).collect();
    found.extend(conditions::now(work, config, account)?);
    Ok(found)
}

/// Lists problems.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListProblems {
    /// Also what is remedied or acknowledged.
    #[serde(default)]
    pub all: bool,
}

/// Shows one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShowProblem {
    /// Its number.
    pub number: u64,
}

/// Says that the owner has seen one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AckProblem {
    /// Its number.
    pub number: u64,
}

/// Writes all that are kept to a file, signed by this device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExportProblems {
    /// The file.
    pub to: PathBuf,
}

/// Problems, the newest last; what only holds now comes at the end.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProblemList {
    /// The problems.
    pub problems: Vec<Problem>,
    /// Whether those that are remedied or acknowledged are among them.
    pub all: bool,
}

/// One problem.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OneProblem {
    /// The problem.
    pub problem: Problem,
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExportedProblems {
    /// The file.
    pub file: PathBuf,
    /// How many problems.
    pub problems: u64,
}

impl Answer for ProblemList {
    fn exit(&self) -> Exit {
        if self.problems.iter().any(Problem::needs_owner) { Exit::Incomplete } else { Exit::Done }
    }
}

impl Answer for OneProblem {}

impl Answer for ExportedProblems {}

impl Job for ListProblems {
    type Reply = ProblemList;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<ProblemList, Failure> {
        let account = work.look()?;
        let mut problems = open(work, &work.session.config()?, &account)?;
        if self.all {
            let incidents = account.problems();
            let closed = incidents.iter().filter(|incident| !incident.is_open()).map(|incident| Problem::of(&account, incident));
            problems.extend(closed);
            problems.sort_by_key(|problem| problem.number.unwrap_or(u64::MAX));
        }
        Ok(ProblemList { problems, all: self.all })
    }
}

impl Job for ShowProblem {
    type Reply = OneProblem;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<OneProblem, Failure> {
        let account = work.look()?;
        look_for_problems(work, &work.session.config()?, &account, false)?;
        let found = account.problems().into_iter().find(|incident| incident.number == self.number);
        let incident = found.ok_or_else(|| unknown(self.number))?;
        Ok(OneProblem { problem: Problem::of(&account, &incident) })
    }
}

impl Job for AckProblem {
    type Reply = OneProblem;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Incident, "acknowledged"))
    }

    fn run(self, work: &Work<'_>) -> Result<OneProblem, Failure> {
        let account = work.look()?;
        let incident = account.acknowledge(self.number).ok_or_else(|| unknown(self.number))?;
        Ok(OneProblem { problem: Problem::of(&account, &incident) })
    }
}

impl Job for ExportProblems {
    type Reply = ExportedProblems;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Export, "problems"))
    }

    fn run(self, work: &Work<'_>) -> Result<ExportedProblems, Failure> {
        let account = work.look()?;
        look_for_problems(work, &work.session.config()?, &account, false)?;
        let problems: Vec<_> = account.problems().iter().map(|one| Problem::of(&account, one).document(work.session)).collect();
        let count = problems.len() as u64;
        let time = jiff::Timestamp::from_second(work.session.now()).map(|time| time.to_string()).unwrap_or_default();
        let document = serde_json::json!({
            "kind": "problems", "time": time, "account": account.id().to_string(),
            "fingerprint": account.fingerprint(), "problems": problems,
        });
        let text = serde_json::to_string_pretty(&signed::sign(&account, document)).unwrap_or_default();
        write_private(&self.to, text.as_bytes())?;
        Ok(ExportedProblems { file: self.to, problems: count })
    }
}

fn unknown(number: u64) -> Failure {
    Failure::usage(text!("problem-unknown", number = crate::app::Arg::Text(number.to_string())))
        .hint(text!("problem-unknown-hint"))
}
