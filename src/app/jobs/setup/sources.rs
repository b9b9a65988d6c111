//! The step of a guided run that chooses what is backed up.

use super::asking::{Said, ask, ask_yes, tell, typed_path};
use crate::app::forms::setup::{Step, StepName, StepState};
use crate::app::forms::source::{Detected, SourcesDetected};
use crate::app::job::Job;
use crate::app::jobs::source::{SourceAdd, detected, take};
use crate::app::prompt::Shown;
use crate::app::work::Work;
use crate::app::{Exit, Failure};
use crate::engine::backup::detect::Found;
use crate::text;

/// What is to be backed up: what is found, with sizes, or a folder that is named. Where something is chosen already, only what
/// else was found is asked about.
pub fn sources(work: &Work<'_>) -> Result<Option<Step>, Failure> {
    let before = work.session.config()?.sources.len();
    let (found, raw) = detected(work)?;
    let (shown, raw): (Vec<Detected>, Vec<Found>) = found.into_iter().zip(raw).filter(|(found, _)| !found.source).unzip();
    let question = match (before, raw.is_empty()) {
        (0, true) => text!("setup-ask-folder"),
        (0, false) => text!("setup-ask-sources"),
        // what was chosen is not asked about again
        (_, true) => {
            work.remark(text!("setup-sources-add", count = before));
            return Ok(Some(Step::of(StepName::Sources, StepState::Before, text!("setup-sources", count = before))));
        }
        (_, false) => text!("setup-ask-more-sources", count = before),
    };
    work.prompt.show(Shown::Detected(&SourcesDetected {
        found: shown,
        add: false,
        choosing: true,
        added: 0,
        sources: Vec::new(),
    }));
    loop {
        let done = match ask(work, &question)? {
            Said::Leave => return Ok(None),
            Said::Nothing if before == 0 => take(work, &raw).map(|_| true),
            Said::Nothing => break,
            Said::This(said) if said.eq_ignore_ascii_case("s") => break,
            Said::This(said) => chosen(work, &raw, &said, before == 0),
        };
        match done {
            Ok(true) => break,
            Ok(false) => return Ok(None),
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
    let count = work.session.config()?.sources.len();
    let state = match count {
        0 => StepState::Skipped,
        count if count == before => StepState::Before,
        _ => StepState::Done,
    };
    Ok(Some(Step::of(StepName::Sources, state, text!("setup-sources", count = count))))
}

/// Takes numbers of what was found, a path, or both; with a path alone, `asks` whether what was found is wanted too. False where the
/// owner left.
fn chosen(work: &Work<'_>, raw: &[Found], said: &str, asks: bool) -> Result<bool, Failure> {
    let (numbers, path) = numbers_and_path(said);
    let number = |number: &usize| raw.get(number.checked_sub(1)?).cloned();
    let picked: Option<Vec<Found>> = numbers.iter().map(number).collect();
    let mut picked = picked.ok_or_else(|| match raw.len() {
        0 => Failure::usage(text!("setup-no-numbers")),
        count => Failure::usage(text!("setup-no-such-number", count = count)),
    })?;
    if let Some(path) = path {
        let add = SourceAdd { path: typed_path(path), ..SourceAdd::default() };
        work.prompt.show(Shown::Source(&add.run(work)?));
        if asks && picked.is_empty() && !raw.is_empty() {
            match ask_yes(work, &text!("setup-ask-found-too", count = raw.len()), true)? {
                Some(true) => picked = raw.to_vec(),
                Some(false) => {}
                None => return Ok(false),
            }
        }
    }
    take(work, &picked).map(|_| true)
}

/// The numbers at the front, and what is behind them, which is a path and may hold blanks.
fn numbers_and_path(said: &str) -> (Vec<usize>, Option<&str>) {
    let (mut numbers, mut rest) = (Vec::new(), said.trim());
    while !rest.is_empty() {
        let end = rest.find([' ', ',']).unwrap_or(rest.len());
        let Ok(number) = rest[..end].parse() else { return (numbers, Some(rest)) };
        numbers.push(number);
        rest = rest[end..].trim_start_matches([' ', ',']);
    }
    (numbers, None)
}

#[cfg(test)]
mod tests {
    use super::numbers_and_path;

    #[test]
    fn numbers_stand_before_a_path_that_may_hold_blanks() {
        assert_eq!(numbers_and_path("1 3"), (vec![1, 3], None));
        assert_eq!(numbers_and_path("1, 2 /srv/my prints"), (vec![1, 2], Some("/srv/my prints")));
        assert_eq!(numbers_and_path("/srv/2 prints 3"), (vec![], Some("/srv/2 prints 3")));
    }
}
