//! Questions of a guided run, and what somebody answers.

pub use crate::app::unlock::typed_path;
use crate::app::work::Work;
use crate::app::{Failure, Text};
use crate::text;

/// What somebody answered.
pub enum Said {
    /// Nothing, which takes what is offered or skips.
    Nothing,
    /// To leave.
    Leave,
    /// This.
    This(String),
}

/// Asks; `q` leaves.
pub fn ask(work: &Work<'_>, question: &Text) -> Result<Said, Failure> {
    work.cancel.check()?;
    let answer = work.prompt.answer(question)?;
    Ok(match answer.trim() {
        "" => Said::Nothing,
        "q" | "Q" => Said::Leave,
        said => Said::This(said.to_owned()),
    })
}

/// Tells what went wrong, before the same is asked again.
pub fn tell(work: &Work<'_>, failure: Failure) {
    work.remark(text!("setup-failed", why = failure.message));
    if let Some(hint) = failure.hint {
        work.remark(text!("setup-failed-hint", hint = hint));
    }
}

/// Whether an answer is a yes.
pub fn is_yes(said: &str) -> bool {
    matches!(said.to_lowercase().as_str(), "y" | "yes" | "是")
}
