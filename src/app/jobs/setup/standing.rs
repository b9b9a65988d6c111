//! How a step of a guided run stands without anything being asked: what is done already is listed wherever the run is left.

use crate::app::Failure;
use crate::app::forms::setup::{Step, StepName, StepState};
use crate::app::unlock::living_kit;
use crate::app::work::Work;
use crate::consent::{ConsentState, Item};
use crate::core::slot::SlotKind;
use crate::engine::account::{Account, slots};
use crate::engine::repository::stores;
use crate::text;

/// The steps in their order; an account is there.
pub fn standing(work: &Work<'_>) -> Result<Vec<Step>, Failure> {
    let account = work.open_read_only()?;
    let about = text!("setup-account", account = account.name.as_str(), device = &account.device.name);
    let steps = [
        Step::of(StepName::Account, StepState::Before, about),
        sources(work)?,
        passphrase(&account)?,
        store(work, &account)?,
        consent(work, &account)?,
        recovery_kit(work, &account),
    ];
    Ok(steps.into())
}

fn sources(work: &Work<'_>) -> Result<Step, Failure> {
    let count = work.session.config()?.sources.len();
    let state = if count == 0 { StepState::Skipped } else { StepState::Before };
    Ok(Step::of(StepName::Sources, state, text!("setup-sources", count = count)))
}

/// Whether this device has a passphrase.
pub fn passphrase(account: &Account) -> Result<Step, Failure> {
    let is_set = slots::list(account)?.iter().any(|slot| slot.kind == Ok(SlotKind::Passphrase(account.device.id)));
    let of = |state, about| Ok(Step::of(StepName::Passphrase, state, about));
    if is_set {
        of(StepState::Before, text!("setup-passphrase-set"))
    } else {
        of(StepState::Skipped, text!("setup-passphrase-none"))
    }
}

/// Whether copies can go to every store of the settings, as far as that is seen without a network: one that is a folder has to be there, and
/// each other one needs credentials of this device's own.
pub fn store(work: &Work<'_>, account: &Account) -> Result<Step, Failure> {
    let config = work.session.config()?;
    let of = |state, about| Ok(Step::of(StepName::Store, state, about));
    if config.stores.is_empty() {
        return of(StepState::Skipped, text!("setup-store-none"));
    }
    if let Some(store) = config.stores.iter().find(|store| stores::lacks_credentials(account, store)) {
        return of(StepState::Skipped, text!("setup-stores-locked", name = &store.name));
    }
    let away = config.stores.iter().find_map(|store| Some((store, stores::why_away(account, store)?)));
    if let Some((store, error)) = away {
        let why = Failure::at_its_place(&error).message;
        return of(StepState::Skipped, text!("setup-stores-away", name = &store.name, why = why));
    }
    let names: Vec<&str> = config.stores.iter().map(|store| store.name.as_str()).collect();
    of(StepState::Before, text!("setup-stores", names = names.join(", ")))
}

fn consent(work: &Work<'_>, account: &Account) -> Result<Step, Failure> {
    let of = |state, about| Ok(Step::of(StepName::Consent, state, about));
    let config = work.session.config()?;
    if account.ledger.standing(Item::Network) == ConsentState::Granted {
        of(StepState::Before, text!("setup-consent-given"))
    } else if config.stores.iter().any(|store| store.address.needs_network()) {
        of(StepState::Skipped, text!("setup-consent-none"))
    } else {
        of(StepState::Before, text!("setup-consent-not-needed"))
    }
}

fn recovery_kit(work: &Work<'_>, account: &Account) -> Step {
    match living_kit(&work.session.home, account) {
        Some((kit, _)) => Step::of(StepName::RecoveryKit, StepState::Skipped, text!("setup-kit-here", path = kit.as_path())),
        None => Step::of(StepName::RecoveryKit, StepState::Before, text!("setup-kit-gone")),
    }
}
