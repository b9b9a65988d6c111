//! PNG: width and height from the IHDR chunk, which comes first (PNG specification, third edition, 11.2.1).

use crate::kind::source::{Source, array};

/// Width and height in pixels.
pub(super) fn pixels(source: &dyn Source) -> Option<(u32, u32)> {
    let head = array::<24>(source, 0)?;
    if !head.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR") {
        return None;
    }
    let [.., w0, w1, w2, w3, h0, h1, h2, h3] = head;
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    (width > 0 && height > 0 && width <= i32::MAX as u32 && height <= i32::MAX as u32).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::tests::build::png;

    #[test]
    fn the_first_chunk_tells_the_size() {
        let picture = png(300, 200);
        assert_eq!(pixels(&&picture[..]), Some((300, 200)));
        assert_eq!(pixels(&&picture[..23]), None);
        assert_eq!(pixels(&&png(0, 200)[..]), None);
        assert_eq!(pixels(&&png(1 << 31, 200)[..]), None);
        assert_eq!(pixels(&&picture[1..]), None);
    }
}
