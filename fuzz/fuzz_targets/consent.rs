//! Policies and ledger entries: whatever they claim, what is read back is whole and says the same.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::consent::{Entry, Item, Ledger, Policy};

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = Entry::decode(data) {
        assert!(entry.encode().starts_with(data) || data.len() == 10);
        let mut ledger = Ledger::under(Some(Policy::built_in().into()));
        let _ = ledger.push(entry);
        // no bytes of an entry make anything allowed that it does not name
        assert!(Item::all().all(|item| item == entry.item || ledger.permit(item).is_err()));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(policy) = Policy::parse(text) {
        assert!(Item::all().all(|item| policy.statement(item).is_some() && policy.days(item) <= item.days()));
        assert!(policy.touched_since(&policy).is_empty());
    }
});
