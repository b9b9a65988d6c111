//! `device enroll` and `init --enroll`: a new device is let in from another, with a code that is shown there and typed here.

use std::net::SocketAddr;

use serde_json::json;

use crate::consent::Item;
use crate::core::enroll::channel::Code;
use crate::engine::enroll::{Limits, guest as engine_guest, host as engine_host};
use crate::surface::args::{Init, Owner};
use crate::surface::ask;
use crate::surface::cmd::device::{Opened, open};
use crate::surface::cmd::init::new_account;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// Waits for one new device and lets it in.
pub fn host(context: &Context, listen: Option<SocketAddr>, share_credentials: bool, owner: &Owner) -> Result<Answer, Failure> {
    // consent first: without it nothing is asked, unlocked or opened
    context.look()?.ledger.permit(Item::Network)?;
    let config = context.config()?;
    let Opened { mut account, keyring, .. } = open(context, owner)?;
    let permit = account.ledger.permit(Item::Network)?;
    let offers = engine_host::offers(&account, &config.stores, share_credentials)?;
    let waiting = engine_host::Waiting::listen(&permit, listen, &context.random)?;
    let address = waiting.address().map(|at| at.to_string()).unwrap_or_default();
    // shown beside the answer, because the other device needs it before there is one
    words::note("On the new device, type:");
    words::note(&format!("  printkeep init --enroll {address}"));
    words::note(&format!("and there, when it asks, the code:  {}", waiting.code().shown()));
    words::note("Waiting for it, ten minutes at most. The code is good for one try.");
    let member = engine_host::host(&mut account, &keyring, waiting, offers, Limits::default(), &context.random, &context.cancel)?;
    let lines = vec![
        format!("{:?} is enrolled: it can back up, and reads nothing back.", member.name),
        format!("Compare the fingerprint that it shows with this account's: {}", account.fingerprint()),
        "Run `printkeep sync` here, so that your other devices and stores know it.".into(),
    ];
    let fields = json!({
        "device": member.name, "id": member.id.to_string(), "roster": account.roster.number,
        "fingerprint": account.fingerprint(), "credentials_shared": share_credentials,
    });
    Ok(Answer::new(lines, fields))
}

/// Joins the account of the device that waits at `address`.
pub fn guest(context: &Context, args: &Init, address: &str) -> Result<Answer, Failure> {
    let new = new_account(context, args.device_name.clone(), None)?;
    let code = ask::code(args.code_file.as_deref())?;
    let code = Code::parse(code.expose()).ok_or_else(|| {
        Failure::usage("a code has 8 letters and digits, such as 4F7K-9QXM").hint("type it as the other device shows it")
    })?;
    // typing the address is the owner's yes to reaching it, and is recorded as such
    words::note("Enrolling reaches the other device over the network; this is recorded as your consent to network use.");
    let mut enrolled =
        engine_guest::guest(&new, address, &code, context.asked(), Limits::default(), &context.random, &context.cancel)?;
    let mut config = context.config()?;
    for store in &enrolled.stores {
        config.stores.retain(|other| other.name != store.name);
        config.stores.push(store.clone());
    }
    context.save_config(&config)?;
    enrolled.account.settle()?;
    let account = &enrolled.account;
    let (name, fingerprint, id) = (account.device.name.clone(), account.fingerprint(), account.id().to_string());
    let stores: Vec<_> = enrolled.stores.iter().map(|store| store.name.clone()).collect();
    // this device is set up whether or not the other one hears of it
    let heard = enrolled.done();
    let mut lines = vec![
        format!("Enrolled as {name:?}: this device can back up, and reads nothing back."),
        format!("Compare the fingerprint with the one that the other device shows: {fingerprint}"),
    ];
    if heard.is_err() {
        lines.push("The other device went away before it heard that this one is set up; it may say so.".into());
    }
    lines.push("Next: `printkeep source detect --add` or `printkeep backup FOLDER`.".into());
    Ok(Answer::new(lines, json!({ "account_id": id, "device": name, "fingerprint": fingerprint, "stores": stores })))
}
