//! What a WebDAV server's refusals mean, and who can act.

use crate::provider::PlaceError;
use crate::provider::http::Answer;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// To read or list.
    Read,
    /// To write, move or remove.
    Write,
}

/// The error that an answer stands for.
pub fn refused(answer: &Answer, action: Action) -> PlaceError {
    let said = answer.status.to_string();
    match (answer.status.as_u16(), action) {
        (401, _) => PlaceError::Refused(said),
        (403 | 405, Action::Write) => PlaceError::ReadOnly(format!("{said}: this user may not write there")),
        (403, Action::Read) => PlaceError::Refused(format!("{said}: this user may not read there")),
        (404 | 410, _) => PlaceError::Missing,
        (413, _) => PlaceError::Full(format!("{said}: the server takes no file so large")),
        (423, _) => PlaceError::Unreachable(format!("{said}: another program holds a lock on it")),
        (507, _) => PlaceError::Full(format!("{said}: no room, or over quota")),
        (300..=399, _) => PlaceError::Nonsense(format!("{said}: it points elsewhere, and is not followed; is the path right?")),
        (408 | 425 | 429 | 500..=599, _) => PlaceError::Unreachable(said),
        _ => PlaceError::Nonsense(format!("{said}; is the address that of a WebDAV folder?")),
    }
}
