//! `device enroll` and `init --enroll`: a new device is let in from another, with a code that is shown there and typed here.

use std::net::SocketAddr;

use serde_json::json;

use crate::consent::Item;
use crate::engine::enroll::{Limits, host as engine_host};
use crate::surface::args::Owner;
use crate::surface::cmd::device::{Opened, open};
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
    words::note(&format!("  printkeep setup --enroll {address}"));
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
