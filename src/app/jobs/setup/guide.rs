//! A guided first run: step by step, each of which can be skipped; what is done already is shown and not asked again.
//!
//! Each step is done before the next is asked, so that it can be left at any question and taken up again.

use std::cell::RefCell;
use std::path::PathBuf;

use super::asking::{Said, ask, tell, typed_path};
use super::request::Setup;
use super::{Join, New, guest, join, make_account, steps};
use crate::app::forms::setup::{Guided, SetupReply, Step, StepName, StepState};
use crate::app::prompt::Shown;
use crate::app::work::Work;
use crate::app::{Failure, unlock};
use crate::text;

/// Goes through the steps.
pub fn guide(work: &Work<'_>, setup: &Setup) -> Result<SetupReply, Failure> {
    work.remark(text!("setup-welcome"));
    let mut guided = Guided::default();
    let kit = RefCell::new(setup.recovery_kit.clone());
    type Part<'p> = &'p dyn Fn(&Work<'_>) -> Result<Option<Step>, Failure>;
    let parts: [Part<'_>; 6] = [
        &|work| account(work, setup, &kit),
        &steps::sources,
        &|work| steps::passphrase(work, kit.borrow().as_deref()),
        &steps::recovery_kit,
        &steps::store,
        &steps::consent,
    ];
    for part in parts {
        match part(work)? {
            Some(step) => guided.steps.push(step),
            None => {
                guided.left = true;
                break;
            }
        }
    }
    guided.can_back_up = !work.session.config()?.sources.is_empty();
    Ok(SetupReply::Guided(guided))
}

/// Makes or joins an account, unless one is here. The kit that an account is joined with is told, for the steps that need one.
fn account(work: &Work<'_>, setup: &Setup, kit: &RefCell<Option<PathBuf>>) -> Result<Option<Step>, Failure> {
    let here = work.session.home.accounts()?;
    let is_here = work.session.account.as_ref().map_or(!here.is_empty(), |name| here.contains(name));
    if is_here {
        let account = work.open_read_only()?;
        let about = text!("setup-account", account = account.name.as_str(), device = &account.device.name);
        return Ok(Some(Step::of(StepName::Account, StepState::Before, about)));
    }
    loop {
        let made = match ask(work, &text!("setup-ask-account"))? {
            Said::Leave => return Ok(None),
            Said::Nothing => new(work, setup).map(Some),
            Said::This(said) => match said.as_str() {
                "1" => new(work, setup).map(Some),
                "2" => joined(work, setup, kit),
                "3" => enrolled(work, setup),
                _ => continue,
            },
        };
        match made {
            Ok(Some(reply)) => {
                work.prompt.show(Shown::Setup(&reply));
                let account = work.open_read_only()?;
                let about = text!("setup-account", account = account.name.as_str(), device = &account.device.name);
                return Ok(Some(Step::of(StepName::Account, StepState::Done, about)));
            }
            Ok(None) => {}
            Err(failure) if failure.exit == crate::app::Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
}

fn new(work: &Work<'_>, setup: &Setup) -> Result<SetupReply, Failure> {
    // one that was not given beforehand is asked for in a step of its own
    let file = setup.passphrase_file.as_deref();
    let passphrase = unlock::given(work, file)?.map(|_| unlock::new_passphrase(work, file)).transpose()?.flatten();
    let new =
        New { device_name: setup.device_name.clone(), passphrase: passphrase.as_ref(), recovery_kit: setup.recovery_kit.clone() };
    make_account(work, &new).map(SetupReply::Made)
}

fn joined(work: &Work<'_>, setup: &Setup, used: &RefCell<Option<PathBuf>>) -> Result<Option<SetupReply>, Failure> {
    let Said::This(url) = ask(work, &text!("setup-ask-join"))? else { return Ok(None) };
    let Said::This(path) = ask(work, &text!("setup-ask-kit"))? else { return Ok(None) };
    let path = typed_path(&path);
    let kit = unlock::read_kit(work, &path)?;
    let mut access = setup.access.clone();
    if !steps::complete(work, &url, &mut access)? {
        return Ok(None);
    }
    let passphrase_file = setup.passphrase_file.as_deref();
    let how = Join { url: &url, kit: &kit, access: &access, device_name: setup.device_name.clone(), passphrase_file };
    let joined = join::join_and_tell(work, &how)?;
    *used.borrow_mut() = Some(path);
    Ok(Some(SetupReply::Joined(joined)))
}

fn enrolled(work: &Work<'_>, setup: &Setup) -> Result<Option<SetupReply>, Failure> {
    let Said::This(address) = ask(work, &text!("setup-ask-enroll"))? else { return Ok(None) };
    let enrolled = guest::enroll_at(work, &address, setup.device_name.clone(), setup.code_file.as_ref())?;
    Ok(Some(SetupReply::Enrolled(enrolled)))
}
