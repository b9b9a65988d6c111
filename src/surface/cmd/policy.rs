//! `policy`: what is done with data, for whom and how long; versions, differences, an operator's own.

use std::path::Path;

use serde_json::{Value, json};

use crate::consent::policy::{MAX_FILE, Statement};
use crate::consent::{Item, Language, Policy};
use crate::core::name::hex;
use crate::store::home::read_small;
use crate::store::policies::{self, PoliciesError};
use crate::surface::cmd::consent::policy_fields;
use crate::surface::consent_args::PolicyCommand;
use crate::surface::context::{Context, language};
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

/// Shows, compares, puts in force.
pub fn run(context: &Context, command: PolicyCommand) -> Result<Answer, Failure> {
    match command {
        PolicyCommand::Show { tongue, policy } => {
            let policy = match policy {
                Some(name) => find(context, &name)?,
                None => policies::in_force(&context.home)?,
            };
            Ok(show(&policy, tongue.lang.unwrap_or_else(language)))
        }
        PolicyCommand::List => list(context),
        PolicyCommand::Diff { old, new, tongue } => {
            Ok(diff(&find(context, &old)?, &find(context, &new)?, tongue.lang.unwrap_or_else(language)))
        }
        PolicyCommand::Install { file } => {
            let before = policies::in_force(&context.home).ok();
            let policy = policies::install(&context.home, &file)?;
            Ok(now_in_force(&policy, before.as_ref()))
        }
        PolicyCommand::Reset => {
            let before = policies::in_force(&context.home).ok();
            Ok(now_in_force(&policies::reset(&context.home)?, before.as_ref()))
        }
    }
}

/// A policy by its version, the first digits of its hash, or its file.
fn find(context: &Context, name: &str) -> Result<Policy, Failure> {
    let known = policies::known(&context.home);
    let in_force = policies::in_force(&context.home).ok();
    // of two authors' policies with one version, the one in force is meant
    let of_version = |version: u32| {
        let found = in_force.iter().chain(&known).find(|policy| policy.version() == version);
        found.cloned()
    };
    let by_hash = || {
        let mut found = known.iter().filter(|policy| name.len() >= 6 && hex(&policy.hash()).starts_with(name));
        found.next().cloned()
    };
    if let Some(policy) = name.parse().ok().and_then(of_version).or_else(by_hash) {
        return Ok(policy);
    }
    let unknown =
        || Failure::usage(format!("there is no policy {name:?}")).hint("`printkeep policy list` shows those known here");
    let bytes = read_small(Path::new(name), MAX_FILE)?.ok_or_else(unknown)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{name} is not UTF-8")))?;
    Policy::parse(&text).map_err(|error| Failure::usage(format!("{name} is no policy: {error}")))
}

fn show(policy: &Policy, language: Language) -> Answer {
    let mut lines = vec![
        policy.title.in_language(language).to_owned(),
        format!("{} {}, {}, SHA-256 {}", policy.id(), policy.version(), policy.date(), hex(&policy.hash())),
        String::new(),
    ];
    lines.extend(policy.summary.in_language(language).lines().map(str::to_owned));
    for item in Item::all() {
        let Some(said) = policy.statement(item) else { continue };
        lines.push(String::new());
        lines.push(format!("[{}]", item.as_str()));
        lines.extend(statement_lines(said, item, policy, language));
    }
    for part in &policy.without {
        lines.push(String::new());
        lines.push(format!("[{}] ({})", part.name, part.basis.as_str()));
        lines.push(format!("  {}", part.purpose.in_language(language)));
    }
    lines.push(String::new());
    lines.push(policy.contact.in_language(language).to_owned());
    Answer::new(lines, fields(policy, language))
}

fn statement_lines(said: &Statement, item: Item, policy: &Policy, language: Language) -> Vec<String> {
    let mut lines =
        vec![format!("  {}", said.purpose.in_language(language)), format!("  → {}", said.recipients.in_language(language))];
    let mut short = vec![said.basis.as_str().to_owned(), item.class().as_str().to_owned(), item.masking().as_str().to_owned()];
    if item.is_recorded() {
        let days = policy.days(item);
        short.push(match language {
            Language::English => words::count(days.into(), "day"),
            Language::Chinese => format!("{days} 天"),
        });
    }
    short.extend(said.regions.iter().cloned());
    lines.push(format!("  ({})", short.join(", ")));
    lines
}

