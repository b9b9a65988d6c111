//! The directory at the end of a ZIP (APPNOTE 6.3.10, zip64 too), with limits; nothing is ever unpacked to a disk.
//!
//! Sizes come from the directory, so data descriptors do not matter; a member whose bytes would not lie before the directory
//! does not exist.

use crate::core::codec::{Reader, clamp_usize};
use crate::kind::inflate;
use crate::kind::source::{Source, array, window};

/// The most members looked at; the most in 194 real 3MF files is 56.
const MAX_MEMBERS: usize = 4096;
/// The most members taken up.
const MAX_FOUND: usize = 64;
/// The longest directory read, in bytes.
const MAX_DIRECTORY: usize = 1 << 20;
/// The longest comment at the end of a ZIP, in bytes.
const MAX_COMMENT: usize = u16::MAX as usize;
const END_LEN: usize = 22;

/// A file inside a ZIP.
pub(super) struct Member {
    /// Its path: relative, without `..`, `\` or NUL.
    pub(super) name: Vec<u8>,
    /// 0 stored, 8 deflated, others are not read.
    method: u16,
    packed_len: u64,
    len: u64,
    header_at: u64,
    /// Where the directory starts and members end.
    end: u64,
}

/// The first `MAX_FOUND` members whose name is `wanted`, in the order of the directory; of two with one name the first. Empty if it is no ZIP.
pub(super) fn members(source: &dyn Source, wanted: impl Fn(&[u8]) -> bool) -> Vec<Member> {
    let Some((at, len, count)) = directory(source) else { return Vec::new() };
    let bytes = window(source, at, len);
    let mut reader = Reader::new(&bytes);
    let mut found: Vec<Member> = Vec::new();
    for _ in 0..count.min(MAX_MEMBERS as u64) {
        let Some(member) = entry(&mut reader, at) else { break };
        if found.len() == MAX_FOUND {
            break;
        }
        if is_safe(&member.name) && wanted(&member.name) && found.iter().all(|other| other.name != member.name) {
            found.push(member);
        }
    }
    found
}

impl Member {
    /// All of its bytes, `None` if there are more than `limit` or they do not unpack to the length that the directory claims.
    pub(super) fn read(&self, source: &dyn Source, limit: usize) -> Option<Vec<u8>> {
        if self.len > limit as u64 || self.packed_len > limit as u64 {
            return None;
        }
        let packed = window(source, self.data_at(source)?, clamp_usize(self.packed_len));
        let bytes = match self.method {
            0 => packed,
            8 => inflate::raw(&packed, limit)?,
            _ => return None,
        };
        (bytes.len() as u64 == self.len).then_some(bytes)
    }

    /// Its first `limit` bytes, or as many as can be had.
    pub(super) fn read_prefix(&self, source: &dyn Source, limit: usize) -> Vec<u8> {
        let Some(at) = self.data_at(source) else { return Vec::new() };
        // a block's code tables come before its first byte
        let most = limit.saturating_add(1024);
        let packed = window(source, at, usize::try_from(self.packed_len).map_or(most, |len| len.min(most)));
        match self.method {
            0 => packed[..packed.len().min(limit)].to_vec(),
            8 => inflate::raw_prefix(&packed, limit),
            _ => Vec::new(),
        }
    }

    /// Where its bytes start, behind its local header, whose name and extra field may be longer than the directory's.
    fn data_at(&self, source: &dyn Source) -> Option<u64> {
        let header = array::<30>(source, self.header_at)?;
        let [b'P', b'K', 3, 4, .., n0, n1, e0, e1] = header else { return None };
        let skip = 30 + u64::from(u16::from_le_bytes([n0, n1])) + u64::from(u16::from_le_bytes([e0, e1]));
        let at = self.header_at.checked_add(skip)?;
        (at.checked_add(self.packed_len)? <= self.end).then_some(at)
    }
}

