//! Every sentence, from Project Fluent's files in `en/` and `zh-CN/`; what a language lacks is said in English, and a test finds it.

use std::path::Path;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::app::reading::shell_word;
use crate::app::text::PLAIN;
use crate::app::{Arg, Text};
use crate::consent::Language;

/// The files, each in both languages.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name, English, Simplified Chinese.
        pub(super) const FILES: &[(&str, &str, &str)] = &[$(
            ($name, include_str!(concat!("en/", $name, ".ftl")), include_str!(concat!("zh-CN/", $name, ".ftl"))),
        )*];
    };
}

files! {
    "backup",
    "browse",
    "check",
    "cli",
    "common",
    "device",
    "failures",
    "faults",
    "forget",
    "key",
    "privacy",
    "follow",
    "inbox",
    "log",
    "misuse",
    "problems",
    "prune",
    "rules",
    "reasons",
    "rescue",
    "restore",
    "setup",
    "snapshots",
    "status",
    "store",
    "source",
    "sync",
    "unlock",
    "usage",
}

/// How a command that is named begins.
const COMMAND: &str = concat!("`", "printkeep ");

/// The words of one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
    fallback: Option<Box<Words>>,
    language: Language,
    /// What stands behind `printkeep` in commands that are named.
    home: String,
}

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> Self {
        let texts: Vec<&str> = match language {
            Language::English => FILES.iter().map(|(_, english, _)| *english).collect(),
            Language::Chinese => FILES.iter().map(|(_, _, chinese)| *chinese).collect(),
        };
        let fallback = (language != Language::English).then(|| Box::new(Self::of(Language::English)));
        Self { bundle: bundle(language, &texts), fallback, language, home: String::new() }
    }

    /// Names commands with the home that the owner named.
    pub fn in_home(&mut self, home: &Path) {
        self.home = format!("--home {} ", shell_word(home));
    }

    /// Which language these are.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether these are Chinese, where marks are other ones.
    pub fn is_chinese(&self) -> bool {
        self.language == Language::Chinese
    }

    /// The sentence of a message. One that is unknown is shown by its name and arguments.
    pub fn say(&self, text: &Text) -> String {
        let said = self.sentence(text);
        let mut parts = said.split(COMMAND);
        let first = parts.next().unwrap_or_default().to_owned();
        let is_named = |rest: &str| rest.starts_with("--home ");
        parts.fold(first, |said, rest| said + COMMAND + if is_named(rest) { "" } else { &self.home } + rest)
    }

    fn sentence(&self, text: &Text) -> String {
        if text.id == PLAIN {
            return text.args.values().map(|arg| self.arg_text(arg)).collect();
        }
        self.format(&text.id, None, &self.arguments(text)).map_or_else(|| text.to_string(), one_end)
    }

    /// The sentence of a message with none of its own arguments, or one of its attributes; none where there is none.
    pub fn get(&self, id: &str, attribute: Option<&str>) -> Option<String> {
        self.format(id, attribute, &FluentArgs::new())
    }

    fn format(&self, id: &str, attribute: Option<&str>, args: &FluentArgs<'_>) -> Option<String> {
        let message = self.bundle.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            None => message.value(),
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
        });
        match (pattern, &self.fallback) {
            (Some(pattern), _) => Some(self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()),
            (None, Some(fallback)) => fallback.format(id, attribute, args),
            (None, None) => None,
        }
    }

    fn arguments(&self, text: &Text) -> FluentArgs<'static> {
        let mut args = FluentArgs::new();
        for (name, value) in &text.args {
            let value = match value {
                Arg::Count(count) => FluentValue::from(*count),
                other => FluentValue::from(self.arg_text(other)),
            };
            args.set(name.clone(), value);
        }
        args
    }

    fn arg_text(&self, arg: &Arg) -> String {
        match arg {
            Arg::Text(text) => plain(text),
            Arg::Count(count) => count.to_string(),
            Arg::Bytes(bytes) => super::size(*bytes),
            Arg::Seconds(seconds) => self.duration(*seconds),
            Arg::Time(time) => super::time(*time),
            Arg::Message(text) => self.sentence(text),
        }
    }

    /// A duration in its two largest units, such as `1 h 05 min` or `3 days`.
    pub fn duration(&self, seconds: u64) -> String {
        let chinese = self.language == Language::Chinese;
        match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60) {
            (0, 0, 0) if chinese => format!("{seconds} 秒"),
            (0, 0, 0) => format!("{seconds} s"),
            (0, 0, minutes) if chinese => format!("{minutes} 分钟"),
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, minutes) if chinese => format!("{hours} 小时 {minutes:02} 分"),
            (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
            (days, ..) if chinese => format!("{days} 天"),
            (1, ..) => "1 day".into(),
            (days, ..) => format!("{days} days"),
        }
    }
}

