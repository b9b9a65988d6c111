//! Credentials for a store: from a file, the environment or an AWS profile; never printed, never in settings.

use zeroize::Zeroizing;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::secret::SecretText;
use crate::named_faults;

/// The largest credentials file, in bytes.
pub const MAX_FILE: u64 = 64 * 1024;
/// The longest key, in bytes.
const MAX_KEY: usize = 4096;

/// What opens a store: a name, its secret, and a third text where there is one.
pub struct Credentials {
    /// S3's access key, or the user's name for WebDAV; of no use to SFTP, whose address names the user.
    pub access_key: SecretText,
    /// Its secret: S3's secret key, a password, or an SSH private key in PEM.
    pub secret_key: SecretText,
    /// For temporary credentials of S3; the passphrase of an SSH key.
    pub session_token: Option<SecretText>,
}

/// What credentials are for, which says how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// S3: access key and secret key.
    Keys,
    /// WebDAV: user and password.
    Login,
    /// SFTP: a private key, or a password.
    Ssh,
}

named_faults! {
    /// Why credentials could not be read; never holds them.
    CredentialsError {
        /// A key that no server gives.
        Field { field } "field"
            "the {field} is empty, too long, or holds characters that no {field} has"
        /// A user or password that cannot be typed.
        Typed { field } "typed"
            "the {field} is empty, too long, or holds control characters"
        /// A file of a login of another form.
        LoginLines {} "login-lines" "it should hold two lines: the user, without a colon, and the password"
        /// A file of keys of another form.
        KeyLines {} "key-lines" "it should hold two lines: the access key and the secret key"
        /// More than a private key and its passphrase.
        OneKey {} "one-key" "it should hold one private key, and in a line below its passphrase if it has one"
        /// Neither a key nor a password.
        SshLines {} "ssh-lines" "it should hold a private key as ssh-keygen writes it, or one line: the password"
        /// The environment names no user.
        NoUser {} "no-user" "PRINTKEEP_STORE_USER is not set, or holds a colon"
        /// The environment holds half a pair of keys.
        NoSecret {} "no-secret" "AWS_SECRET_ACCESS_KEY is not set"
        /// The profile holds no keys.
        NoProfile {} "no-profile" "there are no aws_access_key_id and aws_secret_access_key in it"
    }
}

impl Credentials {
    fn new(access_key: &str, secret_key: &str, session_token: Option<&str>) -> Result<Self, CredentialsError> {
        for (name, value) in
            [("access key", Some(access_key)), ("secret key", Some(secret_key)), ("session token", session_token)]
        {
            let fine = |value: &str| (1..=MAX_KEY).contains(&value.len()) && value.chars().all(|c| c.is_ascii_graphic());
            if !value.is_none_or(fine) {
                return Err(CredentialsError::Field { field: name.to_owned() });
            }
        }
        let text = |value: &str| SecretText::new(value.to_owned());
        Ok(Self { access_key: text(access_key), secret_key: text(secret_key), session_token: session_token.map(text) })
    }

    /// A user's name and password, or an SSH key and its passphrase; what people type may hold spaces and any letters.
    fn login(user: &str, secret: &str, passphrase: Option<&str>) -> Result<Self, CredentialsError> {
        let odd = |value: &str| value.chars().any(|c| c.is_control() && !(c == '\n' && is_private_key(value)));
        for (name, value) in [("user", Some(user)), ("password or key", Some(secret)), ("passphrase", passphrase)] {
            if value.is_some_and(|value| !(1..=MAX_KEY).contains(&value.len()) || odd(value)) {
                return Err(CredentialsError::Typed { field: name.to_owned() });
            }
        }
        let text = |value: &str| SecretText::new(value.to_owned());
        Ok(Self { access_key: text(user), secret_key: text(secret), session_token: passphrase.map(text) })
    }

