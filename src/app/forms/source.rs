//! A source, what is found on a machine, and what was added.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::{Answer, Tally};
use crate::config;
use crate::engine::backup::detect;
use crate::kind::Group;

/// A folder or file that is backed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Where it is.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub path: PathBuf,
    /// The kinds of files that are wanted; none for everything.
    #[schemars(with = "Option<Vec<String>>")]
    pub kinds: Option<Vec<Group>>,
    /// Patterns, in gitignore form, that are taken although an exclude says no.
    pub include: Vec<String>,
    /// Patterns, in gitignore form, that are left out.
    pub exclude: Vec<String>,
    /// Whether settings files that hold passwords or keys are left out.
    pub no_credentials: bool,
    /// Files that did not change for so many days are left out; none takes them all.
    pub keep_days: Option<u32>,
}

impl Source {
    /// A source of the settings.
    pub fn of(source: &config::Source) -> Self {
        Self {
            path: source.path.clone(),
            kinds: source.kinds.clone(),
            include: source.include.clone(),
            exclude: source.exclude.clone(),
            no_credentials: source.no_credentials,
            keep_days: source.keep_days,
        }
    }
}

/// A source that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceAdded {
    /// It.
    pub added: Source,
    /// What was set for the same path before, if anything.
    pub before: Option<Source>,
    /// A source that holds it already, or lies within it, if any; both are backed up.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub overlaps: Option<PathBuf>,
    /// All sources now.
    pub sources: Vec<Source>,
}

impl Answer for SourceAdded {}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourcesDetected {
    /// What was found.
    pub found: Vec<Detected>,
    /// Whether it was to become a source.
    pub add: bool,
    /// Whether the owner is asked which of it is wanted.
    #[serde(default)]
    pub choosing: bool,
    /// How many became sources just now.
    pub added: u64,
    /// All sources now.
    pub sources: Vec<Source>,
}

impl Answer for SourcesDetected {
    fn tally(&self) -> Tally {
        Tally { objects: self.found.len() as u64, ..Tally::default() }
    }
}

/// Something worth backing up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detected {
    /// Whose it is.
    pub what: Whose,
    /// Where it is.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub path: PathBuf,
    /// What the owner should know of it.
    pub about: Option<Worth>,
    /// How much it is.
    pub size: Size,
    /// Whether it is a source already, or lies in one.
    pub source: bool,
}

/// Whose something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Klipper's and Moonraker's.
    Moonraker,
    /// Videos and previews of moonraker-timelapse.
    Timelapse,
    /// OctoPrint's.
    OctoPrint,
    /// Creality OS's.
    CrealityOs,
}

impl From<detect::Detected> for Whose {
    fn from(what: detect::Detected) -> Self {
        match what {
            detect::Detected::Moonraker => Self::Moonraker,
            detect::Detected::Timelapse => Self::Timelapse,
            detect::Detected::OctoPrint => Self::OctoPrint,
            detect::Detected::CrealityOs => Self::CrealityOs,
        }
    }
}

/// What the owner should know of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// It may hold passwords, which are sealed like everything else.
    MayHoldPasswords,
    /// Copies that Moonraker or OctoPrint make of their own.
    OwnBackups,
    /// What was printed.
    PrintHistory,
}

/// How much something is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether it is at least so much: it was too much to count through, or not all of it can be read.
    pub at_least: bool,
}
