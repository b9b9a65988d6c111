//! When this machine is about to sleep, or its owner's session is locked, as systemd-logind tells on the system bus
//! (org.freedesktop.login1): sleep waits until what must leave memory has left it.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use zbus::blocking::{Connection, MessageIterator, Proxy};
use zbus::message::Type;
use zbus::zvariant::OwnedFd;
use zbus::{MatchRule, Message};

const LOGIN: &str = "org.freedesktop.login1";
/// How long the bus may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Signals that may wait.
const QUEUE: usize = 16;

/// What is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The machine goes to sleep, or writes its memory to the disk.
    Sleep,
    /// A session of this machine was locked.
    Screen,
}

/// Tells of each sign from now on, on threads of its own; the machine sleeps no sooner than `tell` has come back. Fails where nothing
/// tells of sleep, in words.
pub fn listen(tell: impl Fn(Sign) + Clone + Send + 'static) -> Result<(), String> {
    let bus = std::env::var_os("DBUS_SYSTEM_BUS_ADDRESS").unwrap_or_default();
    // elsewhere it would be network use
    if bus.to_string_lossy().split(';').any(|at| !at.is_empty() && !at.starts_with("unix:")) {
        return Err("DBUS_SYSTEM_BUS_ADDRESS names something else than a socket on this machine".into());
    }
    let (ready, is_ready) = channel();
    let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new().name(name.into()).spawn(work).map(drop).map_err(|error| error.to_string())
    };
    let (of_screen, ready_too) = (tell.clone(), ready.clone());
    spawn("sleep", Box::new(move || answer(&ready, &|ready| sleeps(ready, &tell))))?;
    is_ready.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("the system bus does not answer".into()))?;
    spawn("screen", Box::new(move || answer(&ready_too, &|ready| screens(ready, &of_screen))))?;
    is_ready.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("the system bus does not answer".into()))
}

type Ready = Sender<Result<(), String>>;

/// Runs until the bus ends; whoever waits for it to be ready is told when it never will be.
fn answer(ready: &Ready, work: &dyn Fn(&Ready) -> zbus::Result<()>) {
    if let Err(error) = work(ready) {
        // nobody waits any more once it was ready
        let _ = ready.send(Err(error.to_string()));
    }
}

fn sleeps(ready: &Ready, tell: &impl Fn(Sign)) -> zbus::Result<()> {
    let bus = Connection::system()?;
    let manager = Proxy::new(&bus, LOGIN, "/org/freedesktop/login1", "org.freedesktop.login1.Manager")?;
    let signals = manager.receive_signal("PrepareForSleep")?;
    let delay = || manager.call::<_, _, OwnedFd>("Inhibit", &("sleep", "Printkeep", "to take keys out of memory", "delay"));
    let mut held = Some(delay()?);
    let _ = ready.send(Ok(()));
    for signal in signals {
        if is_beginning(&signal) {
            tell(Sign::Sleep);
            held = None;
        } else if held.is_none() {
            held = delay().ok();
        }
    }
    Ok(())
}

/// Whether the machine goes to sleep, rather than wakes; what cannot be read counts as that.
fn is_beginning(signal: &Message) -> bool {
    signal.body().deserialize::<bool>().unwrap_or(true)
}

fn screens(ready: &Ready, tell: &impl Fn(Sign)) -> zbus::Result<()> {
    let bus = Connection::system()?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(LOGIN)?
        .interface("org.freedesktop.login1.Session")?
        .member("Lock")?
        .build();
    let signals = MessageIterator::for_match_rule(rule, &bus, Some(QUEUE))?;
    let _ = ready.send(Ok(()));
    for _ in signals.flatten() {
        tell(Sign::Screen);
    }
    Ok(())
}