/// The directory's position, length and number of members.
fn directory(source: &dyn Source) -> Option<(u64, usize, u64)> {
    let (end_at, end) = end_record(source)?;
    let mut record = Reader::new(&end[8..]);
    let _on_this_disk = record.u16().ok()?;
    let (count, len, at) = (record.u16().ok()?, record.u32().ok()?, record.u32().ok()?);
    let (at, len, count) = if count == u16::MAX || len == u32::MAX || at == u32::MAX {
        zip64(source, end_at)?
    } else {
        (at.into(), len.into(), count.into())
    };
    let len_here = usize::try_from(len).ok().filter(|len| *len <= MAX_DIRECTORY)?;
    (at.checked_add(len)? <= end_at).then_some((at, len_here, count))
}

/// The end record and its position: the last 22 bytes, unless a comment follows it.
fn end_record(source: &dyn Source) -> Option<(u64, [u8; END_LEN])> {
    let at = source.len().checked_sub(END_LEN as u64)?;
    let last = array::<END_LEN>(source, at)?;
    if last.starts_with(b"PK\x05\x06") && last.ends_with(&[0, 0]) {
        return Some((at, last));
    }
    let from = at.saturating_sub(MAX_COMMENT as u64);
    let tail = window(source, from, MAX_COMMENT + END_LEN);
    let found = tail.windows(END_LEN).enumerate().rev().find(|(n, record)| {
        let comment = usize::from(u16::from_le_bytes([record[20], record[21]]));
        record.starts_with(b"PK\x05\x06") && n + END_LEN + comment == tail.len()
    })?;
    Some((from + found.0 as u64, *found.1.first_chunk()?))
}

/// The zip64 end record, found through the locator before the end record.
fn zip64(source: &dyn Source, end_at: u64) -> Option<(u64, u64, u64)> {
    let locator = array::<20>(source, end_at.checked_sub(20)?)?;
    let [b'P', b'K', 6, 7, _, _, _, _, at @ .., _, _, _, _] = locator else { return None };
    let record = array::<56>(source, u64::from_le_bytes(at))?;
    let mut record = Reader::new(record.strip_prefix(b"PK\x06\x06")?);
    record.take(28).ok()?;
    let (count, len, at) = (record.u64().ok()?, record.u64().ok()?, record.u64().ok()?);
    Some((at, len, count))
}

fn entry(reader: &mut Reader<'_>, end: u64) -> Option<Member> {
    let mut fixed = Reader::new(reader.take(46).ok()?.strip_prefix(b"PK\x01\x02")?);
    fixed.take(6).ok()?;
    let method = fixed.u16().ok()?;
    fixed.take(8).ok()?;
    let (packed_len, len) = (fixed.u32().ok()?, fixed.u32().ok()?);
    let [name_len, extra_len, comment_len] = [fixed.u16().ok()?, fixed.u16().ok()?, fixed.u16().ok()?];
    fixed.take(8).ok()?;
    let header_at = fixed.u32().ok()?;
    let name = reader.take(name_len.into()).ok()?.to_vec();
    let extra = reader.take(extra_len.into()).ok()?;
    reader.take(comment_len.into()).ok()?;
    let [len, packed_len, header_at] = widen(extra, [len, packed_len, header_at]);
    Some(Member { name, method, packed_len, len, header_at, end })
}

/// Numbers that do not fit 32 bits stand in extra field 1, in this order, each only if its place holds all ones.
fn widen(extra: &[u8], narrow: [u32; 3]) -> [u64; 3] {
    let mut wide = zip64_extra(extra).map(Reader::new);
    narrow.map(|value| match &mut wide {
        Some(wide) if value == u32::MAX => wide.u64().unwrap_or(u64::MAX),
        _ => value.into(),
    })
}

fn zip64_extra(extra: &[u8]) -> Option<&[u8]> {
    let mut extra = Reader::new(extra);
    loop {
        let (id, len) = (extra.u16().ok()?, extra.u16().ok()?);
        let field = extra.take(len.into()).ok()?;
        if id == 1 {
            return Some(field);
        }
    }
}

fn is_safe(name: &[u8]) -> bool {
    let is_up = name.split(|byte| *byte == b'/').any(|part| part == b"..");
    !name.is_empty() && !name.starts_with(b"/") && !name.contains(&b'\\') && !name.contains(&0) && !is_up
}

#[cfg(test)]
#[path = "tests/zip.rs"]
mod tests;
