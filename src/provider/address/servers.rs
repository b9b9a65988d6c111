//! Addresses of WebDAV and SFTP stores: a host, a port, a folder, and for SFTP a user; never a password.

use std::fmt;

use url::Url;

use super::error::{AddressError, is_loopback};

/// A folder on a WebDAV server: `webdav://host[:port]/path` over TLS, `webdav+http://127.0.0.1:port/path` to this machine alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DavAddress {
    /// The folder, as requests name it; without a slash at its end unless it is the root.
    pub folder: Url,
}

/// A folder on an SSH server: `sftp://user@host[:port]/full/path`, or `/~/path` below the user's home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SftpAddress {
    /// Who logs in.
    pub user: String,
    /// The host's name or number; version 6 without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The folder as the server is told it: full, or below the home.
    pub folder: String,
}

/// The port of SSH.
const SSH: u16 = 22;

impl DavAddress {
    pub(super) fn parse(url: &Url) -> Result<Self, AddressError> {
        let text = url.as_str();
        let (scheme, rest) = match (text.strip_prefix("webdav://"), text.strip_prefix("webdav+http://")) {
            (Some(rest), _) => ("https", rest),
            (_, Some(rest)) => ("http", rest),
            _ => return Err(AddressError::NoHost { address: text.to_owned() }),
        };
        // http and https look for the host behind any number of slashes: what was no name of a user would become one
        let folder = url.host_str().filter(|host| !host.is_empty()).and(Url::parse(&format!("{scheme}://{rest}")).ok());
        let Some(mut folder) = folder else {
            // not shown: what stands there may be a password
            return Err(AddressError::HiddenHost {});
        };
        if folder.query().is_some() || folder.fragment().is_some() {
            return Err(AddressError::MoreThanPath { address: text.to_owned() });
        }
        if scheme == "http" && !is_loopback(&folder) {
            return Err(AddressError::PlainWebdav { address: text.to_owned() });
        }
        let path = folder.path().trim_end_matches('/').to_owned();
        if path.contains("//") {
            return Err(AddressError::EmptyPart { address: text.to_owned() });
        }
        folder.set_path(&path);
        Ok(Self { folder })
    }

    /// The host's name, for the owner.
    pub fn host(&self) -> &str {
        self.folder.host_str().unwrap_or_default()
    }
}

impl fmt::Display for DavAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.folder.as_str();
        match text.strip_prefix("https") {
            Some(rest) => write!(f, "webdav{}", rest.trim_end_matches('/')),
            None => write!(f, "webdav+{}", text.trim_end_matches('/')),
        }
    }
}

impl SftpAddress {
    pub(super) fn parse(url: &Url) -> Result<Self, AddressError> {
        let text = url.as_str();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let user = url.username();
        if !(1..=64).contains(&user.len()) || !user.chars().all(plain) {
            return Err(AddressError::NoUser { address: text.to_owned() });
        }
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&host).to_owned();
        let numbered = host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_ok();
        if !(1..=253).contains(&host.len()) || !(numbered || host.chars().all(plain)) {
            return Err(AddressError::NoSshHost { address: text.to_owned() });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::MoreThanSsh { address: text.to_owned() });
        }
        let path = decoded(url.path()).unwrap_or_default();
        let fine = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control);
        let (home, below) = match path.trim_end_matches('/').strip_prefix("/~/") {
            Some(below) => (true, below),
            None => (false, path.trim_matches('/')),
        };
        if path.starts_with("//") || !below.split('/').all(fine) || below == "~" {
            return Err(AddressError::NoSshFolder { address: text.to_owned() });
        }
        let folder = if home { below.to_owned() } else { format!("/{below}") };
        Ok(Self { user: user.to_owned(), host, port: url.port().unwrap_or(SSH), folder })
    }
}

impl fmt::Display for SftpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "sftp://{}@[{}]", self.user, self.host)?,
            false => write!(f, "sftp://{}@{}", self.user, self.host)?,
        }
        if self.port != SSH {
            write!(f, ":{}", self.port)?;
        }
        let home = if self.folder.starts_with('/') { "" } else { "/~/" };
        write!(f, "{home}{}", encoded(&self.folder))
    }
}

/// Percent signs undone; none when what they stand for is no text.
pub(in crate::provider) fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let [value] = crate::core::name::unhex::<1>(&text.get(at + 1..at + 3)?.to_ascii_lowercase())?;
            out.push(value);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Address;

    #[test]
    fn addresses_read_back_what_they_write() {
        for text in [
            "webdav://cloud.example.net/remote.php/dav/files/me/Printkeep",
            "webdav://nas.local:5006/a%20b",
            "webdav://nas.local",
            "webdav+http://127.0.0.1:8080/dav",
            "sftp://pi@nas.local/volume1/My%20Backups",
            "sftp://pi@[fe80::1]:2222/srv",
            "sftp://pi@nas/~/backups/printer",
            "sftp://pi@nas:443/~/x",
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Address::parse("WEBDAV://Nas.Local:443/x/").unwrap().to_string(), "webdav://nas.local/x");
    }

    #[test]
    fn addresses_that_leak_or_mislead_are_refused() {
        for (text, why) in [
            ("webdav+http://192.168.1.2/x", "not encrypted"),
            ("webdav+http://localhost/x", "not encrypted"),
            ("webdav://me:secret@nas/x", "credentials"),
            ("webdav://me@nas/x", "credentials"),
            ("webdav://nas/x?token=1", "just webdav"),
            ("webdav:nas", "no host"),
            ("webdav:///nas/x", "no host"),
            ("webdav:///me@[fe80::1]:2/x", "no host"),
            ("webdav:///me:secret@nas/x", "no host"),
            ("webdav://nas/a//b", "empty part"),
            ("sftp://nas/x", "who logs in"),
            ("sftp://me:secret@nas/x", "credentials"),
            ("sftp://me@nas", "names no folder"),
            ("sftp://me@nas/", "names no folder"),
            ("sftp://me@nas/~/", "names no folder"),
            ("sftp://me@nas/a%00b", "names no folder"),
            ("sftp://me@nas/%2e%2e%2fetc", "names no folder"),
            ("sftp://me@nas/x?y", "just sftp"),
        ] {
            let error = Address::parse(text).map(|a| a.to_string()).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
