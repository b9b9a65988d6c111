//! MP4 and QuickTime: length and size of the picture from the movie box (ISO/IEC 14496-12); media are not read.
//!
//! Boxes are walked one level at a time with a cap on their number, so that neither depth nor count can be made to grow.

use crate::core::print_metadata::PrintMetadata;
use crate::kind::source::{Source, array};

/// The most boxes looked at in one place; a fragmented video has its movie box first.
const MAX_BOXES: usize = 256;

/// Length and picture size; a fragmented video of unknown length tells its size only.
pub(super) fn facts(source: &dyn Source) -> PrintMetadata {
    let file = Span { at: 0, end: source.len() };
    let Some(movie) = boxes(source, file).find(|found| found.kind == *b"moov").map(|found| found.body) else {
        return PrintMetadata::default();
    };
    let mut header = None;
    let mut extended = None;
    let mut pixels = None;
    for found in boxes(source, movie) {
        match &found.kind {
            b"mvhd" => header = header.or_else(|| movie_header(source, found.body)),
            b"mvex" => extended = extended.or_else(|| fragment_duration(source, found.body)),
            b"trak" => pixels = pixels.or_else(|| track_size(source, found.body)),
            _ => {}
        }
    }
    let video_ms = header.and_then(|(scale, duration)| milliseconds(extended.unwrap_or(duration), scale));
    PrintMetadata { video_ms, pixels, ..PrintMetadata::default() }
}

/// A part of the file.
#[derive(Clone, Copy)]
struct Span {
    at: u64,
    end: u64,
}

/// A box: its type and what is inside.
struct Found {
    kind: [u8; 4],
    body: Span,
}

/// The boxes side by side in `span`, up to the first that does not fit.
fn boxes(source: &dyn Source, mut span: Span) -> impl Iterator<Item = Found> {
    std::iter::from_fn(move || {
        let found = next_box(source, span)?;
        span.at = found.body.end;
        Some(found)
    })
    .take(MAX_BOXES)
}

fn next_box(source: &dyn Source, span: Span) -> Option<Found> {
    let [s0, s1, s2, s3, kind @ ..] = array::<8>(source, span.at)?;
    let (head, len) = match u32::from_be_bytes([s0, s1, s2, s3]) {
        // to the end of the file
        0 => (8, span.end.checked_sub(span.at)?),
        // a 64-bit length follows
        1 => (16, u64::from_be_bytes(array(source, span.at.checked_add(8)?)?)),
        len => (8, len.into()),
    };
    let body = Span { at: span.at.checked_add(head)?, end: span.at.checked_add(len)? };
    (body.at <= body.end && body.end <= span.end).then_some(Found { kind, body })
}

/// Units per second and duration of the movie.
fn movie_header(source: &dyn Source, body: Span) -> Option<(u32, u64)> {
    // version and flags, then two times, in 4 or 8 bytes each
    match array::<1>(source, body.at)? {
        [0] => {
            let [.., s0, s1, s2, s3, d0, d1, d2, d3] = array::<20>(source, inside(body, 20)?)?;
            let duration = u32::from_be_bytes([d0, d1, d2, d3]);
            let known = if duration == u32::MAX { 0 } else { duration.into() };
            Some((u32::from_be_bytes([s0, s1, s2, s3]), known))
        }
        [1] => {
            let [.., s0, s1, s2, s3, d0, d1, d2, d3, d4, d5, d6, d7] = array::<32>(source, inside(body, 32)?)?;
            let duration = u64::from_be_bytes([d0, d1, d2, d3, d4, d5, d6, d7]);
            Some((u32::from_be_bytes([s0, s1, s2, s3]), if duration == u64::MAX { 0 } else { duration }))
        }
        _ => None,
    }
}

/// The duration of a fragmented movie, in the movie's units.
fn fragment_duration(source: &dyn Source, body: Span) -> Option<u64> {
    let body = boxes(source, body).find(|found| found.kind == *b"mehd")?.body;
    match array::<1>(source, body.at)? {
        [0] => array::<8>(source, inside(body, 8)?).map(|[_, _, _, _, duration @ ..]| u32::from_be_bytes(duration).into()),
        [1] => array::<12>(source, inside(body, 12)?).map(|[_, _, _, _, duration @ ..]| u64::from_be_bytes(duration)),
        _ => None,
    }
}

/// The size at which a track is shown, in whole pixels; tracks of sound have none.
fn track_size(source: &dyn Source, body: Span) -> Option<(u32, u32)> {
    let body = boxes(source, body).find(|found| found.kind == *b"tkhd")?.body;
    // version 1 has three numbers of 8 bytes for 4; width and height are 16.16 and come last
    let len = match array::<1>(source, body.at)? {
        [0] => 84,
        [1] => 96,
        _ => return None,
    };
    inside(body, len)?;
    let [w0, w1, _, _, h0, h1, _, _] = array::<8>(source, body.at + len - 8)?;
    let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
    (width > 0 && height > 0).then_some((width.into(), height.into()))
}

/// Where `body` starts, if it holds `len` bytes.
fn inside(body: Span, len: u64) -> Option<u64> {
    (body.end - body.at >= len).then_some(body.at)
}

fn milliseconds(duration: u64, scale: u32) -> Option<u64> {
    let ms = u128::from(duration) * 1000 / u128::from(scale).max(1);
    u64::try_from(ms).ok().filter(|ms| scale > 0 && *ms > 0)
}

#[cfg(test)]
#[path = "tests/mp4.rs"]
mod tests;
