//! Where a store is, and whom to trust there: addresses without credentials, trust without surprises.

pub mod error;
pub mod servers;

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD as BASE64, STANDARD_NO_PAD};
use url::Url;

use super::address::servers::{DavAddress, SftpAddress};
use crate::provider::address::error::{AddressError, is_loopback};

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `file:///folder`.
    Folder(PathBuf),
    /// `s3://bucket/prefix?endpoint=https://host&region=name`.
    S3(S3Address),
    /// `webdav://host/path`.
    WebDav(DavAddress),
    /// `sftp://user@host/path`.
    Sftp(SftpAddress),
}

/// The longest address, in bytes.
const MAX_ADDRESS: usize = 4096;

/// A bucket, and the part of it that is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Address {
    /// Where requests go; https, or http to this machine itself.
    pub endpoint: Url,
    /// The bucket.
    pub bucket: String,
    /// What every name begins with; empty, or without a slash at either end.
    pub prefix: String,
    /// The region, as signatures name it.
    pub region: String,
    /// Whether the bucket stands in the path (most servers) or in the host's name (Amazon).
    pub path_style: bool,
}

impl Address {
    /// Reads an address; one that holds credentials is refused, because they never stand in settings or on a command line.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong { most: MAX_ADDRESS.to_string() });
        }
        let Ok(url) = Url::parse(text) else {
            return Err(AddressError::NoAddress { address: text.to_owned() });
        };
        // SSH has no address without a user
        if url.password().is_some() || !url.username().is_empty() && url.scheme() != "sftp" {
            return Err(AddressError::HoldsCredentials {});
        }
        match url.scheme() {
            "file" => url
                .to_file_path()
                .ok()
                .filter(|path| path.is_absolute() && path.parent().is_some())
                .map(Self::Folder)
                .ok_or_else(|| AddressError::NoFolder { address: text.to_owned() }),
            "s3" => S3Address::parse(&url).map(Self::S3),
            "webdav" | "webdav+http" => DavAddress::parse(&url).map(Self::WebDav),
            "sftp" => SftpAddress::parse(&url).map(Self::Sftp),
            other => Err(AddressError::NoKind { scheme: other.to_owned() }),
        }
    }

    /// Whether reaching it needs the network.
    pub fn needs_network(&self) -> bool {
        !matches!(self, Self::Folder(_))
    }
}

impl S3Address {
    fn parse(url: &Url) -> Result<Self, AddressError> {
        let bucket = url.host_str().unwrap_or_default().to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(plain) {
            return Err(AddressError::Bucket { bucket });
        }
        let prefix = url.path().trim_matches('/').to_owned();
        let fine = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(|c| plain(c) || c == '=');
        if !prefix.is_empty() && !prefix.split('/').all(fine) {
            return Err(AddressError::Prefix { prefix });
        }
        let (mut endpoint, mut region, mut path_style) = (None, None, true);
        for (key, value) in url.query_pairs() {
            match key.as_ref() {
                "endpoint" => endpoint = Some(parse_endpoint(&value)?),
                "region" => region = Some(value.into_owned()),
                "path_style" => match value.as_ref() {
                    "true" => path_style = true,
                    "false" => path_style = false,
                    _ => return Err(AddressError::PathStyle {}),
                },
                other => {
                    return Err(AddressError::NoField { field: other.to_owned() });
                }
            }
        }
        let region = region.unwrap_or_else(|| "us-east-1".into());
        if region.is_empty() || region.len() > 64 || !region.chars().all(plain) {
            return Err(AddressError::NoRegion { region });
        }
        let endpoint = match endpoint {
            Some(endpoint) => endpoint,
            None => parse_endpoint(&format!("https://s3.{region}.amazonaws.com"))?,
        };
        Ok(Self { endpoint, bucket, prefix, region, path_style })
    }
}

fn parse_endpoint(text: &str) -> Result<Url, AddressError> {
    let Ok(url) = Url::parse(text) else { return Err(AddressError::NoEndpoint { endpoint: text.to_owned() }) };
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || !matches!(url.path(), "" | "/") {
        return Err(AddressError::MoreThanHost { endpoint: text.to_owned() });
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(AddressError::PlainHttp { address: text.to_owned() }),
        other => Err(AddressError::NoWay { scheme: other.to_owned() }),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => match Url::from_file_path(path) {
                Ok(url) => write!(f, "{url}"),
                Err(()) => write!(f, "file://{}", path.display()),
            },
            Self::S3(s3) => {
                let slash = if s3.prefix.is_empty() { "" } else { "/" };
                let endpoint = s3.endpoint.as_str().trim_end_matches('/');
                write!(f, "s3://{}{slash}{}?endpoint={endpoint}&region={}", s3.bucket, s3.prefix, s3.region)?;
                if s3.path_style { Ok(()) } else { f.write_str("&path_style=false") }
            }
            Self::WebDav(dav) => dav.fmt(f),
            Self::Sftp(sftp) => sftp.fmt(f),
        }
    }
}

