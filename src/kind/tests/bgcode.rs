//! Binary G-code: what its blocks say, and what blocks that lie cost.

use super::*;
use crate::kind::tests::build::{bgcode, bgcode_of, block, png};
use miniz_oxide::deflate::compress_to_vec_zlib;

#[test]
fn metadata_tell_facts() {
    let found = facts(&&bgcode()[..]);
    assert_eq!(found.slicer.as_deref(), Some("PrusaSlicer 2.6.0"));
    assert_eq!((found.printer.as_deref(), found.material.as_deref()), (Some("MINI"), Some("PETG")));
    assert_eq!((found.print_seconds, found.filament_g, found.layer_height_mm), (Some(1926), Some(3.01), Some(0.15)));
    assert_eq!(found.thumbnails, Some(1), "blocks behind the moves are not looked at");
}

#[test]
fn thumbnails_come_out_whole() {
    let found = thumbnails(&&bgcode()[..]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].bytes, png(16, 16));
}

#[test]
fn files_without_checksums_are_read() {
    let text = b"Producer=A\n";
    let mut bytes = bgcode_of(&[block(0, 0, &[0, 0], text.len(), text), block(4, 0, &[0, 0], 6, b"TIME=7")]);
    bytes[8] = 0;
    let first_checksum = 10 + 8 + 2 + text.len();
    bytes.drain(first_checksum..first_checksum + 4);
    let found = facts(&&bytes[..]);
    assert_eq!((found.slicer.as_deref(), found.print_seconds), (Some("A"), Some(7)));
}

#[test]
fn a_block_beyond_the_file_ends_the_walk() {
    let mut lie = block(0, 0, &[0, 0], 3, b"a=b");
    lie[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let bytes = bgcode_of(&[lie, block(0, 0, &[0, 0], 10, b"Producer=A")]);
    assert!(facts(&&bytes[..]).is_empty());
}

#[test]
fn a_bomb_is_not_inflated_and_uses_up_what_was_left() {
    let bomb = compress_to_vec_zlib(&vec![b'\n'; 4 << 20], 6);
    let bytes = bgcode_of(&[block(2, 1, &[0, 0], 9, &bomb), block(0, 0, &[0, 0], 10, b"Producer=A")]);
    assert_eq!(facts(&&bytes[..]).slicer.as_deref(), Some("A"));
    let large = vec![b'\n'; METADATA_LEN];
    let bytes = bgcode_of(&[block(2, 0, &[0, 0], large.len(), &large), block(0, 0, &[0, 0], 10, b"Producer=A")]);
    assert_eq!(facts(&&bytes[..]).slicer, None);
}

#[test]
fn empty_blocks_without_end_stop_at_the_cap() {
    let mut blocks = vec![block(9, 0, &[0, 0], 0, b""); MAX_BLOCKS - 1];
    blocks.push(block(0, 0, &[0, 0], 10, b"Producer=A"));
    assert_eq!(facts(&&bgcode_of(&blocks)[..]).slicer.as_deref(), Some("A"));
    blocks.insert(0, block(9, 0, &[0, 0], 0, b""));
    assert_eq!(facts(&&bgcode_of(&blocks)[..]).slicer, None);
}
