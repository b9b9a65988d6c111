//! What an SFTP server's refusals mean, and who can act.

use russh_sftp::client::error::Error;
use russh_sftp::protocol::{Status, StatusCode};

use crate::provider::ProviderError;
use crate::provider::reason::Reason;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// To read or list.
    Read,
    /// To write, name or remove.
    Write,
}

/// Whether an error is the server's word of this kind.
pub fn is(error: &Error, code: StatusCode) -> bool {
    matches!(error, Error::Status(status) if status.status_code == code)
}

/// The error of a server that failed without saying why.
pub fn failure() -> Error {
    let (error_message, language_tag) = (String::new(), String::new());
    Error::Status(Status { id: 0, status_code: StatusCode::Failure, error_message, language_tag })
}

/// The error that a refusal stands for.
pub fn sort(error: Error, action: Action) -> ProviderError {
    match error {
        Error::Status(status) => {
            let said = shown(&status.error_message);
            match (status.status_code, action) {
                (StatusCode::NoSuchFile, _) => ProviderError::Missing,
                (StatusCode::PermissionDenied, Action::Write) => ProviderError::ReadOnly(Reason::MayNotWrite { said }),
                (StatusCode::PermissionDenied, Action::Read) => ProviderError::Refused(Reason::MayNotRead { said }),
                (StatusCode::NoConnection | StatusCode::ConnectionLost, _) => ProviderError::Unreachable(Reason::Broken {}),
                (StatusCode::Eof, _) => ProviderError::Unreachable(Reason::CutShort {}),
                _ => ProviderError::Nonsense(said.into()),
            }
        }
        Error::Timeout => ProviderError::Unreachable(Reason::Silent {}),
        Error::IO(what) | Error::UnexpectedBehavior(what) => ProviderError::Unreachable(shown(&what).into()),
        Error::Limited(_) | Error::UnexpectedPacket => ProviderError::Nonsense(Reason::BadAnswer { protocol: "SFTP".into() }),
    }
}

/// A server's words, short and without what moves a cursor.
fn shown(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}