fn bundle(language: Language, texts: &[&str]) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // marks of direction around arguments would be copied along with paths and commands
    bundle.set_use_isolating(false);
    for text in texts {
        // what a file holds that does not parse is left out, and a test finds it
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A part of a sentence that is a question ends the sentence, too: `?.` is said as `?`.
fn one_end(said: String) -> String {
    let said = said.replace("？。", "？").replace("?. ", "? ").replace("?.\n", "?\n");
    said.strip_suffix("?.").map(|start| format!("{start}?")).unwrap_or(said)
}

/// Text from elsewhere, fit for a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use clap::CommandFactory;

    use super::*;
    use crate::provider::reason::Reason;
    use crate::surface::cli::args::Arguments;
    use crate::surface::cli::help;

    /// Messages and attributes of a file, each with the arguments that it names.
    fn entries(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let (mut message, mut at) = (String::new(), String::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let head = line.split_once(" =").or_else(|| line.strip_suffix('=').map(|name| (name, ""))).map(|(name, _)| name);
            match head {
                Some(name) if line.starts_with(|c: char| c.is_ascii_lowercase()) && is_name(name) => {
                    (message, at) = (name.to_owned(), name.to_owned());
                }
                Some(name) if is_name(name.trim_start().strip_prefix('.').unwrap_or("?")) => {
                    at = format!("{message}{}", name.trim_start());
                }
                _ => {}
            }
            let named = found.entry(at.clone()).or_default();
            named.extend(line.split('$').skip(1).map(|rest| rest.split(|c: char| !is_letter(c)).next().unwrap_or("").to_owned()));
        }
        found.remove("");
        found
    }

    fn is_letter(c: char) -> bool {
        c.is_ascii_alphanumeric() || c == '-' || c == '_'
    }

    fn is_name(name: &str) -> bool {
        !name.is_empty() && name.chars().all(is_letter)
    }

    #[test]
    fn both_languages_say_the_same_things_of_the_same_arguments() {
        let mut all = BTreeSet::new();
        for (name, english, chinese) in FILES {
            for text in [english, chinese] {
                let parsed = FluentResource::try_new((*text).to_owned());
                assert!(parsed.is_ok(), "{name}: {:?}", parsed.err().map(|(_, errors)| errors));
            }
            let (english, chinese) = (entries(english), entries(chinese));
            for (id, args) in &english {
                assert_eq!(chinese.get(id), Some(args), "{name}: {id}");
                assert!(id.contains('.') || all.insert(id.clone()), "{name}: {id} stands twice");
            }
            assert_eq!(english.len(), chinese.len(), "{name}: {:?}", chinese.keys().filter(|id| !english.contains_key(*id)));
        }
    }

    /// Messages that the code names by a literal.
    fn named() -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    let text = std::fs::read_to_string(path).unwrap();
                    for opening in ["text!(", "Text::new("] {
                        for (at, _) in text.match_indices(opening) {
                            let is_other = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                            let rest = text[at + opening.len()..].trim_start().strip_prefix('"').filter(|_| !is_other);
                            named.extend(rest.and_then(|rest| rest.split_once('"')).map(|(id, _)| id.to_owned()));
                        }
                    }
                }
            }
        }
        named
    }

    #[test]
    fn every_message_that_is_named_has_words_and_every_message_is_used() {
        let known: BTreeSet<String> = FILES.iter().flat_map(|(_, english, _)| entries(english).into_keys()).collect();
        let mut used = named();
        let missing: Vec<_> = used.iter().filter(|id| is_name(id) && !known.contains(*id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        used.extend(crate::surface::words::named::faults().into_iter().map(|(text, _)| text.id));
        let built = [
            "credentials-part-",
            "problem-",
            "file-kind-",
            "reason-",
            "log-event-",
            "log-outcome-",
            "log-what-",
            "disk-cannot-",
            "work-",
            "value-",
        ];
        used.extend(known.iter().filter(|id| built.iter().any(|prefix| id.starts_with(prefix))).cloned());
        let unused: Vec<_> =
            known.iter().filter(|id| !id.starts_with("cli") && !id.contains('.') && !used.contains(*id)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    /// A reason's English words stand in the code for logs, too; they are the same.
    #[test]
    fn every_reason_has_words_in_both_languages() {
        let (english, chinese) = (Words::of(Language::English), Words::of(Language::Chinese));
        for reason in Reason::each() {
            let text = crate::app::reasons::because(&reason);
            let is_counted = reason.details().iter().any(|(name, _)| ["bytes", "seconds", "count"].contains(name));
            assert!(is_counted || english.say(&text) == reason.to_string(), "{reason}: {}", english.say(&text));
            assert!(!chinese.say(&text).is_ascii(), "{reason}: {}", chinese.say(&text));
        }
    }

    /// What names a machine, a place or a number alone has no words of its own; all else is said in Chinese.
    #[test]
    fn what_is_tried_of_a_store_is_said_in_either_language() {
        let (_, english, chinese) = FILES.iter().find(|(name, ..)| name.starts_with("store")).unwrap();
        let tried = entries(english).into_keys().filter(|id| id.starts_with("probe-"));
        let words = Words::of(Language::Chinese);
        let count = tried.inspect(|id| assert!(!words.get(id, None).unwrap().is_ascii(), "{id}: {chinese}")).count();
        assert!(count >= 26, "only {count} were found");
    }

    #[test]
    fn a_question_ends_its_sentence_once() {
        assert_eq!(one_end("See why: is it on?. Run it.".into()), "See why: is it on? Run it.");
        assert_eq!(one_end("is it on?.".into()), "is it on?");
        assert_eq!(one_end("它开着吗？。".into()), "它开着吗？");
        assert_eq!(one_end("{ $a }?.cfg is there.".into()), "{ $a }?.cfg is there.");
    }

    #[test]
    fn every_problem_has_its_four_parts() {
        let words = Words::of(Language::English);
        let kept = crate::engine::account::problem::ProblemKind::ALL.map(crate::engine::account::problem::ProblemKind::as_str);
        for kind in kept
            .into_iter()
            .chain(["away-now", "folder-away-now", "folder-away", "damaged-store", "disk-first", "devices-joined"])
            .chain(crate::app::forms::problem_kind::Condition::ALL.map(crate::app::forms::problem_kind::Condition::as_str))
        {
            for part in ["happened", "done", "advice", "remedy"] {
                let id = format!("problem-{kind}-{part}");
                assert!(words.get(&id, None).is_some(), "{id}");
            }
        }
    }

    /// What the policy and the messages tell an owner to type is there to be typed.
    #[test]
    fn commands_that_are_named_exist() {
        let command = Arguments::command();
        let messages = FILES.iter().flat_map(|(_, english, chinese)| [*english, *chinese]);
        let (mut seen, mut wrong) = (0, Vec::new());
        for text in messages.chain([crate::consent::policy::BUILT_IN]) {
            for typed in text.split('`').filter_map(|quoted| quoted.strip_prefix("printkeep ")) {
                let mut at = &command;
                for word in typed.split_whitespace().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')) {
                    let found = at.find_subcommand(word);
                    let is_argument = word.starts_with('-') || at.get_positionals().next().is_some();
                    wrong.extend((found.is_none() && !is_argument).then(|| typed.to_owned()));
                    seen += 1;
                    let Some(next) = found else { break };
                    at = next;
                }
            }
        }
        assert!(seen > 300 && wrong.is_empty(), "{seen}: {wrong:?}");
    }

    /// Every command and argument has help, and no help is of a command or argument that is not there.
    #[test]
    fn help_is_of_the_commands_that_there_are() {
        let shared = ["examples", "global", "usage", "options", "arguments", "commands", "help", "version", "more", "exits"];
        let mut wanted: BTreeSet<String> = shared.iter().map(|name| format!("cli-{name}")).collect();
        wanted.extend(help::GROUPS.iter().map(|(group, _)| (*group).to_owned()));
        collect(&Arguments::command(), "cli", &mut wanted);
        let known: BTreeSet<String> = FILES.iter().flat_map(|(_, english, _)| entries(english).into_keys()).collect();
        let missing: Vec<_> = wanted.iter().filter(|id| !known.contains(*id)).collect();
        assert!(missing.is_empty(), "no help for {missing:?}");
        let is_extra = |id: &&String| id.ends_with(".long") || id.ends_with(".examples");
        let unused: Vec<_> = known.iter().filter(|id| id.starts_with("cli") && !is_extra(id) && !wanted.contains(*id)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    /// Every page that can be shown has two or three examples in both languages, and each is a command line that holds.
    #[test]
    fn each_page_of_help_has_two_or_three_examples_that_can_be_typed() {
        let typed = |id: &str, line: &str| {
            let line = line.trim().split(" > ").next().unwrap();
            // a quoted word keeps its spaces
            let parts = line.split(['"', '\'']).enumerate().flat_map(|(n, part)| match n % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            });
            let parsed = Arguments::command().try_get_matches_from(parts.collect::<Vec<_>>());
            assert!(parsed.is_ok(), "{id}: {line}: {}", parsed.unwrap_err());
            let path = id.strip_prefix("cli").unwrap().trim_start_matches('-').replace('-', " ");
            // a group alone lists
            let path = path.strip_suffix(" list").unwrap_or(&path);
            assert!(
                line.replace('-', " ").starts_with(format!("printkeep {path}").trim_end()),
                "{id}: {line} is of another command"
            );
        };
        for language in [Language::English, Language::Chinese] {
            let mut words = Words::of(language);
            // what only the other language has is none of this one
            words.fallback = None;
            for id in pages(&Arguments::command(), "cli") {
                let lines = words.get(&id, Some("examples")).unwrap_or_default();
                let lines: BTreeSet<&str> = lines.lines().filter(|line| !line.trim().is_empty()).collect();
                assert!((2..=3).contains(&lines.len()), "{language:?}: {id} has {} examples", lines.len());
                lines.iter().for_each(|line| typed(&id, line));
            }
        }
    }

    /// Each page of help shows its examples before the options of every command, which stand last under their heading, once.
    #[test]
    fn in_help_the_global_options_come_last_below_the_examples() {
        for language in [Language::English, Language::Chinese] {
            let words = Words::of(language);
            let say = |id: &str| words.get(id, None).unwrap();
            let mut command = help::localized(Arguments::command(), &words);
            command.build();
            let mut waiting = vec![(command, true)];
            while let Some((mut command, is_top)) = waiting.pop() {
                let page = command.render_long_help().to_string();
                let name = command.get_bin_name().unwrap_or_default().to_owned();
                let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{name}: no {what}: {page}"));
                let global = at(&format!("\n{}:\n", say("cli-global")));
                let own = [at("--home <"), at("--account <"), at("\n      --wait["), at("\n      --json\n"), at(", --quiet\n")];
                assert!(own.iter().all(|at| *at > global), "{name}: {page}");
                let last = page[global..].lines().skip(2).all(|line| line.is_empty() || line.starts_with("  "));
                assert!(last, "{name}: something stands below the global options: {page}");
                assert!(page.matches("--home <").count() == 1, "{name}: {page}");
                if words.get(&page_id(&name), Some("examples")).is_some() {
                    assert!(at(&format!("\n{}\n", say("cli-examples"))) < global, "{name}: {page}");
                }
                let short = command.render_help().to_string();
                assert_eq!(short.contains("--home <"), is_top, "{name}: {short}");
                waiting.extend(command.get_subcommands().cloned().map(|inner| (inner, false)));
            }
        }
    }

    fn page_id(name: &str) -> String {
        name.replace("printkeep", "cli").replace(' ', "-")
    }

    /// Words of the inside, which no screen shows: an owner knows files, backups, keys and kinds of data.
    #[test]
    fn no_message_shows_a_word_of_the_inside() {
        const INSIDE: [&str; 7] = ["slot", "roster", "head", "index", "object", "letter", "item"];
        const INSIDE_CHINESE: [&str; 7] = ["槽", "名册", "索引", "对象", "信件", "封信", "项目"];
        // the S3 servers' own name of it, and what a code is made of
        const MEANT: [&str; 6] =
            ["object lock", "对象锁", "letters and digits", "letters, digits", "numbers for letters", "capital letters"];
        let mut found = Vec::new();
        for (name, english, chinese) in FILES {
            for line in [english, chinese].into_iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('#')) {
                let value = line.split_once(" =").filter(|(id, _)| !id.trim().contains(' ')).map_or(line, |(_, value)| value);
                let mut shown = MEANT.iter().fold(value.to_owned(), |value, meant| value.replace(meant, ""));
                while let Some((before, (_, after))) =
                    shown.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
                {
                    shown = format!("{before} {after}");
                }
                let mut words = shown.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
                let is_inside = |word: &str| {
                    INSIDE.iter().any(|inside| [inside.to_string(), format!("{inside}s")].contains(&word.to_owned()))
                };
                let inside = words.any(|word| is_inside(&word) || word == "indexes");
                if inside || INSIDE_CHINESE.iter().any(|inside| shown.contains(inside)) {
                    found.push(format!("{name}: {line}"));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    fn collect(command: &clap::Command, id: &str, wanted: &mut BTreeSet<String>) {
        wanted.insert(id.to_owned());
        let args = command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
        wanted.extend(args.map(|arg| format!("{id}.{}", help::attribute(arg))));
        for inner in command.get_subcommands() {
            collect(inner, &format!("{id}-{}", inner.get_name()), wanted);
        }
    }

    /// The page of every command, but of those that hold keys for others.
    fn pages(command: &clap::Command, id: &str) -> Vec<String> {
        let inner = command.get_subcommands().filter(|inner| inner.get_name() != "hold");
        let below = inner.flat_map(|inner| pages(inner, &format!("{id}-{}", inner.get_name())));
        std::iter::once(id.to_owned()).chain(below).collect()
    }
}
