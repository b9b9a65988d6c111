//! Observing: for each item that stands granted, what the machine and the printer tell of it, masked and recorded.

use std::path::{Path, PathBuf};

use super::system::{self, System};
use super::{Take, mask, moonraker, network, record, settings};
use crate::consent::mask::Raw;
use crate::consent::{Item, Permit};
use crate::core::random::Random;
use crate::engine::EngineError;
use crate::engine::account::AccountWriter;

/// Where is looked.
pub struct Scene<'a> {
    /// The root of the machine's file system.
    pub root: &'a Path,
    /// The owner's sources, where a printer's own settings may lie.
    pub sources: &'a [PathBuf],
}

/// What an observation came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Items of which something new was recorded.
    pub recorded: Vec<Item>,
    /// Items that are allowed, and of which nothing is known here.
    pub unknown: Vec<Item>,
}

/// The items that are observed; the others tell what happened, and are recorded when it happens.
pub fn items() -> impl Iterator<Item = Item> {
    Item::all().filter(|item| item.is_recorded() && !matches!(item, Item::OperationLog | Item::Diagnostics))
}

/// Records what changed of every item that stands granted.
pub fn observe(account: &mut AccountWriter, scene: &Scene<'_>, time: i64, random: &dyn Random) -> Result<Observed, EngineError> {
    let mut observed = Observed::default();
    for item in items() {
        // consent first: what is not allowed is not even read
        let Ok(permit) = account.ledger.permit(item) else { continue };
        let values = inspect(&permit, scene, account.ledger.permit(Item::Network).ok().as_ref());
        match mask(account, &permit, &values, &[]) {
            None => observed.unknown.push(item),
            Some(masked) => match record(account, &permit, &masked, Take::Changes, time, random) {
                Ok(Some(_)) => observed.recorded.push(item),
                Ok(None) => {}
                // taken back in this very moment
                Err(EngineError::Consent(_)) => {}
                Err(error) => return Err(error),
            },
        }
    }
    Ok(observed)
}

/// What is to be known of the item that `permit` allows.
fn inspect(permit: &Permit, scene: &Scene<'_>, network: Option<&Permit>) -> Vec<Raw> {
    let system = System::at(scene.root);
    let ask = |item| moonraker::ask(network, port(scene), item);
    match permit.item() {
        Item::Model => either(system::model(&system), || ask(Item::Model)),
        Item::Firmware => either(ask(Item::Firmware), || system::firmware(&system)),
        Item::Os => system::operating_system(&system),
        Item::Settings => either(ask(Item::Settings), || printer_cfg(scene)),
        Item::Serial => system::serial(&system),
        Item::Mac => network::hardware_addresses(&system),
        Item::Hostname => system::hostname(&system),
        Item::ConnectionType => network::connection_type(&system),
        Item::LocalIp => network::addresses(&system, false),
        Item::PublicIp => network::addresses(&system, true),
        Item::Ssid => network::wifi_name(&system),
        Item::Carrier => network::carrier(&system),
        Item::OperationLog | Item::Diagnostics | Item::Network => Vec::new(),
        Item::Advertising | Item::PushMessages | Item::Cookies | Item::Sharing => Vec::new(),
    }
}

fn either(first: Vec<Raw>, second: impl FnOnce() -> Vec<Raw>) -> Vec<Raw> {
    if first.is_empty() { second() } else { first }
}

/// A file of the printer's settings, in a source or in the folder `config` beside or below it.
fn settings_file(scene: &Scene<'_>, name: &str) -> Option<String> {
    let places = |source: &PathBuf| {
        let beside = source.parent().map(|parent| parent.join("config"));
        [Some(source.clone()), Some(source.join("config")), beside]
    };
    scene.sources.iter().flat_map(places).flatten().find_map(|folder| system::read(&folder.join(name)))
}

fn port(scene: &Scene<'_>) -> u16 {
    settings_file(scene, "moonraker.conf").and_then(|text| settings::moonraker_port(&text)).unwrap_or(moonraker::PORT)
}

fn printer_cfg(scene: &Scene<'_>) -> Vec<Raw> {
    settings_file(scene, "printer.cfg").map(|text| settings::printer_cfg(&text)).unwrap_or_default()
}
