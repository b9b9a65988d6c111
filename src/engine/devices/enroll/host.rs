//! The device that lets another in: it waits for one that knows the code, signs it into the roster, and hands over what it needs.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::wire::{Limits, Wire, nonsense, unreachable, until};
use crate::config::Store as StoreConfig;
use crate::consent::{Item, Permit, Refusal, Revocation};
use crate::core::enroll::channel::{Channel, Code, Greeting, Side};
use crate::core::enroll::frame::Frame;
use crate::core::enroll::{DONE, HandedOver, MAX_OBJECTS, MAX_ROOTS, Request, StoreOffer, Welcome};
use crate::core::keys::Keyring;
use crate::core::name::ObjectName;
use crate::core::random::Random;
use crate::core::roster::{Member, Role};
use crate::core::seal::Refused;
use crate::engine::account::devices::{check_name, free_name};
use crate::engine::account::{Account, AccountWriter};
use crate::engine::devices::change::publish;
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::repository::stores;
use crate::engine::{EngineError, Job, Misuse};
use crate::local::home::DiskError;
use crate::provider::reason::Reason;
use crate::provider::regular_file;

/// How long a second caller waits for the first to go away.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(500);

/// A place where new devices may knock, for one that knows the code.
pub struct Waiting {
    listener: std::net::TcpListener,
    code: Code,
    leash: Revocation,
}

impl Waiting {
    /// Listens; needs the owner's consent to network use.
    pub fn listen(permit: &Permit, at: Option<SocketAddr>, random: &dyn Random) -> Result<Self, EngineError> {
        if permit.item() != Item::Network {
            return Err(Refusal::NotGranted(Item::Network).into());
        }
        let at = at.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
        let failed = |error: std::io::Error| EngineError::Usage(Misuse::Listen(at.to_string(), Reason::of_system(&error)));
        let listener = std::net::TcpListener::bind(at).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Self { listener, code: Code::random(random)?, leash: permit.leash() })
    }

    /// What is typed on the new device.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Where the new device finds this one; by its address in the network where it waits at all of them.
    pub fn address(&self) -> Option<SocketAddr> {
        let at = self.listener.local_addr().ok()?;
        if !at.ip().is_unspecified() {
            return Some(at);
        }
        // choosing a route sends nothing
        let socket = UdpSocket::bind((at.ip(), 0)).ok()?;
        let outside: IpAddr = if at.is_ipv4() { [192, 0, 2, 1].into() } else { [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into() };
        let routed = socket.connect((outside, 9)).and_then(|()| socket.local_addr());
        let here: IpAddr = if at.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() };
        Some(SocketAddr::new(routed.map_or(here, |local| local.ip()), at.port()))
    }
}

/// What is told of the owner's stores; their credentials only where the owner shares them.
pub fn offers(account: &Account, configs: &[StoreConfig], share_credentials: bool) -> Result<Vec<StoreOffer>, EngineError> {
    let offer = |config: &StoreConfig| {
        let roots = match config.trust.ca_file() {
            Some(path) => {
                let read = regular_file::open_followed(path).and_then(|file| regular_file::read(file, MAX_ROOTS as u64));
                read.map_err(DiskError::at("read", path))?
            }
            None => Vec::new(),
        };
        let held = if share_credentials { stores::read_credentials(account, &config.name)? } else { None };
        Ok(StoreOffer {
            name: config.name.clone(),
            url: config.address.to_string(),
            roots,
            pins: config.trust.pins().iter().map(ToString::to_string).collect(),
            system_roots: config.trust.system_roots(),
            allow_tls12: config.trust.allows_tls12(),
            credentials: held.map_or_else(|| Zeroizing::new(Vec::new()), |held| held.encode()),
        })
    };
    configs.iter().map(offer).collect()
}

