//! Why a place did not do what it was asked, or bytes are not what they should be, in messages.

use crate::app::{Arg, Text};
use crate::core::refused::Refused;
use crate::provider::reason::Reason;
use crate::text;

/// Why a place did not do what it was asked, in the owner's language; what a server says itself stays in its own.
pub fn because(reason: &Reason) -> Text {
    let Some(id) = reason.id() else { return Text::plain(reason.to_string()) };
    let of = |name: &str, detail: &str| match (name, detail.parse()) {
        ("bytes", Ok(bytes)) => Arg::Bytes(bytes),
        ("seconds", Ok(seconds)) => Arg::Seconds(seconds),
        ("count", Ok(count)) => Arg::Count(count),
        _ => Arg::from(detail),
    };
    reason.details().iter().fold(Text::new(&format!("reason-{id}")), |text, (name, detail)| text.with(name, of(name, detail)))
}

/// Why bytes are not the object that they should be; what breaks the format is said as FORMAT.md calls it.
pub fn refused(why: &Refused) -> Text {
    match why {
        Refused::NotAnObject => text!("refused-no-object"),
        Refused::UnknownVersion => text!("refused-version"),
        Refused::Malformed(what) => text!("refused-malformed", what = *what),
        Refused::OtherAccount => text!("refused-other-account"),
        Refused::OtherPlace => text!("refused-other-name"),
        Refused::NoKey => text!("refused-no-key"),
        Refused::Changed => text!("refused-changed"),
        Refused::Unsigned => text!("refused-unsigned"),
        Refused::Revoked => text!("refused-revoked"),
        Refused::MayNotDelete => text!("refused-may-not-delete"),
    }
}
