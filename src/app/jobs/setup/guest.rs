//! Being enrolled: this device joins the account of another that waits for it, to write only.

use std::path::PathBuf;

use super::make::new_account;
use crate::app::forms::setup::Enrolled;
use crate::app::work::Work;
use crate::app::{Failure, unlock};
use crate::core::enroll::channel::Code;
use crate::engine::devices::enroll::{Limits, guest};
use crate::text;

/// Joins the account of the device that waits at `address`, a host and port.
pub fn enroll_at(
    work: &Work<'_>,
    address: &str,
    device_name: Option<String>,
    code_file: Option<&PathBuf>,
) -> Result<Enrolled, Failure> {
    let session = work.session;
    let new = new_account(work, device_name, None)?;
    let code = unlock::enroll_code(work, code_file.map(PathBuf::as_path))?;
    let code = Code::parse(code.expose())
        .ok_or_else(|| Failure::usage(text!("enroll-code-form")).hint(text!("enroll-code-form-hint")))?;
    // typing the address is the owner's yes to reaching it, and is recorded as such
    work.remark(text!("enroll-is-consent"));
    let mut enrolled = guest::guest(&new, address, &code, session.asked(), Limits::default(), work.quiet_job())?;
    work.change_config(|config| {
        for store in &enrolled.stores {
            config.stores.retain(|other| other.name != store.name);
            config.stores.push(store.clone());
        }
        Ok(())
    })?;
    enrolled.account.settle()?;
    let account = &enrolled.account;
    let mut told = Enrolled {
        account: account.name.as_str().to_owned(),
        account_id: account.id().to_string(),
        device: account.device.name.clone(),
        fingerprint: account.fingerprint(),
        stores: enrolled.stores.iter().map(|store| store.name.clone()).collect(),
        heard: false,
    };
    // this device is set up whether or not the other one hears of it
    told.heard = enrolled.done().is_ok();
    Ok(told)
}
