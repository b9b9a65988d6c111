//! `snapshots`, `ls`, `find`, `diff`: looking, without writing anything.

use globset::GlobBuilder;
use serde_json::{Value, json};

use crate::core::keys::Keyring;
use crate::core::manifest::{Entry, Node};
use crate::engine::account::Account;
use crate::engine::browse::{self, Change};
use crate::engine::catalog::Catalog;
use crate::engine::entries::Snapshot;
use crate::engine::fetch::Fetcher;
use crate::engine::places::{Places, Store};
use crate::engine::select::{self, SnapshotInfo};
use crate::engine::{EngineError, runtime, stores};
use crate::surface::args::{Diff, Find, Ls, Unlock};
use crate::surface::ask;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::{Answer, entry_fields, entry_line};
use crate::surface::words;

/// An account that is open for reading: what every command that looks inside needs.
pub struct Reading {
    /// The account.
    pub account: Account,
    catalog: Catalog,
    keyring: Keyring,
    stores: Vec<Store>,
    runtime: tokio::runtime::Runtime,
}

impl Reading {
    /// Opens the account, unlocks it, and opens the stores that may be read: folders always, others with consent.
    pub fn open(context: &Context, how: &Unlock) -> Result<Self, Failure> {
        let config = context.config()?;
        let account = context.look()?;
        let keyring = ask::unlock(context, &account, how)?;
        let catalog = Catalog::open(&account)?;
        let stores = stores::readable(&account, &config.stores);
        Ok(Self { account, catalog, keyring, stores, runtime: runtime()? })
    }

    /// Fetches chunks of a snapshot from the vault, then the stores.
    pub fn fetcher(&self, of: &SnapshotInfo) -> Fetcher<'_> {
        let places = Places::with_stores(&self.account, &self.stores, &self.runtime);
        Fetcher::new(&self.catalog, places, &self.keyring, of.head.device)
    }
}

fn snapshot_line(snapshot: &SnapshotInfo) -> String {
    let head = &snapshot.head;
    let name = if snapshot.own { head.number.to_string() } else { format!("{}:{}", snapshot.device_name, head.number) };
    let (files, bytes, stored) =
        (words::count(head.stats.files, "file"), words::size(head.stats.bytes), words::size(head.stats.stored));
    format!("{name:>6}  {}  {files:>13}  {bytes:>8}  +{stored}", words::time(head.time))
}

/// `ls`
pub fn ls(context: &Context, args: &Ls) -> Result<Answer, Failure> {
    let reading = Reading::open(context, &args.unlock)?;
    let info = select::choose(&reading.account, &args.snapshot)?;
    let fetcher = reading.fetcher(&info);
    let snapshot = Snapshot::open(&fetcher, info.head)?;
    let path = match &args.path {
        Some(text) => {
            let bytes = std::os::unix::ffi::OsStrExt::as_bytes(text.as_os_str());
            Some(snapshot.meant(bytes).ok_or_else(|| EngineError::NoPath(text.to_string_lossy().into_owned()))?)
        }
        None => None,
    };
    let mut listing = Listing::new(context.json);
    browse::list(&snapshot, path.as_ref(), args.recursive, &mut |entry| listing.push(&entry))?;
    Ok(listing.answer("entries"))
}

/// Lines or fields, whichever is asked for: a large snapshot is not kept twice.
struct Listing {
    json: bool,
    lines: Vec<String>,
    fields: Vec<Value>,
}

impl Listing {
    fn new(json: bool) -> Self {
        Self { json, lines: Vec::new(), fields: Vec::new() }
    }

    fn push(&mut self, entry: &Entry) {
        if self.json { self.fields.push(entry_fields(entry)) } else { self.lines.push(entry_line(entry)) }
    }

    fn answer(self, name: &str) -> Answer {
        let mut fields = serde_json::Map::new();
        fields.insert(name.into(), self.fields.into());
        Answer::new(self.lines, Value::Object(fields))
    }
}

/// `find`
pub fn find(context: &Context, args: &Find) -> Result<Answer, Failure> {
    let glob = GlobBuilder::new(&args.pattern).case_insensitive(true).literal_separator(false).build();
    let glob = glob.map_err(|error| Failure::usage(format!("{:?} is no pattern: {error}", args.pattern)))?.compile_matcher();
    let reading = Reading::open(context, &args.unlock)?;
    let snapshots = match &args.snapshot {
        Some(name) => vec![select::choose(&reading.account, name)?],
        None => select::snapshots(&reading.account)?.0,
    };
    let (mut lines, mut fields) = (Vec::new(), Vec::new());
    for info in snapshots {
        let heading = snapshot_line(&info);
        let fetcher = reading.fetcher(&info);
        let (number, device) = (info.head.number, info.device_name.clone());
        let snapshot = Snapshot::open(&fetcher, info.head)?;
        let mut first = true;
        for entry in snapshot.entries() {
            context.cancel.check()?;
            let entry = entry?;
            let name = String::from_utf8_lossy(entry.path.file_name());
            if matches!(entry.node, Node::Folder) || !glob.is_match(name.as_ref()) {
                continue;
            }
            if context.json {
                let mut found = entry_fields(&entry);
                if let Value::Object(map) = &mut found {
                    map.extend([("snapshot".to_owned(), number.into()), ("device".to_owned(), device.clone().into())]);
                }
                fields.push(found);
            } else {
                if std::mem::take(&mut first) {
                    lines.push(format!("Snapshot {}", heading.trim_start()));
                }
                lines.push(entry_line(&entry));
            }
        }
    }
    if lines.is_empty() && !context.json {
        lines.push(format!("No file is named like {:?}.", args.pattern));
    }
    Ok(Answer::new(lines, json!({ "found": fields })))
}

/// `diff`
pub fn diff(context: &Context, args: &Diff) -> Result<Answer, Failure> {
    let reading = Reading::open(context, &args.unlock)?;
    let (before, after) = (select::choose(&reading.account, &args.before)?, select::choose(&reading.account, &args.after)?);
    let fetchers = (reading.fetcher(&before), reading.fetcher(&after));
    let before = Snapshot::open(&fetchers.0, before.head)?;
    let after = Snapshot::open(&fetchers.1, after.head)?;
    let (mut lines, mut fields) = (Vec::new(), Vec::new());
    browse::diff(&before, &after, &mut |change, entry| {
        let (sign, word) = match change {
            Change::Added => ('+', "added"),
            Change::Removed => ('-', "removed"),
            Change::Changed => ('M', "changed"),
            Change::Touched => ('~', "touched"),
        };
        if context.json {
            fields.push(json!({ "change": word, "entry": entry_fields(entry) }));
        } else {
            lines.push(format!("{sign} {}", entry_line(entry)));
        }
    })?;
    if lines.is_empty() && !context.json {
        lines.push("Nothing changed.".into());
    }
    Ok(Answer::new(lines, json!({ "changes": fields })))
}