    /// Reads what a file says: two lines, access key and secret key (a third may hold a session token), or user and password; for SSH
    /// a private key with its passphrase below, or a password.
    pub fn read(text: &str, kind: CredentialKind) -> Result<Self, CredentialsError> {
        if kind == CredentialKind::Keys { Self::parse_keys(text) } else { Self::parse(text, kind) }
    }

    /// Reads what a file for WebDAV or SFTP says.
    pub fn parse(text: &str, kind: CredentialKind) -> Result<Self, CredentialsError> {
        let mut lines = text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty());
        match kind {
            CredentialKind::Login | CredentialKind::Keys => match (lines.next(), lines.next(), lines.next()) {
                (Some(user), Some(password), None) if !user.contains(':') => Self::login(user, password, None),
                _ => Err(CredentialsError::LoginLines {}),
            },
            CredentialKind::Ssh if is_private_key(text.trim_start()) => {
                let mut key = Zeroizing::new(String::with_capacity(text.len()));
                for line in lines.by_ref() {
                    key.push_str(line.trim());
                    key.push('\n');
                    if line.starts_with("-----END") {
                        break;
                    }
                }
                let passphrase = lines.next();
                if lines.next().is_some() {
                    return Err(CredentialsError::OneKey {});
                }
                Self::login("key", &key, passphrase)
            }
            CredentialKind::Ssh => match (lines.next(), lines.next()) {
                (Some(password), None) => Self::login("password", password, None),
                _ => Err(CredentialsError::SshLines {}),
            },
        }
    }

    /// Reads `PRINTKEEP_STORE_USER` and `PRINTKEEP_STORE_PASSWORD`, or for S3 what [`Credentials::from_environment`] reads.
    pub fn environment(kind: CredentialKind) -> Result<Option<Self>, CredentialsError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new);
        if kind == CredentialKind::Keys {
            return Self::from_environment();
        }
        let Some(password) = variable("PRINTKEEP_STORE_PASSWORD") else { return Ok(None) };
        if kind == CredentialKind::Ssh {
            return Self::login("password", &password, None).map(Some);
        }
        let user = variable("PRINTKEEP_STORE_USER").filter(|user| !user.contains(':'));
        let user = user.ok_or(CredentialsError::NoUser {})?;
        Self::login(&user, &password, None).map(Some)
    }

    /// A copy, wiped like the first.
    pub fn duplicate(&self) -> Self {
        let text = |t: &SecretText| SecretText::new(t.expose().to_owned());
        let session_token = self.session_token.as_ref().map(text);
        Self { access_key: text(&self.access_key), secret_key: text(&self.secret_key), session_token }
    }

    /// The private key, when the secret is one.
    pub fn private_key(&self) -> Option<&str> {
        Some(self.secret_key.expose()).filter(|secret| is_private_key(secret))
    }

    /// Two lines, access key and secret key; a third may hold a session token.
    fn parse_keys(text: &str) -> Result<Self, CredentialsError> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (Some(access_key), Some(secret_key)) = (lines.next(), lines.next()) else {
            return Err(CredentialsError::KeyLines {});
        };
        Self::new(access_key, secret_key, lines.next())
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; none when the first is not set.
    pub fn from_environment() -> Result<Option<Self>, CredentialsError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new);
        let Some(access_key) = variable("AWS_ACCESS_KEY_ID") else { return Ok(None) };
        let secret_key = variable("AWS_SECRET_ACCESS_KEY");
        let secret_key = secret_key.ok_or(CredentialsError::NoSecret {})?;
        let token = variable("AWS_SESSION_TOKEN");
        Self::new(&access_key, &secret_key, token.as_ref().map(|token| token.as_str())).map(Some)
    }

    /// Reads one profile: lines `key = value` below `[profile]`; comments begin with `#` or `;`.
    pub fn parse_aws_profile(text: &str, profile: &str) -> Result<Self, CredentialsError> {
        let mut here = false;
        let (mut access, mut secret, mut token) = (None, None, None);
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let name = name.trim();
                here = name == profile || name.strip_prefix("profile ").is_some_and(|name| name.trim() == profile);
            } else if let Some((key, value)) = line.split_once('=').filter(|_| here) {
                let field = match key.trim() {
                    "aws_access_key_id" => &mut access,
                    "aws_secret_access_key" => &mut secret,
                    "aws_session_token" => &mut token,
                    _ => continue,
                };
                *field = Some(value.trim());
            }
        }
        match (access, secret) {
            (Some(access), Some(secret)) => Self::new(access, secret, token),
            _ => Err(CredentialsError::NoProfile {}),
        }
    }

    /// Layout: access key, secret key, session token (bytes each, the last empty for none); to be sealed before it is kept.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::new();
        out.bytes(self.access_key.expose().as_bytes());
        out.bytes(self.secret_key.expose().as_bytes());
        out.bytes(self.session_token.as_ref().map_or("", SecretText::expose).as_bytes());
        Zeroizing::new(out.into_vec())
    }

    /// Reads what `encode` wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let mut text = || std::str::from_utf8(input.bytes(MAX_KEY)?).map_err(|_| Bad("credentials that are not UTF-8"));
        let (access_key, secret_key, token) = (text()?, text()?, text()?);
        input.finish()?;
        let token = Some(token).filter(|token| !token.is_empty());
        Self::login(access_key, secret_key, token).map_err(|_| Bad("credentials that no store gives"))
    }
}

