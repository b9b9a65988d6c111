//! What an owner names in a snapshot: a path as it is listed, as it was on the device, or the end of either that is the only such.

use crate::core::manifest::Node;
use crate::core::name::RelPath;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::{Cancel, EngineError};

/// So many paths with the same end are told; more are told by "and more".
const MAX_TOLD: usize = 8;

/// The paths that `texts` mean, each once and in order; none for none. A path above several sources means all of them.
///
/// # Errors
/// [`EngineError::NoPath`] for one that is not there, [`EngineError::ManyPaths`] for an end that several paths have.
pub fn named(snapshot: &Snapshot<'_>, texts: &[Vec<u8>], cancel: &Cancel) -> Result<Vec<RelPath>, EngineError> {
    let mut wanted: Vec<PathMatch<'_>> = texts.iter().map(|text| PathMatch::of(snapshot, text)).collect();
    if !wanted.is_empty() {
        for entry in snapshot.entries() {
            cancel.check()?;
            let path = entry?.path;
            let on_device = snapshot.on_device(&path);
            wanted.iter_mut().for_each(|one| one.inspect(&path, on_device.as_deref()));
        }
    }
    let mut paths = Vec::new();
    for one in wanted {
        paths.extend(one.found()?);
    }
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The sources that lie below a folder whose path ends so; none where several folders do.
fn below_one(snapshot: &Snapshot<'_>, text: &[u8]) -> Vec<RelPath> {
    let mut folder: Option<Vec<u8>> = None;
    let mut found = Vec::new();
    for source in &snapshot.root.sources {
        let parts: Vec<&[u8]> = source.path.split(|byte| *byte == b'/').collect();
        let above = (1..parts.len()).map(|count| parts[..count].join(&b'/'));
        let ends = |path: &Vec<u8>| path.strip_suffix(text).is_some_and(|before| before.ends_with(b"/"));
        let Some(above) = above.into_iter().find(ends) else { continue };
        if folder.as_ref().is_some_and(|folder| *folder != above) {
            return Vec::new();
        }
        folder = Some(above);
        found.push(source.label.clone());
    }
    found
}

/// Files at and below these paths (or all), and their bytes.
pub fn measure(snapshot: &Snapshot<'_>, paths: &[RelPath], cancel: &Cancel) -> Result<(u64, u64), EngineError> {
    let stats = &snapshot.head.stats;
    if paths.is_empty() {
        return Ok((stats.files, stats.bytes));
    }
    let (mut files, mut bytes) = (0, 0);
    for entry in snapshot.entries() {
        cancel.check()?;
        let entry = entry?;
        if let Node::File { size, .. } = entry.node
            && paths.iter().any(|path| entry.path.is_within(path))
        {
            files += 1;
            bytes += size;
        }
    }
    Ok((files, bytes))
}

/// One text and what it may mean.
struct PathMatch<'a> {
    text: &'a [u8],
    whole: Vec<RelPath>,
    there: Vec<RelPath>,
    ends: Vec<RelPath>,
}

impl<'a> PathMatch<'a> {
    fn of(snapshot: &Snapshot<'_>, text: &'a [u8]) -> Self {
        let text = text.strip_prefix(b"./").unwrap_or(text);
        let text = if text.len() > 1 { text.strip_suffix(b"/").unwrap_or(text) } else { text };
        let above = |source: &[u8]| source.strip_prefix(text).is_some_and(|rest| text == b"/" || rest.starts_with(b"/"));
        let mut whole: Vec<RelPath> = snapshot.meant(text).into_iter().collect();
        if text.starts_with(b"/") && whole.is_empty() {
            let sources = snapshot.root.sources.iter();
            whole.extend(sources.filter(|source| above(&source.path)).map(|source| source.label.clone()));
        }
        // the end of a folder above sources, where there is one such folder: a printer's data, whose parts are sources
        if whole.iter().all(|path| path.as_bytes() == text) {
            whole.extend(below_one(snapshot, text));
        }
        Self { text, whole, there: Vec::new(), ends: Vec::new() }
    }

    fn inspect(&mut self, path: &RelPath, on_device: Option<&[u8]>) {
        let ends = |path: &[u8]| path.strip_suffix(self.text).is_some_and(|before| before.ends_with(b"/"));
        if self.whole.contains(path) {
            self.there.push(path.clone());
        } else if self.ends.len() <= MAX_TOLD && (ends(path.as_bytes()) || on_device.is_some_and(ends)) {
            self.ends.push(path.clone());
        }
    }

    fn found(mut self) -> Result<Vec<RelPath>, EngineError> {
        let text = || String::from_utf8_lossy(self.text).into_owned();
        match (self.there.is_empty(), self.ends.len()) {
            (false, _) => Ok(self.there),
            (true, 0) => Err(EngineError::NoPath(text())),
            (true, 1) => Ok(std::mem::take(&mut self.ends)),
            (true, count) => {
                let mut paths: Vec<String> = self.ends.iter().take(MAX_TOLD).map(ToString::to_string).collect();
                paths.extend((count > MAX_TOLD).then(|| "…".to_owned()));
                Err(EngineError::ManyPaths { text: text(), paths })
            }
        }
    }
}
