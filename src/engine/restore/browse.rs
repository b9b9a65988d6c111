//! Looking: what a snapshot lists, what is found in it, what changed between two.

use std::cmp::Ordering;

use crate::core::manifest::{Entry, Node};
use crate::core::name::RelPath;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::{Cancel, EngineError};

/// Gives each entry at or below `path` (or every entry), or only those directly in it.
pub fn list(
    snapshot: &Snapshot<'_>,
    path: Option<&RelPath>,
    recursive: bool,
    show: &mut dyn FnMut(Entry),
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let mut any = false;
    for entry in snapshot.entries() {
        cancel.check()?;
        let entry = entry?;
        let depth_of = |p: &RelPath| p.components().count();
        let shown = match path {
            None => recursive || depth_of(&entry.path) == 1,
            Some(path) => entry.path.is_within(path) && (recursive || depth_of(&entry.path) <= depth_of(path) + 1),
        };
        if shown {
            any = true;
            show(entry);
        } else if path.is_some_and(|path| entry.path > *path && !entry.path.is_within(path)) {
            break;
        }
    }
    match path {
        Some(path) if !any => Err(EngineError::NoPath(path.to_string())),
        _ => Ok(()),
    }
}

/// What happened to an entry between two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Only the later one has it.
    Added,
    /// Only the earlier one has it.
    Removed,
    /// Its content or target is another.
    Changed,
    /// Only its mode, owner or time is another.
    Touched,
}

/// Gives each entry that is not the same in both.
pub fn diff(
    before: &Snapshot<'_>,
    after: &Snapshot<'_>,
    show: &mut dyn FnMut(Change, &Entry),
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let (mut before, mut after) = (before.entries().peekable(), after.entries().peekable());
    loop {
        cancel.check()?;
        let order = match (before.peek(), after.peek()) {
            (None, None) => return Ok(()),
            (Some(Ok(a)), Some(Ok(b))) => a.path.cmp(&b.path),
            (Some(_), None) | (Some(Err(_)), _) => Ordering::Less,
            (None, Some(_)) | (_, Some(Err(_))) => Ordering::Greater,
        };
        let a = if order.is_le() { before.next().transpose()? } else { None };
        let b = if order.is_ge() { after.next().transpose()? } else { None };
        match (a, b) {
            (Some(a), Some(b)) => {
                if let Some(change) = compare(&a, &b) {
                    show(change, &b);
                }
            }
            (Some(a), None) => show(Change::Removed, &a),
            (None, Some(b)) => show(Change::Added, &b),
            (None, None) => {}
        }
    }
}

fn compare(a: &Entry, b: &Entry) -> Option<Change> {
    let same = match (&a.node, &b.node) {
        (Node::File { size: s, content: c, .. }, Node::File { size: t, content: d, .. }) => s == t && c == d,
        (x, y) => x == y,
    };
    match (same, a.attributes == b.attributes) {
        (false, _) => Some(Change::Changed),
        (true, false) => Some(Change::Touched),
        (true, true) => None,
    }
}
