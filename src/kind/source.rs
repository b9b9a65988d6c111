//! Where a parser reads from: positions and lengths, never a path; a read that fails is a read that ends early.

/// A file's bytes at any position. Every parser here survives a source that lies about its length or changes under it.
pub trait Source {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Fills `buf` from `offset` and tells how many bytes it filled; fewer than asked for means the end or an error.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize;

    /// Whether it holds no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        n
    }
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        Source::len(*self)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize {
        Source::read_at(*self, offset, buf)
    }
}

/// The next `len` bytes from `offset`, or as many as there are.
pub(super) fn window(source: &dyn Source, offset: u64, len: usize) -> Vec<u8> {
    let left = source.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(left).map_or(len, |left| left.min(len))];
    let read = source.read_at(offset, &mut bytes);
    bytes.truncate(read);
    bytes
}

/// Exactly `N` bytes from `offset`.
pub(super) fn array<const N: usize>(source: &dyn Source, offset: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (source.read_at(offset, &mut bytes) >= N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_end_where_the_bytes_end() {
        let bytes: &[u8] = b"abc";
        assert_eq!(window(&bytes, 1, 8), b"bc");
        assert_eq!(window(&bytes, 1, 1), b"b");
        assert_eq!(window(&bytes, u64::MAX, 8), b"");
        assert_eq!(array::<2>(&bytes, 1), Some(*b"bc"));
        assert_eq!(array::<2>(&bytes, 2), None);
    }

    #[test]
    fn a_source_that_lies_about_its_length_costs_no_more_than_was_asked_for() {
        struct Liar;
        impl Source for Liar {
            fn len(&self) -> u64 {
                u64::MAX
            }
            fn read_at(&self, _: u64, _: &mut [u8]) -> usize {
                usize::MAX
            }
        }
        assert_eq!(window(&Liar, 0, 16).len(), 16);
    }
}
