//! Entries of a snapshot in lines: size, time, kind, path, and what a print file says of itself.

use crate::app::forms::entry::{Change, Changed, Entry, Facts, Node, SnapshotRef};
use crate::app::forms::snapshot::Snapshot;
use crate::app::{Arg, Text};
use crate::core::name::RelPath;
use crate::surface::cli::snapshots;
use crate::surface::words::{self, Words};
use crate::text;

/// An entry.
pub fn line(entry: &Entry, words: &Words) -> String {
    let (when, path) = (words::time(entry.mtime), path_text(entry));
    match &entry.node {
        Node::Folder => format!("{:>8}  {when}  {:<9} {path}/", "", words.say(&text!("entry-folder"))),
        Node::Link { target } => format!("{:>8}  {when}  {:<9} {path} -> {}", "", words.say(&text!("entry-link")), plain(target)),
        Node::File { size, kind, facts } => {
            let said = facts_text(facts, words);
            let said = if said.is_empty() { said } else { format!("  ({said})") };
            format!("{:>8}  {when}  {:<9} {path}{said}", words::size(*size), kind_of(kind, words))
        }
    }
}

/// An entry that is not the same in two snapshots.
pub fn changed(changed: &Changed, words: &Words) -> String {
    let sign = match changed.change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => 'M',
        Change::Touched => '~',
    };
    format!("{sign} {}", line(&changed.entry, words))
}

/// The snapshot that what follows lies in.
pub fn heading(snapshot: &Snapshot, words: &Words) -> String {
    words.say(&text!("in-snapshot", snapshot = snapshots::line(snapshot, words).trim_start()))
}

/// A kind of file that has a word; others are called by their formats everywhere.
fn kind_of(kind: &str, words: &Words) -> String {
    let id = format!("file-kind-{}", kind.replace(' ', "-").to_lowercase());
    words.get(&id, None).unwrap_or_else(|| kind.to_owned())
}

/// What a print file says of itself.
fn facts_text(facts: &Facts, words: &Words) -> String {
    let mut parts: Vec<String> = facts.slicer.iter().map(|slicer| plain(slicer)).collect();
    parts.extend(facts.printer.as_ref().map(|printer| words.say(&text!("said-printer", printer = printer))));
    parts.extend(facts.print_seconds.map(|seconds| words.duration(seconds.into())));
    parts.extend(facts.material.iter().map(|material| plain(material)));
    let metres = || facts.filament_mm.map(|mm| format!("{:.2} m", mm / 1000.0));
    parts.extend(facts.filament_g.map(|g| format!("{g:.1} g")).or_else(metres));
    parts.extend(facts.layers.map(|count| words.say(&text!("said-layers", count = count))));
    parts.extend(facts.triangles.map(|count| words.say(&text!("said-triangles", count = count))));
    parts.extend(facts.width.zip(facts.height).map(|(width, height)| format!("{width} × {height}")));
    parts.extend(facts.video_ms.map(|ms| words.duration(ms.div_ceil(1000))));
    parts.join(if words.is_chinese() { "，" } else { ", " })
}

/// A path with control characters and what is not UTF-8 escaped, so that a file's name cannot write on a terminal.
fn path_text(entry: &Entry) -> String {
    match entry.path_hex.as_deref().and_then(path_of) {
        Some(path) => path.to_string(),
        None => plain(&entry.path),
    }
}

fn path_of(hex: &str) -> Option<RelPath> {
    let byte = |at| hex.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
    RelPath::new(&bytes?)
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// The snapshot that was meant, by its number, device and time.
pub fn which(which: &SnapshotRef) -> Text {
    let SnapshotRef { snapshot, device, time } = which;
    text!("which", snapshot = *snapshot, device = device, time = Arg::Time(*time))
}

/// The first of so many, a line each, and how many more there are.
pub fn named(first: &[String], count: u64, words: &Words) -> Vec<String> {
    let more = count.saturating_sub(first.len() as u64);
    let lines = first.iter().map(|name| format!("  {name}"));
    lines.chain((more > 0).then(|| words.say(&text!("notice-more", count = Arg::Count(more))))).collect()
}
