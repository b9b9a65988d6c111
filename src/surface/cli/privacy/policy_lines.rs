//! The lines of policies and of the log.

use crate::app::Text;
use crate::app::jobs::privacy::log::{Log, LogChecked, LogEntry, LogVerified, LogWritten};
use crate::app::jobs::privacy::policy::{ChangedPart, Policies, PolicyDifference, PolicyInForce, PolicyText, basis};
use crate::surface::words::{self, Words};
use crate::text;

/// `privacy policy show`
pub fn show(reply: &PolicyText, words: &Words) -> Vec<String> {
    let policy = &reply.policy;
    let mut lines = vec![
        reply.title.clone(),
        format!("{} {}, {}, SHA-256 {}", policy.id, policy.version, policy.date, policy.sha256),
        String::new(),
    ];
    lines.extend(reply.summary.lines().map(str::to_owned));
    for item in &reply.items {
        lines.extend([String::new(), format!("[{}]", item.item)]);
        lines.extend(item.lines().iter().map(|line| format!("  {}", words.say(line))));
    }
    for part in &reply.without_consent {
        lines.extend([
            String::new(),
            words.say(&text!("policy-without", name = &part.name, basis = basis(part.basis))),
            format!("  {}", part.purpose),
        ]);
    }
    lines.extend([String::new(), reply.contact.clone()]);
    lines
}

/// `privacy policy list`
pub fn list(reply: &Policies, words: &Words) -> Vec<String> {
    let mark = words.say(&text!("policy-in-force-mark"));
    let known = reply.policies.iter().map(|policy| {
        let mark = if policy.sha256 == reply.in_force.sha256 { mark.as_str() } else { "" };
        let begin: String = policy.sha256.chars().take(12).collect();
        format!("{:<16} {:>4}  {:<12}{begin}  {mark}", policy.id, policy.version, policy.date).trim_end().to_owned()
    });
    known.collect()
}

/// `privacy policy diff`
pub fn diff(reply: &PolicyDifference, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &reply.changes {
        lines.push(format!("{}:", words.say(&part(&change.part))));
        let marked =
            |mark: &str, texts: &[Text]| texts.iter().map(|text| format!("  {mark} {}", words.say(text))).collect::<Vec<_>>();
        lines.extend(marked("-", &change.before));
        lines.extend(marked("+", &change.after));
    }
    if reply.changes.is_empty() && reply.touched.is_empty() {
        lines.push(words.say(&text!("policy-same")));
    }
    lines.push(words.say(&match reply.touched.is_empty() {
        true => text!("policy-touches-none"),
        false => text!("policy-touches", items = reply.touched.join(", ")),
    }));
    lines
}

fn part(part: &ChangedPart) -> Text {
    match part {
        ChangedPart::Id => text!("policy-part-id"),
        ChangedPart::Title => text!("policy-part-title"),
        ChangedPart::Summary => text!("policy-part-summary"),
        ChangedPart::Contact => text!("policy-part-contact"),
        ChangedPart::Item(item) => Text::plain(item),
        ChangedPart::WithoutConsent => text!("policy-part-without-consent"),
    }
}

/// `privacy policy install`, `… reset`
pub fn in_force(reply: &PolicyInForce, words: &Words) -> Vec<String> {
    let policy = &reply.policy;
    let named = text!("policy-in-force", id = &policy.id, version = policy.version.to_string(), date = &policy.date);
    let mut lines = vec![words.say(&named)];
    if !reply.touched.is_empty() {
        lines.push(words.say(&text!("policy-in-force-touches", items = reply.touched.join(", "))));
    }
    lines
}

/// `privacy log`
pub fn log(reply: &Log, words: &Words) -> Vec<String> {
    let mut lines: Vec<String> = reply.entries.iter().map(|one| entry(one, words)).collect();
    lines.extend(breaks(&reply.checked, words));
    lines
}

fn entry(entry: &LogEntry, said: &Words) -> String {
    let amount = match (entry.count, entry.bytes) {
        (0, 0) => String::new(),
        (count, 0) => format!("  {count}"),
        (count, bytes) => format!("  {count} ({})", words::size(bytes)),
    };
    let names: String = entry.names.iter().map(|name| format!("  {name}")).collect();
    let (event, outcome) = (of_words("log-event", &entry.event, said), of_words("log-outcome", &entry.outcome, said));
    let what = match entry.what.split_once(' ') {
        // a decision is of one kind of data
        Some((kind, decision)) if entry.event == "consent" => format!("{kind} {}", of_words("log-what", decision, said)),
        _ => of_words("log-what", &entry.what, said),
    };
    format!("{}  {event:<9} {outcome:<8} {what}{amount}{names}", words::time(entry.time)).trim_end().to_owned()
}

/// What the log calls by a word of its own, in the owner's language; a word that a later version wrote stands as it is.
fn of_words(prefix: &str, word: &str, words: &Words) -> String {
    words.get(&Text::of_words(prefix, word).id, None).unwrap_or_else(|| word.to_owned())
}

fn breaks<'a>(checked: &'a LogChecked, words: &'a Words) -> impl Iterator<Item = String> + 'a {
    checked.breaks.iter().map(|broken| words.say(broken))
}

/// `privacy log verify`
pub fn verified(reply: &LogVerified, words: &Words) -> Vec<String> {
    let checked = &reply.checked;
    let mut lines = vec![words.say(&text!("log-size", entries = checked.count, files = checked.files))];
    if checked.retired > 0 {
        lines.push(words.say(&text!("log-retired", number = checked.retired.to_string())));
    }
    if checked.torn > 0 {
        lines.push(words.say(&text!("log-torn", size = crate::app::Arg::Bytes(checked.torn))));
    }
    if checked.breaks.is_empty() {
        lines.push(words.say(&text!("log-well")));
    } else {
        lines.extend(breaks(checked, words));
        lines.push(words.say(&text!("log-broken-why")));
    }
    lines
}

/// `privacy log export`
pub fn written(reply: &LogWritten, words: &Words) -> Vec<String> {
    let mut lines = vec![words.say(&text!("document-written", path = reply.file.as_path()))];
    lines.extend(breaks(&reply.checked, words));
    lines
}
