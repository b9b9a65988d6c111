//! Files that went from device to device at a store, in lines.

use crate::app::jobs::inbox_exchange::{Arrived, Exchanged, SentFile};
use crate::app::{Arg, Text};
use crate::surface::words::Words;
use crate::text;

/// The lines of what went to and came from a store.
pub fn lines(told: &Exchanged, words: &Words) -> Vec<String> {
    let store = &told.store;
    let mut said: Vec<Text> = Vec::new();
    let there = |one: &SentFile| text!("exchange-sent", store = store, name = &one.name, device = &one.device);
    let taken = |one: &SentFile| text!("exchange-taken", store = store, name = &one.name, device = &one.device);
    let back = |one: &SentFile| text!("exchange-cancelled", store = store, name = &one.name, device = &one.device);
    said.extend(told.sent.iter().map(there));
    said.extend(told.taken.iter().map(taken));
    said.extend(told.cancelled.iter().map(back));
    said.extend(told.failed.iter().map(|why| text!("exchange-failed", store = store, why = why.clone())));
    said.extend(told.arrived.iter().map(|one| arrived(store, one)));
    if let Some(error) = &told.error {
        said.push(text!("exchange-failed", store = store, why = error.clone()));
    }
    said.iter().map(|text| words.say(text)).collect()
}

fn arrived(store: &str, one: &Arrived) -> Text {
    let size = Arg::Bytes(one.size);
    match (&one.path, &one.reason) {
        (Some(path), _) => text!(
            "exchange-received",
            name = file(one.name.as_deref()),
            size = size,
            from = device(one.from.as_deref()),
            path = path.as_path()
        ),
        (None, why) => {
            let why = why.clone().unwrap_or_else(|| text!("stays-not-whole"));
            text!(
                "exchange-stays",
                store = store,
                name = file(one.name.as_deref()),
                size = size,
                from = device(one.from.as_deref()),
                why = why
            )
        }
    }
}

/// A file by its name, where that is known.
pub fn file(name: Option<&str>) -> Arg {
    name.map_or_else(|| text!("inbox-unknown-file").into(), Arg::from)
}

/// The device that sent it, where it is known.
pub fn device(name: Option<&str>) -> Arg {
    name.map_or_else(|| text!("inbox-unknown-device").into(), Arg::from)
}
