//! A command line that makes no sense, in the owner's language: what is wrong, and what may have been meant.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::app::{Failure, Text};
use crate::text;

/// What people type who know another tool, or an earlier Printkeep, and what it is here.
const MEANT: [(&str, &str); 27] = [
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
];

/// The command that was typed, as far as there is such a one.
pub struct Typed<'a> {
    /// Its words, such as `store add`; none for the program itself.
    pub name: String,
    command: &'a Command,
}

impl<'a> Typed<'a> {
    /// Goes from command to command along the words behind the program's name, until one is no command.
    pub fn of(top: &'a Command, words: impl Iterator<Item = OsString>) -> Self {
        let mut typed = Self { name: String::new(), command: top };
        let mut is_value = false;
        for word in words {
            let word = word.to_string_lossy();
            if std::mem::take(&mut is_value) {
                continue;
            }
            if word.starts_with('-') && word.len() > 1 {
                is_value = takes_value(top, &word) || takes_value(typed.command, &word);
                continue;
            }
            let Some(inner) = inner(typed.command, &word) else { break };
            let space = if typed.name.is_empty() { "" } else { " " };
            typed.name = format!("{}{space}{word}", typed.name);
            typed.command = inner;
        }
        typed
    }

    /// The commands below it, a line each with what it does.
    fn inner(&self) -> String {
        let shown = || self.command.get_subcommands().filter(|inner| !inner.is_hide_set());
        let width = shown().map(|inner| inner.get_name().len()).max().unwrap_or_default();
        let about = |inner: &Command| inner.get_about().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<_> = shown().map(|inner| format!("  {:<width$}  {}", inner.get_name(), about(inner))).collect();
        lines.join("\n")
    }

    /// A command below it, with all its words.
    fn below(&self, inner: &str) -> String {
        if self.name.is_empty() { inner.to_owned() } else { format!("{} {inner}", self.name) }
    }
}

fn inner<'a>(command: &'a Command, word: &str) -> Option<&'a Command> {
    command.get_subcommands().find(|inner| inner.get_name() == word)
}

/// The words of a command line; where a command may stand and `help` does, it asks for the help of what is behind it: `help backup` is
/// `backup --help`.
pub fn words(top: &Command, line: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = line.collect();
    let (mut command, mut is_value) = (top, false);
    for at in 1..words.len() {
        let word = words[at].to_string_lossy().into_owned();
        if std::mem::take(&mut is_value) {
            continue;
        }
        if word.starts_with('-') && word.len() > 1 {
            is_value = takes_value(top, &word) || takes_value(command, &word);
            continue;
        }
        if let Some(inner) = inner(command, &word) {
            command = inner;
            continue;
        }
        if word == "help" && command.has_subcommands() {
            words.remove(at);
            words.push("--help".into());
        }
        break;
    }
    words
}

/// Whether the word behind an option belongs to it.
fn takes_value(command: &Command, option: &str) -> bool {
    let is_it = |arg: &&Arg| match option.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => option.len() == 2 && arg.get_short() == option.chars().nth(1),
    };
    let takes = |arg: &Arg| arg.get_action().takes_values() && !arg.is_require_equals_set();
    command.get_arguments().find(is_it).is_some_and(takes)
}

/// The failure of a command line that was not understood.
pub fn failure(error: &clap::Error, typed: &Typed<'_>) -> Failure {
    let of = |kind| error.get(kind).map(value_text).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            text!("usage-unknown-command", name = typed.below(&of(ContextKind::InvalidSubcommand)))
        }
        ErrorKind::UnknownArgument => text!("usage-unknown-argument", name = argument),
        ErrorKind::MissingRequiredArgument => text!("usage-missing-argument", name = plainly(&argument)),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            text!("usage-missing-command", names = typed.inner())
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
            let why = std::error::Error::source(error).map(reason).unwrap_or_default();
            let valid = of(ContextKind::ValidValue);
            let why = match why.is_empty() {
                true => crate::app::Arg::from(valid),
                // how a value must be is a message of its own
                false if why.starts_with("value-number") => number(&why).into(),
                false if why.starts_with("value-") => Text::new(&why).into(),
                // what is read otherwise is a number
                false => text!("value-number").into(),
            };
            text!("usage-value", name = argument, value = of(ContextKind::InvalidValue), why = why)
        }
        _ => text!("usage-unclear", why = first_line(error)),
    };
    Failure::usage(message).hint(hint(error, typed))
}

