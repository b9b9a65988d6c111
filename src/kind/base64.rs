//! Base64 (RFC 4648 §4) out of G-code comments: strict alphabet, blanks between rows passed over.

/// The bytes that `rows` stand for, `None` unless it is well-formed base64 of at most `limit` bytes.
pub(super) fn decode<'a>(rows: impl Iterator<Item = &'a [u8]>, limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut group, mut digits, mut pads) = (0u32, 0u32, 0u32);
    for byte in rows.flatten().copied().filter(|byte| !byte.is_ascii_whitespace()) {
        match digit(byte) {
            Some(value) if pads == 0 => {
                group = group << 6 | value;
                digits += 1;
            }
            None if byte == b'=' && pads < 2 => pads += 1,
            _ => return None,
        }
        if digits == 4 {
            out.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, digits) = (0, 0);
        }
        if out.len() > limit {
            return None;
        }
    }
    match (digits, pads) {
        (0, 0) => {}
        (2, 2) => out.push(((group >> 4) & 0xff) as u8),
        (3, 1) => out.extend_from_slice(&(((group >> 2) & 0xffff) as u16).to_be_bytes()),
        _ => return None,
    }
    (out.len() <= limit).then_some(out)
}

fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::tests::build::base64;
    use proptest::prelude::*;

    fn one(text: &str) -> Option<Vec<u8>> {
        decode(std::iter::once(text.as_bytes()), 64)
    }

    #[test]
    fn the_vectors_of_rfc_4648() {
        let cases = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (n, text) in cases.iter().enumerate() {
            assert_eq!(one(text).as_deref(), Some(&b"foobar"[..n]), "{text}");
        }
        assert_eq!(one("+/+/").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zm9v=", "Zm-v", "Zm9v;"] {
            assert_eq!(one(text), None, "{text}");
        }
        assert_eq!(decode([&b"Zm9v"[..]; 3].into_iter(), 8), None);
        assert_eq!(decode([&b"Zm9v"[..]; 3].into_iter(), 9).map(|bytes| bytes.len()), Some(9));
    }

    proptest! {
        #[test]
        fn what_was_encoded_reads_back(bytes: Vec<u8>, row in 1usize..80) {
            let text = base64(&bytes);
            prop_assert_eq!(decode(text.as_bytes().chunks(row), bytes.len()), Some(bytes));
        }
    }
}
