//! `audit`: what was done with the account's data: shown, checked, handed out.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::core::name::hex;
use crate::core::secret::Secret;
use crate::engine::account::Account;
use crate::store::audit::{Break, Checked, Entry};
use crate::store::home::write_private;
use crate::surface::audit_args::AuditCommand;
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::{alarm, signed, words};

/// The most entries that one answer holds.
const MOST: usize = 500_000;

/// Shows, checks or writes the log.
pub fn run(context: &Context, command: AuditCommand) -> Result<Answer, Failure> {
    let account = context.look()?;
    match command {
        AuditCommand::Show { last, names } => show(&account, last.min(MOST), names),
        AuditCommand::Verify => {
            let checked = account.check_trail(&mut |_| {})?;
            Ok(verdict(&checked))
        }
        AuditCommand::Export { to, names } => {
            let masking = Masking::new(&account, names);
            let mut entries = VecDeque::new();
            let checked = account.check_trail(&mut |entry| keep(&mut entries, MOST, masking.fields(&account, &entry)))?;
            let document = json!({
                "kind": "audit log", "time": words::rfc3339(context.now()), "account": account.id().to_string(),
                "fingerprint": account.fingerprint(), "masked": !names, "checked": checked_fields(&checked), "entries": entries,
            });
            let text = serde_json::to_string_pretty(&signed::sign(&account, document)).unwrap_or_default();
            write_private(&to, text.as_bytes())?;
            let mut lines =
                vec![format!("Written to {}; `printkeep consent check` shows whether it is unchanged.", to.display())];
            lines.extend(checked.breaks.iter().map(|broken| format!("Broken: {broken}.")));
            let exit = if checked.breaks.is_empty() { Exit::Done } else { Exit::Damaged };
            Ok(Answer::new(lines, json!({ "file": to, "entries": checked.entries, "checked": checked_fields(&checked) }))
                .exit(exit))
        }
    }
}

fn keep<T>(kept: &mut VecDeque<T>, most: usize, one: T) {
    kept.push_back(one);
    if kept.len() > most {
        kept.pop_front();
    }
}

fn show(account: &Account, last: usize, names: bool) -> Result<Answer, Failure> {
    let masking = Masking::new(account, names);
    let mut kept = VecDeque::new();
    let checked = account.check_trail(&mut |entry| keep(&mut kept, last, entry))?;
    let mut lines: Vec<String> = kept.iter().map(|entry| masking.line(entry)).collect();
    lines.extend(checked.breaks.iter().map(|broken| format!("Broken: {broken}.")));
    let fields: Vec<Value> = kept.iter().map(|entry| masking.fields(account, entry)).collect();
    let exit = if checked.breaks.is_empty() { Exit::Done } else { Exit::Damaged };
    Ok(Answer::new(lines, json!({ "entries": fields, "checked": checked_fields(&checked) })).exit(exit))
}

fn verdict(checked: &Checked) -> Answer {
    let Checked { files, entries, retired, torn, breaks } = checked;
    let mut lines = vec![format!("{} in {}.", entries_in_words(*entries), words::count(*files, "file"))];
    if *retired > 0 {
        lines.push(format!("Files up to number {retired} were let go when they were old."));
    }
    if *torn > 0 {
        lines.push(format!(
            "The last {} were torn by a power cut, never acknowledged, and are dropped.",
            words::count(*torn, "byte")
        ));
    }
    let exit = if breaks.is_empty() {
        lines.push("All is well: every entry follows the one before it, to the end that is known.".into());
        Exit::Done
    } else {
        lines.extend(breaks.iter().map(|broken| format!("Broken: {broken}{}.", when(broken))));
        lines.push("Somebody who can write in this account's folder may have changed it, or the disk is damaged.".into());
        Exit::Damaged
    };
    Answer::new(lines, checked_fields(checked)).exit(exit)
}

fn when(broken: &Break) -> String {
    match broken {
        Break::Before { time, .. } => format!(", on {}", words::time(*time)),
        _ => String::new(),
    }
}

fn checked_fields(checked: &Checked) -> Value {
    json!({
        "files": checked.files, "count": checked.entries, "retired": checked.retired, "torn": checked.torn,
        "breaks": checked.breaks.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Names as they are, or each as a word that is always the same for the same name, and another in every account.
struct Masking {
    key: Option<Secret<32>>,
}

impl Masking {
    fn new(account: &Account, names: bool) -> Self {
        Self { key: (!names).then(|| account.local_key(b"audit names")) }
    }

    fn name(&self, name: &str) -> String {
        match &self.key {
            Some(key) => format!("~{}", hex(&blake3::keyed_hash(key.expose(), name.as_bytes()).as_bytes()[..4])),
            None => name.chars().filter(|c| !c.is_control()).collect(),
        }
    }

    fn line(&self, entry: &Entry) -> String {
        let amount = match (entry.count, entry.bytes) {
            (0, 0) => String::new(),
            (count, 0) => format!("  {count}"),
            (count, bytes) => format!("  {count} ({})", words::size(bytes)),
        };
        let names: String = entry.names.iter().map(|name| format!("  {}", self.name(name))).collect();
        let (event, outcome) = (entry.event.as_str(), entry.outcome.as_str());
        format!("{}  {event:<9} {outcome:<8} {}{amount}{names}", words::time(entry.time), entry.what).trim_end().to_owned()
    }

    fn fields(&self, account: &Account, entry: &Entry) -> Value {
        let names: Vec<String> = entry.names.iter().map(|name| self.name(name)).collect();
        json!({
            "time": entry.time, "event": entry.event.as_str(), "outcome": entry.outcome.as_str(),
            "device": alarm::device_name(account, &entry.device), "what": entry.what, "count": entry.count, "bytes": entry.bytes,
            "names": names,
        })
    }
}

fn entries_in_words(count: u64) -> String {
    if count == 1 { "1 entry".into() } else { format!("{count} entries") }
}
