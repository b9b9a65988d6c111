//! The plan of an erasure, `erasures/<account id>` in the home, 0600: written before the first key is destroyed.
//!
//! File: magic `PKER`, version 1; account 16; name (bytes); time `i64`; what is done here, whether stores may be left, whether network
//! use was allowed: 1 each; seed of the receipt's key 32; the signed order (bytes, JSON); the stores as in `config.toml` (bytes);
//! count of stores (varint), then per store: name (bytes), whether it held anything 1, credentials (bytes, none when empty), removed
//! (varint), whether done 1; BLAKE3 of all before 32.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::config::Config;
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::name::AccountId;
use crate::core::secret::Secret;
use crate::core::sign::SigningKey;
use crate::engine::EngineError;
use crate::engine::account::Account;
use crate::engine::repository::{listings, stores};
use crate::local::home::{AccountName, Home, private_folder, read_small};
use crate::local::shred;

const MAGIC: [u8; 5] = *b"PKER\x01";
const MAX_FILE: u64 = 4 * 1024 * 1024;
const MAX_TEXT: usize = 1024 * 1024;
const MAX_STORES: usize = 64;

/// An erasure that was begun.
pub struct Plan {
    /// The account.
    pub account: AccountId,
    /// What it was called here.
    pub name: AccountName,
    /// When the owner ordered it, in seconds since 1970.
    pub time: i64,
    /// Whether this machine is done.
    pub here: bool,
    /// Whether stores that cannot be reached are left as they are.
    pub here_only: bool,
    /// Whether the owner had allowed network use.
    pub network: bool,
    /// The order, signed by the device while it had its key.
    pub order: String,
    /// How far each store is.
    pub stores: Vec<PlannedStore>,
    pub(super) stores_toml: String,
    seed: Secret<32>,
}

/// A store of the account.
pub struct PlannedStore {
    /// The owner's name for it.
    pub name: String,
    /// Whether it is known to have held anything.
    pub known: bool,
    /// Its credentials, taken along because the file they lay in is destroyed.
    pub credentials: Option<Zeroizing<Vec<u8>>>,
    /// How many objects were removed so far.
    pub removed: u64,
    /// The same, once it showed nothing any more.
    pub done: Option<u64>,
}

impl Plan {
    /// The plan for an account with these stores; `order` is the signed order that names the key of `seed`.
    pub fn of(account: &Account, config: &Config, order: String, seed: Secret<32>, time: i64) -> Result<Self, EngineError> {
        let planned = |store: &crate::config::Store| {
            let credentials = stores::read_credentials(account, &store.name)?.map(|credentials| credentials.encode());
            let known = !listings::known_there(account, &store.name).is_empty();
            Ok(PlannedStore { name: store.name.clone(), known, credentials, removed: 0, done: None })
        };
        // nothing is sent anywhere, so that the regions allowed do not matter: what lies in one that is not must go too
        let only_stores = Config { stores: config.stores.clone(), ..Config::default() };
        Ok(Self {
            account: account.id(),
            name: account.name.clone(),
            time,
            here: false,
            here_only: false,
            network: account.ledger.permit(crate::consent::Item::Network).is_ok(),
            order,
            stores: config.stores.iter().map(planned).collect::<Result<_, EngineError>>()?,
            stores_toml: only_stores.to_toml().map_err(|_| EngineError::Crashed)?,
            seed,
        })
    }

    /// The key that signs the receipt.
    pub fn signer(&self) -> Result<SigningKey, EngineError> {
        let seed = Secret::filled_by(|to| to.copy_from_slice(self.seed.expose()));
        SigningKey::from_seed(seed).map_err(|why| super::damaged(why.into()))
    }

    /// Every erasure that was begun in this home and is not finished.
    pub fn all(home: &Home) -> Result<Vec<Self>, EngineError> {
        let Ok(entries) = std::fs::read_dir(folder(home)) else { return Ok(Vec::new()) };
        let ids = entries.filter_map(|entry| AccountId::parse(entry.ok()?.file_name().to_str()?));
        let mut plans = Vec::new();
        for id in ids {
            if let Some(bytes) = read_small(&path(home, &id), MAX_FILE)? {
                plans.push(Self::decode(&Zeroizing::new(bytes)).map_err(|why| super::damaged(why.into()))?);
            }
        }
        Ok(plans)
    }

    /// Writes how far it is, durably.
    pub fn save(&self, home: &Home) -> Result<(), EngineError> {
        private_folder(&folder(home))?;
        Ok(shred::replace(&path(home, &self.account), &Zeroizing::new(self.encode()))?)
    }

    /// Removes it: nothing is left to do.
    pub fn finish(self, home: &Home) -> Result<(), EngineError> {
        Ok(shred::file(&path(home, &self.account))?)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.raw(&MAGIC);
        out.raw(self.account.as_bytes());
        out.bytes(self.name.as_str().as_bytes());
        out.raw(&self.time.to_le_bytes());
        [self.here, self.here_only, self.network].iter().for_each(|flag| out.u8(u8::from(*flag)));
        out.raw(self.seed.expose());
        out.bytes(self.order.as_bytes());
        out.bytes(self.stores_toml.as_bytes());
        out.varint(self.stores.len() as u64);
        for store in &self.stores {
            out.bytes(store.name.as_bytes());
            out.u8(u8::from(store.known));
            out.bytes(store.credentials.as_ref().map_or(&[], |bytes| bytes.as_slice()));
            out.varint(store.done.unwrap_or(store.removed));
            out.u8(u8::from(store.done.is_some()));
        }
        let sum = blake3::hash(out.as_slice());
        out.raw(sum.as_bytes());
        out.into_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let (body, sum) = bytes.split_last_chunk::<32>().ok_or(Bad("it is too short"))?;
        if blake3::hash(body).as_bytes() != sum {
            return Err(Bad("its checksum does not agree"));
        }
        let mut input = Reader::new(body);
        if input.array()? != MAGIC {
            return Err(Bad("it is no such plan, or of a later version"));
        }
        let account = AccountId::from_bytes(input.array()?);
        let name = AccountName::parse(&text(&mut input)?).ok_or(Bad("it names no account"))?;
        let time = i64::from_le_bytes(input.array()?);
        let (here, here_only, network) = (input.u8()? == 1, input.u8()? == 1, input.u8()? == 1);
        let seed = Secret::copied_from(input.take(32)?).ok_or(Bad("it is too short"))?;
        let (order, stores_toml) = (text(&mut input)?, text(&mut input)?);
        let count = input.count(MAX_STORES)?;
        let stores = (0..count).map(|_| PlannedStore::decode(&mut input)).collect::<Result<_, _>>()?;
        input.finish()?;
        Ok(Self { account, name, time, here, here_only, network, order, stores, stores_toml, seed })
    }
}

impl PlannedStore {
    fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let (name, known) = (text(input)?, input.u8()? == 1);
        let credentials = input.bytes(MAX_TEXT)?;
        let credentials = (!credentials.is_empty()).then(|| Zeroizing::new(credentials.to_vec()));
        let removed = input.varint()?;
        Ok(Self { name, known, credentials, removed, done: (input.u8()? == 1).then_some(removed) })
    }
}

fn text(input: &mut Reader<'_>) -> Result<String, Bad> {
    std::str::from_utf8(input.bytes(MAX_TEXT)?).map(str::to_owned).map_err(|_| Bad("it is not UTF-8"))
}

fn folder(home: &Home) -> PathBuf {
    home.root().join("erasures")
}

fn path(home: &Home, account: &AccountId) -> PathBuf {
    folder(home).join(account.to_string())
}
