//! Object headers: whatever is read is written back byte for byte.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::header::Header;

fuzz_target!(|data: &[u8]| {
    if let Ok((header, rest)) = Header::read(data) {
        let mut again = header.write(&header.commitment);
        again.extend_from_slice(rest);
        assert_eq!(again, data);
    }
    let _ = printkeep::core::slot::kind(data);
});
