//! MP4: movies of both versions, fragmented ones, and boxes that lie.

use super::*;
use crate::kind::tests::build::{boxed, mp4, mvhd, trak};

fn movie(parts: &[Vec<u8>]) -> PrintMetadata {
    facts(&&boxed(b"moov", &parts.concat())[..])
}

fn mvhd1(scale: u32, duration: u64) -> Vec<u8> {
    boxed(b"mvhd", &[&[1; 1][..], &[0; 19], &scale.to_be_bytes(), &duration.to_be_bytes()].concat())
}

#[test]
fn length_and_size_of_the_first_track_that_is_seen() {
    let found = facts(&&mp4()[..]);
    assert_eq!((found.video_ms, found.pixels), (Some(12_345), Some((640, 480))));
}

#[test]
fn version_1_is_read() {
    let found = movie(&[mvhd1(600, 6_000_000_000), trak(1, 1920, 1080)]);
    assert_eq!((found.video_ms, found.pixels), (Some(10_000_000_000), Some((1920, 1080))));
}

#[test]
fn a_fragmented_movie_tells_its_length_if_it_has_one() {
    let extends = boxed(b"mvex", &boxed(b"mehd", &[&[0; 4][..], &2500u32.to_be_bytes()].concat()));
    assert_eq!(movie(&[mvhd(1000, 0), extends]).video_ms, Some(2500));
    assert_eq!(movie(&[mvhd(1000, 0), boxed(b"mvex", b"")]).video_ms, None);
}

#[test]
fn unknown_lengths_are_not_told() {
    for header in [mvhd(0, 5), mvhd(1000, u32::MAX), mvhd1(1000, u64::MAX), mvhd1(1, u64::MAX / 2)] {
        assert_eq!(movie(&[header]).video_ms, None);
    }
}

#[test]
fn large_and_open_boxes_are_passed_over_or_followed() {
    let media = [&1u32.to_be_bytes()[..], b"mdat", &20u64.to_be_bytes(), &[0; 4]].concat();
    let mut movie = boxed(b"moov", &mvhd(1000, 7));
    movie[..4].fill(0);
    assert_eq!(facts(&&[media, movie].concat()[..]).video_ms, Some(7));
}

#[test]
fn a_box_that_does_not_fit_ends_the_walk() {
    for size in [2u32, 7, u32::MAX] {
        let lie = [&size.to_be_bytes()[..], b"free", &[0; 8]].concat();
        assert!(facts(&&[lie, boxed(b"moov", &mvhd(1000, 7))].concat()[..]).is_empty(), "{size}");
    }
    let lie = [&1u32.to_be_bytes()[..], b"free", &u64::MAX.to_be_bytes()].concat();
    assert!(facts(&&[lie, boxed(b"moov", &mvhd(1000, 7))].concat()[..]).is_empty());
}

#[test]
fn many_boxes_stop_at_the_cap() {
    let bytes = [boxed(b"free", b"").repeat(MAX_BOXES - 1), boxed(b"moov", &mvhd(1000, 7))].concat();
    assert_eq!(facts(&&bytes[..]).video_ms, Some(7));
    assert!(facts(&&[boxed(b"free", b""), bytes].concat()[..]).is_empty());
}
