//! Credentials for a store: from a file, the environment or an AWS profile; never printed, never in settings.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::core::codec::{Bad, Reader, Writer};
use crate::core::secret::SecretText;

/// The largest credentials file, in bytes.
const MAX_FILE: u64 = 64 * 1024;
/// The longest key, in bytes.
const MAX_KEY: usize = 4096;

/// An access key, its secret, and a session token where there is one.
pub struct Credentials {
    /// The access key.
    pub access_key: SecretText,
    /// Its secret.
    pub secret_key: SecretText,
    /// For temporary credentials.
    pub session_token: Option<SecretText>,
}

/// Why credentials could not be read; never holds them.
#[derive(Debug, PartialEq, Eq)]
pub struct CredentialsError(String);

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CredentialsError {}

impl Credentials {
    fn new(access_key: &str, secret_key: &str, session_token: Option<&str>) -> Result<Self, CredentialsError> {
        for (name, value) in
            [("access key", Some(access_key)), ("secret key", Some(secret_key)), ("session token", session_token)]
        {
            let fine = |value: &str| (1..=MAX_KEY).contains(&value.len()) && value.chars().all(|c| c.is_ascii_graphic());
            if !value.is_none_or(fine) {
                return Err(CredentialsError(format!("the {name} is empty, too long, or holds characters that no {name} has")));
            }
        }
        let text = |value: &str| SecretText::new(value.to_owned());
        Ok(Self { access_key: text(access_key), secret_key: text(secret_key), session_token: session_token.map(text) })
    }

    /// Reads a file of two lines, access key and secret key; a third may hold a session token.
    pub fn from_file(path: &Path) -> Result<Self, CredentialsError> {
        let text = read(path)?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (Some(access_key), Some(secret_key)) = (lines.next(), lines.next()) else {
            return Err(CredentialsError(format!("{} should hold two lines: the access key and the secret key", path.display())));
        };
        Self::new(access_key, secret_key, lines.next())
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; none when the first is not set.
    pub fn from_environment() -> Result<Option<Self>, CredentialsError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new);
        let Some(access_key) = variable("AWS_ACCESS_KEY_ID") else { return Ok(None) };
        let secret_key = variable("AWS_SECRET_ACCESS_KEY");
        let secret_key = secret_key.ok_or_else(|| CredentialsError("AWS_SECRET_ACCESS_KEY is not set".into()))?;
        let token = variable("AWS_SESSION_TOKEN");
        Self::new(&access_key, &secret_key, token.as_ref().map(|token| token.as_str())).map(Some)
    }

    /// Reads one profile of an AWS credentials file.
    pub fn from_aws_profile(path: &Path, profile: &str) -> Result<Self, CredentialsError> {
        let text = read(path)?;
        Self::parse_aws_profile(&text, profile)
            .map_err(|error| CredentialsError(format!("the profile {profile:?} of {}: {error}", path.display())))
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
            _ => Err(CredentialsError("there are no aws_access_key_id and aws_secret_access_key in it".into())),
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
        Self::new(access_key, secret_key, token).map_err(|_| Bad("credentials that no store gives"))
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, CredentialsError> {
    let failed = |why: &dyn fmt::Display| CredentialsError(format!("cannot read {}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| failed(&error))?.len();
    if size > MAX_FILE {
        return Err(failed(&format_args!("it is larger than {MAX_FILE} bytes")));
    }
    std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| failed(&error))
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
    fn a_mistake_is_told_without_the_secret() {
        let error = Credentials::new("A", "se cret", None).err().unwrap().to_string();
        assert!(error.contains("secret key") && !error.contains("se cret"));
    }
}
