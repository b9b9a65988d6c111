//! Why a place did not do what it was asked, or bytes are not what they should be, in messages.

use crate::app::{Arg, Text};
use crate::config::ConfigError;
use crate::consent::policy::PolicyError;
use crate::core::named::Named;
use crate::core::refused::Refused;
use crate::local::cache::CacheError;
use crate::local::recovery_kit::KitError;
use crate::local::system_keyring::KeyringError;
use crate::provider::address::error::AddressError;
use crate::provider::credentials::CredentialsError;
use crate::provider::reason::Reason;
use crate::text;

/// What has a name, by the message that is called so.
fn named(prefix: &str, fault: &dyn Named) -> Text {
    let text = Text::new(&format!("{prefix}-{}", fault.id()));
    fault.details().into_iter().fold(text, |text, (name, detail)| text.with(name, detail))
}

/// Why an address or whom to trust there was refused.
pub fn address(why: &AddressError) -> Text {
    named("address", why)
}

/// Why credentials cannot be used.
pub fn credentials(why: &CredentialsError) -> Text {
    match why {
        CredentialsError::Field { field } => text!("credentials-field", field = field_of(field)),
        CredentialsError::Typed { field } => text!("credentials-typed", field = field_of(field)),
        why => named("credentials", why),
    }
}

fn field_of(field: &str) -> Text {
    Text::of_words("credentials-part", field)
}

/// What is wrong with the settings.
pub fn config(why: &ConfigError) -> Text {
    match why {
        ConfigError::Fault(fault) => named("config", fault),
        ConfigError::Store(name, why) => text!("store-fault", name = name, why = address(why)),
    }
}

/// What is wrong with a policy.
pub fn policy(why: &PolicyError) -> Text {
    let fault = named("policy-fault", &why.fault);
    match why.item {
        Some(item) => text!("item-fault", item = item.as_str(), why = fault),
        None => fault,
    }
}

/// Why the keyring of the owner's session did not do what it was asked.
pub fn keyring(why: &KeyringError) -> Text {
    named("keyring", why)
}

/// Why local state cannot be used.
pub fn cache(why: &CacheError) -> Text {
    match why {
        CacheError::InUse => text!("cache-in-use"),
        // whatever a database makes of it, that is why
        CacheError::Database(said) if is_full(said) => text!("cache-full"),
        CacheError::Database(said) => text!("cache-database", said = said),
        CacheError::Panicked => text!("cache-panicked"),
        CacheError::Failed => text!("cache-failed"),
        CacheError::Damaged => text!("cache-damaged"),
        CacheError::Foreign => text!("cache-foreign"),
        CacheError::Bloated => text!("cache-bloated"),
        CacheError::TooLarge => text!("cache-too-large"),
        CacheError::NoFolder(path) => text!("cache-no-folder", path = path.as_path()),
        CacheError::Strange(path) => text!("cache-strange", path = path.as_path()),
        CacheError::Folder(path, why) => text!("of-file", file = path.as_path(), why = because(why)),
        CacheError::NoEmpty(path, why) => text!("cache-no-empty", path = path.as_path(), why = cache(why)),
        CacheError::Randomness => text!("no-randomness"),
    }
}

fn is_full(said: &str) -> bool {
    let codes = [rustix::io::Errno::NOSPC, rustix::io::Errno::DQUOT, rustix::io::Errno::FBIG];
    codes.iter().any(|code| said.contains(&format!("os error {}", code.raw_os_error())))
}

/// Why a text is no recovery kit.
pub fn kit(why: &KitError) -> Text {
    match why {
        KitError::Count(count) => text!("kit-count", count = count.to_string()),
        KitError::Unknown(number) => text!("kit-unknown-word", number = number.to_string()),
        KitError::Checksum => text!("kit-checksum"),
    }
}

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
        Refused::Untold => text!("refused-untold"),
        Refused::Revoked => text!("refused-revoked"),
        Refused::MayNotDelete => text!("refused-may-not-delete"),
    }
}

/// Why, in the form of no language in which it is kept, or passed on.
pub fn kept(why: &Text) -> String {
    serde_json::to_string(why).unwrap_or_default()
}

/// What is kept so, or a place's reason, or a name.
pub fn told(kept: &str) -> Text {
    serde_json::from_str(kept).unwrap_or_else(|_| because(&Reason::recorded(kept)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_why_local_state_failed_whatever_the_database_says() {
        let full = std::io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
        assert_eq!(cache(&CacheError::Database(format!("IO error: {full}"))).id, "cache-full");
        assert_eq!(cache(&CacheError::Database("torn page".into())).id, "cache-database");
    }
}
