//! The closed list of what can be consented to: purposes, and the items of each; one table holds their class, masking and retention.
//!
//! Nothing is sent, recorded or logged that this table lacks.

use serde::{Deserialize, Serialize};

/// What something is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Opening connections to the owner's stores and devices: DNS, TCP, TLS.
    Network,
    /// Recording facts of the device, for the owner's own overview.
    Device,
    /// Recording facts of its connection.
    Connection,
    /// Recording what Printkeep did.
    OperationLog,
    /// Recording what went wrong.
    Diagnostics,
    /// Advertising. No code serves it.
    Advertising,
    /// Push messages. No code serves them.
    PushMessages,
    /// Cookies. No code serves them.
    Cookies,
    /// Sharing between services. No code serves it.
    Sharing,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 9] = [
        Self::Network,
        Self::Device,
        Self::Connection,
        Self::OperationLog,
        Self::Diagnostics,
        Self::Advertising,
        Self::PushMessages,
        Self::Cookies,
        Self::Sharing,
    ];

    /// The word for it on the command line and in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Device => "device",
            Self::Connection => "connection",
            Self::OperationLog => "operation-log",
            Self::Diagnostics => "diagnostics",
            Self::Advertising => "advertising",
            Self::PushMessages => "push-messages",
            Self::Cookies => "cookies",
            Self::Sharing => "sharing",
        }
    }

    /// Whether anything serves it; what nothing serves can be refused and never granted.
    pub fn is_served(self) -> bool {
        self < Self::Advertising
    }

    /// Its items.
    pub fn items(self) -> impl Iterator<Item = Item> {
        Item::all().filter(move |item| item.purpose() == self)
    }
}

/// How much harm it does in strange hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Says nothing of anybody.
    Public,
    /// Says something of the owner or of the owner's things.
    Personal,
    /// Finds the owner, or the owner's home or network.
    Sensitive,
    /// Opens something; never recorded.
    Secret,
}

impl Class {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
            Self::Secret => "secret",
        }
    }
}

/// What is done to a value before it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Masking {
    /// Nothing.
    Plain,
    /// Replaced by a keyed hash, another one in every account, so that two accounts cannot be correlated.
    Pseudonym,
    /// An IP address is cut to its network: 24 bits of IPv4, 48 of IPv6.
    Truncated,
    /// Paths, addresses, hosts and numbers that could name something are taken out.
    Scrubbed,
}

impl Masking {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Pseudonym => "pseudonym",
            Self::Truncated => "truncated",
            Self::Scrubbed => "scrubbed",
        }
    }
}

/// One row of the table.
struct Row {
    item: Item,
    code: u8,
    word: &'static str,
    purpose: Purpose,
    class: Class,
    masking: Masking,
    days: u16,
}

