//! Who asks, as HTTP says it: Basic (RFC 7617) and Digest (RFC 7616, SHA-256 before MD5, qop=auth), chosen by what the server
//! offers. The connection is encrypted, or goes to this machine itself.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use zeroize::Zeroizing;

use crate::core::name::hex;
use crate::provider::credentials::Credentials;

/// The longest challenge that is read, in bytes.
const MAX_CHALLENGE: usize = 8 * 1024;

/// How requests say who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// The server was not asked yet.
    Unknown,
    /// It wants nothing.
    Open,
    /// User and password in every request.
    Basic,
    /// A proof of the password in every request.
    Digest(Challenge),
}

/// What a server wants a proof over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    sha256: bool,
    /// How often the nonce was used.
    used: u32,
}

impl Scheme {
    /// The best that the server offers; none when it offers nothing that is spoken here.
    pub fn offered(headers: &HeaderMap) -> Option<Self> {
        let mut offers: Vec<(u8, Self)> = Vec::new();
        for value in headers.get_all(WWW_AUTHENTICATE) {
            for (scheme, fields) in challenges(std::str::from_utf8(value.as_bytes()).unwrap_or_default()) {
                match scheme.as_str() {
                    "basic" => offers.push((1, Self::Basic)),
                    "digest" => offers.extend(Challenge::read(&fields).map(|c| (2 + u8::from(c.sha256), Self::Digest(c)))),
                    _ => {}
                }
            }
        }
        offers.into_iter().max_by_key(|(rank, _)| *rank).map(|(_, scheme)| scheme)
    }

    /// The `Authorization` header of a request; `fresh` is 16 random bytes.
    pub fn header(&mut self, who: &Credentials, method: &str, target: &str, fresh: [u8; 16]) -> Option<HeaderValue> {
        let (user, password) = (who.access_key.expose(), who.secret_key.expose());
        let text = match self {
            Self::Unknown | Self::Open => return None,
            Self::Basic => {
                let both = Zeroizing::new(format!("{user}:{password}"));
                Zeroizing::new(format!("Basic {}", BASE64.encode(both.as_bytes())))
            }
            Self::Digest(challenge) => challenge.answer(user, password, method, target, &hex(&fresh)),
        };
        let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Challenge {
    fn read(fields: &HashMap<String, String>) -> Option<Self> {
        let sha256 = match fields.get("algorithm").map(|a| a.to_ascii_uppercase()).as_deref() {
            None | Some("MD5") => false,
            Some("SHA-256") => true,
            Some(_) => return None,
        };
        let with_auth = fields.get("qop")?.split(',').any(|qop| qop.trim().eq_ignore_ascii_case("auth"));
        with_auth.then(|| Self {
            realm: fields.get("realm").cloned().unwrap_or_default(),
            nonce: fields.get("nonce").cloned().unwrap_or_default(),
            opaque: fields.get("opaque").cloned(),
            sha256,
            used: 0,
        })
    }

    fn hash(&self, text: &str) -> String {
        if self.sha256 {
            hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
        } else {
            hex(&Md5::digest(text.as_bytes()))
        }
    }

    fn answer(&mut self, user: &str, password: &str, method: &str, target: &str, fresh: &str) -> Zeroizing<String> {
        self.used = self.used.saturating_add(1);
        let count = format!("{:08x}", self.used);
        let secret = Zeroizing::new(self.hash(&Zeroizing::new(format!("{user}:{}:{password}", self.realm))));
        let request = self.hash(&format!("{method}:{target}"));
        let proof = self.hash(&Zeroizing::new(format!("{}:{}:{count}:{fresh}:auth:{request}", *secret, self.nonce)));
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let opaque = self.opaque.as_ref().map(|o| format!(", opaque=\"{}\"", quoted(o))).unwrap_or_default();
        Zeroizing::new(format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{target}\", algorithm={}, response=\"{proof}\", qop=auth, \
             nc={count}, cnonce=\"{fresh}\"{opaque}",
            quoted(user),
            quoted(&self.realm),
            quoted(&self.nonce),
            if self.sha256 { "SHA-256" } else { "MD5" },
        ))
    }
}

/// The challenges in a header: scheme and fields, names in lower case. What is malformed ends the reading.
fn challenges(text: &str) -> Vec<(String, HashMap<String, String>)> {
    let mut found: Vec<(String, HashMap<String, String>)> = Vec::new();
    let mut rest = text.get(..text.len().min(MAX_CHALLENGE)).unwrap_or_default();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        if end == 0 {
            return found;
        }
        let word = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let Some(value) = rest.strip_prefix('=') else {
            found.push((word, HashMap::new()));
            continue;
        };
        let Some((value, after)) = field_value(value.trim_start()) else { return found };
        if let Some((_, fields)) = found.last_mut() {
            fields.insert(word, value);
        }
        rest = after;
    }
}

/// A word or quoted text, and what follows it.
fn field_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, &quoted[at + 1..])),
            _ => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::credentials::CredentialKind;

    const RFC: &str = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
                       nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    fn offered(values: &[&str]) -> Option<Scheme> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
        }
        Scheme::offered(&headers)
    }

    /// RFC 7616, section 3.9.1.
    #[test]
    fn proofs_are_those_of_the_standard() {
        for (algorithm, expected) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let Some(Scheme::Digest(mut challenge)) = offered(&[&format!("Digest {RFC}, algorithm={algorithm}")]) else {
                panic!()
            };
            let fresh = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            let answer = challenge.answer("Mufasa", "Circle of Life", "GET", "/dir/index.html", fresh);
            assert!(answer.contains(&format!("response=\"{expected}\"")), "{}", *answer);
            assert!(answer.contains("nc=00000001") && answer.contains("opaque=\"FQhe"));
            assert!(challenge.answer("Mufasa", "x", "GET", "/", fresh).contains("nc=00000002"));
        }
    }

    #[test]
    fn the_strongest_offer_is_taken_and_unknown_ones_are_passed_over() {
        let sha256 = format!("Digest {RFC}, algorithm=SHA-256");
        let md5 = format!("Basic realm=\"a, b\", Digest {RFC}");
        let is_sha256 = |scheme| matches!(scheme, Some(Scheme::Digest(Challenge { sha256: true, .. })));
        assert!(is_sha256(offered(&["Basic realm=\"x\"", &md5, &sha256])));
        assert!(matches!(offered(&[&md5]), Some(Scheme::Digest(Challenge { sha256: false, .. }))));
        assert_eq!(offered(&["Basic realm=\"x\""]), Some(Scheme::Basic));
        assert_eq!(offered(&["Negotiate, Basic"]), Some(Scheme::Basic));
        for bad in [
            "",
            "Bearer",
            "Digest realm=\"x\", nonce=\"y\"",
            "Digest qop=\"auth\", algorithm=MD5-sess",
            "Digest qop=\"auth",
            "=\"",
        ] {
            assert_eq!(offered(&[bad]), None, "{bad}");
        }
    }

    #[test]
    fn a_user_and_a_password_are_told_as_basic_wants_them() {
        let who = Credentials::parse("Aladdin\nopen sesame\n", CredentialKind::Login).unwrap();
        let header = Scheme::Basic.header(&who, "GET", "/", [0; 16]).unwrap();
        assert_eq!(header.to_str().unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(header.is_sensitive());
    }
}
