//! `consent`: what you allowed, and since when; without it no socket is opened.

use serde_json::json;

use crate::consent::{Decision, Entry, Purpose};
use crate::surface::args::ConsentCommand;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// Shows, grants or withdraws.
pub fn run(context: &Context, command: ConsentCommand) -> Result<Answer, Failure> {
    let mut account = if matches!(command, ConsentCommand::Show) { context.look()? } else { context.open()? };
    let decide = |purpose, decision| Entry { purpose, decision, time: context.now() };
    match command {
        ConsentCommand::Show => {}
        ConsentCommand::Grant { purpose } => account.remember_consent(decide(purpose, Decision::Granted))?,
        ConsentCommand::Withdraw { purpose } => account.remember_consent(decide(purpose, Decision::Withdrawn))?,
    }
    let mut lines = Vec::new();
    let mut fields = Vec::new();
    for purpose in Purpose::ALL {
        let held = account.ledger.decision(purpose);
        let allowed = account.ledger.permit(purpose).is_ok();
        let since = held.map(|entry| words::time(entry.time));
        let state = match (&held, allowed) {
            (None, _) => "not allowed (never granted)".into(),
            (Some(_), true) => format!("allowed since {}", since.as_deref().unwrap_or_default()),
            (Some(_), false) => format!("not allowed (withdrawn {})", since.as_deref().unwrap_or_default()),
        };
        lines.push(format!("{:<10}{state}: {}", purpose.as_str(), meaning(purpose)));
        fields.push(json!({ "purpose": purpose.as_str(), "allowed": allowed, "since": held.map(|entry| entry.time) }));
    }
    Ok(Answer::new(lines, json!({ "consents": fields })))
}

fn meaning(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Network => "connections to your stores, and while you enrol a device, to that device; to nothing else",
    }
}
