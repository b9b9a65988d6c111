//! Masking: what is done to a value before it is recorded, as the table of items says. Only here a [`Masked`] is made, and only with
//! a [`Permit`] for its item, so that nothing raw and nothing that was not allowed can be recorded:
//!
//! ```compile_fail
//! let forged = printkeep::consent::mask::Masked { item: printkeep::consent::Item::Serial, text: "SN-1".into() };
//! ```
//!
//! ```
//! fn record(masked: &printkeep::consent::mask::Masked) -> &str {
//!     masked.text()
//! }
//! ```

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::item::{Item, Masking};
use super::ledger::Permit;
use crate::core::name::hex;
use crate::core::secret::Secret;

/// The most values of one fact.
pub const MAX_VALUES: usize = 64;
/// The longest value, in characters; longer ones are cut.
pub const MAX_VALUE: usize = 200;

/// A value as it was read: a label of our own, and what stood there.
pub type Raw = (&'static str, String);

/// What may be recorded of one item: lines `label: value`, each masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    item: Item,
    text: String,
}

impl Masked {
    /// Masks what was read of the item that `permit` allows; none where nothing is left. `key` is the account's key for pseudonyms of
    /// this item, `names` are words that diagnostics must not hold.
    pub fn of(permit: &Permit, values: &[Raw], key: &Secret<32>, names: &[String]) -> Option<Self> {
        let item = permit.item();
        let masked = values.iter().take(MAX_VALUES).filter_map(|(label, value)| {
            let value = plain(value);
            let value = match item.masking() {
                Masking::Plain => value,
                Masking::Pseudonym => pseudonym(key, &value),
                Masking::Truncated => truncated(&value)?,
                Masking::Scrubbed => scrubbed(&value, names),
            };
            (!value.is_empty()).then(|| format!("{label}: {value}\n"))
        });
        let mut lines: Vec<String> = masked.collect();
        lines.dedup();
        (item.is_recorded() && !lines.is_empty()).then(|| Self { item, text: lines.concat() })
    }

    /// Of what.
    pub fn item(&self) -> Item {
        self.item
    }

    /// The lines.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// On one line, without what could write on a terminal, and not too long.
fn plain(value: &str) -> String {
    let clean = value.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(MAX_VALUE).collect::<String>().trim().to_owned()
}

/// A keyed hash of 128 bits; letter case and space around it do not matter, so that one card is one pseudonym.
pub fn pseudonym(key: &Secret<32>, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let hash = blake3::keyed_hash(key.expose(), value.to_lowercase().as_bytes());
    hex(&hash.as_bytes()[..16])
}

/// The network of an address: 24 bits of IPv4, 48 of IPv6; none for what is no address.
pub fn truncated(value: &str) -> Option<String> {
    Some(match value.parse().ok()? {
        IpAddr::V4(address) => format!("{}/24", Ipv4Addr::from_bits(address.to_bits() & !0xff)),
        IpAddr::V6(address) => format!("{}/48", Ipv6Addr::from_bits(address.to_bits() >> 80 << 80)),
    })
}

/// A text without anything that could name something: quotes, paths, hosts, addresses, numbers, and the words in `names` become `…`.
pub fn scrubbed(text: &str, names: &[String]) -> String {
    let text = unquoted(text);
    let (mut out, mut in_path) = (Vec::<String>::new(), false);
    for token in text.split_whitespace() {
        // a path may hold spaces; what is said of it comes behind a colon
        let ends = token.ends_with(':');
        let starts = token.contains(['/', '\\']);
        let kept = if in_path || starts { None } else { word(token, names) };
        in_path = (in_path || starts) && !ends;
        match kept {
            Some(word) => out.push(word.to_owned()),
            None if out.last().is_none_or(|last| last != "…") => out.push("…".into()),
            None => {}
        }
    }
    out.join(" ")
}

/// Whatever stands between two quotes, or behind one that is not closed, is taken out.
fn unquoted(text: &str) -> String {
    let mut parts = text.split(['"', '“', '”', '`']);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        out.push_str(if at % 2 == 0 { " 0 " } else { part });
    }
    out
}

