//! A command line that makes no sense, in the owner's language: what is wrong, and what may have been meant.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::app::{Failure, Text};
use crate::text;

/// What people type who know another tool, or an earlier Printkeep, and what it is here.
const MEANT: [(&str, &str); 28] = [
    ("init", "setup"),
    ("verify", "check"),
    ("drill", "check --try-restore 10"),
    ("doctor", "check --repair"),
    ("repair", "check --repair"),
    ("list", "snapshots"),
    ("dump", "cat"),
    ("unlock", "key unlock"),
    ("lock", "key lock"),
    ("account", "key accounts"),
    ("passwd", "key passphrase"),
    ("follow", "device follow"),
    ("send", "device send"),
    ("inbox", "device inbox"),
    ("enroll", "device enroll"),
    ("join", "setup --join STORE"),
    ("consent", "privacy"),
    ("policy", "privacy policy"),
    ("data", "privacy data"),
    ("audit", "privacy log"),
    ("log", "privacy log"),
    ("retention", "rules"),
    ("incidents", "problems"),
    ("alarms", "problems"),
    ("tag", "snapshots tag"),
    ("pin", "snapshots pin"),
    ("unpin", "snapshots unpin"),
    ("help", "--help"),
];

/// The command that words name, as far as they do, and what stands at the end of it.
pub fn understood<'c>(command: &'c Command, words: impl IntoIterator<Item = OsString>) -> (String, &'c Command) {
    let (mut names, mut at, mut words) = (Vec::new(), command, words.into_iter().skip(1));
    while let Some(word) = words.next() {
        let word = word.to_string_lossy();
        if let Some(long) = word.strip_prefix("--") {
            let named =
                |arg: &&Arg| arg.get_long() == Some(long) && arg.get_action().takes_values() && !arg.is_require_equals_set();
            if at.get_arguments().chain(command.get_arguments()).any(|arg| named(&arg)) {
                words.next();
            }
        } else if let Some(next) = at.find_subcommand(word.as_ref()) {
            names.push(next.get_name());
            at = next;
        }
    }
    (names.join(" "), at)
}

/// The failure of a command line that was not understood; `at` is how far it was.
pub fn failure(error: &clap::Error, at: &Command) -> Failure {
    let of = |kind| error.get(kind).map(value_text).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => text!("usage-unknown-command", name = of(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => text!("usage-unknown-argument", name = argument),
        ErrorKind::MissingRequiredArgument => text!("usage-missing-argument", name = argument),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            text!("usage-missing-command", names = shown(at))
        }
        ErrorKind::ArgumentConflict => text!("usage-conflict", name = argument, other = of(ContextKind::PriorArg)),
        ErrorKind::InvalidUtf8 => {
            let odd = std::env::args_os().find(|word| word.to_str().is_none()).unwrap_or_default();
            text!("usage-not-utf8", value = odd.to_string_lossy().into_owned())
        }
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() && of(ContextKind::ValidValue).is_empty() => {
            if argument.is_empty() {
                text!("usage-empty")
            } else {
                text!("usage-no-value", name = argument)
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let valid = of(ContextKind::ValidValue);
            let why = if why.is_empty() { valid } else { why };
            text!("usage-value", name = argument, value = of(ContextKind::InvalidValue), why = why)
        }
        _ => Text::plain(first_line(error)),
    };
    Failure::usage(message).hint(hint(error))
}

fn hint(error: &clap::Error) -> Text {
    let typed = error.get(ContextKind::InvalidSubcommand).map(value_text).unwrap_or_default();
    let known = MEANT.iter().find(|(word, _)| *word == typed).map(|(_, meant)| (*meant).to_owned());
    let near =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg].iter().find_map(|kind| error.get(*kind)).map(value_text);
    match known.or(near).filter(|meant| !meant.is_empty()) {
        Some(meant) => text!("usage-meant", meant = meant),
        None => text!("usage-help"),
    }
}

/// The commands below one, without those that are for Printkeep itself.
fn shown(command: &Command) -> String {
    let names = command.get_subcommands().filter(|below| !below.is_hide_set()).map(Command::get_name);
    names.filter(|name| *name != "help").collect::<Vec<_>>().join(", ")
}

fn value_text(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        other => other.to_string(),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::surface::cli::args::Arguments;
    use crate::surface::cli::help;

    #[test]
    fn what_is_meant_by_other_words_is_there_and_reserved_names_are_free() {
        let command = Arguments::command();
        let names: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        for (word, meant) in MEANT {
            let first = meant.split(' ').next().unwrap();
            assert!(!names.contains(&word), "{word} is a command");
            assert!(first.starts_with("--") || names.contains(&first), "{meant} is no command");
        }
        assert!(help::RESERVED.iter().all(|name| !names.contains(name)));
    }

    /// At the top stand at most 30 commands, with those that are reserved, and each in one group.
    #[test]
    fn commands_at_the_top_are_few_and_in_groups() {
        let command = Arguments::command();
        let shown: Vec<_> = command.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name).collect();
        assert!(shown.len() + help::RESERVED.len() <= 30, "{shown:?}");
        let grouped: Vec<_> = help::GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert!(shown.iter().all(|name| grouped.contains(name)), "{shown:?}");
        assert!(grouped.iter().all(|name| shown.contains(name)), "{grouped:?}");
    }
}
