//! `source`: what is backed up.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::config::{self, Config};
use crate::engine::detect::{Found, detect};
use crate::engine::giveaways::{self, Looked};
use crate::kind::Group;
use crate::surface::args::{Backup, SourceCommand};
use crate::surface::cmd::backup::{full_path, roots};
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;
use crate::surface::words;

/// Adds, lists, removes or detects sources.
pub fn run(context: &Context, command: SourceCommand) -> Result<Answer, Failure> {
    let mut config = context.config()?;
    match command {
        SourceCommand::Add { path, kinds, include, exclude, no_credentials, keep_days } => {
            let path = full_path(&path)?;
            std::fs::metadata(&path).map_err(|e| Failure::usage(format!("cannot back up {}: {e}", path.display())))?;
            let patterns = || include.iter().chain(&exclude).try_for_each(|pattern| config::check_pattern(pattern));
            // what is wrong stands on the command line, not in the settings
            let kinds = patterns().and_then(|()| config::Source::parse_kinds(&kinds)).map_err(|e| Failure::usage(e.message))?;
            let source = config::Source { path, kinds, include, exclude, no_credentials, keep_days };
            let line = format!("Added {}: {}.", source.path.display(), kinds_words(source.kinds.as_deref()));
            put(&mut config, source);
            context.save_config(&config)?;
            Ok(answer(vec![line, "Back it up with `printkeep backup`.".into()], &config))
        }
        SourceCommand::Check { paths } => check(context, &config, paths),
        SourceCommand::List => {
            let mut lines: Vec<String> = config.sources.iter().map(source_line).collect();
            if lines.is_empty() {
                lines.push("There are no sources. Add one: `printkeep source add FOLDER` or `printkeep source detect`.".into());
            }
            Ok(answer(lines, &config))
        }
        SourceCommand::Remove { path } => {
            let path = full_path(&path)?;
            let before = config.sources.len();
            config.sources.retain(|source| source.path != path);
            if config.sources.len() == before {
                return Err(Failure::usage(format!("{} is no source", path.display())).hint("`printkeep source list` lists them"));
            }
            context.save_config(&config)?;
            Ok(answer(vec![format!("{} is no longer backed up; snapshots keep what they have.", path.display())], &config))
        }
        SourceCommand::Detect { add } => {
            let found = detect(Path::new("/"), &homes());
            let mut lines: Vec<String> = found.iter().map(found_line).collect();
            if add {
                let known: Vec<_> = config.sources.iter().map(|source| source.path.clone()).collect();
                for found in found.iter().filter(|found| !known.contains(&found.path)) {
                    put(&mut config, found.source());
                }
                context.save_config(&config)?;
                let count = words::count(config.sources.len() as u64, "source");
                lines.push(format!("`printkeep backup` takes {count} now."));
            } else if found.is_empty() {
                lines.push("No folder of Klipper, Moonraker, OctoPrint or Creality OS was found. Name one: `printkeep source add FOLDER`.".into());
            } else {
                lines.push("Add them with `printkeep source detect --add`, or one with `printkeep source add`.".into());
            }
            let fields: Vec<_> =
                found.iter().map(|f| json!({ "what": f.what.to_string(), "path": f.path, "note": f.note })).collect();
            Ok(Answer::new(lines, json!({ "found": fields })))
        }
    }
}

fn put(config: &mut Config, source: config::Source) {
    config.sources.retain(|other| other.path != source.path);
    config.sources.push(source);
}

fn answer(lines: Vec<String>, config: &Config) -> Answer {
    let sources: Vec<_> = config
        .sources
        .iter()
        .map(|s| {
            let kinds: Option<Vec<_>> = s.kinds.as_ref().map(|kinds| kinds.iter().map(|k| k.as_str()).collect());
            json!({ "path": s.path, "kinds": kinds, "include": s.include, "exclude": s.exclude, "no_credentials": s.no_credentials,
                "keep_days": s.keep_days })
        })
        .collect();
    Answer::new(lines, json!({ "sources": sources }))
}

fn source_line(source: &config::Source) -> String {
    let mut line = format!("{}: {}", source.path.display(), kinds_words(source.kinds.as_deref()));
    for (word, patterns) in [("but not", &source.exclude), ("and always", &source.include)] {
        if !patterns.is_empty() {
            line.push_str(&format!(", {word} {}", patterns.join(" ")));
        }
    }
    if source.no_credentials {
        line.push_str(", but no settings that hold passwords or keys");
    }
    if let Some(days) = source.keep_days {
        line.push_str(&format!(", but no file that did not change for {}", words::count(days.into(), "day")));
    }
    line
}

fn check(context: &Context, config: &Config, paths: Vec<PathBuf>) -> Result<Answer, Failure> {
    let chosen = roots(config, &Backup { paths, exclude: Vec::new() }, context.now())?;
    let Looked { found, count } = giveaways::look(&chosen.roots, &[context.home.root().to_owned()], &context.cancel)?;
    let mut lines: Vec<String> =
        found.iter().map(|(path, finds)| format!("{path}: {}", words::credentials(finds, false))).collect();
    lines.push(match (count, found.len()) {
        (0, _) => "There are no settings files in the sources.".into(),
        (_, 0) => format!("No passwords or keys were seen in {}.", words::count(count, "settings file")),
        _ => "They are sealed like all of it. To leave these files out: `printkeep source add FOLDER --no-credentials`.".into(),
    });
    let fields: Vec<_> = found
        .iter()
        .map(|(path, finds)| {
            let finds: Vec<_> = finds.iter().map(|find| json!({ "line": find.line, "holds": find.sort.as_str() })).collect();
            json!({ "path": path.to_string(), "credentials": finds })
        })
        .collect();
    Ok(Answer::new(lines, json!({ "files": fields, "looked_at": count })))
}

fn kinds_words(kinds: Option<&[Group]>) -> String {
    kinds.map_or_else(|| "everything".into(), |kinds| kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", "))
}

fn found_line(found: &Found) -> String {
    let note = found.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{:<18}{}{note}", found.what.to_string(), found.path.display())
}

/// Home folders on this machine: our own, and those of the users that printers run as.
fn homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = std::env::var_os("HOME").map(PathBuf::from).into_iter().collect();
    if let Ok(entries) = std::fs::read_dir("/home") {
        homes.extend(entries.flatten().take(1000).map(|entry| entry.path()));
    }
    homes.push(PathBuf::from("/root"));
    homes.sort();
    homes.dedup();
    homes
}
