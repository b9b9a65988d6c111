//! `incidents`: what went wrong, in four parts; acknowledged, handed out.

use serde_json::{Value, json};

use crate::engine::account::Account;
use crate::engine::incident::Incident;
use crate::store::home::write_private;
use crate::surface::audit_args::IncidentsCommand;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::engine::privacy::signed;
use crate::surface::{attend, incident_words, words};

/// Lists, shows, acknowledges or writes incidents.
pub fn run(context: &Context, command: IncidentsCommand) -> Result<Answer, Failure> {
    let account = context.look()?;
    attend::look(context, &context.config()?, &account, false)?;
    match command {
        IncidentsCommand::List { all } => Ok(list(&account, all)),
        IncidentsCommand::Show { number } => {
            let found = account.incidents().into_iter().find(|incident| incident.number == number);
            let incident = found.ok_or_else(|| unknown(number))?;
            Ok(Answer::new(incident_words::lines(&incident), json!({ "incident": incident_words::fields(&account, &incident) })))
        }
        IncidentsCommand::Ack { number } => {
            let incident = account.acknowledge(number).ok_or_else(|| unknown(number))?;
            let line = format!("Incident {number} is acknowledged; it is told again only if it gets worse.");
            Ok(Answer::new(vec![line], json!({ "incident": incident_words::fields(&account, &incident) })))
        }
        IncidentsCommand::Export { to } => {
            let incidents: Vec<Value> = account.incidents().iter().map(|one| incident_words::fields(&account, one)).collect();
            let count = incidents.len();
            let document = json!({
                "kind": "incidents", "time": words::rfc3339(context.now()), "account": account.id().to_string(),
                "fingerprint": account.fingerprint(), "incidents": incidents,
            });
            let text = serde_json::to_string_pretty(&signed::sign(&account, document)).unwrap_or_default();
            write_private(&to, text.as_bytes())?;
            let line = format!("Written to {}; `printkeep privacy consent-record check` shows whether it is unchanged.", to.display());
            Ok(Answer::new(vec![line], json!({ "file": to, "incidents": count })))
        }
    }
}

fn list(account: &Account, all: bool) -> Answer {
    // what is listed here need not be told beside it
    account.take_unshown();
    let incidents: Vec<Incident> = account.incidents().into_iter().filter(|incident| all || incident.is_open()).collect();
    let mut lines: Vec<String> = incidents.iter().map(incident_words::line).collect();
    if lines.is_empty() {
        lines.push(if all { "There were no incidents.".into() } else { "No open incidents.".into() });
    }
    let open = incidents.iter().any(Incident::is_open);
    let fields: Vec<Value> = incidents.iter().map(|incident| incident_words::fields(account, incident)).collect();
    Answer::new(lines, json!({ "incidents": fields })).exit(if open { Exit::Incomplete } else { Exit::Done })
}

fn unknown(number: u64) -> Failure {
    Failure::usage(format!("there is no incident {number}")).hint("`printkeep incidents list --all` lists them")
}
