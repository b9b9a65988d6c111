//! Which file of the crate uses which: read from `use` trees and from paths in the code, followed to where a thing is defined.
//!
//! `mod x;` and `pub use` are no use: a face that only gives out what its room holds is part of no circle. Whoever names a thing by the
//! face uses the file that defines it. Importing a module is no use either; naming something in it is. Inline tests and comments do not count.

use std::collections::{BTreeMap, BTreeSet};

/// One file, ready to be asked.
pub struct File {
    /// Its path below `src`.
    pub name: String,
    /// Where it stands: the segments of its module.
    pub module: Vec<String>,
    /// Its code: comments, strings, inline tests and imports are blanks.
    pub code: String,
    imports: Vec<Import>,
    defined: BTreeSet<String>,
    children: BTreeSet<String>,
}

struct Import {
    path: Vec<String>,
    alias: String,
    given_out: bool,
}

/// All files, and what they use.
pub struct Graph {
    /// By module.
    pub files: BTreeMap<Vec<String>, File>,
}

/// A text without what is no code, line by line as it was.
pub fn code_of(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let bytes: Vec<char> = text[..end].chars().collect();
    let (mut out, mut at) = (String::with_capacity(end), 0);
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    while at < bytes.len() {
        let rest = &bytes[at..];
        let len = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['r', '"', ..] | ['r', '#', ..] if !at.checked_sub(1).is_some_and(|b| is_word(bytes[b])) && raw_len(rest) > 0 => {
                raw_len(rest)
            }
            ['"', ..] => quoted_len(rest),
            ['\'', '\\', ..] => 2 + rest[2..].iter().skip(1).position(|c| *c == '\'').map_or(0, |n| n + 2),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if len == 0 {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.extend(rest[..len].iter().map(|c| blank(*c)));
            at += len;
        }
    }
    out
}

fn quoted_len(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

fn raw_len(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let mut at = 2 + hashes;
    while at < rest.len() && !(rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes) {
        at += 1;
    }
    (at + 1 + hashes).min(rest.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The leaves of a `use` tree, each with the name that it brings.
pub fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let head: Vec<String> = tree[..open].split("::").map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
        let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
        let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
        for c in inner.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(std::mem::take(&mut part));
                    continue;
                }
                _ => {}
            }
            part.push(c);
        }
        parts.push(part);
        let below = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| leaves(part));
        return below
            .map(|(path, alias)| {
                let own = path == ["self"];
                let path: Vec<String> = head.iter().cloned().chain(path.into_iter().filter(|_| !own)).collect();
                let alias = if own && alias == "self" { path.last().cloned().unwrap_or_default() } else { alias };
                (path, alias)
            })
            .collect();
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let path: Vec<String> = path.split("::").map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
    let last = path.last().cloned().unwrap_or_default();
    vec![(path, if alias.is_empty() { last } else { alias.trim().to_owned() })]
}

/// Each `use` at the left margin: whether it gives out, and its tree; and the code without them.
fn uses(code: &str) -> (Vec<(bool, String)>, String) {
    let (mut found, mut rest_of_it) = (Vec::new(), code.to_owned());
    let mut at = 0;
    while at < code.len() {
        let line = code[at..].split('\n').next().unwrap_or_default();
        let rest = line.strip_prefix("pub").map_or(line, |rest| match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(')').map_or("", |(_, rest)| rest).trim_start(),
            None => rest.trim_start(),
        });
        if let Some(tree) = rest.strip_prefix("use ") {
            let start = at + line.len() - tree.len();
            let end = code[start..].find(';').map_or(code.len(), |n| start + n);
            found.push((line.starts_with("pub"), code[start..end].to_owned()));
            rest_of_it.replace_range(start..end, &" ".repeat(end - start));
            at = end;
        }
        at += code[at..].find('\n').map_or(code.len(), |n| n + 1);
    }
    (found, rest_of_it)
}

/// The words and paths of code, each once: `a::b::c` as one.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let chars: Vec<char> = code.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        if !is_word(chars[at]) {
            at += 1;
            continue;
        }
        let start = at;
        loop {
            while at < chars.len() && is_word(chars[at]) {
                at += 1;
            }
            if chars.get(at) == Some(&':') && chars.get(at + 1) == Some(&':') && chars.get(at + 2).is_some_and(|c| is_word(*c)) {
                at += 2;
            } else {
                break;
            }
        }
        let after_dot = start >= 1 && chars[start - 1] == '.' && !(start >= 2 && chars[start - 2] == '.');
        let after_path = start >= 2 && chars[start - 1] == ':' && chars[start - 2] == ':';
        if !after_dot && !after_path {
            found.insert(chars[start..at].iter().collect());
        }
    }
    found
}

