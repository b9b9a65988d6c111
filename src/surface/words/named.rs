//! Tests that every fault which has a name has words in both languages.

use crate::app::{Text, reasons};
use crate::config::{ConfigError, ConfigFault};
use crate::consent::Language;
use crate::consent::policy::{PolicyError, PolicyFault};
use crate::local::system_keyring::KeyringError;
use crate::provider::address::error::AddressError;
use crate::provider::credentials::CredentialsError;
use crate::surface::words::Words;

/// Every fault that has a name, in a message, and its English words.
pub fn faults() -> Vec<(Text, String)> {
    let mut faults: Vec<(Text, String)> = Vec::new();
    faults.extend(AddressError::each().iter().map(|why| (reasons::address(why), why.to_string())));
    faults.extend(ConfigFault::each().into_iter().map(ConfigError::from).map(|why| (reasons::config(&why), why.to_string())));
    faults.extend(PolicyFault::each().into_iter().map(PolicyError::from).map(|why| (reasons::policy(&why), why.to_string())));
    faults.extend(KeyringError::each().iter().map(|why| (reasons::keyring(why), why.to_string())));
    // whose details are words of their own
    let fields = ["access key", "secret key", "session token", "user", "password or key", "passphrase"];
    let typed = fields.iter().map(|field| CredentialsError::Field { field: (*field).into() });
    let credentials = CredentialsError::each().into_iter().filter(|why| !why.to_string().contains("<field>")).chain(typed);
    faults.extend(credentials.map(|why| (reasons::credentials(&why), why.to_string())));
    faults
}

/// So it is with all faults that have a name.
#[test]
fn every_named_fault_has_words_in_both_languages() {
    let (english, chinese) = (Words::of(Language::English), Words::of(Language::Chinese));
    for (text, log) in faults() {
        assert_eq!(english.say(&text), log);
        // what a library says is all there is to some
        assert!(log.starts_with("<said>") || !chinese.say(&text).is_ascii(), "{log}: {}", chinese.say(&text));
    }
    assert!(faults().len() > 80);
}
