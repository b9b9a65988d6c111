//! The policies of this machine: the built-in one, and those that an operator installed; one of them is in force.
//!
//! ```text
//! policies/<sha256>.toml   a policy that was installed; kept, so that consents given under it can be explained
//! policies/in-force        the SHA-256 of the one in force; without this file, the built-in one is
//! ```

use std::path::PathBuf;

use crate::consent::Policy;
use crate::consent::policy::{MAX_FILE, PolicyError};
use crate::core::name::hex;
use crate::local::home::{DiskError, Home, private_folder, read_small, remove_if_there, write_private};
use crate::provider::reason::Reason;

/// The most policies that are kept.
const MAX_KEPT: usize = 256;

/// Why there is no policy, or why one was not installed. Whatever was in force stays so.
#[derive(Debug)]
pub enum PoliciesError {
    /// The disk failed.
    Disk(DiskError),
    /// The file is no policy.
    Refused(PathBuf, PolicyError),
    /// A later version of the same policy is in force.
    Older {
        /// The version offered.
        offered: u32,
        /// The version in force.
        held: u32,
    },
    /// Another text bears the version that is in force.
    SameVersion(u32),
}

impl std::fmt::Display for PoliciesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(error) => error.fmt(f),
            Self::Refused(path, error) => write!(f, "{} is no policy: {error}", path.display()),
            Self::Older { offered, held } => write!(f, "it is version {offered}, and version {held} is in force"),
            Self::SameVersion(version) => {
                write!(f, "another text is in force as version {version}; give the new one a higher number")
            }
        }
    }
}

impl std::error::Error for PoliciesError {}

impl From<DiskError> for PoliciesError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

fn folder(home: &Home) -> PathBuf {
    home.root().join("policies")
}

/// Why the policy in force cannot be read.
#[derive(Debug)]
pub enum Unread {
    /// The disk failed.
    Disk(DiskError),
    /// It is damaged or gone.
    Lost(PathBuf),
}

impl Unread {
    /// Why, as a place says why it did not do what it was asked.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Disk(error) => Reason::of_system(&error.source),
            Self::Lost(path) => Reason::Lost { path: path.display().to_string() },
        }
    }
}

impl From<DiskError> for Unread {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

/// The policy in force.
pub fn in_force(home: &Home) -> Result<Policy, Unread> {
    let pointer = folder(home).join("in-force");
    let Some(name) = read_small(&pointer, 256)? else { return Ok(Policy::built_in()) };
    let name = String::from_utf8_lossy(&name).trim().to_owned();
    let plain = name.len() == 64 && name.bytes().all(|c| c.is_ascii_hexdigit());
    let path = folder(home).join(format!("{name}.toml"));
    let lost = || Unread::Lost(path.clone());
    let bytes = if plain { read_small(&path, MAX_FILE)? } else { None };
    let text = String::from_utf8(bytes.ok_or_else(lost)?).map_err(|_| lost())?;
    Policy::parse(&text).ok().filter(|policy| hex(&policy.hash()) == name).ok_or_else(lost)
}

/// Every policy that is known here, the built-in one first. What is damaged is left out.
pub fn known(home: &Home) -> Vec<Policy> {
    let mut policies = vec![Policy::built_in()];
    let files = std::fs::read_dir(folder(home)).into_iter().flatten().flatten().take(MAX_KEPT + 1);
    let mut paths: Vec<_> = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    paths.sort();
    for path in paths {
        let text = read_small(&path, MAX_FILE).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
        policies.extend(text.and_then(|text| Policy::parse(&text).ok()).filter(|policy| policy.hash() != policies[0].hash()));
    }
    policies
}

/// Puts an operator's policy in force, the `bytes` of the file `from`. One that is broken, or older than the one in force, is refused, and that one stays.
pub fn install(home: &Home, from: &std::path::Path, bytes: &[u8]) -> Result<Policy, PoliciesError> {
    let refused = |error| PoliciesError::Refused(from.to_owned(), error);
    // an empty text is refused with a reason, like one that is not UTF-8
    let policy = Policy::parse(std::str::from_utf8(bytes).unwrap_or_default()).map_err(refused)?;
    if let Ok(held) = in_force(home)
        && held.id() == policy.id()
        && held.hash() != policy.hash()
    {
        if policy.version() < held.version() {
            return Err(PoliciesError::Older { offered: policy.version(), held: held.version() });
        }
        if policy.version() == held.version() {
            return Err(PoliciesError::SameVersion(held.version()));
        }
    }
    private_folder(&folder(home))?;
    let name = hex(&policy.hash());
    write_private(&folder(home).join(format!("{name}.toml")), bytes)?;
    write_private(&folder(home).join("in-force"), name.as_bytes())?;
    Ok(policy)
}

/// Puts the built-in policy in force again.
pub fn reset(home: &Home) -> Result<Policy, PoliciesError> {
    remove_if_there(&folder(home).join("in-force"))?;
    Ok(Policy::built_in())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::policy::BUILT_IN;

    #[test]
    fn a_broken_or_older_policy_leaves_the_one_in_force() {
        let folder_ = tempfile::tempdir().unwrap();
        let home = Home::at(folder_.path().join("home"));
        let file = folder_.path().join("policy.toml");
        let offer = |text: &str| {
            std::fs::write(&file, text).unwrap();
            install(&home, &file, &std::fs::read(&file).unwrap())
        };
        assert_eq!(in_force(&home).unwrap(), Policy::built_in());
        let second = BUILT_IN.replacen("version = 1", "version = 2", 1);
        assert!(matches!(offer("format = 1"), Err(PoliciesError::Refused(..))));
        assert!(matches!(offer(&BUILT_IN.replacen("Never", "Not", 1)), Err(PoliciesError::SameVersion(1))));
        offer(&second).unwrap();
        assert_eq!(in_force(&home).unwrap().version(), 2);
        assert!(matches!(offer(BUILT_IN), Err(PoliciesError::Older { offered: 1, held: 2 })));
        assert!(offer("nonsense").is_err() && in_force(&home).unwrap().version() == 2);
        assert_eq!(known(&home).len(), 2);
        // one that rots is not replaced by another in silence
        let path = folder(&home).join(format!("{}.toml", hex(&in_force(&home).unwrap().hash())));
        std::fs::write(&path, second.replacen("Never", "Nev3r", 1)).unwrap();
        assert!(matches!(in_force(&home), Err(Unread::Lost(_))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(in_force(&home), Err(Unread::Lost(_))));
        assert_eq!(reset(&home).unwrap(), in_force(&home).unwrap());
    }
}