fn fields(policy: &Policy, language: Language) -> Value {
    let items: Vec<Value> = Item::all()
        .filter_map(|item| {
            let said = policy.statement(item)?;
            Some(json!({
                "item": item.as_str(), "purpose": said.purpose.in_language(language),
                "recipients": said.recipients.in_language(language), "basis": said.basis.as_str(),
                "class": item.class().as_str(), "masking": item.masking().as_str(), "days": policy.days(item),
                "regions": said.regions,
            }))
        })
        .collect();
    let without: Vec<Value> = policy
        .without
        .iter()
        .map(|part| json!({ "name": part.name, "purpose": part.purpose.in_language(language), "basis": part.basis.as_str() }))
        .collect();
    json!({
        "policy": policy_fields(policy), "language": language.as_str(), "title": policy.title.in_language(language),
        "summary": policy.summary.in_language(language), "contact": policy.contact.in_language(language),
        "items": items, "without_consent": without,
    })
}

fn list(context: &Context) -> Result<Answer, Failure> {
    let in_force = policies::in_force(&context.home)?;
    let known = policies::known(&context.home);
    let line = |policy: &Policy| {
        let mark = if policy.hash() == in_force.hash() { "in force" } else { "" };
        format!("{:<16} {:>4}  {:<12}{}  {mark}", policy.id(), policy.version(), policy.date(), &hex(&policy.hash())[..12])
    };
    let fields: Vec<Value> = known.iter().map(policy_fields).collect();
    Ok(Answer::new(known.iter().map(line).collect(), json!({ "policies": fields, "in_force": policy_fields(&in_force) })))
}

fn diff(old: &Policy, new: &Policy, language: Language) -> Answer {
    let mut lines = Vec::new();
    let mut compare = |what: &str, before: &str, after: &str| {
        if before != after {
            lines.push(format!("{what}:"));
            lines.extend(before.lines().map(|line| format!("  - {line}")));
            lines.extend(after.lines().map(|line| format!("  + {line}")));
        }
    };
    compare("id", old.id(), new.id());
    compare("title", old.title.in_language(language), new.title.in_language(language));
    compare("summary", old.summary.in_language(language), new.summary.in_language(language));
    compare("contact", old.contact.in_language(language), new.contact.in_language(language));
    let said = |policy: &Policy, item| {
        policy.statement(item).map(|said| statement_lines(said, item, policy, language).join("\n")).unwrap_or_default()
    };
    for item in Item::all() {
        compare(item.as_str(), &said(old, item), &said(new, item));
    }
    let without = |policy: &Policy| {
        let part = |part: &crate::consent::policy::Without| {
            format!("[{}] ({}) {}", part.name, part.basis.as_str(), part.purpose.in_language(language))
        };
        policy.without.iter().map(part).collect::<Vec<_>>().join("\n")
    };
    compare("without consent", &without(old), &without(new));
    let touched: Vec<&str> = new.touched_since(old).into_iter().map(Item::as_str).collect();
    if lines.is_empty() && touched.is_empty() {
        lines.push("They say the same.".into());
    }
    lines.push(match touched.len() {
        0 => "No consent is touched: what you allowed stays allowed.".into(),
        _ => format!("Asked again: {}.", touched.join(", ")),
    });
    Answer::new(lines, json!({ "old": policy_fields(old), "new": policy_fields(new), "touched": touched }))
}

fn now_in_force(policy: &Policy, before: Option<&Policy>) -> Answer {
    let mut lines = vec![format!("In force: {} {}, {}.", policy.id(), policy.version(), policy.date())];
    let touched: Vec<&str> =
        before.map(|before| policy.touched_since(before)).unwrap_or_default().into_iter().map(Item::as_str).collect();
    if !touched.is_empty() {
        lines.push(format!("Consents given before to these hold no longer and are asked again: {}.", touched.join(", ")));
    }
    Answer::new(lines, json!({ "policy": policy_fields(policy), "touched": touched }))
}

impl From<PoliciesError> for Failure {
    fn from(error: PoliciesError) -> Self {
        let message = error.to_string();
        match error {
            PoliciesError::Disk(error) => error.into(),
            PoliciesError::Lost(_) => Self {
                exit: Exit::Damaged,
                message,
                hint: Some("put a copy of it back with `printkeep policy install`, or `printkeep policy reset`; until then nothing is allowed".into()),
            },
            _ => Self::usage(message).hint("the policy in force stays; mend the file and install it again"),
        }
    }
}
