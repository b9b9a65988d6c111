//! A picture found inside a print file: its bytes as stored, its size as its own header says; pixels are never decoded.

use crate::kind::source::Source;
use crate::kind::{jpeg, png, qoi};

/// The most thumbnails taken out of one file.
pub const MAX_THUMBNAILS: usize = 8;
/// The longest thumbnail taken out of a file, in bytes.
pub const MAX_THUMBNAIL_LEN: usize = 1 << 20;

/// How a thumbnail is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// QOI.
    Qoi,
}

/// A picture of a print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Its encoding, told from its bytes.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The picture file itself, at most `MAX_THUMBNAIL_LEN` bytes.
    pub bytes: Vec<u8>,
}

impl Thumbnail {
    /// A thumbnail, if `bytes` start like one of the three formats. What a container says of format and size is not asked.
    pub(super) fn read(bytes: Vec<u8>) -> Option<Self> {
        if bytes.len() > MAX_THUMBNAIL_LEN {
            return None;
        }
        let picture: &dyn Source = &bytes.as_slice();
        let (format, (width, height)) = png::pixels(picture)
            .map(|size| (Format::Png, size))
            .or_else(|| jpeg::pixels(picture).map(|size| (Format::Jpeg, size)))
            .or_else(|| qoi::pixels(picture).map(|size| (Format::Qoi, size)))?;
        Some(Self { format, width, height, bytes })
    }
}
