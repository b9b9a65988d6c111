//! Letters: bounded whatever they claim, and file names that stay one plain component.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::letter::{Letter, MAX_FILE_NAME, MAX_PARTS, Part, file_name, numbered};

fuzz_target!(|data: &[u8]| {
    if let Ok(letter) = Letter::decode(data) {
        assert!(letter.parts.len() <= MAX_PARTS);
        assert_eq!(letter.parts.iter().map(|part| u64::from(part.length)).sum::<u64>(), letter.size);
    }
    let _ = Part::decode(data);
    for name in [file_name(data), numbered(&file_name(data), " (2)")] {
        assert!((1..=MAX_FILE_NAME).contains(&name.len()) && !name.starts_with('.'));
        assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control));
    }
});
