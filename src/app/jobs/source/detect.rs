//! Finding what printers keep on this machine, with how much it is.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::all;
use crate::app::Failure;
use crate::app::forms::source::{Detected, Size, SourcesDetected, Worth};
use crate::app::job::{Audited, Job};
use crate::app::work::Work;
use crate::engine::backup::detect::{About, Found, detect};
use crate::engine::backup::measure::measure;
use crate::local::audit::Event;

/// Finds the folders of Klipper, Moonraker, OctoPrint and Creality OS below the machine's own file system.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SourceDetect {
    /// Whether what is found becomes a source.
    pub add: bool,
}

impl Job for SourceDetect {
    type Reply = SourcesDetected;

    fn audited(&self) -> Option<Audited> {
        self.add.then(|| Audited::of(Event::Settings, "sources detected"))
    }

    fn run(self, work: &Work<'_>) -> Result<SourcesDetected, Failure> {
        let (found, raw) = detected(work)?;
        let added = if self.add { take(work, &raw)? } else { 0 };
        Ok(SourcesDetected { found, add: self.add, choosing: false, added, sources: all(&work.session.config()?) })
    }
}

/// What is worth backing up on this machine, told and as it was found.
pub fn detected(work: &Work<'_>) -> Result<(Vec<Detected>, Vec<Found>), Failure> {
    let root = &work.session.system_root;
    let found = detect(root, &homes(root));
    let config = work.session.config()?;
    let tell = |found: &Found| {
        let counted = measure(&found.path, work.cancel)?;
        let source = config.sources.iter().any(|source| found.path.starts_with(&source.path));
        let size = Size { files: counted.files, bytes: counted.bytes, at_least: !counted.whole };
        Ok(Detected { what: found.what.into(), path: found.path.clone(), about: found.about.map(worth), size, source })
    };
    let told = found.iter().map(tell).collect::<Result<_, Failure>>()?;
    Ok((told, found))
}

/// Makes sources of what is none yet; gives how many.
pub fn take(work: &Work<'_>, found: &[Found]) -> Result<u64, Failure> {
    work.change_config(|config| {
        let before = config.sources.len();
        for one in found {
            if !config.sources.iter().any(|source| one.path.starts_with(&source.path)) {
                config.sources.push(one.source());
            }
        }
        Ok((config.sources.len() - before) as u64)
    })
}

fn worth(about: About) -> Worth {
    match about {
        About::MayHoldPasswords => Worth::MayHoldPasswords,
        About::OwnBackups => Worth::OwnBackups,
        About::PrintHistory => Worth::PrintHistory,
    }
}

/// Home folders of the machine below `root`: those of the users that printers run as, and our own where that is the machine we run on.
fn homes(root: &Path) -> Vec<PathBuf> {
    let own = std::env::var_os("HOME").map(PathBuf::from).filter(|_| root == Path::new("/"));
    let mut homes: Vec<PathBuf> = own.into_iter().collect();
    if let Ok(entries) = std::fs::read_dir(root.join("home")) {
        homes.extend(entries.flatten().take(1000).map(|entry| entry.path()));
    }
    homes.push(root.join("root"));
    homes.sort();
    homes.dedup();
    homes
}
