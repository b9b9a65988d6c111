//! Pictures and videos: real markers and boxes around noise, since that is what entropy-coded data is to a compressor.

use super::Dice;

/// A baseline JPEG of 1280 x 720 and exactly `size` bytes, if there is room for its headers.
pub fn jpeg(size: usize, seed: u64) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0", &mut out);
    segment(0xdb, &[&[0u8][..], &(1..=64).collect::<Vec<u8>>()].concat(), &mut out);
    segment(0xc0, &[8, 2, 208, 5, 0, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0], &mut out);
    segment(0xc4, &[0, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], &mut out);
    segment(0xda, &[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0], &mut out);
    let scan = out.len();
    Dice::new(seed).noise(size.saturating_sub(scan + 2), &mut out);
    // Within a scan 0xff is followed by 0: any other would be a marker.
    for at in scan..out.len() {
        if out[at] == 0xff {
            match out.get_mut(at + 1) {
                Some(next) => *next = 0,
                None => out[at] = 0,
            }
        }
    }
    out.extend_from_slice(&[0xff, 0xd9]);
    out
}

fn segment(marker: u8, body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&u16::try_from(body.len() + 2).unwrap().to_be_bytes());
    out.extend_from_slice(body);
}

/// An MP4 of exactly `size` bytes, if there is room for its headers; `moov` behind `mdat`, as moonraker-timelapse leaves it.
pub fn mp4(size: usize, seed: u64) -> Vec<u8> {
    let mut header = vec![0; 100];
    header[12..20].copy_from_slice(&[0, 0, 3, 232, 0, 0, 58, 152]); // 1,000 units a second, 15 seconds
    header[20..26].copy_from_slice(&[0, 1, 0, 0, 1, 0]); // rate and volume
    let moov = boxed(b"moov", &boxed(b"mvhd", &header));
    let mut out = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41");
    let payload = size.saturating_sub(out.len() + moov.len() + 8);
    out.extend_from_slice(&u32::try_from(payload + 8).unwrap().to_be_bytes());
    out.extend_from_slice(b"mdat");
    Dice::new(seed).noise(payload, &mut out);
    out.extend_from_slice(&moov);
    out
}

fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), name.as_slice(), body].concat()
}

/// A PNG of about `size` bytes whose pixels are noise.
pub fn png(size: usize, seed: u64) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    part(b"IHDR", &[0, 0, 1, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0], &mut out);
    let mut pixels = vec![0x78, 0x01];
    Dice::new(seed).noise(size.saturating_sub(60), &mut pixels);
    part(b"IDAT", &pixels, &mut out);
    part(b"IEND", &[], &mut out);
    out
}

fn part(name: &[u8; 4], body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    let from = out.len();
    out.extend_from_slice(name);
    out.extend_from_slice(body);
    let sum = super::archive::crc32(&out[from..]);
    out.extend_from_slice(&sum.to_be_bytes());
}