/// SHA-256 of a certificate's public key (SubjectPublicKeyInfo, RFC 7469), or of an SSH host key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// Reads `sha256/` and 44 characters of base 64, 64 hexadecimal digits, or `SHA256:` and 43 characters of base 64 as
    /// `ssh-keygen -lf` shows them.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(text) = text.strip_prefix("SHA256:") {
            return STANDARD_NO_PAD.decode(text).ok()?.try_into().ok().map(Self);
        }
        let text = text.strip_prefix("sha256/").unwrap_or(text);
        if let Some(bytes) = crate::core::name::unhex(text) {
            return Some(Self(bytes));
        }
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The form in which `ssh-keygen -lf` shows a host key.
    pub fn as_fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(self.0))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::core::name::hex(&self.0))
    }
}

/// Whom to trust at a store's address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    ca_file: Option<PathBuf>,
    pins: Vec<Pin>,
    system_roots: bool,
    allow_tls12: bool,
}

impl Trust {
    /// At most one of a file of roots, one or two pins, and the system's roots; none of them is the provider's own roots.
    pub fn new(ca_file: Option<PathBuf>, pins: &[String], system_roots: bool, allow_tls12: bool) -> Result<Self, AddressError> {
        if usize::from(ca_file.is_some()) + usize::from(!pins.is_empty()) + usize::from(system_roots) > 1 {
            return Err(AddressError::SeveralTrusted {});
        }
        if pins.len() > 2 {
            return Err(AddressError::ManyPins {});
        }
        let bad = |pin: &String| AddressError::NoPin { pin: pin.clone() };
        let pins = pins.iter().map(|pin| Pin::parse(pin).ok_or_else(|| bad(pin))).collect::<Result<_, _>>()?;
        if ca_file.as_deref().is_some_and(Path::is_relative) {
            return Err(AddressError::RelativeRoots {});
        }
        Ok(Self { ca_file, pins, system_roots, allow_tls12 })
    }

    /// Whether it says anything but pins, which mean nothing to SSH.
    pub fn has_more_than_pins(&self) -> bool {
        self.ca_file.is_some() || self.system_roots || self.allow_tls12
    }

    /// A file of roots in PEM.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// The keys that are trusted, whatever certificate they come in.
    pub fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// Whether the system's roots are trusted.
    pub fn system_roots(&self) -> bool {
        self.system_roots
    }

    /// Whether TLS 1.2 will do, for an old NAS.
    pub fn allows_tls12(&self) -> bool {
        self.allow_tls12
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back_what_they_write() {
        for text in [
            "file:///mnt/nas",
            "s3://bucket/prefix/more?endpoint=https://s3.example.net:9000&region=eu",
            "s3://bucket?endpoint=http://127.0.0.1:9000&region=us-east-1&path_style=false",
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Address::parse("s3://bucket?region=eu-central-1").unwrap().to_string(),
            "s3://bucket?endpoint=https://s3.eu-central-1.amazonaws.com&region=eu-central-1"
        );
    }

    #[test]
    fn addresses_that_leak_or_mislead_are_refused() {
        for (text, why) in [
            ("", "no address"),
            ("/mnt/nas", "no address"),
            ("ftp://x/y", "no kind of store"),
            ("file:///", "names no folder"),
            ("s3://key:secret@bucket/x?endpoint=https://h", "credentials"),
            ("s3://bucket?endpoint=https://key:secret@h", "just https"),
            ("s3://bucket?endpoint=http://example.net", "not encrypted"),
            ("s3://bucket?endpoint=http://localhost:1", "not encrypted"),
            ("s3://bucket?endpoint=ftp://h", "no way to reach"),
            ("s3://b?endpoint=https://h", "no name for a bucket"),
            ("s3://bucket/a//b?endpoint=https://h", "prefix"),
            ("s3://bucket?secret_key=x", "nothing an S3 address may say"),
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn pins_read_in_both_forms() {
        let pin = Pin([0xfb; 32]);
        assert_eq!(Pin::parse(&pin.to_string()), Some(pin));
        assert_eq!(Pin::parse(&pin.as_fingerprint()), Some(pin));
        assert_eq!(Pin::parse("sha256/+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s="), Some(pin));
        for bad in ["", "sha256/", "sha256/AAAA", &"g".repeat(64)] {
            assert_eq!(Pin::parse(bad), None);
        }
    }
}
