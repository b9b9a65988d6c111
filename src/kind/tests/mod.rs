//! Builds small files of every kind, and shows that no bytes, whole, cut or changed, break a parser.

pub(super) mod build;

use crate::core::codec::{Reader, Writer};
use crate::core::print_metadata::{MAX_TEXT, PrintMetadata};
use crate::kind::{FileKind, MAX_THUMBNAIL_LEN, MAX_THUMBNAILS, Source, facts, thumbnails};
use proptest::prelude::*;

/// One well-formed file of each kind that has a parser.
fn samples() -> Vec<(FileKind, Vec<u8>)> {
    vec![
        (FileKind::Gcode, build::gcode()),
        (FileKind::Bgcode, build::bgcode()),
        (FileKind::ThreeMf, build::threemf()),
        (FileKind::Stl, build::binary_stl(b"solid", 3)),
        (FileKind::Stl, b"solid a\n facet normal 0 0 1\n endfacet\nendsolid a\n".to_vec()),
        (FileKind::Jpeg, build::jpeg(1280, 720)),
        (FileKind::Png, build::png(300, 200)),
        (FileKind::Qoi, build::qoi(48, 32)),
        (FileKind::Mp4, build::mp4()),
    ]
}

/// What every parser owes on any bytes.
fn check(kind: FileKind, bytes: &[u8]) -> PrintMetadata {
    let found = facts(kind, &bytes);
    let mut out = Writer::new();
    found.encode(&mut out);
    assert_eq!(PrintMetadata::decode(&mut Reader::new(out.as_slice())).as_ref(), Ok(&found), "facts read back");
    for text in [&found.slicer, &found.printer, &found.material].into_iter().flatten() {
        assert!(!text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control), "{text:?}");
    }
    for number in [found.filament_mm, found.filament_g, found.layer_height_mm].into_iter().flatten() {
        assert!(number.is_finite() && number >= 0.0, "{number}");
    }
    let pictures = thumbnails(kind, &bytes);
    assert!(pictures.len() <= MAX_THUMBNAILS);
    assert!(crate::core::codec::clamp_u32(pictures.len()) <= found.thumbnails.unwrap_or(0), "more thumbnails than counted");
    for picture in pictures {
        assert!(picture.bytes.len() <= MAX_THUMBNAIL_LEN && picture.width > 0 && picture.height > 0);
    }
    found
}

#[test]
fn every_sample_is_known_and_says_something() {
    for (kind, bytes) in samples() {
        let head = &bytes[..bytes.len().min(super::HEAD_LEN)];
        assert_eq!(super::identify(head, bytes.len() as u64, b""), kind);
        assert!(!check(kind, &bytes).is_empty(), "{}", kind.name());
    }
}

#[test]
fn every_cut_of_every_sample_is_survived() {
    for (kind, bytes) in samples() {
        for cut in 0..bytes.len().min(4096) {
            check(kind, &bytes[..cut]);
            check(kind, &bytes[cut..]);
        }
    }
}

/// A source that claims `len` bytes and hands out the same few.
struct Liar(Vec<u8>, u64);

impl Source for Liar {
    fn len(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize {
        self.0.as_slice().read_at(offset % 64, buf)
    }
}

proptest! {
    #[test]
    fn changed_bytes_are_survived(which in 0usize..9, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let (kind, mut bytes) = samples().swap_remove(which);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check(kind, &bytes);
    }

    #[test]
    fn any_bytes_are_survived_by_every_parser(bytes: Vec<u8>) {
        for kind in FileKind::ALL {
            check(kind, &bytes);
        }
    }

    #[test]
    fn a_source_that_lies_is_survived(which in 0usize..9, len: u64) {
        let (kind, bytes) = samples().swap_remove(which);
        let liar = Liar(bytes, len);
        facts(kind, &liar);
        thumbnails(kind, &liar);
    }
}
