//! What an owner can show, take away and prove: signed documents, receipts of what was deleted, an archive of everything that is held.

pub mod erase;
pub mod export;
pub mod receipts;
pub mod records;
pub mod signed;
pub mod tar;

/// A time as documents tell it (RFC 3339, UTC); `seconds` since 1970.
pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}
