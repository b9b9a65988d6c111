//! What of a source is wanted: kinds, and patterns in gitignore form; an include wins over an exclude, and both over our defaults.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::config::{ConfigError, ConfigFault};
use crate::engine::skip::Skip;
use crate::kind::{Group, group_by_name};

/// Left out unless an include says otherwise: what can be made again, what is half-written, and live databases, which a copy
/// would tear (Moonraker writes sound copies of its own into `backup/`, when it is asked to). Told by `backup --help`.
const DEFAULTS: [(&str, Skip); 10] = [
    (".thumbs/", Skip::Remade),
    ("*.swp", Skip::Temporary),
    ("*.tmp", Skip::Temporary),
    (".printkeep-*.tmp", Skip::Temporary),
    (".octoprint/generated/", Skip::Remade),
    ("database/*.mdb", Skip::Database),
    ("database/*.db", Skip::Database),
    ("database/*.db-wal", Skip::Database),
    ("database/*.db-shm", Skip::Database),
    ("lost+found/", Skip::LostFound),
];

fn defaults() -> Vec<String> {
    DEFAULTS.iter().map(|(pattern, _)| (*pattern).to_owned()).collect()
}

/// Why one of our own patterns leaves something out.
fn reason(pattern: &str) -> Skip {
    DEFAULTS.iter().find(|(known, _)| *known == pattern).map_or(Skip::Pattern, |(_, why)| *why)
}

/// What of one source is wanted.
#[derive(Clone)]
pub struct Rules {
    groups: Option<Vec<Group>>,
    include: Gitignore,
    exclude: Gitignore,
    defaults: Gitignore,
}

/// What the rules say of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Back it up.
    Take,
    /// Leave it out; a folder with everything in it.
    Leave(Skip),
    /// Its content decides.
    Inspect,
}

impl Rules {
    /// Rules for the source at `root`; `groups` none for everything.
    pub fn new(root: &Path, groups: Option<&[Group]>, include: &[String], exclude: &[String]) -> Result<Self, ConfigError> {
        Ok(Self {
            groups: groups.map(<[Group]>::to_vec),
            include: build(root, include)?,
            exclude: build(root, exclude)?,
            defaults: build(root, &defaults())?,
        })
    }

    /// Everything, but for the defaults.
    pub fn everything(root: &Path) -> Self {
        let empty = Gitignore::empty();
        let defaults = build(root, &defaults()).unwrap_or_else(|_| empty.clone());
        Self { groups: None, include: empty.clone(), exclude: empty, defaults }
    }

    /// Whether files of this kind are wanted.
    pub fn wants(&self, group: Group) -> bool {
        self.groups.as_ref().is_none_or(|groups| groups.contains(&group))
    }

    /// What to do with the entry at `below`, a path below the root.
    pub fn verdict(&self, below: &Path, is_folder: bool) -> Verdict {
        if self.include.matched(below, is_folder).is_ignore() {
            return Verdict::Take;
        }
        for (patterns, ours) in [(&self.exclude, false), (&self.defaults, true)] {
            match patterns.matched(below, is_folder) {
                Match::Ignore(by) => return Verdict::Leave(if ours { reason(by.original()) } else { Skip::Pattern }),
                Match::Whitelist(_) => break,
                Match::None => {}
            }
        }
        if is_folder || self.groups.is_none() {
            return Verdict::Take;
        }
        let name = below.file_name().map(std::os::unix::ffi::OsStrExt::as_bytes).unwrap_or_default();
        match group_by_name(name) {
            Some(group) if self.wants(group) => Verdict::Take,
            Some(_) => Verdict::Leave(Skip::Kind),
            None => Verdict::Inspect,
        }
    }
}

fn build(root: &Path, patterns: &[String]) -> Result<Gitignore, ConfigError> {
    let mut builder = GitignoreBuilder::new(root);
    for pattern in patterns {
        builder
            .add_line(None, pattern)
            .map_err(|error| ConfigFault::Pattern { pattern: pattern.clone(), said: error.to_string() })?;
    }
    builder.build().map_err(|error| ConfigFault::Unread { said: error.to_string() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(groups: Option<&[Group]>, include: &[&str], exclude: &[&str]) -> Rules {
        let own = |patterns: &[&str]| patterns.iter().map(ToString::to_string).collect::<Vec<_>>();
        Rules::new(Path::new("/data"), groups, &own(include), &own(exclude)).unwrap()
    }

    #[test]
    fn includes_win_over_excludes_and_defaults() {
        let rules = rules(None, &["keep.tmp"], &["*.log", "/cache/"]);
        for (path, folder, verdict) in [
            ("a.gcode", false, Verdict::Take),
            ("x/klippy.log", false, Verdict::Leave(Skip::Pattern)),
            ("cache", true, Verdict::Leave(Skip::Pattern)),
            ("x/cache", true, Verdict::Take),
            ("a.tmp", false, Verdict::Leave(Skip::Temporary)),
            ("keep.tmp", false, Verdict::Take),
            ("gcodes/.thumbs", true, Verdict::Leave(Skip::Remade)),
            ("database/moonraker-sql.db", false, Verdict::Leave(Skip::Database)),
        ] {
            assert_eq!(rules.verdict(Path::new(path), folder), verdict, "{path}");
        }
    }

    #[test]
    fn kinds_go_by_name_and_where_it_does_not_tell_by_content() {
        let rules = rules(Some(&[Group::Prints]), &[], &[]);
        assert_eq!(rules.verdict(Path::new("a.gcode"), false), Verdict::Take);
        assert_eq!(rules.verdict(Path::new("a.jpg"), false), Verdict::Leave(Skip::Kind));
        assert_eq!(rules.verdict(Path::new("no-extension"), false), Verdict::Inspect);
        assert_eq!(rules.verdict(Path::new("folder"), true), Verdict::Take);
    }
}
