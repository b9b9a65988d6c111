//! STL: an 80-byte header, a count of triangles and 50 bytes for each; or ASCII from `solid` on.
//!
//! Size decides first: of 770 real binary meshes 31 begin with the word `solid`.

use crate::kind::source::{Source, array, window};

/// The longest ASCII mesh whose facets are counted, in bytes.
const MAX_ASCII: usize = 256 << 10;

/// The number of triangles; `None` for a mesh that is neither form, and for a large one in ASCII, which has no count.
pub(super) fn triangles(source: &dyn Source) -> Option<u32> {
    let len = source.len();
    let count = array::<84>(source, 0).and_then(|head| count(&head, len));
    count.or_else(|| if len <= MAX_ASCII as u64 { facets(&window(source, 0, MAX_ASCII)) } else { None })
}

/// Whether a file of `len` bytes that starts with `head` is a binary mesh of at least one triangle.
pub(super) fn is_binary(head: &[u8], len: u64) -> bool {
    count(head, len).is_some_and(|count| count > 0)
}

/// Whether `head` starts an ASCII mesh.
pub(super) fn is_ascii(head: &[u8]) -> bool {
    head.starts_with(b"solid") && head.windows(5).any(|word| word == b"facet")
}

fn count(head: &[u8], len: u64) -> Option<u32> {
    let count = u32::from_le_bytes(*head.get(80..)?.first_chunk()?);
    (len == 84 + 50 * u64::from(count)).then_some(count)
}

fn facets(text: &[u8]) -> Option<u32> {
    let lines = text.split(|byte| *byte == b'\n');
    let count = lines.filter(|line| line.trim_ascii_start().starts_with(b"facet ")).count();
    if is_ascii(text) { u32::try_from(count).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::tests::build::binary_stl;

    #[test]
    fn binary_meshes_tell_their_count() {
        for count in [0, 1, 12] {
            assert_eq!(triangles(&&binary_stl(b"solid", count)[..]), Some(count));
        }
        let mut cut = binary_stl(b"", 12);
        cut.pop();
        assert_eq!(triangles(&&cut[..]), None);
    }

    #[test]
    fn ascii_meshes_are_counted() {
        let text = b"solid cube\r\n facet normal 0 0 1\n  outer loop\n endfacet\n\tfacet normal 0 1 0\nendfacet\nendsolid cube\n";
        assert_eq!(triangles(&&text[..]), Some(2));
        assert_eq!(triangles(&&b"facet "[..]), None);
    }
}