/// A token that is a word of a sentence, and no name of anything.
fn word<'a>(token: &'a str, names: &[String]) -> Option<&'a str> {
    let bare = token.trim_matches(|c: char| ",.;:()!?…".contains(c));
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '\'';
    let named = |name: &String| name.split_whitespace().any(|part| part.eq_ignore_ascii_case(bare));
    let kept = !bare.is_empty() && bare.len() <= 24 && bare.chars().all(is_word) && !names.iter().any(named);
    kept.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentContext, Decision, Language, Ledger, Policy, Surface};

    fn key(n: u8) -> Secret<32> {
        Secret::filled_by(|out| out.fill(n))
    }

    fn permit(item: Item) -> Permit {
        let mut ledger = Ledger::under(Some(Policy::built_in().into()));
        let asked = ConsentContext { language: Language::English, surface: Surface::CommandLine, time: 0 };
        ledger.push(ledger.decide(item, Decision::Granted, asked, [0; 16]).unwrap()).unwrap();
        ledger.permit(item).unwrap()
    }

    #[test]
    fn a_pseudonym_hides_its_value_and_differs_between_accounts() {
        let mac = [("wifi", "DE:AD:be:ef:00:01".to_owned())];
        let one = Masked::of(&permit(Item::Mac), &mac, &key(1), &[]).unwrap();
        let two = Masked::of(&permit(Item::Mac), &mac, &key(2), &[]).unwrap();
        assert_ne!(one, two);
        assert!(!one.text().to_lowercase().contains("de:ad"), "{}", one.text());
        let again = Masked::of(&permit(Item::Mac), &[("wifi", "de:ad:BE:ef:00:01 ".into())], &key(1), &[]).unwrap();
        assert_eq!(one, again);
    }

    #[test]
    fn addresses_keep_their_network_alone() {
        for (address, network) in [
            ("192.168.178.23", Some("192.168.178.0/24")),
            ("2001:db8:1234:5678:9abc::1", Some("2001:db8:1234::/48")),
            ("fd12:3456:789a:1::2", Some("fd12:3456:789a::/48")),
            ("printer.local", None),
            ("192.168.178.0/24", None),
        ] {
            assert_eq!(truncated(address).as_deref(), network, "{address}");
        }
    }

    #[test]
    fn nothing_that_names_something_stays_in_a_diagnosis() {
        let names = ["kitchen".to_owned(), "Anna Ender".to_owned()];
        for (text, said) in [
            ("cannot write /home/anna/My Prints/boat 3.gcode: No space left on device", "cannot write … No space left on device"),
            ("there is no store \"cloud of anna\"; add one", "there is no store … add one"),
            (
                "the store kitchen cannot be reached: dns error for s3.example.net, port 9000",
                "the store … cannot be reached: dns error for … port …",
            ),
            ("read c:\\users\\anna failed", "read …"),
            ("an open \"quote of anna", "an open …"),
            ("192.168.1.7 anna@host benchy.gcode ender left", "… left"),
        ] {
            assert_eq!(scrubbed(text, &names), said, "{text}");
        }
    }

    #[test]
    fn values_are_bounded_and_write_on_no_terminal() {
        let many: Vec<Raw> = (0..1000).map(|n| ("v", format!("{n}\u{1b}[2J\n{}", "x".repeat(1000)))).collect();
        let masked = Masked::of(&permit(Item::Model), &many, &key(1), &[]).unwrap();
        assert_eq!(masked.text().lines().count(), MAX_VALUES);
        assert!(masked.text().len() <= crate::core::device_record::MAX_TEXT);
        assert!(!masked.text().chars().any(|c| c.is_control() && c != '\n'));
        assert_eq!(Masked::of(&permit(Item::Model), &[("v", " ".into())], &key(1), &[]), None);
        assert_eq!(Masked::of(&permit(Item::Network), &[("v", "x".into())], &key(1), &[]), None, "nothing is recorded of it");
    }
}