fn module_of(name: &str) -> Vec<String> {
    let mut module: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

impl Graph {
    /// Reads all files; those of `tests` folders and `main.rs` stand outside.
    pub fn of(sources: &[(String, String)]) -> Self {
        let mut files = BTreeMap::new();
        for (name, text) in sources.iter().filter(|(name, _)| !name.contains("/tests") && name != "main.rs") {
            let code = code_of(text);
            let module = module_of(name);
            let mut defined = BTreeSet::new();
            let mut children = BTreeSet::new();
            for line in code.lines().filter(|line| !line.starts_with(char::is_whitespace)) {
                let words: Vec<&str> = line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()).collect();
                let kinds = ["fn", "struct", "enum", "trait", "type", "const", "static", "macro_rules", "union"];
                let at = words
                    .iter()
                    .position(|word| kinds.contains(word) && *word != "const" || *word == "const" && !words.contains(&"fn"));
                if let Some(name) = at.and_then(|at| words.get(at + 1)) {
                    defined.insert((*name).to_owned());
                }
                if let Some(at) = words.iter().position(|word| *word == "mod").filter(|_| line.ends_with(';')) {
                    children.insert(words[at + 1].to_owned());
                }
            }
            let (uses, code) = uses(&code);
            let imports = uses.into_iter().flat_map(|(given_out, tree)| {
                leaves(&tree).into_iter().map(move |(path, alias)| Import { path, alias, given_out })
            });
            let imports = imports.collect();
            files.insert(module.clone(), File { name: name.clone(), module, code, imports, defined, children });
        }
        Self { files }
    }

    /// Segments from the root of the crate; none for what is not ours.
    fn absolute(file: &File, path: &[String]) -> Option<Vec<String>> {
        let mut base = file.module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => return Some(path[1..].to_vec()),
            "super" | "self" => {
                while let Some(first) = rest.first().filter(|first| ["super", "self"].contains(&first.as_str())) {
                    if first == "super" {
                        base.pop();
                    }
                    rest = &rest[1..];
                }
            }
            first if file.children.contains(first) => {}
            _ => return None,
        }
        Some(base.into_iter().chain(rest.iter().cloned()).collect())
    }

    /// The file that defines what a path from the root names; none for a module alone.
    fn defines(&self, path: &[String], depth: u8) -> Option<Vec<String>> {
        let known = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n]))?;
        let (module, rest) = path.split_at(known);
        let (file, first) = (&self.files[module], rest.first()?);
        if depth < 8 && !file.defined.contains(first) {
            for import in file.imports.iter().filter(|import| import.alias == *first) {
                if let Some(to) = Self::absolute(file, &import.path).filter(|to| to != path) {
                    let to: Vec<String> = to.into_iter().chain(rest[1..].iter().cloned()).collect();
                    return self.defines(&to, depth + 1);
                }
            }
        }
        Some(module.to_vec())
    }

    /// Everything of ours that a file imports or names, as paths from the root, with what is only given out.
    pub fn named(&self, file: &File) -> BTreeSet<Vec<String>> {
        let mut found: BTreeSet<Vec<String>> =
            file.imports.iter().filter_map(|import| Self::absolute(file, &import.path)).collect();
        found.extend(self.in_code(file));
        found
    }

    fn in_code(&self, file: &File) -> BTreeSet<Vec<String>> {
        let mut found = BTreeSet::new();
        for path in paths(&file.code).iter().filter(|path| path.contains("::")) {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            let through = file.imports.iter().find(|import| import.alias == path[0]);
            let to = match through.and_then(|import| Self::absolute(file, &import.path)) {
                Some(to) if self.files.contains_key(&to) => Some(to.into_iter().chain(path[1..].iter().cloned()).collect()),
                Some(_) => None,
                None => Self::absolute(file, &path),
            };
            found.extend(to);
        }
        found
    }

    /// The files that a file uses.
    pub fn used_by(&self, file: &File) -> BTreeSet<Vec<String>> {
        let imported =
            file.imports.iter().filter(|import| !import.given_out).filter_map(|import| Self::absolute(file, &import.path));
        let all = imported.chain(self.in_code(file)).filter(|path| !self.files.contains_key(path));
        let mut used: BTreeSet<Vec<String>> = all.filter_map(|path| self.defines(&path, 0)).collect();
        used.remove(&file.module);
        used
    }

    /// Files that use one another in a circle, circle by circle.
    pub fn circles(&self) -> Vec<Vec<&str>> {
        let used: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> =
            self.files.iter().map(|(at, file)| (at, self.used_by(file))).collect();
        let reach = |from: &Vec<String>| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(at) = open.pop() {
                open.extend(used.get(&at).into_iter().flatten().filter(|next| seen.insert((*next).clone())).cloned());
            }
            seen
        };
        let reached: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> = self.files.keys().map(|at| (at, reach(at))).collect();
        let (mut done, mut circles) = (BTreeSet::new(), Vec::new());
        for (at, there) in &reached {
            if there.contains(*at) && !done.contains(*at) {
                let circle = self.files.keys().filter(|other| there.contains(*other) && reached[*other].contains(*at));
                let circle: Vec<&Vec<String>> = circle.collect();
                done.extend(circle.iter().map(|other| (*other).clone()));
                circles.push(circle.iter().map(|other| self.files[*other].name.as_str()).collect());
            }
        }
        circles
    }
}

/// Each function of a file that has a body: its name and its lines.
pub fn functions(code: &str) -> Vec<(String, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = code[at..].find("fn ") {
        let start = at + next;
        at = start + 3;
        let name: String = code[at..].chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() || code[..start].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let Some(open) = code[at..].find(['{', ';']).map(|n| at + n).filter(|n| code.as_bytes()[*n] == b'{') else { continue };
        let mut depth = 0;
        let end = code[open..].char_indices().find_map(|(n, c)| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            (depth == 0).then_some(open + n)
        });
        let end = end.unwrap_or(code.len());
        found.push((name, code[start..end].matches('\n').count() + 1));
    }
    found
}
