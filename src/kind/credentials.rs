//! Credentials in settings files: which lines hold one, and of what sort; never the value itself.
//!
//! Read line by line as `key: value` or `key = value` (INI, YAML, JSON, wpa_supplicant), and for addresses with credentials in
//! them (`scheme://user:password@host`), the notification addresses of Apprise that Moonraker's `[notifier]` takes, and PEM
//! private keys. Comments and placeholders (`{secrets.x}`, `<token>`, `!secret x`) hold none. At most 1 MiB, 4 KiB of a line,
//! and 100 finds are looked at.

/// How much of a file is looked at, in bytes.
pub const MAX_LOOKED_AT: usize = 1024 * 1024;
/// The most finds in one file.
pub const MAX_FINDS: usize = 100;
/// How much of a line is looked at, in bytes.
const MAX_LINE: usize = 4096;
/// The most addresses in a line that are looked at.
const MAX_ADDRESSES: usize = 8;

/// What sort of credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// The key of a Wi-Fi.
    WifiKey,
    /// A password.
    Password,
    /// A token or an API key.
    Token,
    /// An address with user and password, or a token, in it.
    Address,
    /// A private key.
    PrivateKey,
}

impl Sort {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WifiKey => "a Wi-Fi key",
            Self::Password => "a password",
            Self::Token => "a token or API key",
            Self::Address => "an address with credentials in it",
            Self::PrivateKey => "a private key",
        }
    }
}

/// A line that holds a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Find {
    /// Its number, from 1.
    pub line: u32,
    /// What it holds.
    pub sort: Sort,
}

/// The lines of a file that hold credentials.
pub fn credentials(bytes: &[u8]) -> Vec<Find> {
    let looked_at = &bytes[..bytes.len().min(MAX_LOOKED_AT)];
    let lines = looked_at.split(|byte| *byte == b'\n').zip(1..);
    lines.filter_map(|(line, number)| Some(Find { line: number, sort: sort_of(line)? })).take(MAX_FINDS).collect()
}

fn sort_of(line: &[u8]) -> Option<Sort> {
    let line = String::from_utf8_lossy(&line[..line.len().min(MAX_LINE)]);
    let line = line.trim();
    if line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY-----") {
        return Some(Sort::PrivateKey);
    }
    if line.starts_with(['#', ';']) || line.starts_with("//") {
        return None;
    }
    if has_credentials(line) {
        return Some(Sort::Address);
    }
    // JSON may hold several pairs in a line
    line.split([',', '{']).find_map(pair)
}

/// What `key: value` or `key = value` holds.
fn pair(text: &str) -> Option<Sort> {
    let (key, value) = text.split_once([':', '='])?;
    let key: String = key.trim().trim_matches(['"', '\'']).to_ascii_lowercase().replace(['-', ' ', '.'], "_");
    let value = value.trim().trim_end_matches([',', '}', ']']).trim();
    if !is_value(value) {
        return None;
    }
    let ends = |names: &[&str]| names.iter().any(|name| key == *name || key.ends_with(&format!("_{name}")));
    if ends(&["psk", "wpa_passphrase", "wpa_psk", "wifi_password", "wifi_pass", "wlan_password", "wep_key0"]) {
        return Some(Sort::WifiKey);
    }
    if ends(&["password", "passwd", "passphrase", "pwd", "pass"]) {
        return Some(Sort::Password);
    }
    let tokens = [
        "token",
        "bottoken",
        "api_key",
        "apikey",
        "secret",
        "secret_key",
        "secretkey",
        "access_key",
        "private_key",
        "auth_code",
        "accesscode",
        "access_code",
        "authorization",
        "bearer",
    ];
    ends(&tokens).then_some(Sort::Token)
}

/// Whether a value is one, and no placeholder.
fn is_value(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    let word = bare.to_ascii_lowercase();
    let placeholder = value.starts_with(['{', '[', '<', '$', '%', '!', '(']) || bare.starts_with(['{', '<', '$', '%']);
    let nothing =
        ["none", "null", "true", "false", "changeme", "xxxx", "****"].contains(&word.as_str()) || word.starts_with("your");
    let one_letter = bare.chars().all(|c| bare.starts_with(c));
    bare.len() >= 4 && !placeholder && !nothing && !one_letter
}

/// Whether a line holds an address with credentials in it.
fn has_credentials(line: &str) -> bool {
    line.match_indices("://").take(MAX_ADDRESSES).any(|(at, _)| {
        let scheme = line[..at].rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next().unwrap_or_default();
        let rest = &line[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>')).unwrap_or(rest.len());
        let authority = rest[..end].split(['/', '?', '#']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
        let by_login = login.is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['{', '<', '$']));
        by_login || (NOTIFIERS.contains(&scheme) && rest[..end].len() >= 12 && !rest.starts_with(['{', '<', '$']))
    })
}

/// Schemes of Apprise whose addresses are nothing but tokens.
const NOTIFIERS: [&str; 10] = ["tgram", "discord", "pover", "slack", "gotify", "gotifys", "pbul", "join", "matrix", "wxteams"];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, Sort)> {
        credentials(text.as_bytes()).into_iter().map(|find| (find.line, find.sort)).collect()
    }

    #[test]
    fn what_printers_keep_in_their_settings_is_found() {
        for (text, sort) in [
            ("network={\n  ssid=\"home\"\n  psk=\"hunter2hunter2\"\n}", Sort::WifiKey),
            ("[mqtt]\naddress: broker.lan\npassword: hunter22", Sort::Password),
            ("[octoeverywhere]\n\nprivate_key: aGVsbG8gd29ybGQ", Sort::Token),
            ("[webcam x]\nname: x\nstream_url: rtsp://admin:hunter2@192.168.1.9/stream", Sort::Address),
            ("[notifier t]\nevents: *\nurl: tgram://123456789:AAEabcdefg/987654", Sort::Address),
            ("{\n\"server\": {\n\"api_key\": \"0123456789ABCDEF\"}}", Sort::Token),
            ("{\"a\": 1,\n \"b\": 2,\n \"accessControl\": {\"x\": 1, \"apiKey\": \"0123456789ABCDEF\"}}", Sort::Token),
            ("api:\n  x: 1\n  key_secret: 'abcdefgh'", Sort::Token),
            ("\n\n-----BEGIN OPENSSH PRIVATE KEY-----", Sort::PrivateKey),
        ] {
            assert_eq!(found(text), [(3, sort)], "{text}");
        }
    }

    #[test]
    fn what_is_none_is_none() {
        for text in [
            "# password: hunter22",
            "password: {secrets.mqtt.password}",
            "password: !secret mqtt",
            "password:",
            "password: ****",
            "api_key: <your key>",
            "token: YOUR_TOKEN_HERE",
            "url: http://user@host/path",
            "url: https://example.net/a:b@c",
            "step_pin: gpio12",
            "max_velocity: 300",
            "gcode: {% set password = 1 %}",
            "pass_count: 1234",
            "url: tgram://{bottoken}/{chat}",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn crafted_files_end() {
        let many = "password: hunter22\n".repeat(10_000);
        assert_eq!(credentials(many.as_bytes()).len(), MAX_FINDS);
        let long = [b"password: ".as_slice(), &vec![b'x'; 3 << 20]].concat();
        assert!(credentials(&long).len() <= 1);
        assert!(credentials(&vec![b':'; 2 << 20]).is_empty());
        assert!(credentials("://@://:@".repeat(100_000).as_bytes()).len() <= 1);
        assert!(credentials(&[0xff; 1000]).is_empty());
    }
}