/// Waits for one device and lets it in; gives its line in the roster. One guess: a wrong code ends the wait.
pub fn host(
    account: &mut AccountWriter,
    keyring: &Keyring,
    waiting: Waiting,
    offers: Vec<StoreOffer>,
    limits: Limits,
    job: Job<'_>,
) -> Result<Member, EngineError> {
    let Job { random, cancel, runtime, .. } = job;
    let end = Instant::now() + limits.whole;
    let leash = waiting.leash.clone();
    runtime.block_on(until(end, cancel, &leash, async {
        let listener = TcpListener::from_std(waiting.listener).map_err(|error| unreachable(Reason::of_system(&error)))?;
        let mut next = None;
        loop {
            let stream: TcpStream = match next.take() {
                Some(stream) => stream,
                None => match listener.accept().await {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
            };
            let mut wire = Wire::new(stream, limits.step, end);
            let met = tokio::select! {
                biased;
                met = meet(&mut wire, &waiting.code, random) => met?,
                () = turn_away(&listener, &mut next) => continue,
            };
            let Some(channel) = met else { continue };
            return tokio::select! {
                done = let_in(account, keyring, wire, channel, offers, random) => done,
                () = turn_away(&listener, &mut next) => Err(EngineError::Cancelled),
            };
        }
    }))
}

/// Tells every other caller that one is being served, unless that one goes away while this one waits its moment in `next`; never
/// ends by itself.
async fn turn_away(listener: &TcpListener, next: &mut Option<TcpStream>) {
    loop {
        if next.is_none() {
            *next = listener.accept().await.ok().map(|(stream, _)| stream);
        }
        tokio::time::sleep(MOMENT).await;
        if let Some(stream) = next.take() {
            let second = std::time::Duration::from_secs(1);
            let mut wire = Wire::new(stream, second, Instant::now() + second);
            let _ = wire.send(&Frame::Busy.encode()).await;
            let _ = timeout(second, wire.close()).await;
        }
    }
}

/// Whether the caller knows the code. One that goes away or talks nonsense before it has made a guess is passed over.
async fn meet(wire: &mut Wire, code: &Code, random: &dyn Random) -> Result<Option<Channel>, EngineError> {
    let greeting = Greeting::start(Side::Host, code, random)?;
    let Ok(theirs) = wire.receive().await else { return Ok(None) };
    let hello = greeting.hello().to_vec();
    let Ok(agreed) = greeting.agree(&theirs) else { return Ok(None) };
    let heard = match wire.send(&hello).await {
        Ok(()) => wire.receive().await,
        Err(error) => Err(error),
    };
    let Ok(heard) = heard else { return Ok(None) };
    let Ok(Frame::Proof(guess)) = Frame::decode(&heard) else { return Ok(None) };
    let proof = agreed.proof();
    let Some(channel) = agreed.confirm(&guess) else {
        let _ = wire.send(&Frame::WrongCode.encode()).await;
        wire.close().await;
        return Err(EngineError::WrongCode);
    };
    wire.send(&Frame::Proof(proof).encode()).await?;
    Ok(Some(channel))
}

/// Signs the new device in and hands over what it needs. It stands in the roster before it hears of it, so that what it then says of
/// itself is so.
async fn let_in(
    account: &mut AccountWriter,
    keyring: &Keyring,
    mut wire: Wire,
    mut channel: Channel,
    offers: Vec<StoreOffer>,
    random: &dyn Random,
) -> Result<Member, EngineError> {
    let heard = wire.hear(&mut channel).await?;
    let request = Request::decode(&heard, channel.transcript()).map_err(nonsense)?;
    check_name(&request.name).map_err(|_| nonsense(Refused::Malformed("a name that no device may have")))?;
    let member = sign_in(account, keyring, &request, random)?;
    let told = tell(account, keyring, &mut wire, &mut channel, &member, offers).await;
    told.map_err(|error| EngineError::HalfEnrolled { device: member.name.clone(), why: Box::new(error) })?;
    wire.close().await;
    Ok(member)
}

fn sign_in(
    account: &mut AccountWriter,
    keyring: &Keyring,
    request: &Request,
    random: &dyn Random,
) -> Result<Member, EngineError> {
    let mut members = account.roster.members.clone();
    if members.iter().any(|member| member.id == request.id) {
        return Err(nonsense(Refused::Malformed("it takes another device's id")));
    }
    let name = free_name(&members, &request.name);
    let member = Member { id: request.id, key: request.key, role: Role::AppendOnly, last_note: None, name };
    members.push(member.clone());
    publish(account, keyring, members, random)?;
    Ok(member)
}

async fn tell(
    account: &Account,
    keyring: &Keyring,
    wire: &mut Wire,
    channel: &mut Channel,
    member: &Member,
    stores: Vec<StoreOffer>,
) -> Result<(), EngineError> {
    let names = handed_over(account)?;
    let lost = || EngineError::Damaged { what: OwnFile::Account, why: Damage::NoKeys };
    let keys = keyring.writer().ok_or_else(lost)?;
    let welcome = Welcome { keys, link: keyring.link(&member.id), name: member.name.clone(), stores, objects: names.len() };
    wire.tell(channel, &welcome.encode()).await?;
    for name in names {
        let bytes = account.vault.get_now(&name, None).map_err(in_vault)?;
        wire.tell(channel, &HandedOver { name, bytes: &bytes }.encode()).await?;
    }
    if wire.hear(channel).await?.as_slice() == DONE { Ok(()) } else { Err(nonsense(Refused::Malformed("a message out of turn"))) }
}

/// Every roster and every object of keys that the vault holds.
fn handed_over(account: &Account) -> Result<Vec<ObjectName>, EngineError> {
    let mut names = Vec::new();
    for folder in ["keys", "roster"] {
        account.vault.list_now(folder, &mut |page| names.extend(page.iter().map(|listed| listed.name))).map_err(in_vault)?;
    }
    names.sort();
    // the newest are what is needed; the rest comes with a sync
    let skip = names.len().saturating_sub(MAX_OBJECTS);
    names.drain(..skip);
    Ok(names)
}
