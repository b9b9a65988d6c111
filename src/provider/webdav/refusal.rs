//! What a WebDAV server's refusals mean, and who can act.

use crate::provider::ProviderError;
use crate::provider::http::Answer;
use crate::provider::reason::Reason;

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
        (401, _) => ProviderError::Refused(Reason::WrongLogin {}),
        (403 | 405, Action::Write) => ProviderError::ReadOnly(Reason::MayNotWrite { said }),
        (403, Action::Read) => ProviderError::Refused(Reason::MayNotRead { said }),
        (404 | 410, _) => ProviderError::Missing,
        (413, _) => ProviderError::Full(Reason::TooLarge { said }),
        (423, _) => ProviderError::Unreachable(Reason::LockedThere { said }),
        (507, _) => ProviderError::Full(Reason::NoRoom { said }),
        (300..=399, _) => ProviderError::Nonsense(Reason::PointsElsewhere { said }),
        (408 | 425 | 429 | 500..=599, _) => ProviderError::Unreachable(Reason::Later { said }),
        _ => ProviderError::Nonsense(Reason::NoWebDav { said }),
    }
}