fn is_private_key(text: &str) -> bool {
    text.starts_with("-----BEGIN ") && text.contains("PRIVATE KEY-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(credentials: &Credentials) -> (String, String, Option<String>) {
        let text = |t: &SecretText| t.expose().to_owned();
        (text(&credentials.access_key), text(&credentials.secret_key), credentials.session_token.as_ref().map(text))
    }

    #[test]
    fn a_profile_is_found_among_others() {
        let file = "# mine\n[default]\naws_access_key_id = A\naws_secret_access_key=B\n[profile nas]\naws_access_key_id=C\n\
                    aws_secret_access_key=D/+=\naws_session_token=E\nregion=x\n";
        let found = Credentials::parse_aws_profile(file, "nas").unwrap();
        assert_eq!(keys(&found), ("C".into(), "D/+=".into(), Some("E".into())));
        assert_eq!(keys(&Credentials::parse_aws_profile(file, "default").unwrap()), ("A".into(), "B".into(), None));
        assert!(Credentials::parse_aws_profile(file, "other").is_err());
        assert_eq!(keys(&Credentials::decode(&found.encode()).unwrap()), keys(&found));
    }

    #[test]
    fn logins_and_ssh_keys_are_read_and_kept() {
        let login = Credentials::parse("me\r\npass w\u{f6}rd\n", CredentialKind::Login).unwrap();
        assert_eq!(keys(&login), ("me".into(), "pass w\u{f6}rd".into(), None));
        assert_eq!(keys(&Credentials::decode(&login.encode()).unwrap()), keys(&login));
        let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
        let key = Credentials::parse(&format!("{pem}my phrase\n"), CredentialKind::Ssh).unwrap();
        assert_eq!((key.private_key(), keys(&key).2.as_deref()), (Some(pem), Some("my phrase")));
        assert_eq!(keys(&Credentials::decode(&key.encode()).unwrap()), keys(&key));
        let password = Credentials::parse("pass word\n", CredentialKind::Ssh).unwrap();
        assert_eq!((password.private_key(), keys(&password).1.as_str()), (None, "pass word"));
        for (bad, kind) in [
            ("", CredentialKind::Login),
            ("me", CredentialKind::Login),
            ("a:b\nc", CredentialKind::Login),
            ("me\np\x07w", CredentialKind::Login),
            ("", CredentialKind::Ssh),
            ("a\nb", CredentialKind::Ssh),
        ] {
            assert!(Credentials::parse(bad, kind).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_mistake_is_told_without_the_secret() {
        let error = Credentials::new("A", "se cret", None).err().unwrap().to_string();
        assert!(error.contains("secret key") && !error.contains("se cret"));
    }
}
