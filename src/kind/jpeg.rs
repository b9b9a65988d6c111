//! JPEG: width and height from the first frame header (ITU-T T.81 B.2.2); what lies before it, EXIF and places too, is passed over.

use crate::kind::source::{Source, array};

/// The most marker segments walked before the frame header; real pictures have fewer than 30.
const MAX_SEGMENTS: usize = 128;

/// Width and height in pixels, as stored: a turn that EXIF asks for is not applied.
pub(super) fn pixels(source: &dyn Source) -> Option<(u32, u32)> {
    if array(source, 0)? != [0xff, 0xd8] {
        return None;
    }
    let mut at = 2u64;
    for _ in 0..MAX_SEGMENTS {
        match array::<4>(source, at)? {
            // any number of fill bytes may stand before a marker
            [0xff, 0xff, ..] => at = at.checked_add(1)?,
            // entropy-coded data or the end: too late for a frame header
            [0xff, 0xd9 | 0xda, ..] => return None,
            // TEM and RSTn have no length
            [0xff, 0x01 | 0xd0..=0xd7, ..] => at = at.checked_add(2)?,
            // SOF0 to SOF15, less DHT, JPG and DAC which share the range
            [0xff, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, ..] => return frame(source, at),
            [0xff, _, high, low] => at = at.checked_add(2 + u64::from(u16::from_be_bytes([high, low]).max(2)))?,
            _ => return None,
        }
    }
    None
}

fn frame(source: &dyn Source, at: u64) -> Option<(u32, u32)> {
    let [_, _, _, _, _, h0, h1, w0, w1] = array(source, at)?;
    let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
    (width > 0 && height > 0).then_some((width.into(), height.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::tests::build::jpeg;

    #[test]
    fn the_frame_header_tells_the_size_behind_other_segments() {
        let picture = jpeg(1280, 720);
        assert_eq!(pixels(&&picture[..]), Some((1280, 720)));
        assert_eq!(pixels(&&jpeg(0, 720)[..]), None);
        for cut in 0..picture.len() - 2 {
            assert_eq!(pixels(&&picture[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn fill_bytes_and_progressive_frames_are_read() {
        let bytes = b"\xff\xd8\xff\xff\xff\xc4\0\x03x\xff\xc2\0\x0b\x08\0\x10\0\x20";
        assert_eq!(pixels(&&bytes[..]), Some((32, 16)));
    }

    #[test]
    fn endless_segments_end() {
        let mut bytes = b"\xff\xd8".to_vec();
        bytes.extend(b"\xff\xe0\0\x02".repeat(MAX_SEGMENTS));
        bytes.extend(b"\xff\xc0\0\x0b\x08\0\x10\0\x20");
        assert_eq!(pixels(&&bytes[..]), None);
        assert_eq!(pixels(&&[&b"\xff\xd8"[..], &bytes[6..]].concat()[..]), Some((32, 16)));
    }
}
