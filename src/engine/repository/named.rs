//! What an owner names in a snapshot: a path as it is listed, as it was on the device, or the end of one that is the only such.

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
    let mut wanted: Vec<Wanted<'_>> = texts.iter().map(|text| Wanted::of(snapshot, text)).collect();
    if !wanted.is_empty() {
        for entry in snapshot.entries() {
            cancel.check()?;
            let path = entry?.path;
            wanted.iter_mut().for_each(|one| one.look(&path));
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
struct Wanted<'a> {
    text: &'a [u8],
    whole: Vec<RelPath>,
    there: Vec<RelPath>,
    ends: Vec<RelPath>,
}

impl<'a> Wanted<'a> {
    fn of(snapshot: &Snapshot<'_>, text: &'a [u8]) -> Self {
        let text = text.strip_prefix(b"./").unwrap_or(text);
        let text = if text.len() > 1 { text.strip_suffix(b"/").unwrap_or(text) } else { text };
        let above = |source: &[u8]| source.strip_prefix(text).is_some_and(|rest| text == b"/" || rest.starts_with(b"/"));
        let mut whole: Vec<RelPath> = snapshot.meant(text).into_iter().collect();
        if text.starts_with(b"/") && whole.is_empty() {
            let sources = snapshot.root.sources.iter();
            whole.extend(sources.filter(|source| above(&source.path)).map(|source| source.label.clone()));
        }
        Self { text, whole, there: Vec::new(), ends: Vec::new() }
    }

    fn look(&mut self, path: &RelPath) {
        if self.whole.contains(path) {
            self.there.push(path.clone());
        } else if self.ends.len() <= MAX_TOLD
            && path.as_bytes().strip_suffix(self.text).is_some_and(|before| before.ends_with(b"/"))
        {
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
