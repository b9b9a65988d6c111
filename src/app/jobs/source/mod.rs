//! Sources: what is backed up.

mod detect;
mod secrets;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::access::asked_wrong;
use crate::app::answer::{Answer, Tally};
use crate::app::forms::source::{Source, SourceAdded};
use crate::app::job::{Audited, Job};
use crate::app::reasons::because;
use crate::app::work::Work;
use crate::app::{Exit, Failure, own_folders};
use crate::local::audit::Event;
use crate::provider::reason::Reason;
use crate::{config, text};

pub use detect::{SourceDetect, detected, take};
pub use secrets::{Holds, Secret, SecretFile, SecretsFound, SourceSecrets};

/// The sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sources {
    /// All of them, in the order in which they were added.
    pub sources: Vec<Source>,
}

impl Answer for Sources {
    fn tally(&self) -> Tally {
        Tally { objects: self.sources.len() as u64, ..Tally::default() }
    }
}

/// Lists the sources.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SourceList {}

impl Job for SourceList {
    type Reply = Sources;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Sources, Failure> {
        Ok(Sources { sources: all(&work.session.config()?) })
    }
}

/// Adds a folder or file, or sets anew what of it is wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SourceAdd {
    /// Where it is.
    pub path: PathBuf,
    /// The kinds of files that are wanted: images, video, prints, settings, everything; none for everything.
    pub kinds: Vec<String>,
    /// Patterns, in gitignore form, that are taken although an exclude says no.
    pub include: Vec<String>,
    /// Patterns, in gitignore form, that are left out.
    pub exclude: Vec<String>,
    /// Whether settings files that hold passwords or keys are left out.
    pub no_credentials: bool,
    /// Files that did not change for so many days are left out.
    pub keep_days: Option<u32>,
}

impl Job for SourceAdd {
    type Reply = SourceAdded;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "source added").names([self.path.display().to_string()]))
    }

    fn run(self, work: &Work<'_>) -> Result<SourceAdded, Failure> {
        let path = work.full_path(&self.path)?;
        std::fs::metadata(&path).map_err(|error| {
            Failure::usage(text!("source-unusable", path = path.as_path(), why = because(&Reason::of_system(&error))))
        })?;
        self.include.iter().chain(&self.exclude).try_for_each(|pattern| config::check_pattern(pattern)).map_err(asked_wrong)?;
        let kinds = config::Source::parse_kinds(&self.kinds).map_err(asked_wrong)?;
        let Self { include, exclude, no_credentials, keep_days, .. } = self;
        put(work, config::Source { path, kinds, include, exclude, no_credentials, keep_days })
    }
}

/// Puts a source into the settings, in place of one of the same path.
pub fn put(work: &Work<'_>, source: config::Source) -> Result<SourceAdded, Failure> {
    work.change_config(|config| {
        own_folders::refuse(&work.session.home, config, &source.path)?;
        let before = config.sources.iter().find(|other| other.path == source.path).map(Source::of);
        let touches = |other: &&config::Source| {
            other.path != source.path && (other.path.starts_with(&source.path) || source.path.starts_with(&other.path))
        };
        let overlaps = config.sources.iter().find(touches).map(|other| other.path.clone());
        let added = Source::of(&source);
        match config.sources.iter_mut().find(|other| other.path == source.path) {
            Some(there) => *there = source,
            None => config.sources.push(source),
        }
        checked(config)?;
        Ok(SourceAdded { added, before, overlaps, sources: all(config) })
    })
}

/// What the settings cannot hold is told of what was asked, not of the settings.
fn checked(config: &config::Config) -> Result<(), Failure> {
    config.to_toml().and_then(|text| config::Config::parse(&text)).map(|_| ()).map_err(asked_wrong)
}

/// Stops backing a source up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SourceRemove {
    /// Where it is.
    pub path: PathBuf,
}

/// A source that is no longer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceRemoved {
    /// Where it is.
    #[serde(serialize_with = "crate::app::shown_path::lossy")]
    pub removed: PathBuf,
    /// All sources now.
    pub sources: Vec<Source>,
}

impl Answer for SourceRemoved {}

impl Job for SourceRemove {
    type Reply = SourceRemoved;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Settings, "source removed").names([self.path.display().to_string()]))
    }

    fn run(self, work: &Work<'_>) -> Result<SourceRemoved, Failure> {
        let path = work.full_path(&self.path)?;
        work.change_config(|config| {
            let before = config.sources.len();
            config.sources.retain(|source| source.path != path);
            if config.sources.len() == before {
                return Err(
                    Failure::new(Exit::Usage, text!("source-unknown", path = path.as_path())).hint(text!("source-unknown-hint"))
                );
            }
            Ok(SourceRemoved { removed: path.clone(), sources: all(config) })
        })
    }
}

/// All sources of the settings.
pub fn all(config: &config::Config) -> Vec<Source> {
    config.sources.iter().map(Source::of).collect()
}