/// Why a value is none, in a word of ours where it is known: what the library says of numbers is of its own.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let said = error.to_string();
    match (error.is::<std::num::ParseIntError>(), said.rsplit_once(" is not in ")) {
        (true, _) => "value-number".to_owned(),
        (false, Some((_, range))) => format!("value-number {range}"),
        (false, None) => said,
    }
}

/// That a number is wanted, and which: the library writes `1..=1000`.
fn number(why: &str) -> Text {
    match why.split_once(' ').and_then(|(_, range)| range.split_once("..=")) {
        Some((least, most)) => text!("value-number-range", least = least, most = most),
        None => text!("value-number"),
    }
}

/// What is missing, without the library's marks: of a choice each on its own.
fn plainly(argument: &str) -> String {
    let choice = argument.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).filter(|inner| inner.contains('|'));
    choice.map_or_else(|| argument.to_owned(), |choice| choice.split('|').collect::<Vec<_>>().join(" | "))
}

/// What was meant, or where to look. What other tools call it counts only where a command of ours may stand.
fn hint(error: &clap::Error, typed: &Typed<'_>) -> Text {
    if error.kind() == ErrorKind::InvalidSubcommand {
        let word = error.get(ContextKind::InvalidSubcommand).map(value_text).unwrap_or_default();
        let known = MEANT.iter().find(|(other, _)| *other == word && typed.name.is_empty());
        // the likeliest comes last
        let near = match error.get(ContextKind::SuggestedSubcommand) {
            Some(ContextValue::Strings(names)) => names.last().cloned(),
            other => other.map(value_text),
        };
        let near = near.filter(|near| begins_alike(near, &word));
        let meant = known.map(|(_, meant)| (*meant).to_owned()).or(near.map(|near| typed.below(&near)));
        return match meant {
            Some(meant) => text!("usage-meant", meant = meant),
            None if typed.name.is_empty() => text!("usage-help"),
            None => text!("usage-these", names = typed.inner()),
        };
    }
    match error.get(ContextKind::SuggestedArg).map(value_text).filter(|near| !near.is_empty()) {
        Some(near) => text!("usage-meant", meant = near),
        None => text!("usage-help"),
    }
}

/// Whether one may be the other mistyped: it begins with the same letter, or with the two first ones swapped.
fn begins_alike(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.chars(), other.chars());
    let (one, other) = ([one.next(), one.next()], [other.next(), other.next()]);
    one[0] == other[0] || (one[0] == other[1] && one[1] == other[0])
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
    use std::ffi::OsStr;

    use clap::CommandFactory;

    use super::*;
    use crate::surface::cli::args::Arguments;
    use crate::surface::cli::help;

    #[test]
    fn what_is_meant_by_other_words_is_there_and_reserved_names_are_free() {
        let command = Arguments::command();
        let names: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        let line = |line: &str| words(&command, line.split(' ').map(Into::into)).join(OsStr::new(" "));
        for (typed, asked) in [
            ("printkeep help", "printkeep --help"),
            ("printkeep --home help help store add", "printkeep --home help store add --help"),
            ("printkeep store help add", "printkeep store add --help"),
            ("printkeep backup help", "printkeep backup help"),
        ] {
            assert_eq!(line(typed), asked);
        }
        for (word, meant) in MEANT {
            let first = meant.split(' ').next().unwrap();
            assert!(!names.contains(&word), "{word} is a command");
            assert!(names.contains(&first), "{meant} is no command");
        }
        assert!(help::RESERVED.iter().all(|name| !names.contains(name)));
    }

    #[test]
    fn a_command_line_that_is_wrong_still_names_its_command() {
        let command = Arguments::command();
        let named = |line: &str| Typed::of(&command, line.split(' ').map(Into::into)).name;
        assert_eq!(named("--home setup store add --nonsense x"), "store add");
        assert_eq!(named("--json backup setup"), "backup");
        assert_eq!(named("--wait store"), "store");
        assert_eq!(named("nonsense backup"), "");
        assert_eq!(named("--version"), "");
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
