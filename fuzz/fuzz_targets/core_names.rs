//! Names: what parses is written the same, and paths stay inside.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::name::{ObjectName, RelPath};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(name) = ObjectName::parse(text)
    {
        assert_eq!(name.to_string(), text);
    }
    if let Some(path) = RelPath::new(data) {
        assert!(!data.starts_with(b"/") && !path.to_string().chars().any(char::is_control));
    }
});
