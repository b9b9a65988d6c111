//! Problems in lines.

use crate::app::jobs::problems::Problem;
use crate::surface::words::Words;
use crate::text;

/// A problem as it is told when it is new.
pub fn told(problem: &Problem, words: &Words) -> Vec<String> {
    let told = text!(
        "problem-told",
        number = problem.number,
        grade = crate::app::Text::new(&format!("grade-{}", problem.grade)),
        happened = problem.happened.clone(),
        done = problem.done.clone(),
        advice = problem.advice.clone()
    );
    words.say(&told).lines().map(str::to_owned).collect()
}
