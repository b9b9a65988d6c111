//! Paths in replies: a document is UTF-8, and a name on a Linux disk need not be; what is no text is shown as `�`, as everywhere on screen.

use std::path::PathBuf;

use serde::{Serialize, Serializer};

/// One path, none, or several.
pub trait Paths {
    /// The same as text.
    type Shown: Serialize;

    /// As they are shown.
    fn shown(&self) -> Self::Shown;
}

impl Paths for PathBuf {
    type Shown = String;

    fn shown(&self) -> String {
        self.to_string_lossy().into_owned()
    }
}

impl Paths for Option<PathBuf> {
    type Shown = Option<String>;

    fn shown(&self) -> Option<String> {
        self.as_ref().map(Paths::shown)
    }
}

impl Paths for Vec<PathBuf> {
    type Shown = Vec<String>;

    fn shown(&self) -> Vec<String> {
        self.iter().map(Paths::shown).collect()
    }
}

/// For `serialize_with`.
pub fn lossy<P: Paths, S: Serializer>(paths: &P, to: S) -> Result<S::Ok, S::Error> {
    paths.shown().serialize(to)
}
