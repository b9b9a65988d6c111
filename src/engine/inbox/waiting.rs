//! Letters that were found and stay in their store, as `inbox show` lists them without asking a store; a cache that may vanish.
//!
//! Plaintext: 1; then to the end, per letter: store (bytes), id 16, name, from (empty where unknown), reason (bytes each), size (varint), time (`i64`).

use super::receive::{Arrival, Stays};
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::letter::MAX_NAME;
use crate::core::name::ObjectId;
use crate::core::random::Random;
use crate::engine::EngineError;
use crate::engine::account::{Account, AccountWriter};
use crate::local::home::{read_small, write_private};
use crate::local::local_seal;

/// The most letters that are listed.
const MOST: usize = 1000;
/// The largest file, in bytes.
const MAX_FILE: u64 = 8 * 1024 * 1024;
/// The longest reason, in bytes.
const MAX_WHY: usize = 4096;

/// A letter that stays in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which store.
    pub store: String,
    /// The letter.
    pub id: ObjectId,
    /// The name its file would have; none where that does not open.
    pub name: Option<String>,
    /// What the owner calls the device it was sent from; none where nobody knows.
    pub from: Option<String>,
    /// Why it stays, in a form of no language that the service layer reads.
    pub why: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was sent, in seconds since 1970; 0 when it does not open.
    pub time: i64,
}

impl Waiting {
    /// What waited when stores were last asked.
    pub fn load(account: &Account) -> Result<Vec<Self>, EngineError> {
        let Some(sealed) = read_small(&account.folder().join("inbox.sealed"), MAX_FILE)? else { return Ok(Vec::new()) };
        let opened = local_seal::open(&account.local_key(b"inbox"), b"inbox", &sealed);
        Ok(opened.and_then(|bytes| decode(&bytes).ok()).unwrap_or_default())
    }

    /// Remembers what waits in a store now, and why, in the form that `kept` gives.
    pub fn remember(
        account: &AccountWriter,
        store: &str,
        arrivals: &[Arrival],
        kept: &dyn Fn(&Stays) -> String,
        random: &dyn Random,
    ) -> Result<(), EngineError> {
        let before = Self::load(account)?;
        let mut all: Vec<Self> = before.iter().filter(|waiting| waiting.store != store).cloned().collect();
        all.extend(arrivals.iter().filter_map(|arrival| {
            let why = Some(kept(arrival.outcome.as_ref().err()?)).filter(|why| why.len() <= MAX_WHY).unwrap_or_default();
            let Arrival { id, name, size, time, from, .. } = arrival.clone();
            Some(Self { store: store.to_owned(), id, name, from, why, size, time })
        }));
        all.truncate(MOST);
        if all == before {
            return Ok(());
        }
        let sealed = local_seal::seal(&account.local_key(b"inbox"), b"inbox", &encode(&all), random)?;
        Ok(write_private(&account.folder().join("inbox.sealed"), &sealed)?)
    }
}

fn encode(all: &[Waiting]) -> Vec<u8> {
    let mut out = Writer::new();
    out.u8(1);
    for waiting in all {
        out.bytes(waiting.store.as_bytes());
        out.raw(waiting.id.as_bytes());
        let known = [&waiting.name, &waiting.from].map(|text| text.as_deref().unwrap_or_default());
        known.into_iter().chain([waiting.why.as_str()]).for_each(|text| out.bytes(text.as_bytes()));
        out.varint(waiting.size);
        out.raw(&waiting.time.to_le_bytes());
    }
    out.into_vec()
}

fn decode(bytes: &[u8]) -> Result<Vec<Waiting>, Bad> {
    let mut input = Reader::new(bytes);
    if input.u8()? != 1 {
        return Err(Bad("it was made by a later version"));
    }
    let mut all = Vec::new();
    while !input.is_empty() && all.len() < MOST {
        let store = text(&mut input, 64)?;
        let id = ObjectId::from_bytes(input.array()?);
        let (name, from, why) = (text(&mut input, MAX_NAME)?, text(&mut input, 256)?, text(&mut input, MAX_WHY)?);
        let [name, from] = [name, from].map(|text| Some(text).filter(|text| !text.is_empty()));
        let size = input.varint()?;
        all.push(Waiting { store, id, name, from, why, size, time: i64::from_le_bytes(input.array()?) });
    }
    Ok(all)
}

fn text(input: &mut Reader<'_>, limit: usize) -> Result<String, Bad> {
    std::str::from_utf8(input.bytes(limit)?).map(str::to_owned).map_err(|_| Bad("a text is not UTF-8"))
}
