//! Deflate (RFC 1951) with a cap on what comes out, so that a bomb costs no more than the cap.

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

/// All of a zlib stream (RFC 1950), `None` if it is broken or holds more than `limit` bytes.
pub(super) fn zlib(data: &[u8], limit: usize) -> Option<Vec<u8>> {
    decompress_to_vec_zlib_with_limit(data, limit).ok()
}

/// All of a raw deflate stream, `None` if it is broken or holds more than `limit` bytes.
pub(super) fn raw(data: &[u8], limit: usize) -> Option<Vec<u8>> {
    decompress_to_vec_with_limit(data, limit).ok()
}

/// The first `limit` bytes of a raw deflate stream, or as many as can be had: `data` may be cut short.
pub(super) fn raw_prefix(data: &[u8], limit: usize) -> Vec<u8> {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let (mut out, mut read, mut written) = (vec![0; limit], 0, 0);
    while written < limit {
        let step = inflate(&mut state, &data[read..], &mut out[written..], MZFlush::None);
        read += step.bytes_consumed;
        written += step.bytes_written;
        if step.status != Ok(MZStatus::Ok) || step.bytes_consumed + step.bytes_written == 0 {
            break;
        }
    }
    out.truncate(written);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let bomb = compress_to_vec(&vec![0; 8 << 20], 9);
        assert!(bomb.len() < 10_000);
        assert_eq!(raw(&bomb, 1 << 20), None);
        assert_eq!(raw_prefix(&bomb, 1 << 20).len(), 1 << 20);
        assert_eq!(zlib(&compress_to_vec_zlib(&vec![0; 8 << 20], 9), 1 << 20), None);
    }

    #[test]
    fn a_stream_cut_short_gives_what_it_has() {
        let text: Vec<u8> = (0..20_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let stream = compress_to_vec(&text, 6);
        let prefix = raw_prefix(&stream[..stream.len() / 2], text.len());
        assert!(prefix.len() > 1000 && text.starts_with(&prefix), "{}", prefix.len());
        assert_eq!(raw(&stream[..stream.len() / 2], text.len()), None);
        assert_eq!(raw(&stream, text.len()), Some(text));
    }
}
