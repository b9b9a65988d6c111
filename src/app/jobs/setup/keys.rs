//! The steps of a guided run that keep the backup readable: a passphrase, and the recovery kit off this machine.

use std::path::{Path, PathBuf};

use super::asking::{Said, ask, ask_yes, existing_folder, tell, typed_path};
use super::standing;
use crate::app::forms::setup::{Step, StepName, StepState};
use crate::app::jobs::key::{KeyPassphrase, Set};
use crate::app::unlock::{Unlock, living_kit, own_kit, written};
use crate::app::work::Work;
use crate::app::{Exit, Failure, kit as page, new_file};
use crate::engine::account::Account;
use crate::local::home::read_small;
use crate::local::shred;
use crate::provider::removable;
use crate::text;

/// The largest recovery kit, in bytes.
const MAX_KIT: u64 = 64 * 1024;

/// A passphrase, where the account has none and its kit is at hand.
pub fn passphrase(work: &Work<'_>, named_kit: Option<&Path>) -> Result<Option<Step>, Failure> {
    let of = |state, about| Some(Step::of(StepName::Passphrase, state, about));
    let account = work.open_read_only()?;
    let stands = standing::passphrase(&account)?;
    if stands.state == StepState::Before {
        return Ok(Some(stands));
    }
    let in_home = living_kit(&work.session.home, &account).map(|(kit, _)| kit);
    let kit = match in_home.or_else(|| named_kit.filter(|kit| kit.exists()).map(Path::to_owned)) {
        Some(kit) => match ask_yes(work, &text!("setup-ask-passphrase"), true)? {
            None => return Ok(None),
            Some(true) => kit,
            Some(false) => return Ok(of(StepState::Skipped, text!("setup-passphrase-none"))),
        },
        None => match kit_for_passphrase(work, &account)? {
            Said::Leave => return Ok(None),
            Said::This(kit) => typed_path(&kit),
            Said::Nothing => return Ok(of(StepState::Skipped, text!("setup-passphrase-none"))),
        },
    };
    drop(account);
    let unlock = Unlock { recovery_kit: Some(kit), ..Unlock::default() };
    Ok(match (KeyPassphrase { unlock, ..KeyPassphrase::default() }).set(work)? {
        Set::Done(_) => of(StepState::Done, text!("setup-passphrase-set")),
        Set::Nothing => of(StepState::Skipped, text!("setup-passphrase-none")),
        Set::Left => None,
    })
}

/// The kit that is kept elsewhere, by its path, once it was read.
fn kit_for_passphrase(work: &Work<'_>, account: &Account) -> Result<Said, Failure> {
    loop {
        let said = match ask(work, &text!("setup-ask-passphrase-kit"))? {
            Said::This(said) => said,
            nothing => return Ok(nothing),
        };
        match own_kit(work, account, &typed_path(&said)) {
            Ok(_) => return Ok(Said::This(said)),
            Err(failure) => tell(work, failure),
        }
    }
}

/// The recovery kit, with the stores of now on its page, moved off this machine. `elsewhere` is where this run made it, if not in the home.
pub fn recovery_kit(work: &Work<'_>, elsewhere: Option<&Path>) -> Result<Option<Step>, Failure> {
    let of = |state, about| Some(Step::of(StepName::RecoveryKit, state, about));
    let account = work.open_read_only()?;
    if let Some(kit) = elsewhere {
        renew(work, &account, kit)?;
    }
    let Some((kit, _)) = living_kit(&work.session.home, &account) else {
        return Ok(of(StepState::Before, text!("setup-kit-gone")));
    };
    renew(work, &account, &kit)?;
    drop(account);
    loop {
        let said = match ask(work, &text!("setup-ask-kit-to", path = kit.as_path()))? {
            Said::Leave => return Ok(None),
            Said::Nothing => return Ok(of(StepState::Skipped, text!("setup-kit-here", path = kit.as_path()))),
            Said::This(said) => said,
        };
        match move_kit(work, &kit, &said) {
            Ok(Moved::To(to)) => return Ok(of(StepState::Done, text!("setup-kit-moved", path = to.as_path()))),
            Ok(Moved::OnThisDisk(to)) => return Ok(of(StepState::Done, text!("setup-kit-moved-here", path = to.as_path()))),
            Ok(Moved::Declined) => {}
            Ok(Moved::Left) => return Ok(None),
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
}

/// Writes the page of a kit anew where it lacks a place in which the account lies now; its words stay.
fn renew(work: &Work<'_>, account: &Account, kit: &Path) -> Result<(), Failure> {
    let places = page::places(work.session)?;
    let Some(bytes) = read_small(kit, MAX_KIT)? else { return Ok(()) };
    let written = zeroize::Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    if places.iter().all(|place| written.contains(&place.address) && written.contains(&place.trust)) {
        return Ok(());
    }
    page::renew(account, own_kit(work, account, kit)?, kit, work.session.now(), &places)
}

/// What came of moving the kit.
enum Moved {
    /// It is there now.
    To(PathBuf),
    /// It is there now, which is the disk of the home; the owner wants it so.
    OnThisDisk(PathBuf),
    /// The owner does not want it on the disk of the home.
    Declined,
    /// The owner left.
    Left,
}

/// Moves the kit into a folder that is there; the one here goes once the other is on the disk and was read back.
fn move_kit(work: &Work<'_>, kit: &Path, said: &str) -> Result<Moved, Failure> {
    let folder = existing_folder(work, said)?;
    let to = folder.join(kit.file_name().unwrap_or_default());
    if folder.starts_with(work.session.home.root()) {
        return Err(Failure::usage(text!("setup-kit-home", path = to.as_path())));
    }
    if to.exists() {
        return Err(Failure::usage(text!("setup-kit-taken", path = to.as_path())));
    }
    let disk_of = |folder: &Path| removable::disk_of(folder).map_err(|error| Failure::path(folder, &error));
    let is_this_disk = disk_of(&folder)? == disk_of(work.session.home.root())?;
    if is_this_disk {
        match ask_yes(work, &text!("setup-ask-kit-this-disk", path = folder.as_path()), false)? {
            Some(true) => {}
            Some(false) => return Ok(Moved::Declined),
            None => return Ok(Moved::Left),
        }
    }
    let bytes = read_small(kit, MAX_KIT)?.ok_or_else(|| Failure::usage(text!("kit-missing", path = kit)))?;
    new_file::write(&to, &bytes)?;
    if read_small(&to, MAX_KIT)?.as_deref() != Some(&bytes[..]) {
        return Err(Failure::new(Exit::Failed, text!("setup-kit-unlike", path = to.as_path())));
    }
    shred::file(kit)?;
    if let Ok(account) = work.open_read_only() {
        written(work.session, &account, &to);
    }
    Ok(if is_this_disk { Moved::OnThisDisk(to) } else { Moved::To(to) })
}
