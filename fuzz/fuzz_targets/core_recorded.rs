//! Recorded facts, and what a printer answers when it is asked: bounded whatever they claim.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::consent::Item;
use printkeep::consent::mask::{scrubbed, truncated};
use printkeep::core::device_record::{DeviceRecord, MAX_TEXT};
use printkeep::core::signed::Signed;
use printkeep::engine::account::record_index::RecordEvent;
use printkeep::engine::privacy::records::{moonraker, network, settings};
use printkeep::provider::loopback;

fuzz_target!(|data: &[u8]| {
    if let Ok(fact) = DeviceRecord::decode(data) {
        assert!(fact.text.len() <= MAX_TEXT && !fact.text.chars().any(|c| c.is_control() && c != '\n'));
    }
    if let Ok(note) = RecordEvent::decode(data) {
        assert_eq!(note.encode(), data);
    }
    if let Some(body) = loopback::body(data) {
        assert!(body.len() <= data.len());
    }
    for path in ["/printer/info", "/printer/objects/query?toolhead&configfile=settings"] {
        for item in [Item::Firmware, Item::Settings] {
            assert!(moonraker::read(item, path, data).iter().all(|(_, value)| value.len() <= 1000));
        }
    }
    let text = String::from_utf8_lossy(data);
    let _ = (settings::printer_cfg(&text), settings::moonraker_port(&text), truncated(&text));
    let _ = (network::local_ipv4(&text), network::local_ipv6(&text));
    assert!(!scrubbed(&text, &[]).contains(|c: char| c.is_ascii_digit() || "/\\@\"".contains(c)));
});
