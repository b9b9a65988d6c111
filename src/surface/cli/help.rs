//! Help in the owner's language: what each command and each argument is comes from the words, not from the code.
//!
//! A command `store add` has the message `cli-store-add`: its value is the one-line help, `.long` more of it, `.examples` two or three examples, and
//! an attribute for each argument, by the argument's name with `-` for `_`. A test holds every command and argument against both languages.

use clap::{Arg, Command};

use crate::surface::words::Words;

/// The command with the help of a language, below and above.
pub fn localized(command: Command, words: &Words) -> Command {
    with_help(command, "cli", words)
}

/// The message of an argument.
pub fn attribute(arg: &Arg) -> String {
    arg.get_id().as_str().replace('_', "-")
}

fn with_help(mut command: Command, id: &str, words: &Words) -> Command {
    if let Some(about) = words.get(id, None) {
        command = command.about(about);
    }
    if let Some(long) = words.get(id, Some("long")) {
        command = command.long_about(long);
    }
    if let Some(examples) = words.get(id, Some("examples")) {
        let title = words.get("cli-examples", None).unwrap_or_default();
        command = command.after_help(format!("{title}\n{examples}"));
    }
    let names: Vec<String> = command.get_arguments().map(|arg| arg.get_id().as_str().to_owned()).collect();
    for name in names {
        command = command.mut_arg(&name, |arg| match words.get(id, Some(&attribute(&arg))) {
            Some(help) => arg.help(help),
            None => arg,
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, |inner| with_help(inner, &format!("{id}-{name}"), words));
    }
    command
}
