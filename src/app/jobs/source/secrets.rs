//! Which settings files of the sources hold passwords, tokens or keys; never these themselves.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::access::asked_wrong;
use crate::app::answer::{Answer, Tally};
use crate::app::job::{Audited, Job};
use crate::app::reasons::because;
use crate::app::work::Work;
use crate::app::{Exit, Failure, own_folders};
use crate::config::Config;
use crate::engine::backup::scan::{Root, Rules, labels};
use crate::engine::backup::secret_scan::{self, Scanned};
use crate::kind::{Find, Sort};
use crate::provider::reason::Reason;
use crate::text;

/// Looks which settings files hold passwords, tokens or keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SourceSecrets {
    /// Folders or files; none for the sources.
    pub paths: Vec<PathBuf>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretsFound {
    /// Settings files that hold some.
    pub files: Vec<SecretFile>,
    /// How many settings files were looked at.
    pub looked_at: u64,
}

/// A settings file that holds some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretFile {
    /// Where it is, as a snapshot names it.
    pub path: String,
    /// Which lines.
    pub credentials: Vec<Secret>,
}

/// A line that holds a password, a token or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Secret {
    /// Its number, from 1.
    pub line: u32,
    /// What it holds.
    pub holds: Holds,
}

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// The key of a Wi-Fi.
    WifiKey,
    /// A password.
    Password,
    /// A token or an API key.
    Token,
    /// An address with a user and password, or a token, in it.
    Address,
    /// A private key.
    PrivateKey,
}

impl Secret {
    fn of(find: &Find) -> Self {
        let holds = match find.sort {
            Sort::WifiKey => Holds::WifiKey,
            Sort::Password => Holds::Password,
            Sort::Token => Holds::Token,
            Sort::Address => Holds::Address,
            Sort::PrivateKey => Holds::PrivateKey,
        };
        Self { line: find.line, holds }
    }
}

impl Answer for SecretsFound {
    fn tally(&self) -> Tally {
        Tally { objects: self.looked_at, ..Tally::default() }
    }
}

impl Job for SourceSecrets {
    type Reply = SecretsFound;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<SecretsFound, Failure> {
        let config = work.session.config()?;
        let roots = roots(work, &config, &self.paths)?;
        let Scanned { found, count } = secret_scan::scan(&roots, &own_folders::all(&work.session.home, &config), work.cancel)?;
        let tell = |(path, finds): &(crate::core::name::RelPath, Vec<Find>)| SecretFile {
            path: path.to_string(),
            credentials: finds.iter().map(Secret::of).collect(),
        };
        Ok(SecretsFound { files: found.iter().map(tell).collect(), looked_at: count })
    }
}

/// What is looked through: the paths that are named, else the sources that are there.
fn roots(work: &Work<'_>, config: &Config, paths: &[PathBuf]) -> Result<Vec<Root>, Failure> {
    let named: Vec<PathBuf> = paths.iter().map(|path| work.full_path(path)).collect::<Result<_, _>>()?;
    let chosen = if named.is_empty() { config.sources.iter().map(|source| source.path.clone()).collect() } else { named };
    if chosen.is_empty() {
        return Err(Failure::usage(text!("source-none")).hint(text!("source-none-hint")));
    }
    let mut roots = Vec::new();
    for (path, label) in labels(&chosen) {
        if let Err(error) = std::fs::metadata(&path) {
            let message = text!("source-unusable", path = path.as_path(), why = because(&Reason::of_system(&error)));
            if !paths.is_empty() {
                return Err(Failure::new(Exit::Failed, message));
            }
            work.remark(message);
            continue;
        }
        let source = config.sources.iter().find(|source| source.path == path && paths.is_empty());
        let (kinds, include, exclude) =
            source.map_or((None, &[][..], &[][..]), |s| (s.kinds.as_deref(), &s.include[..], &s.exclude[..]));
        let rules = Rules::new(&path, kinds, include, exclude).map_err(asked_wrong)?;
        roots.push(Root { label, path, rules, no_credentials: false, since: None });
    }
    Ok(roots)
}
