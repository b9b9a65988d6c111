//! Questions of a guided run, and what somebody answers.

use std::path::PathBuf;

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

/// Asks until it is answered with yes or no; Enter is `offered`. None leaves.
pub fn ask_yes(work: &Work<'_>, question: &Text, offered: bool) -> Result<Option<bool>, Failure> {
    loop {
        match ask(work, question)? {
            Said::Leave => return Ok(None),
            Said::Nothing => return Ok(Some(offered)),
            Said::This(said) => match said.to_lowercase().as_str() {
                "y" | "yes" | "是" => return Ok(Some(true)),
                "n" | "no" | "否" | "不" => return Ok(Some(false)),
                _ => work.remark(text!("setup-yes-or-no")),
            },
        }
    }
}

/// A folder that is there, by its path as it was typed; else why it cannot be taken.
pub fn existing_folder(work: &Work<'_>, said: &str) -> Result<PathBuf, Failure> {
    let path = typed_path(said);
    let full = std::path::absolute(&path).map_err(|error| Failure::path(&path, &error))?;
    if !full.is_dir() {
        return Err(Failure::usage(text!("setup-no-folder", path = full.as_path())).hint(text!("setup-no-folder-hint")));
    }
    work.full_path(&full)
}
