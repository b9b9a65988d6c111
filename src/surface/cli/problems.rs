//! `problems`, and problems in lines wherever they are told.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::app::forms::problem::Problem;
use crate::app::forms::problem_kind::Grade;
use crate::app::jobs::problems::{self as job, ExportedProblems, OneProblem, ProblemList};
use crate::app::{Arg, Failure, Request, Text};
use crate::surface::words::Words;
use crate::text;

/// `problems`
#[derive(Args)]
pub struct Problems {
    #[command(subcommand)]
    command: Option<ProblemsCommand>,
}

#[derive(Subcommand)]
enum ProblemsCommand {
    List {
        #[arg(long)]
        all: bool,
    },
    Show {
        number: u64,
    },
    Ack {
        number: u64,
    },
    Export {
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        to: PathBuf,
    },
}

impl Problems {
    /// What it asks for; without more, the list of what is open.
    pub fn request(self) -> Result<Request, Failure> {
        Ok(match self.command {
            None => Request::ListProblems(job::ListProblems { all: false }),
            Some(ProblemsCommand::List { all }) => Request::ListProblems(job::ListProblems { all }),
            Some(ProblemsCommand::Show { number }) => Request::ShowProblem(job::ShowProblem { number }),
            Some(ProblemsCommand::Ack { number }) => Request::AckProblem(job::AckProblem { number }),
            Some(ProblemsCommand::Export { to }) => Request::ExportProblems(job::ExportProblems { to }),
        })
    }
}

/// The lines of a list.
pub fn list(reply: &ProblemList, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.problems.iter().map(|problem| line(problem, words)).collect();
    if lines.is_empty() {
        lines.push(words.say(&if reply.all { text!("problems-never") } else { text!("problems-none") }));
    }
    lines
}

/// One in full.
pub fn show(reply: &OneProblem, words: &Words) -> Vec<String> {
    let mut lines = vec![head(&reply.problem, words)];
    lines.extend(in_parts(&reply.problem, words));
    lines
}

/// The line of one that is acknowledged.
pub fn acknowledged(reply: &OneProblem, words: &Words) -> Vec<String> {
    vec![words.say(&text!("problem-acked", number = number(&reply.problem)))]
}

/// The line of what was written.
pub fn exported(reply: &ExportedProblems, words: &Words) -> Vec<String> {
    vec![words.say(&text!("problems-exported", count = reply.problems, file = reply.file.as_path()))]
}

fn number(problem: &Problem) -> Arg {
    Arg::Text(problem.number.map_or_else(|| "-".into(), |number| number.to_string()))
}

fn grade(problem: &Problem) -> Text {
    match problem.grade {
        Grade::Info => text!("grade-info"),
        Grade::Warning => text!("grade-warning"),
        Grade::Serious => text!("grade-serious"),
        Grade::Critical => text!("grade-critical"),
    }
}

/// What stands above the parts.
fn head(problem: &Problem, words: &Words) -> String {
    let (state, times) = marks(problem, words);
    words.say(&text!(
        "problem-head",
        number = number(problem),
        grade = grade(problem),
        state = state,
        first = Arg::Time(problem.first),
        last = Arg::Time(problem.last),
        times = times
    ))
}

/// Whether it is over, and how often it was seen.
fn marks(problem: &Problem, words: &Words) -> (String, String) {
    let state = match (problem.remedied, problem.acknowledged) {
        (Some(_), _) => words.say(&text!("problem-is-remedied")),
        (None, Some(_)) => words.say(&text!("problem-is-acknowledged")),
        (None, None) => String::new(),
    };
    let times = if problem.count > 1 { words.say(&text!("problem-times", count = problem.count)) } else { String::new() };
    (state, times)
}

/// In one line.
fn line(problem: &Problem, words: &Words) -> String {
    let (state, times) = marks(problem, words);
    let number = problem.number.map_or_else(|| "   -".into(), |number| format!("{number:>4}"));
    words.say(&text!(
        "problem-line",
        number = number,
        when = Arg::Time(problem.last),
        grade = grade(problem),
        times = times,
        state = state,
        happened = problem.happened.clone()
    ))
}

/// The four parts, a line each.
pub fn in_parts(problem: &Problem, words: &Words) -> Vec<String> {
    let mut parts = vec![
        text!("problem-part-happened", part = problem.happened.clone()),
        text!("problem-part-done", part = problem.done.clone()),
        text!("problem-part-advice", part = problem.advice.clone()),
        text!("problem-part-remedy", part = problem.remedy.clone()),
    ];
    parts.extend(problem.since.map(|time| text!("problem-part-since", time = Arg::Time(time))));
    parts.iter().map(|part| words.say(part)).collect()
}

/// In one line with what remedies it, as `status` shows it.
pub fn short(problem: &Problem, words: &Words) -> String {
    let (happened, remedy) = (problem.happened.clone(), problem.remedy.clone());
    words.say(&match problem.number {
        _ if !problem.needs_owner() => text!("problem-note", happened = happened, remedy = remedy),
        Some(_) => {
            text!("problem-short", number = number(problem), grade = grade(problem), happened = happened, remedy = remedy)
        }
        None => text!("problem-short-now", grade = grade(problem), happened = happened, remedy = remedy),
    })
}

/// A problem as it is told when it is new.
pub fn lines(problem: &Problem, words: &Words) -> Vec<String> {
    let told = text!(
        "problem-told",
        number = number(problem),
        grade = grade(problem),
        happened = problem.happened.clone(),
        done = problem.done.clone(),
        advice = problem.advice.clone()
    );
    words.say(&told).lines().map(str::to_owned).collect()
}

/// A place in words: a store, or the local vault where none is named.
pub fn place(store: Option<&str>) -> Arg {
    store.map_or_else(|| text!("the-vault").into(), Arg::from)
}
