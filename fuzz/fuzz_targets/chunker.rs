//! Cutting: lengths within bounds, nothing lost, and the same cuts however the data arrives.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::chunker::{Chunker, Sizes};
use printkeep::core::secret::Secret;

fuzz_target!(|input: (&[u8], u8, u8, u16)| {
    let (pattern, repeat, key, read) = input;
    let sizes = Sizes::new(1 << 10, 2 << 10, 4 << 10).expect("these sizes fit");
    let cutter = Chunker::new(sizes, &Secret::filled_by(|bytes| *bytes = [key; 32]));
    let data = pattern.repeat(1 + usize::from(repeat));

    let (mut whole, mut rest) = (Vec::new(), data.as_slice());
    while let Some(len) = cutter.next(rest, true) {
        assert!((1..=sizes.max()).contains(&len) && (len >= sizes.min() || len == rest.len()));
        whole.push(len);
        rest = &rest[len..];
    }
    assert!(rest.is_empty());

    let (mut by_reads, mut start, mut end) = (Vec::new(), 0, 0);
    while start < data.len() {
        match cutter.next(&data[start..end], end == data.len()) {
            Some(len) => {
                by_reads.push(len);
                start += len;
            }
            None => end = data.len().min(end + 1 + usize::from(read)),
        }
    }
    assert_eq!(by_reads, whole);
});
