//! What devices tell each other while one is enrolled, and grants of later keys: bounded whatever they claim.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::enroll::frame::Frame;
use printkeep::core::enroll::{HandedOver, MAX_STORES, Request, Welcome};
use printkeep::core::rotation::Grant;

fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = Frame::decode(data) {
        assert_eq!(frame.encode(), data);
    }
    if let Ok(welcome) = Welcome::decode(data) {
        assert!(welcome.stores.len() <= MAX_STORES);
        assert!(Welcome::decode(&welcome.encode()).is_ok());
    }
    let _ = Request::decode(data, &[0; 32]);
    let _ = HandedOver::decode(data);
    if let Ok(grant) = Grant::decode(data) {
        assert_eq!(grant.told.len() + 1, grant.keys.generation() as usize);
    }
});
