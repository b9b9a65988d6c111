//! Names and listings: what parses is written the same, no two share a type and a place, and paths stay inside.
#![no_main]
use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use printkeep::core::name::{ObjectName, RelPath};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(name) = ObjectName::parse(text)
    {
        assert_eq!(name.to_string(), text);
        assert!(ObjectName::FOLDERS.contains(&name.folder()) && text.starts_with(name.folder()));
    }
    // a listing as a store gives it, or as it is remembered
    if let Ok(text) = std::str::from_utf8(data) {
        let names: BTreeSet<ObjectName> = text.lines().filter_map(ObjectName::parse).collect();
        let again: String = names.iter().map(|name| format!("{name}\n")).collect();
        assert!(again.lines().filter_map(ObjectName::parse).eq(names.iter().copied()));
        let places: BTreeSet<_> = names.iter().map(|name| (name.object_type() as u8, name.place())).collect();
        assert_eq!(places.len(), names.iter().map(unowned).collect::<BTreeSet<_>>().len());
    }
    if let Some(path) = RelPath::new(data) {
        assert!(!data.starts_with(b"/") && !path.to_string().chars().any(char::is_control));
    }
});

/// A name without the device where the place does not depend on it.
fn unowned(name: &ObjectName) -> String {
    match name {
        ObjectName::Index(_, id) => format!("index/{id:?}"),
        ObjectName::Letter(_, id) => format!("inbox/{id:?}"),
        name => name.to_string(),
    }
}
