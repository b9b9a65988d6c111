//! The machine's network cards, addresses, Wi-Fi and operator, from files alone: no socket, no helper program.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::settings::each_setting;
use super::system::System;
use crate::consent::mask::Raw;

/// What a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// A cable.
    Cable,
    /// Wi-Fi.
    WiFi,
    /// A mobile network.
    Mobile,
}

impl Medium {
    fn label(self) -> &'static str {
        match self {
            Self::Cable => "cable",
            Self::WiFi => "wi-fi",
            Self::Mobile => "mobile",
        }
    }
}

/// A network card; its name stays out of every record, because a name may hold its address.
struct Card {
    medium: Medium,
    address: String,
    is_up: bool,
    index: String,
}

/// The cards that are things: those with a device behind them.
fn cards(system: &System) -> Vec<Card> {
    let card = |name: String| {
        let at = |file: &str| format!("sys/class/net/{name}/{file}");
        let read = |file: &str| system.line(&at(file)).unwrap_or_default();
        if !system.exists(&at("device")) {
            return None;
        }
        let kind = system.text(&at("uevent")).unwrap_or_default();
        let medium = if kind.contains("DEVTYPE=wwan") || name.starts_with("wwan") {
            Medium::Mobile
        } else if kind.contains("DEVTYPE=wlan") || system.exists(&at("wireless")) || system.exists(&at("phy80211")) {
            Medium::WiFi
        } else {
            Medium::Cable
        };
        Some(Card { medium, address: read("address"), is_up: read("operstate") == "up", index: read("ifindex") })
    };
    let mut cards: Vec<Card> = system.names("sys/class/net").into_iter().filter_map(card).collect();
    cards.sort_by(|a, b| (a.medium, &a.address).cmp(&(b.medium, &b.address)));
    cards
}

/// What it is connected by now.
pub fn connection_type(system: &System) -> Vec<Raw> {
    let up: BTreeSet<Medium> = cards(system).iter().filter(|card| card.is_up).map(|card| card.medium).collect();
    up.into_iter().map(|medium| ("connected by", medium.label().to_owned())).collect()
}

/// The cards' hardware addresses.
pub fn hardware_addresses(system: &System) -> Vec<Raw> {
    let is_real = |address: &String| !address.is_empty() && address.chars().any(|c| !"0:".contains(c));
    cards(system).into_iter().filter(|c| is_real(&c.address)).map(|c| (c.medium.label(), c.address)).collect()
}

/// Addresses in the owner's network, or those that the outside sees where the machine itself bears them.
pub fn addresses(system: &System, public: bool) -> Vec<Raw> {
    let four = system.text("proc/net/fib_trie").map(|text| local_ipv4(&text)).unwrap_or_default();
    let six = system.text("proc/net/if_inet6").map(|text| local_ipv6(&text)).unwrap_or_default();
    let all: BTreeSet<IpAddr> = four.into_iter().map(IpAddr::from).chain(six.into_iter().map(IpAddr::from)).collect();
    let wanted = all.into_iter().filter(|address| is_public(address) == public);
    wanted.map(|address| ("network", address.to_string())).collect()
}

/// The machine's own IPv4 addresses, as the kernel's routing table names them.
pub fn local_ipv4(text: &str) -> BTreeSet<Ipv4Addr> {
    let (mut found, mut last) = (BTreeSet::new(), None);
    for line in text.lines() {
        match line.trim().strip_prefix("|-- ") {
            Some(address) => last = address.trim().parse::<Ipv4Addr>().ok(),
            None if line.contains("/32 host LOCAL") => found.extend(last.filter(|address| !address.is_loopback())),
            None => {}
        }
    }
    found
}

/// The machine's own IPv6 addresses of any reach but loopback and the link alone.
pub fn local_ipv6(text: &str) -> BTreeSet<Ipv6Addr> {
    let address = |line: &str| {
        let digits = line.split_whitespace().next()?;
        let address = Ipv6Addr::from_bits(u128::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 32)?);
        (!address.is_loopback() && !address.is_unicast_link_local()).then_some(address)
    };
    text.lines().filter_map(address).collect()
}

fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let shared = four.octets()[0] == 100 && four.octets()[1] & 0xc0 == 64;
            !(four.is_private() || four.is_link_local() || four.is_loopback() || four.is_unspecified() || shared)
        }
        IpAddr::V6(six) => six.segments()[0] & 0xe000 == 0x2000,
    }
}

/// The Wi-Fi that it is connected to, as far as files tell: NetworkManager's, or the only one that wpa_supplicant knows.
pub fn wifi_name(system: &System) -> Vec<Raw> {
    let cards = cards(system);
    let on_air: Vec<&Card> = cards.iter().filter(|card| card.medium == Medium::WiFi && card.is_up).collect();
    if on_air.is_empty() {
        return Vec::new();
    }
    let found: Vec<String> = on_air.iter().filter_map(|card| profile_value(system, card, "wifi", "ssid")).collect();
    let names = if found.is_empty() { only_known(system).into_iter().collect() } else { found };
    names.into_iter().map(|name| ("wi-fi", name)).collect()
}

/// The mobile operator, where NetworkManager's profile names its number.
pub fn carrier(system: &System) -> Vec<Raw> {
    let cards = cards(system);
    let mobile = cards.iter().filter(|card| card.medium == Medium::Mobile && card.is_up);
    mobile.filter_map(|card| profile_value(system, card, "gsm", "network-id")).map(|id| ("operator", id)).collect()
}

/// A value of the profile that NetworkManager uses for a card.
fn profile_value(system: &System, card: &Card, section: &str, key: &str) -> Option<String> {
    let uuid = value(&system.text(&format!("run/NetworkManager/devices/{}", card.index))?, "device", "connection-uuid")?;
    let folders = ["etc/NetworkManager/system-connections", "run/NetworkManager/system-connections"];
    let files = folders.iter().flat_map(|folder| system.names(folder).into_iter().map(move |name| format!("{folder}/{name}")));
    let profile =
        files.filter_map(|file| system.text(&file)).find(|text| value(text, "connection", "uuid").as_ref() == Some(&uuid));
    value(&profile?, section, key)
}

fn value(text: &str, section: &str, key: &str) -> Option<String> {
    let mut found = None;
    each_setting(text, &mut |s, k, v| {
        if (s, k) == (section, key) && !v.is_empty() {
            found = Some(v.to_owned());
        }
    });
    found
}

fn only_known(system: &System) -> Option<String> {
    let text = ["etc/wpa_supplicant/wpa_supplicant.conf", "etc/wpa_supplicant.conf"].iter().find_map(|file| system.text(file))?;
    let quoted = |line: &str| Some(line.trim().strip_prefix("ssid=\"")?.strip_suffix('"')?.to_owned());
    let mut names = text.lines().filter_map(quoted);
    match (names.next(), names.next()) {
        (Some(name), None) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.168.1.0\n        /24 link UNICAST\n     |-- 192.168.1.7\n        /32 host LOCAL\nLocal:\n     |-- 192.168.1.7\n        /32 host LOCAL\n     |-- 192.168.1.255\n        /32 link BROADCAST\n     |-- x\n        /32 host LOCAL\n";
        assert_eq!(local_ipv4(trie), [Ipv4Addr::new(192, 168, 1, 7)].into());
        let six = "00000000000000000000000000000001 01 80 10 80       lo\nfe80000000000000021122fffe334455 02 40 20 80     eth0\n20010db8000100020000000000000007 02 40 00 80     eth0\nzz\n";
        assert_eq!(local_ipv6(six), ["2001:db8:1:2::7".parse().unwrap()].into());
    }

    #[test]
    fn own_networks_are_told_from_the_outside() {
        for (address, public) in [
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("169.254.1.1", false),
            ("fd00::1", false),
            ("8.8.8.8", true),
            ("2a02::1", true),
        ] {
            assert_eq!(is_public(&address.parse().unwrap()), public, "{address}");
        }
    }
}
