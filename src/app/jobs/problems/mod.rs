//! Problems: what went wrong that an owner must know, in the four parts that the policy promises; listed, shown, acknowledged, handed out.

pub mod conditions;
pub mod lasting;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::document::DocumentKind;
use crate::app::forms::problem::Problem;
use crate::app::job::{Audited, Job};
use crate::app::jobs::problems::lasting::{kept_now, look_for_problems};
use crate::app::new_file;
use crate::app::work::Work;
use crate::app::{Exit, Failure};
use crate::config::Config;
use crate::engine::account::Account;
use crate::engine::privacy::signed;
use crate::engine::repository::stores;
use crate::local::audit::Event;
use crate::text;

/// Everything that is open now, looked at anew; it counts as told.
pub fn open(work: &Work<'_>, config: &Config, account: &Account) -> Result<Vec<Problem>, Failure> {
    // what a sync would say of a folder that is away
    config.stores.iter().for_each(|store| stores::look_at_folder(account, store));
    look_for_problems(work, config, account, false)?;
    account.logs().take_unshown();
    let kept = kept_now(work, account)?;
    let mut found: Vec<Problem> = kept.iter().filter(|one| one.is_open()).map(|one| Problem::of(account, one)).collect();
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
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
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
        let account = work.open_read_only()?;
        let mut problems = open(work, &work.session.config()?, &account)?;
        if self.all {
            let kept = kept_now(work, &account)?;
            let closed = kept.iter().filter(|one| !one.is_open()).map(|one| Problem::of(&account, one));
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
        let account = work.open_read_only()?;
        look_for_problems(work, &work.session.config()?, &account, false)?;
        let found = kept_now(work, &account)?.into_iter().find(|one| one.number == self.number);
        let one = found.ok_or_else(|| unknown(self.number))?;
        Ok(OneProblem { problem: Problem::of(&account, &one) })
    }
}

impl Job for AckProblem {
    type Reply = OneProblem;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Problem, "acknowledged"))
    }

    fn run(self, work: &Work<'_>) -> Result<OneProblem, Failure> {
        let account = work.open_read_only()?;
        let is_there = account.problems().iter().any(|one| one.number == self.number);
        let unkept = || if is_there { unkept(&account) } else { unknown(self.number) };
        let one = account.logs().acknowledge(self.number).ok_or_else(unkept)?;
        Ok(OneProblem { problem: Problem::of(&account, &one) })
    }
}

impl Job for ExportProblems {
    type Reply = ExportedProblems;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Export, "problems"))
    }

    fn run(self, work: &Work<'_>) -> Result<ExportedProblems, Failure> {
        new_file::refuse_taken(&self.to)?;
        let account = work.open_read_only()?;
        look_for_problems(work, &work.session.config()?, &account, false)?;
        let problems: Vec<_> = account.problems().iter().map(|one| Problem::of(&account, one).document(work.session)).collect();
        let count = problems.len() as u64;
        let time = jiff::Timestamp::from_second(work.session.now()).map(|time| time.to_string()).unwrap_or_default();
        let document = serde_json::json!({
            "kind": DocumentKind::Problems, "time": time, "account": account.id().to_string(),
            "fingerprint": account.fingerprint(), "problems": problems,
        });
        let text = serde_json::to_string_pretty(&signed::sign(&account, document)).unwrap_or_default();
        new_file::write(&self.to, text.as_bytes())?;
        Ok(ExportedProblems { file: self.to, problems: count })
    }
}

fn unknown(number: u64) -> Failure {
    Failure::usage(text!("problem-unknown", number = crate::app::Arg::Text(number.to_string())))
        .hint(text!("problem-unknown-hint"))
}

/// What the owner saw cannot be noted: this machine's disk takes nothing.
fn unkept(account: &Account) -> Failure {
    Failure::new(Exit::Failed, text!("problem-unkept", path = account.folder().as_path())).hint(text!("problem-unkept-hint"))
}
