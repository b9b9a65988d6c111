//! What a WebDAV server's refusals mean, and who can act.

use crate::provider::ProviderError;
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
pub fn refused(answer: &Answer, action: Action) -> ProviderError {
    let said = answer.status.to_string();
    match (answer.status.as_u16(), action) {
        (401, _) => ProviderError::Refused(said),
        (403 | 405, Action::Write) => ProviderError::ReadOnly(format!("{said}: this user may not write there")),
        (403, Action::Read) => ProviderError::Refused(format!("{said}: this user may not read there")),
        (404 | 410, _) => ProviderError::Missing,
        (413, _) => ProviderError::Full(format!("{said}: the server takes no file so large")),
        (423, _) => ProviderError::Unreachable(format!("{said}: another program holds a lock on it")),
        (507, _) => ProviderError::Full(format!("{said}: no room, or over quota")),
        (300..=399, _) => {
            ProviderError::Nonsense(format!("{said}: it points elsewhere, and is not followed; is the path right?"))
        }
        (408 | 425 | 429 | 500..=599, _) => ProviderError::Unreachable(said),
        _ => ProviderError::Nonsense(format!("{said}; is the address that of a WebDAV folder?")),
    }
}
