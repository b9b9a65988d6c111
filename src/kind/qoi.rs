//! QOI: width and height from the 14-byte header (qoiformat.org, specification 1.0).

use crate::kind::source::{Source, array};

/// Width and height in pixels.
pub(super) fn pixels(source: &dyn Source) -> Option<(u32, u32)> {
    let [b'q', b'o', b'i', b'f', w0, w1, w2, w3, h0, h1, h2, h3, 3 | 4, 0 | 1] = array(source, 0)? else {
        return None;
    };
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::tests::build::qoi;

    #[test]
    fn the_header_tells_the_size() {
        let picture = qoi(48, 32);
        assert_eq!(pixels(&&picture[..]), Some((48, 32)));
        assert_eq!(pixels(&&picture[..13]), None);
        assert_eq!(pixels(&&qoi(48, 0)[..]), None);
    }
}
