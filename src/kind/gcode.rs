//! G-code as text: the comments that slicers leave at its two ends; the moves between are never read.
//!
//! Bytes, not characters: no encoding is assumed, lines end in LF or CRLF, and no line counts beyond `MAX_LINE`.

use crate::core::codec::clamp_u32;
use crate::core::print_metadata::PrintMetadata;
use crate::kind::base64;
use crate::kind::claims::Claims;
use crate::kind::source::{Source, window};
use crate::kind::thumbnail::{MAX_THUMBNAIL_LEN, MAX_THUMBNAILS, Thumbnail};

/// How much of each end is read, in bytes.
const END_LEN: usize = 256 << 10;
/// How much of the start is read when a thumbnail goes beyond `END_LEN`, in bytes.
const LONG_HEAD_LEN: usize = 1 << 20;
/// How much of a line is looked at, in bytes; the longest in real files is 8858.
const MAX_LINE: usize = 16 << 10;
/// How many moves the start is followed into: Cura's layer count stands behind the start macro.
const MAX_MOVES: usize = 500;
/// The words before `begin` and `end` around a thumbnail: PrusaSlicer's with its formats, and Creality's.
const TAGS: [&[u8]; 6] = [b"thumbnail", b"thumbnail_PNG", b"thumbnail_JPG", b"thumbnail_QOI", b"png", b"jpg"];

/// What the comments at both ends say.
pub(super) fn facts(source: &dyn Source) -> PrintMetadata {
    let (mut claims, is_cut) = read_head(source, END_LEN);
    if is_cut && source.len() > END_LEN as u64 {
        (claims, _) = read_head(source, LONG_HEAD_LEN);
    }
    // the two ends may overlap: what was claimed first stands
    for text in window(source, source.len().saturating_sub(END_LEN as u64), END_LEN).split(is_newline).filter_map(comment) {
        claims.comment(text);
    }
    claims.finish()
}

/// What the first `len` bytes say, and whether they end inside a thumbnail.
fn read_head(source: &dyn Source, len: usize) -> (Claims, bool) {
    let mut claims = Claims::default();
    let is_cut = head_comments(&window(source, 0, len), &mut claims);
    (claims, is_cut)
}

/// What the start of a file says, and whether it ends inside a thumbnail.
pub(super) fn head_comments(head: &[u8], claims: &mut Claims) -> bool {
    let (mut items, mut moves, mut pictures) = (Items::new(head), 0, 0);
    while moves <= MAX_MOVES
        && let Some(item) = items.next()
    {
        match item {
            Item::Comment(text) => claims.comment(text),
            Item::Move => moves += 1,
            Item::Picture { .. } => pictures += 1,
        }
    }
    claims.facts.thumbnails = (pictures > 0).then_some(pictures.min(clamp_u32(MAX_THUMBNAILS)));
    items.is_cut
}

/// The thumbnails in the first MiB.
pub(super) fn thumbnails(source: &dyn Source) -> Vec<Thumbnail> {
    let head = window(source, 0, LONG_HEAD_LEN);
    let (mut items, mut moves, mut found) = (Items::new(&head), 0, Vec::new());
    while moves <= MAX_MOVES
        && found.len() < MAX_THUMBNAILS
        && let Some(item) = items.next()
    {
        match item {
            Item::Move => moves += 1,
            Item::Picture { rows } => found.extend(picture(rows)),
            Item::Comment(_) => {}
        }
    }
    found
}

fn picture(rows: &[u8]) -> Option<Thumbnail> {
    let rows = rows.split(is_newline).map(|line| comment(line).unwrap_or(line));
    Thumbnail::read(base64::decode(rows, MAX_THUMBNAIL_LEN)?)
}

/// One thing in a header.
enum Item<'a> {
    /// A comment's text.
    Comment(&'a [u8]),
    /// The rows of a thumbnail between its marks.
    Picture { rows: &'a [u8] },
    /// A line of G-code.
    Move,
}

/// Walks a header once, line by line.
struct Items<'a> {
    rest: &'a [u8],
    /// A thumbnail had no end mark. No end is looked for again, so that a file of begin marks costs one pass, not one each.
    is_cut: bool,
}

impl<'a> Items<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest, is_cut: false }
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        let (line, rest) = split_line(self.rest)?;
        self.rest = rest;
        Some(line)
    }

    /// The rows up to the next end mark.
    fn rows(&mut self) -> Option<&'a [u8]> {
        let (start, mut rest) = (self.rest, self.rest);
        while let Some((line, after)) = split_line(rest) {
            if comment(line).is_some_and(|text| is_mark(text, b" end")) {
                self.rest = after;
                return Some(&start[..start.len() - rest.len()]);
            }
            rest = after;
        }
        self.is_cut = true;
        None
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            let line = self.line()?;
            match comment(line) {
                Some(text) if !self.is_cut && is_mark(text, b" begin") => {
                    if let Some(rows) = self.rows() {
                        return Some(Item::Picture { rows });
                    }
                }
                Some(text) => return Some(Item::Comment(text)),
                None if line.trim_ascii().is_empty() => {}
                None => return Some(Item::Move),
            }
        }
    }
}

/// `thumbnail begin 48x48 800`, `png begin 96*96 7757 0 95 192`, `thumbnail end`.
fn is_mark(text: &[u8], verb: &[u8]) -> bool {
    let after = TAGS.iter().find_map(|tag| text.strip_prefix(*tag)?.strip_prefix(verb));
    after.is_some_and(|after| after.first().is_none_or(u8::is_ascii_whitespace))
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(is_newline).unwrap_or(bytes.len());
    (!bytes.is_empty()).then(|| (&bytes[..end], bytes.get(end + 1..).unwrap_or_default()))
}

fn is_newline(byte: &u8) -> bool {
    *byte == b'\n'
}

/// The text of a line that is nothing but a comment, without blanks around it.
fn comment(line: &[u8]) -> Option<&[u8]> {
    line[..line.len().min(MAX_LINE)].trim_ascii().strip_prefix(b";").map(<[u8]>::trim_ascii_start)
}

#[cfg(test)]
#[path = "tests/gcode.rs"]
mod tests;
