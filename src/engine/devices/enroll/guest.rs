//! The new device: it knocks with the code, makes its own keys, and takes what it needs to write from the device that lets it in.

use std::net::ToSocketAddrs;
use std::path::Path;

use super::wire::{Limits, Wire, nonsense, unreachable, until};
use crate::config::Store as StoreConfig;
use crate::consent::{ConsentContext, Decision, Item, Permit, Refusal};
use crate::core::enroll::channel::{Channel, Code, Greeting, Side};
use crate::core::enroll::frame::Frame;
use crate::core::enroll::{DONE, HandedOver, Request, StoreOffer, Welcome};
use crate::core::name::{DeviceId, ObjectName};
use crate::core::proof::Unproved;
use crate::core::random::Random;
use crate::core::roster::Roster;
use crate::core::seal::{MAX_OBJECT, Proved, Refused};
use crate::core::secret::Secret;
use crate::core::sign::SigningKey;
use crate::engine::account::{AccountWriter, NewAccount, consent};
use crate::engine::error::{Enrolling, in_vault};
use crate::engine::repository::stores;
use crate::engine::runtime::Runtime;
use crate::engine::{EngineError, Job, Misuse};
use crate::local::device::Device;
use crate::local::home::{private_folder, write_private};
use crate::provider::credentials::Credentials;
use crate::provider::reason::Reason;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// A device that was let in; once its settings are written and `Account::settle` has made it real, `done` tells the other side.
pub struct Guest<'a> {
    /// The account, open.
    pub account: AccountWriter,
    /// The owner's stores.
    pub stores: Vec<StoreConfig>,
    wire: Wire,
    channel: Channel,
    runtime: &'a Runtime,
}

impl Guest<'_> {
    /// Tells the other device that this one is set up.
    pub fn done(mut self) -> Result<(), EngineError> {
        self.runtime.block_on(async {
            self.wire.tell(&mut self.channel, &DONE).await?;
            self.wire.close().await;
            Ok(())
        })
    }
}

/// Joins the account of the device that waits at `address`. `asked` is how the owner said yes to reaching it, which typing its address is.
pub fn guest<'a>(
    new: &NewAccount<'_>,
    address: &str,
    code: &Code,
    asked: ConsentContext,
    limits: Limits,
    job: Job<'a>,
) -> Result<Guest<'a>, EngineError> {
    // found out before the other device signs anything
    if new.home.accounts()?.contains(&new.name) {
        return Err(EngineError::AccountExists(new.name.as_str().to_owned()));
    }
    let permit = consent::before_there_is_an_account(new.home, asked)?;
    let end = Instant::now() + limits.whole;
    let Job { random, cancel, runtime, .. } = job;
    let (wire, channel, told) = runtime.block_on(until(end, cancel, &permit.leash(), async {
        let mut wire = Wire::new(connect(&permit, address, limits).await?, limits.step, end);
        let mut channel = meet(&mut wire, code, random).await?;
        let told = ask(&mut wire, &mut channel, new, random).await?;
        Ok((wire, channel, told))
    }))?;
    let Welcomed { device, stores: offers, roster, objects } = told;
    let (roster, newest) = roster;
    let mut account = AccountWriter::install(new, device, roster, &newest, random)?;
    for sealed in objects {
        account.vault_writer().put_now(&sealed).map_err(in_vault)?;
    }
    account.decide(Item::Network, Decision::Granted, asked)?;
    let stores = offers.iter().map(|offer| take_store(&account, offer, random)).collect::<Result<_, _>>()?;
    Ok(Guest { account, stores, wire, channel, runtime })
}

async fn connect(permit: &Permit, address: &str, limits: Limits) -> Result<TcpStream, EngineError> {
    if permit.item() != Item::Network {
        return Err(Refusal::NotGranted(Item::Network).into());
    }
    let wrong = || EngineError::Usage(Misuse::Address(address.to_owned()));
    let found: Vec<_> = address.to_socket_addrs().map_err(|_| wrong())?.collect();
    let step = Instant::now() + limits.step;
    let mut failed = wrong();
    for at in found {
        match timeout_at(step, TcpStream::connect(at)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failed = unreachable(Reason::of_system(&error)),
            Err(_) => return Err(unreachable(Reason::Silent {})),
        }
    }
    Err(failed)
}

