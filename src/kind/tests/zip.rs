//! ZIP directories: every way of writing a member reads back, and directories that lie are no directories.

use super::*;
use crate::kind::tests::build::{How, zip};

fn read(bytes: &[u8]) -> Vec<(String, Option<Vec<u8>>)> {
    let found = members(&bytes, |_| true);
    found.iter().map(|member| (String::from_utf8_lossy(&member.name).into_owned(), member.read(&bytes, 1 << 20))).collect()
}

#[test]
fn members_read_back_however_they_are_written() {
    let text = b"hello hello hello hello".repeat(9);
    for how in [How::Stored, How::Deflated, How::Descriptor, How::Zip64] {
        let bytes = zip(&[("a/b", &text, how), ("c", b"", how)]);
        assert_eq!(read(&bytes), [("a/b".into(), Some(text.clone())), ("c".into(), Some(vec![]))]);
        let first = &members(&&bytes[..], |name| name == b"a/b")[0];
        assert_eq!(first.read_prefix(&&bytes[..], 7), b"hello h");
    }
}

#[test]
fn a_comment_at_the_end_is_passed_over() {
    let mut bytes = zip(&[("a", b"1", How::Stored)]);
    let at = bytes.len();
    bytes.extend(b"a comment with PK\x05\x06 inside that is not the end of it");
    let len = u16::try_from(bytes.len() - at).unwrap();
    bytes[at - 2..at].copy_from_slice(&len.to_le_bytes());
    assert_eq!(read(&bytes).len(), 1);
    bytes.push(0);
    assert_eq!(read(&bytes).len(), 0);
}

#[test]
fn unsafe_and_repeated_names_are_left_out() {
    let members = ["../a", "a/../b", "/a", "a\\b", "a\0b", "", "ok", "ok", "..a"].map(|name| (name, &b"x"[..], How::Stored));
    let names: Vec<String> = read(&zip(&members)).into_iter().map(|member| member.0).collect();
    assert_eq!(names, ["ok", "..a"]);
}

#[test]
fn a_member_must_lie_before_the_directory_and_unpack_to_its_length() {
    let bytes = zip(&[("abc", b"12345678", How::Stored)]);
    let entry = bytes.windows(4).position(|part| part == b"PK\x01\x02").unwrap();
    for (field, value) in [(20, 9u32), (20, u32::MAX - 1), (24, 7), (42, 1), (42, u32::MAX)] {
        let mut lie = bytes.clone();
        lie[entry + field..entry + field + 4].copy_from_slice(&value.to_le_bytes());
        assert_eq!(read(&lie), [("abc".into(), None)], "{field} {value}");
    }
}

#[test]
fn limits_hold() {
    let bomb = zip(&[("a", &vec![0; 2 << 20], How::Deflated)]);
    assert_eq!(read(&bomb), [("a".into(), None)]);
    assert_eq!(members(&&bomb[..], |_| true)[0].read_prefix(&&bomb[..], 4096).len(), 4096);
    let names: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..], How::Stored)).collect();
    assert_eq!(read(&zip(&many)).len(), MAX_FOUND);
    assert_eq!(members(&&zip(&many)[..], |name| name == b"99").len(), 1);
}
