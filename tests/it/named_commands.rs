//! What a text names is there: every command, in help, replies, problems, the policy, documents, units, comments; every file, in the pages.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use printkeep::surface::cli::args::Arguments;

/// What is shipped or read by owners.
const PLACES: [&str; 13] = [
    "src",
    "docs",
    "packaging",
    "README.md",
    "SECURITY.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Cargo.toml",
    "benches",
    "tests/end_to_end",
    "tests/servers",
    "tests/torture",
];

/// A command line in a text.
#[derive(Debug)]
struct Named {
    place: String,
    line: String,
    /// Whether it is there to be typed, with all that it needs; else it may only name the command.
    whole: bool,
}

fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting: Vec<PathBuf> = PLACES.iter().map(|place| root.join(place)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.strip_prefix(root).unwrap().to_owned(), text));
        }
    }
    found
}

fn named() -> Vec<Named> {
    let mut found = Vec::new();
    for (path, text) in texts() {
        for (line, number) in text.lines().zip(1..) {
            let place = format!("{}:{number}", path.display());
            let mut named = |line: &str, whole| found.push(Named { place: place.clone(), line: line.to_owned(), whole });
            let spans = || line.split('`').skip(1).step_by(2);
            spans().filter(|said| said.starts_with("printkeep ")).for_each(|said| named(said, false));
            if path == Path::new("CHANGELOG.md") {
                spans().filter(|said| is_bare_command(said)).for_each(|said| named(&format!("printkeep {said}"), false));
            }
            let bare = line.trim_start().trim_start_matches(".examples =").trim_start().trim_start_matches("{\"  \"}");
            if bare.starts_with("printkeep ") && path.extension().is_some_and(|end| end == "ftl" || end == "md") {
                // what stands apart behind it tells of it, and … stands for what is left out
                let bare = bare.split("  ").next().unwrap_or_default();
                named(bare, !bare.contains('…'));
            }
            if let Some(said) = line.strip_prefix("ExecStart=") {
                named(said.trim_start_matches('-'), true);
            }
        }
    }
    found
}

/// Whether what the change log shows is a command without the program's name: two words or more, the first a plain one.
fn is_bare_command(said: &str) -> bool {
    said.split_once(' ').is_some_and(|(first, _)| !first.is_empty() && first.chars().all(|c| c.is_ascii_lowercase()))
}

/// The pages: those of the top folder, and the format's and the owners'.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = |path: PathBuf| (path.extension()? == "md").then(|| (path.clone(), std::fs::read_to_string(&path).unwrap()));
    let folders = ["", "docs", "src/core"].map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    folders.into_iter().flatten().flatten().filter_map(|entry| page(entry.path())).collect()
}

/// The file that a page names in backticks, if it is one of this repository: it begins with a folder of it, or has an end of its files.
fn named_file(said: &str) -> Option<&str> {
    const FOLDERS: [&str; 8] = ["src/", "tests/", "docs/", "fuzz/", "packaging/", "benches/", "certs/", ".ci/"];
    const ENDS: [&str; 5] = [".rs", ".md", ".ftl", ".py", ".json"];
    let said = said.split(' ').next()?;
    let is_path = said.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
    let is_ours = FOLDERS.iter().any(|folder| said.starts_with(folder))
        || said.ends_with(".md")
        || said.contains('/') && ENDS.iter().any(|end| said.ends_with(end));
    (is_path && is_ours && !said.contains("NAME")).then_some(said)
}

/// Where a file that a page names may lie: in the top folder, in the sources, or among the engine's rooms.
fn is_there(said: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["", "src", "src/engine"].iter().any(|from| root.join(from).join(said).exists())
}

/// The words of a line, as a shell takes them: what is quoted is one word, a comment and what follows `>`, `|`, `&&` is left out.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), None, false);
    for c in line.chars() {
        match (quoted, c) {
            (Some(mark), c) if c == mark => quoted = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (quoted, begun) = (Some(c), true),
            (None, ' ') if begun || !word.is_empty() => {
                words.push(std::mem::take(&mut word));
                begun = false;
            }
            (None, ' ') => {}
            (None, '#' | '>' | '|' | '&') if word.is_empty() => return words,
            (None, c) => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

/// A line as it could be typed: what stands for something is replaced by a number, which is a name, too. `[…]` is what may be left out.
fn typed(line: &str) -> Vec<String> {
    let mut line = line.replace(['[', ']'], " ");
    for (open, close) in [("{ ", " }"), ("{", "}")] {
        while let Some((before, rest)) = line.split_once(open) {
            let Some((_, after)) = rest.split_once(close) else { break };
            line = format!("{before}1{after}");
        }
    }
    words(&line)
}

/// Whether a word stands for something that is typed in its place.
fn is_placeholder(word: &str) -> bool {
    word.chars().any(char::is_uppercase) || word.contains('…') || !word.is_ascii()
}

/// What is wrong with a line, if anything.
fn wrong(named: &Named) -> Option<String> {
    let words = typed(&named.line);
    let parsed = Arguments::command().try_get_matches_from(&words).and_then(|matches| Arguments::from_arg_matches(&matches));
    let error = parsed.err()?;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => None,
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            if !named.whole =>
        {
            None
        }
        // an option whose value comes is named with none
        ErrorKind::InvalidValue if !named.whole && words.last().is_some_and(|word| word.starts_with("--")) => None,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if words.iter().any(|word| is_placeholder(word)) => None,
        // `printkeep COMMAND --help`
        ErrorKind::InvalidSubcommand if words.get(1).is_some_and(|word| is_placeholder(word)) => None,
        _ => Some(format!("{}: {}\n    {}", named.place, named.line, error.to_string().lines().next().unwrap_or_default())),
    }
}

#[test]
fn every_command_that_a_text_names_is_one() {
    let named = named();
    assert!(named.len() > 300, "only {} were found", named.len());
    let wrong: Vec<String> = named.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_command_that_is_none_is_found() {
    let lines = ["printkeep consent withdraw", "printkeep data", "printkeep check --try 3", "printkeep rescue … --plann"];
    for line in lines {
        let named = Named { place: "here".into(), line: line.into(), whole: false };
        assert!(wrong(&named).is_some(), "{line}");
    }
    let whole = Named { place: "here".into(), line: "printkeep store add".into(), whole: true };
    assert!(wrong(&whole).is_some(), "a line to be typed lacks nothing");
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let mut found = 0;
    for (path, text) in pages() {
        let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
        for file in spans.filter_map(named_file) {
            found += 1;
            assert!(is_there(file), "{} names {file}, which is not there", path.display());
        }
    }
    assert!(found > 50, "only {found} were found");
    assert!(named_file("src/engine/sync.rs").is_some_and(|file| !is_there(file)), "a file that is not there is found");
}