macro_rules! table {
    ($($(#[$doc:meta])* $item:ident = $code:literal, $word:literal, $purpose:ident, $class:ident, $masking:ident, $days:literal;)*) => {
        /// Something that can be consented to by itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Item { $($(#[$doc])* $item,)* }

        const TABLE: &[Row] = &[$(Row {
            item: Item::$item, code: $code, word: $word, purpose: Purpose::$purpose,
            class: Class::$class, masking: Masking::$masking, days: $days,
        },)*];
    };
}

table! {
    /// Connections to the owner's stores and devices.
    Network = 1, "network", Network, Personal, Plain, 0;
    /// The printer's or computer's model.
    Model = 16, "device.model", Device, Personal, Plain, 365;
    /// The firmware's name and version.
    Firmware = 17, "device.firmware", Device, Personal, Plain, 365;
    /// The operating system and its version.
    Os = 18, "device.os", Device, Personal, Plain, 365;
    /// Build volume, kinematics and other settings that the printer tells.
    Settings = 19, "device.settings", Device, Personal, Plain, 365;
    /// The serial number.
    Serial = 20, "device.serial", Device, Sensitive, Pseudonym, 365;
    /// The network cards' hardware addresses.
    Mac = 21, "device.mac", Device, Sensitive, Pseudonym, 90;
    /// The machine's name.
    Hostname = 22, "device.hostname", Device, Sensitive, Pseudonym, 365;
    /// Cable, Wi-Fi or mobile.
    ConnectionType = 32, "connection.type", Connection, Personal, Plain, 90;
    /// The addresses in the owner's own network.
    LocalIp = 33, "connection.local-ip", Connection, Sensitive, Truncated, 30;
    /// The addresses that the outside sees, where the machine itself bears them.
    PublicIp = 34, "connection.public-ip", Connection, Sensitive, Truncated, 30;
    /// The Wi-Fi's name.
    Ssid = 35, "connection.ssid", Connection, Sensitive, Pseudonym, 30;
    /// The mobile network's operator.
    Carrier = 36, "connection.carrier", Connection, Personal, Plain, 30;
    /// Which command ran, when, how it ended, and how much it moved.
    OperationLog = 48, "operation-log", OperationLog, Personal, Plain, 90;
    /// What failed, without names.
    Diagnostics = 64, "diagnostics", Diagnostics, Personal, Scrubbed, 30;
    /// Advertising.
    Advertising = 240, "advertising", Advertising, Personal, Plain, 0;
    /// Push messages.
    PushMessages = 241, "push-messages", PushMessages, Personal, Plain, 0;
    /// Cookies.
    Cookies = 242, "cookies", Cookies, Personal, Plain, 0;
    /// Sharing between services.
    Sharing = 243, "sharing", Sharing, Personal, Plain, 0;
}

impl Item {
    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.item == self).unwrap_or(&TABLE[0])
    }

    /// Every item, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.item)
    }

    /// Its number in ledgers.
    pub fn code(self) -> u8 {
        self.row().code
    }

    /// The item of this number.
    pub fn from_code(code: u8) -> Option<Self> {
        TABLE.iter().find(|row| row.code == code).map(|row| row.item)
    }

    /// The word for it on the command line and in policies.
    pub fn as_str(self) -> &'static str {
        self.row().word
    }

    /// The item of this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|item| item.as_str() == text)
    }

    /// Items by a word: one item, the last part of its word, or all of a purpose.
    pub fn named(text: &str) -> Vec<Self> {
        if let Some(purpose) = Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == text) {
            return purpose.items().collect();
        }
        let short = |item: &Self| item.as_str().split_once('.').is_some_and(|(_, last)| last == text);
        Self::all().filter(|item| item.as_str() == text || short(item)).collect()
    }

    /// What it is wanted for.
    pub fn purpose(self) -> Purpose {
        self.row().purpose
    }

    /// How much harm it does in strange hands.
    pub fn class(self) -> Class {
        self.row().class
    }

    /// What is done to it before it is recorded.
    pub fn masking(self) -> Masking {
        self.row().masking
    }

    /// The most days that a record of it is kept; 0 where nothing is recorded.
    pub fn days(self) -> u16 {
        self.row().days
    }

    /// Whether facts of it are recorded, once the owner allows it.
    pub fn is_recorded(self) -> bool {
        matches!(self.purpose(), Purpose::Device | Purpose::Connection | Purpose::OperationLog | Purpose::Diagnostics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_names_each_item_once() {
        let codes: BTreeSet<_> = Item::all().map(Item::code).collect();
        let words: BTreeSet<_> = Item::all().map(Item::as_str).collect();
        assert_eq!((codes.len(), words.len()), (Item::all().count(), Item::all().count()));
        for item in Item::all() {
            assert_eq!((Item::from_code(item.code()), Item::parse(item.as_str())), (Some(item), Some(item)));
            assert!(Item::named(item.as_str()).contains(&item));
        }
        assert_eq!((Item::from_code(0), Item::parse("everything")), (None, None));
    }

    #[test]
    fn what_finds_the_owner_is_never_recorded_as_it_is() {
        for item in Item::all().filter(|item| item.is_recorded()) {
            assert!(item.class() != Class::Secret, "{item:?}");
            assert!(item.class() != Class::Sensitive || item.masking() != Masking::Plain, "{item:?}");
            assert!((1..=365).contains(&item.days()), "{item:?} has no end");
        }
    }

    /// Widening one is a change of what owners agreed to: it needs a new policy, and a change here.
    #[test]
    fn each_item_is_masked_as_owners_were_told() {
        let masked: Vec<_> = Item::all()
            .filter(|item| item.masking() != Masking::Plain)
            .map(|item| (item.as_str(), item.masking().as_str()))
            .collect();
        let told = [
            ("device.serial", "pseudonym"),
            ("device.mac", "pseudonym"),
            ("device.hostname", "pseudonym"),
            ("connection.local-ip", "truncated"),
            ("connection.public-ip", "truncated"),
            ("connection.ssid", "pseudonym"),
            ("diagnostics", "scrubbed"),
        ];
        assert_eq!(masked, told);
        assert_eq!(Masking::Plain.as_str(), "plain");
        let classes: BTreeSet<_> = Item::all().map(|item| (item.masking() == Masking::Plain, item.class().as_str())).collect();
        assert_eq!(classes, [(false, "personal"), (false, "sensitive"), (true, "personal")].into());
    }

    #[test]
    fn words_name_one_item_or_a_whole_purpose() {
        assert_eq!(Item::named("network"), [Item::Network]);
        assert_eq!(Item::named("serial"), [Item::Serial]);
        assert_eq!(Item::named("device").len(), 7);
        assert_eq!(Item::named("connection").len(), 5);
        assert!(Item::named("every").is_empty() && Item::named("").is_empty());
    }
}
