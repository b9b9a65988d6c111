//! What lies in a snapshot, as plain data: entries, what a print file says of itself, changes between two snapshots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::{manifest, print_metadata};
use crate::engine::repository::snapshots::SnapshotInfo;
use crate::engine::restore::browse;
use crate::kind::FileKind;

/// Which snapshot was meant: `latest` is a number, a device and a time here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotRef {
    /// Its number on its device.
    pub snapshot: u64,
    /// What the owner calls its device.
    pub device: String,
    /// When it was made, by its device's clock, in seconds since 1970.
    pub time: i64,
}

impl SnapshotRef {
    /// The snapshot.
    pub fn of(info: &SnapshotInfo) -> Self {
        Self { snapshot: info.head.number, device: info.device_name.clone(), time: info.head.time }
    }
}

/// A file, folder or link of a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Its path as the snapshot lists it: the label of its source, then what is below. What is not UTF-8 is replaced.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// Its permissions, octal.
    pub mode: String,
    /// When it was changed, in seconds since 1970.
    pub mtime: i64,
    /// What it is.
    #[serde(flatten)]
    pub node: Node,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Node {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Its bytes.
        size: u64,
        /// What kind of file, in a word.
        kind: String,
        /// What it says of itself.
        facts: Facts,
    },
    /// A symbolic link.
    Link {
        /// Where it points.
        target: String,
    },
}

/// What a print file, picture or video claims of itself; all of it may be wrong.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Facts {
    /// The slicer and its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slicer: Option<String>,
    /// The printer it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
    /// The filament's material.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material: Option<String>,
    /// Estimated printing time, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub print_seconds: Option<u32>,
    /// Filament, in millimetres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filament_mm: Option<f32>,
    /// Filament, in grams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filament_g: Option<f32>,
    /// Layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<u32>,
    /// Height of a layer, in millimetres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_height_mm: Option<f32>,
    /// Width, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Length of a video, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_ms: Option<u64>,
    /// Triangles of a mesh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triangles: Option<u32>,
    /// Thumbnails in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnails: Option<u32>,
}

/// A file that was found by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// The number of its snapshot.
    pub snapshot: u64,
    /// The device of its snapshot.
    pub device: String,
    /// The file.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What happened to an entry between two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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

/// An entry that is not the same in two snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// What happened.
    pub change: Change,
    /// As it is in the later one, or was in the earlier.
    pub entry: Entry,
}

impl From<&manifest::Entry> for Entry {
    fn from(entry: &manifest::Entry) -> Self {
        let bytes = entry.path.as_bytes();
        let node = match &entry.node {
            manifest::Node::Folder => Node::Folder,
            manifest::Node::File { kind, size, facts, .. } => {
                Node::File { size: *size, kind: FileKind::from_code(*kind).name().to_owned(), facts: facts.into() }
            }
            manifest::Node::Link { target } => Node::Link { target: String::from_utf8_lossy(target).into_owned() },
        };
        Self {
            path: String::from_utf8_lossy(bytes).into_owned(),
            path_hex: std::str::from_utf8(bytes).is_err().then(|| crate::core::name::hex(bytes)),
            mode: format!("{:o}", entry.attributes.mode),
            mtime: entry.attributes.mtime_s,
            node,
        }
    }
}

impl From<&print_metadata::PrintMetadata> for Facts {
    fn from(facts: &print_metadata::PrintMetadata) -> Self {
        Self {
            slicer: facts.slicer.clone(),
            printer: facts.printer.clone(),
            material: facts.material.clone(),
            print_seconds: facts.print_seconds,
            filament_mm: facts.filament_mm,
            filament_g: facts.filament_g,
            layers: facts.layers,
            layer_height_mm: facts.layer_height_mm,
            width: facts.pixels.map(|(width, _)| width),
            height: facts.pixels.map(|(_, height)| height),
            video_ms: facts.video_ms,
            triangles: facts.triangles,
            thumbnails: facts.thumbnails,
        }
    }
}

impl From<browse::Change> for Change {
    fn from(change: browse::Change) -> Self {
        match change {
            browse::Change::Added => Self::Added,
            browse::Change::Removed => Self::Removed,
            browse::Change::Changed => Self::Changed,
            browse::Change::Touched => Self::Touched,
        }
    }
}