async fn meet(wire: &mut Wire, code: &Code, random: &dyn Random) -> Result<Channel, EngineError> {
    let greeting = Greeting::start(Side::Guest, code, random)?;
    wire.send(greeting.hello()).await?;
    let theirs = wire.receive().await?;
    if let Ok(Frame::Busy) = Frame::decode(&theirs) {
        return Err(EngineError::Enroll(Enrolling::Busy));
    }
    let agreed = greeting.agree(&theirs).map_err(nonsense)?;
    wire.send(&Frame::Proof(agreed.proof()).encode()).await?;
    let heard = wire.receive().await?;
    match Frame::decode(&heard).map_err(nonsense)? {
        // whoever cannot prove that it knows the code is not the device that showed it
        Frame::Proof(proof) => agreed.confirm(&proof).ok_or(EngineError::WrongCode),
        Frame::WrongCode => Err(EngineError::WrongCode),
        _ => Err(nonsense(Refused::Malformed("a message out of turn"))),
    }
}

/// What was told inside the channel, checked.
struct Welcomed {
    device: Device,
    stores: Vec<StoreOffer>,
    roster: (Roster, Proved),
    objects: Vec<Proved>,
}

async fn ask(wire: &mut Wire, channel: &mut Channel, new: &NewAccount<'_>, random: &dyn Random) -> Result<Welcomed, EngineError> {
    let (id, signer) = (DeviceId::random(random)?, SigningKey::random(random)?);
    let request = Request { id, key: signer.public(), name: new.device_name.clone() };
    wire.tell(channel, &request.encode(&signer, channel.transcript())).await?;
    let welcome = Welcome::decode(&wire.hear(channel).await?).map_err(nonsense)?;
    let device = Device {
        id,
        name: welcome.name,
        signer,
        local_key: Secret::random(random)?,
        secret_key: Secret::random(random)?,
        link: Some(welcome.link),
        keys: welcome.keys,
    };
    let (mut objects, mut bytes) = (Vec::new(), 0);
    for _ in 0..welcome.objects {
        let heard = wire.hear(channel).await?;
        let object = HandedOver::decode(&heard).map_err(nonsense)?;
        bytes += object.bytes.len();
        if bytes > MAX_OBJECT {
            return Err(nonsense(Refused::Malformed("more objects than are handed over")));
        }
        let given = Unproved::new(device.keys.account(), object.name, object.bytes.to_vec()).map_err(nonsense)?;
        let proved = match object.name {
            ObjectName::Roster(_) => given.roster(&device.keys).map(|(_, sealed)| sealed),
            _ => given.owners(&device.keys),
        };
        objects.push(proved.map_err(nonsense)?);
    }
    let roster = newest_roster(&device, &objects)?;
    Ok(Welcomed { device, stores: welcome.stores, roster, objects })
}

/// The newest roster that was handed over: the account's, and this device stands in it with its own key.
fn newest_roster(device: &Device, objects: &[Proved]) -> Result<(Roster, Proved), EngineError> {
    let newest =
        objects.iter().filter(|sealed| matches!(sealed.name(), ObjectName::Roster(_))).max_by_key(|sealed| sealed.name());
    let newest = newest.ok_or_else(|| nonsense(Refused::Malformed("no list of devices was handed over")))?;
    let given = Unproved::new(device.keys.account(), newest.name(), newest.shared()).map_err(nonsense)?;
    let (roster, again) = given.roster(&device.keys).map_err(nonsense)?;
    if !roster.member(&device.id).is_some_and(|member| member.key == device.signer.public() && member.is_active()) {
        return Err(nonsense(Refused::Malformed("this device is not in the list that was handed over")));
    }
    Ok((roster, again))
}

/// Takes a store over: its roots into the home, its credentials sealed under this device's key.
fn take_store(account: &AccountWriter, offer: &StoreOffer, random: &dyn Random) -> Result<StoreConfig, EngineError> {
    let wrong = |error: crate::config::ConfigError| EngineError::Enroll(Enrolling::Store(error));
    // the name is checked before it becomes part of a path
    let plain = StoreConfig::new(offer.name.clone(), &offer.url, None, &offer.pins, offer.system_roots, offer.allow_tls12);
    let mut store = plain.map_err(wrong)?;
    if !offer.roots.is_empty() {
        let path = account.home.root().join("roots").join(format!("{}.pem", offer.name));
        private_folder(path.parent().unwrap_or(Path::new(".")))?;
        write_private(&path, &offer.roots)?;
        let trusted =
            StoreConfig::new(offer.name.clone(), &offer.url, Some(path), &offer.pins, offer.system_roots, offer.allow_tls12);
        store = trusted.map_err(wrong)?;
    }
    if !offer.credentials.is_empty() {
        let credentials = Credentials::decode(&offer.credentials).map_err(|bad| nonsense(bad.into()))?;
        stores::keep_credentials(account, &offer.name, &credentials, random)?;
    }
    Ok(store)
}
