//! Help in the owner's language: what each command and each argument is comes from the words, not from the code.
//!
//! A command `store add` has the message `cli-store-add`: its value is the one-line help, `.long` more of it, `.examples` two or three examples, and
//! an attribute for each argument, by the argument's name with `-` for `_`. A test holds every command and argument against both languages.

use clap::{Arg, ArgAction, Command};

use crate::surface::words::Words;

/// Help is never wider.
pub const MOST_COLUMNS: usize = 110;

/// The commands by what people do, in the order of the help.
pub const GROUPS: [(&str, &[&str]); 6] = [
    ("cli-group-daily", &["setup", "backup", "sync", "status"]),
    ("cli-group-look", &["snapshots", "ls", "find", "cat", "diff", "restore", "rescue", "check"]),
    ("cli-group-choose", &["source", "store"]),
    ("cli-group-let-go", &["forget", "prune", "rules"]),
    ("cli-group-devices", &["device", "key"]),
    ("cli-group-privacy", &["privacy", "problems"]),
];

/// Names that are kept free for the agent's commands.
pub const RESERVED: [&str; 9] = ["agent", "service", "prints", "offload", "recall", "pause", "resume", "now", "open"];

/// The command with the help of a language, below and above.
pub fn localized(command: Command, words: &Words) -> Command {
    let command = with_help(command, "cli", words).disable_help_subcommand(true);
    let command = command.disable_version_flag(true);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let command = command.arg(version.help(say(words, "cli-version")).help_heading(say(words, "cli-global")).display_order(101));
    let (every, template) = (section(&command, Arg::is_global_set), top(&command, words));
    examples_before(command, &every, words, "cli").help_template(template)
}

/// The name of an argument's help in its command's message.
pub fn attribute(arg: &Arg) -> String {
    arg.get_id().as_str().replace('_', "-")
}

fn say(words: &Words, id: &str) -> String {
    words.get(id, None).unwrap_or_default()
}

/// The page of the program itself: its commands in groups.
fn top(command: &Command, words: &Words) -> String {
    let mut page = format!("{{about-with-newline}}\n{}\n  printkeep COMMAND …\n", say(words, "cli-usage"));
    for (group, names) in GROUPS {
        page.push_str(&format!("\n{}\n", say(words, group)));
        for name in names {
            if let Some(inner) = command.get_subcommands().find(|inner| inner.get_name() == *name) {
                page.push_str(&format!("  {name:<11}{}\n", inner.get_about().map(ToString::to_string).unwrap_or_default()));
            }
        }
    }
    let parts =
        [examples(words, "cli").unwrap_or_default(), say(words, "cli-more"), say(words, "cli-exits"), section(command, |_| true)];
    page + &parts.map(|part| format!("\n{part}\n")).concat()
}

/// Options of the program itself, under their heading, as wide as the terminal.
fn section(command: &Command, is_wanted: fn(&Arg) -> bool) -> String {
    let wanted = command.get_arguments().filter(|arg| is_wanted(arg)).map(|arg| arg.clone().global(false).hide_long_help(false));
    let mut page =
        Command::new("printkeep").version("0").max_term_width(MOST_COLUMNS).disable_help_flag(true).disable_version_flag(true);
    page = page.args(wanted).help_template("{all-args}");
    page.render_long_help().ansi().to_string().trim_end().to_owned()
}

/// The examples of a command, under their heading.
fn examples(words: &Words, id: &str) -> Option<String> {
    words.get(id, Some("examples")).map(|examples| format!("{}\n{examples}", say(words, "cli-examples")))
}

/// Below each command its examples, and below these, in its long help, the global options; clap would put them before.
fn examples_before(command: Command, global: &str, words: &Words, id: &str) -> Command {
    let command = match examples(words, id) {
        Some(examples) => command.after_long_help(format!("{examples}\n\n{global}")).after_help(examples),
        None => command.after_long_help(global.to_owned()),
    };
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let id = format!("{id}-{name}");
        command.mut_subcommand(name, |inner| examples_before(inner, global, words, &id))
    })
}

fn with_help(mut command: Command, id: &str, words: &Words) -> Command {
    if let Some(about) = words.get(id, None) {
        command = command.about(about);
    }
    if let Some(long) = words.get(id, Some("long")) {
        command = command.long_about(flowing(&long));
    }
    let is_top = id == "cli";
    let names: Vec<String> = command.get_arguments().map(|arg| arg.get_id().as_str().to_owned()).collect();
    for name in names {
        command = command.mut_arg(&name, |arg| with_words(arg, id, words));
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help(say(words, "cli-help"));
    let heading = say(words, if is_top { "cli-global" } else { "cli-options" });
    command = command.disable_help_flag(true).arg(help.help_heading(heading).display_order(100));
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    if !names.is_empty() && !is_top {
        command = command.subcommand_help_heading(say(words, "cli-commands")).disable_help_subcommand(true);
    }
    for name in names {
        command = command.mut_subcommand(&name, |inner| with_help(inner, &format!("{id}-{name}"), words));
    }
    let usage = say(words, "cli-usage");
    command.help_template(format!("{{about-with-newline}}\n{usage}\n  {{usage}}\n\n{{all-args}}{{after-help}}"))
}

/// Paragraphs whose lines end where the terminal's do, not where the file's do; what is indented keeps its lines.
fn flowing(text: &str) -> String {
    let mut said = String::new();
    let mut joins = false;
    for line in text.lines() {
        let goes_on = joins && !line.is_empty() && !line.starts_with(' ');
        match (goes_on, said.is_empty(), said.ends_with(|last: char| last.is_ascii())) {
            (true, _, true) => said.push(' '),
            // Chinese has no spaces between words
            (true, _, false) => {}
            (false, false, _) => said.push('\n'),
            (false, true, _) => {}
        }
        said.push_str(line);
        joins = !line.is_empty() && !line.starts_with(' ');
    }
    said
}

/// An argument's help. Global options stand last, below the examples (`examples_before`), so that they are hidden in their own place.
fn with_words(arg: Arg, id: &str, words: &Words) -> Arg {
    let (is_global, is_positional) = (arg.is_global_set(), arg.is_positional());
    let arg = match words.get(id, Some(&attribute(&arg))) {
        Some(help) => arg.help(help),
        None => arg,
    };
    let heading = match (is_global, is_positional) {
        (true, _) => "cli-global",
        (false, true) => "cli-arguments",
        (false, false) => "cli-options",
    };
    let takes_value = arg.get_action().takes_values();
    let arg = arg.help_heading(say(words, heading)).hide_possible_values(takes_value).hide_env(takes_value);
    if is_global { arg.hide_short_help(true).hide_long_help(true) } else { arg }
}
