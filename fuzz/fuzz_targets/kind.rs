//! Every parser of print files: facts are bounded and read back, thumbnails are bounded.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::codec::{Reader, Writer};
use printkeep::core::print_metadata::{MAX_TEXT, PrintMetadata};
use printkeep::kind::{self, FileKind, MAX_THUMBNAIL_LEN, MAX_THUMBNAILS};

fuzz_target!(|data: &[u8]| {
    let (code, data) = data.split_first().map_or((0, data), |(code, data)| (*code, data));
    assert!(kind::credentials(data).len() <= 100);
    let identified = kind::identify(&data[..data.len().min(4096)], data.len() as u64, b"file.gcode");
    for kind in [FileKind::from_code(code % 32), identified] {
        let facts = kind::facts(kind, &data);
        assert!([&facts.slicer, &facts.printer, &facts.material].into_iter().flatten().all(|text| text.len() <= MAX_TEXT));
        let mut out = Writer::new();
        facts.encode(&mut out);
        let again = PrintMetadata::decode(&mut Reader::new(out.as_slice())).expect("what was written reads back");
        assert_eq!(format!("{again:?}"), format!("{facts:?}"));
        let thumbnails = kind::thumbnails(kind, &data);
        assert!(thumbnails.len() <= MAX_THUMBNAILS && thumbnails.iter().all(|t| t.bytes.len() <= MAX_THUMBNAIL_LEN));
    }
});
