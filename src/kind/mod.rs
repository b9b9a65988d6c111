//! What a file is and what it says of itself; crafted bytes cost bounded time and memory and never a panic.
//!
//! Everything reported is the file's own claim. Nothing here decodes pixels or geometry, and names or descriptions of people
//! are never read.

mod base64;
mod bgcode;
mod claims;
mod credentials;
mod file_kind;
mod find;
mod gcode;
mod group;
mod identify;
mod inflate;
mod jpeg;
mod mp4;
mod names;
mod png;
mod qoi;
mod source;
mod stl;
mod threemf;
mod thumbnail;
mod zip;

pub use credentials::{Find, MAX_LOOKED_AT, Sort, credentials};
pub use file_kind::FileKind;
pub use group::Group;
pub use identify::{HEAD_LEN, identify};
pub use names::group_by_name;
pub use source::Source;
pub use thumbnail::{Format, MAX_THUMBNAIL_LEN, MAX_THUMBNAILS, Thumbnail};

use crate::core::print_metadata::PrintMetadata;

/// What a file of `kind` says of itself; empty where it says nothing that can be read. At most 2 MiB are read.
pub fn facts(kind: FileKind, source: &dyn Source) -> PrintMetadata {
    match kind {
        FileKind::Gcode => gcode::facts(source),
        FileKind::Bgcode => bgcode::facts(source),
        FileKind::ThreeMf => threemf::facts(source),
        FileKind::Stl => PrintMetadata { triangles: stl::triangles(source), ..PrintMetadata::default() },
        FileKind::Jpeg => PrintMetadata { pixels: jpeg::pixels(source), ..PrintMetadata::default() },
        FileKind::Png => PrintMetadata { pixels: png::pixels(source), ..PrintMetadata::default() },
        FileKind::Qoi => PrintMetadata { pixels: qoi::pixels(source), ..PrintMetadata::default() },
        FileKind::Mp4 => mp4::facts(source),
        _ => PrintMetadata::default(),
    }
}

/// The thumbnails inside a file of `kind`, in file order: at most `MAX_THUMBNAILS` of at most `MAX_THUMBNAIL_LEN` bytes each.
pub fn thumbnails(kind: FileKind, source: &dyn Source) -> Vec<Thumbnail> {
    match kind {
        FileKind::Gcode => gcode::thumbnails(source),
        FileKind::Bgcode => bgcode::thumbnails(source),
        FileKind::ThreeMf => threemf::thumbnails(source),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
