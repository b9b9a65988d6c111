//! The owner's settings, `config.toml`: parsed once into values that cannot be wrong.
//!
//! ```toml
//! profile = "pc"                      # or "printer-small"
//! regions = ["eu", "home"]            # the only regions that sealed objects may go to; without it, any
//!
//! [[source]]
//! path = "/home/pi/printer_data/gcodes"
//! kinds = ["prints", "images"]        # or "everything", the default
//! exclude = ["*.tmp"]                 # gitignore form
//! no_credentials = true               # leaves settings out that hold passwords, tokens, Wi-Fi keys
//! keep_days = 90                      # files that did not change for so long are left out of new snapshots
//!
//! [[store]]
//! name = "cloud"
//! url = "s3://bucket/prefix?endpoint=https://s3.example.net&region=eu"
//! limit = "500 KB/s"                  # at most, sent and received together; B/s, KB/s, MB/s, KiB/s, MiB/s
//! write_only = true                   # this device lists and reads there only what a writer needs
//! lock = "30d"                        # or "30d compliance": what is put cannot be removed for so long; S3 alone
//!
//! [inbox]                             # none: letters stay in the store
//! path = "/home/pi/printer_data/gcodes/inbox"
//! max_bytes = 1000000000
//!
//! [problems]
//! hook = "/home/pi/bin/tell-me"       # run with each new problem as JSON on its input; none: only shown
//! silent_days = 7                     # no backup for so long is a problem
//!
//! [snapshots]                         # on a device that may delete: what no rule keeps is forgotten and pruned by itself; none: only by hand
//! keep_last = 10
//! keep_daily = 14                     # and hourly, weekly, monthly, yearly
//! keep_within = "30d"
//! keep_tags = ["good"]
//! grace = "7d"                        # so long what nothing needs stays before it is removed
//!
//! [audit]
//! keep_days = 365
//! ```
//!
//! Credentials never stand here. Limits: 1 MiB, 1,000 sources, 64 stores, 1,000 patterns each.

mod fault;
mod retention;
mod store;

pub use fault::{ConfigError, ConfigFault};
pub use retention::{NoTime, Retention, parse_time};

use std::path::PathBuf;

use ignore::gitignore::GitignoreBuilder;
use serde::{Deserialize, Serialize};

use crate::kind::Group;
use crate::provider::address::{Address, Trust};
use crate::provider::limit::Rate;
use crate::provider::s3::object_lock::ObjectLock;

/// The largest settings file, in bytes.
pub const MAX_FILE: u64 = 1024 * 1024;

const MAX_SOURCES: usize = 1000;
const MAX_STORES: usize = 64;
const MAX_PATTERNS: usize = 1000;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 4096;

/// The owner's settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Sizes and costs; none lets the command decide.
    pub profile: Option<ProfileName>,
    /// The only regions that sealed objects may go to; none for any.
    pub regions: Option<Vec<String>>,
    /// What is backed up.
    pub sources: Vec<Source>,
    /// Where sealed objects go besides the vault.
    pub stores: Vec<Store>,
    /// Where letters go; none refuses them.
    pub inbox: Option<Inbox>,
    /// Which program is told of problems; none tells nobody.
    pub hook: Option<PathBuf>,
    /// No backup for so many days is a problem; none for 7.
    pub silent_days: Option<u32>,
    /// How many days the audit log is kept; none for 365.
    pub audit_days: Option<u32>,
    /// Which snapshots stay; none lets none go by itself.
    pub snapshots: Option<Retention>,
}

/// No backup for so many days is a problem, where the settings say nothing.
pub const SILENT_DAYS: u32 = 7;
/// The audit log is kept for so many days, where the settings say nothing.
pub const AUDIT_DAYS: u32 = 365;
const MAX_DAYS: u32 = 36_500;

/// The folder that letters come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// Where it is; absolute.
    pub path: PathBuf,
    /// The largest file that is taken, in bytes.
    pub max_bytes: u64,
}

/// The machines there are settings for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileName {
    /// About 50 MiB of memory, both cores.
    Pc,
    /// About 35 MiB of memory, one core, small writes.
    PrinterSmall,
}

/// A folder or file to back up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is; absolute.
    pub path: PathBuf,
    /// The kinds of files wanted; none for everything.
    pub kinds: Option<Vec<Group>>,
    /// Patterns, in gitignore form, that are taken although an exclude says no.
    pub include: Vec<String>,
    /// Patterns, in gitignore form, that are left out.
    pub exclude: Vec<String>,
    /// Whether settings files that hold credentials are left out.
    pub no_credentials: bool,
    /// Files that did not change for so many days are left out; none takes them all.
    pub keep_days: Option<u32>,
}

/// A place of the owner's besides the vault.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// The owner's name for it.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Whom to trust there.
    pub trust: Trust,
    /// At most how fast bytes go there and come from there.
    pub limit: Option<Rate>,
    /// Whether this device only writes there.
    pub write_only: bool,
    /// How long what is put there cannot be removed.
    pub lock: Option<ObjectLock>,
    /// Its region, where the owner named one.
    pub region: Option<String>,
    /// Whether it lies in a region that the owner does not allow.
    pub elsewhere: bool,
}

fn wrong<T>(fault: ConfigFault) -> Result<T, ConfigError> {
    Err(fault.into())
}

/// The file as it is written; every key is known, and unknown ones are refused by name and line.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    source: Vec<SourceTable>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    store: Vec<StoreTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inbox: Option<InboxTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<ProblemsTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<AuditTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots: Option<Retention>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ProblemsTable {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hook: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    silent_days: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditTable {
    keep_days: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InboxTable {
    path: String,
    max_bytes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kinds: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    include: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exclude: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no_credentials: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep_days: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreTable {
    name: String,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pins: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    system_roots: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    allow_tls12: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    write_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

impl Config {
    /// Reads settings; the error says what is wrong and on which line.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| in_line(text, &error))?;
        if file.source.len() > MAX_SOURCES {
            return wrong(ConfigFault::ManySources { most: MAX_SOURCES.to_string() });
        }
        if file.store.len() > MAX_STORES {
            return wrong(ConfigFault::ManyStores { most: MAX_STORES.to_string() });
        }
        let sources = file.source.into_iter().map(Source::check).collect::<Result<Vec<_>, _>>()?;
        let mut stores = file.store.into_iter().map(Store::check).collect::<Result<Vec<_>, _>>()?;
        let regions = file.regions;
        regions.iter().flatten().try_for_each(|region| check_region(region))?;
        for store in &mut stores {
            store.elsewhere = !allowed(regions.as_deref(), store);
        }
        for (at, store) in stores.iter().enumerate() {
            if stores[..at].iter().any(|other| other.name == store.name) {
                return wrong(ConfigFault::TwoStores { name: store.name.clone() });
            }
        }
        let inbox = file.inbox.map(Inbox::check).transpose()?;
        let ProblemsTable { hook, silent_days } = file.problems.unwrap_or_default();
        let hook = hook.map(PathBuf::from);
        if let Some(hook) = hook.as_ref().filter(|hook| !hook.is_absolute()) {
            return wrong(ConfigFault::Hook { path: hook.display().to_string() });
        }
        let audit_days = file.audit.map(|audit| audit.keep_days);
        let kept = sources.iter().filter_map(|source| source.keep_days);
        for days in [silent_days, audit_days].into_iter().flatten().chain(kept) {
            if !(1..=MAX_DAYS).contains(&days) {
                return wrong(ConfigFault::Days { days: days.to_string(), most: MAX_DAYS.to_string() });
            }
        }
        let snapshots = file.snapshots.map(Retention::check).transpose()?;
        Ok(Self { profile: file.profile, regions, sources, stores, inbox, hook, silent_days, audit_days, snapshots })
    }

    /// The text that `parse` reads back.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        let file = File {
            profile: self.profile,
            regions: self.regions.clone(),
            source: self.sources.iter().map(Source::table).collect::<Result<_, _>>()?,
            store: self.stores.iter().map(Store::table).collect(),
            inbox: self.inbox.as_ref().map(Inbox::table).transpose()?,
            problems: self.problems_table()?,
            audit: self.audit_days.map(|keep_days| AuditTable { keep_days }),
            snapshots: self.snapshots.clone(),
        };
        toml::to_string(&file).map_err(|error| ConfigFault::Unread { said: error.to_string() }.into())
    }
}

impl Config {
    fn problems_table(&self) -> Result<Option<ProblemsTable>, ConfigError> {
        if self.hook.is_none() && self.silent_days.is_none() {
            return Ok(None);
        }
        let text = |hook: &PathBuf| match hook.to_str() {
            Some(text) => Ok(text.to_owned()),
            None => wrong(ConfigFault::NotText { path: hook.display().to_string() }),
        };
        Ok(Some(ProblemsTable { hook: self.hook.as_ref().map(text).transpose()?, silent_days: self.silent_days }))
    }
}

fn in_line(text: &str, error: &toml::de::Error) -> ConfigError {
    let said = error.message().replace('\n', "; ");
    match error.span() {
        Some(span) => {
            let line = text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
            ConfigFault::Line { line: line.to_string(), said }.into()
        }
        None => ConfigFault::Unread { said }.into(),
    }
}

impl Source {
    fn check(table: SourceTable) -> Result<Self, ConfigError> {
        let path = PathBuf::from(&table.path);
        if !path.is_absolute() || table.path.contains('\0') {
            return wrong(ConfigFault::SourcePath { path: table.path });
        }
        let kinds = Self::parse_kinds(&table.kinds)?;
        for pattern in table.include.iter().chain(&table.exclude) {
            check_pattern(pattern)?;
        }
        if table.include.len() + table.exclude.len() > MAX_PATTERNS {
            return wrong(ConfigFault::ManyPatterns { path: table.path, most: MAX_PATTERNS.to_string() });
        }
        let SourceTable { include, exclude, no_credentials, keep_days, .. } = table;
        Ok(Self { path, kinds, include, exclude, no_credentials, keep_days })
    }

    /// Reads the words for kinds; none or `everything` is everything.
    pub fn parse_kinds(words: &[String]) -> Result<Option<Vec<Group>>, ConfigError> {
        let mut kinds = Vec::new();
        for word in words {
            match (word.as_str(), Group::parse(word)) {
                ("everything", _) => return Ok(None),
                (_, Some(group)) => kinds.push(group),
                _ => return wrong(ConfigFault::NoKind { word: word.clone() }),
            }
        }
        Ok((!kinds.is_empty()).then_some(kinds))
    }

    fn table(&self) -> Result<SourceTable, ConfigError> {
        let Some(path) = self.path.to_str() else {
            return wrong(ConfigFault::NotText { path: self.path.display().to_string() });
        };
        let kinds = self.kinds.iter().flatten().map(|group| group.as_str().to_owned()).collect();
        Ok(SourceTable {
            path: path.to_owned(),
            kinds,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            no_credentials: self.no_credentials,
            keep_days: self.keep_days,
        })
    }
}

impl Inbox {
    fn check(table: InboxTable) -> Result<Self, ConfigError> {
        let path = PathBuf::from(&table.path);
        if !path.is_absolute() || table.path.contains('\0') {
            return wrong(ConfigFault::InboxPath { path: table.path });
        }
        Ok(Self { path, max_bytes: table.max_bytes })
    }

    fn table(&self) -> Result<InboxTable, ConfigError> {
        match self.path.to_str() {
            Some(path) => Ok(InboxTable { path: path.to_owned(), max_bytes: self.max_bytes }),
            None => wrong(ConfigFault::NotText { path: self.path.display().to_string() }),
        }
    }
}

/// Whether the owner lets sealed objects go to a store's region.
pub fn allowed(regions: Option<&[String]>, store: &Store) -> bool {
    let Some(regions) = regions else { return true };
    matches!(store.address, Address::Folder(_))
        || store.region().is_some_and(|region| regions.iter().any(|other| other == region))
}

fn check_region(region: &str) -> Result<(), ConfigError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=64).contains(&region.len()) && region.chars().all(plain) {
        return Ok(());
    }
    wrong(ConfigFault::NoRegion { region: region.to_owned() })
}

/// Whether a pattern is one in gitignore form.
pub fn check_pattern(pattern: &str) -> Result<(), ConfigError> {
    let mut builder = GitignoreBuilder::new("/");
    match builder.add_line(None, pattern) {
        Ok(_) if pattern.len() <= MAX_PATTERN => Ok(()),
        Ok(_) => wrong(ConfigFault::LongPattern { most: MAX_PATTERN.to_string() }),
        Err(error) => wrong(ConfigFault::Pattern { pattern: pattern.to_owned(), said: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
profile = "printer-small"
[[source]]
path = "/home/pi/printer_data"
kinds = ["prints", "settings"]
exclude = ["*.tmp", "/cache/"]
no_credentials = true
[[store]]
name = "nas"
url = "file:///mnt/nas"
[[store]]
name = "cloud"
url = "s3://bucket/prefix?endpoint=https://s3.example.net:9000&region=eu"
pins = ["sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
limit = "500 KB/s"
write_only = true
lock = "30d compliance"
[[store]]
name = "files"
url = "webdav://cloud.example.net/remote.php/dav/files/me"
[[store]]
name = "ssh"
url = "sftp://pi@nas/~/backup"
pins = ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
[inbox]
path = "/home/pi/inbox"
max_bytes = 5000
[problems]
hook = "/usr/local/bin/tell"
silent_days = 3
[audit]
keep_days = 90
"#;

    #[test]
    fn settings_read_back_what_they_write() {
        let config = Config::parse(GOOD).unwrap();
        assert_eq!((config.sources.len(), config.stores.len()), (1, 4));
        assert_eq!(Config::parse(&config.to_toml().unwrap()), Ok(config));
        assert_eq!(Config::parse(""), Ok(Config::default()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let cases = [
            ("[[source]]\npath = \"/a\"\nkindz = []", "line 3"),
            ("profile = \"fast\"", "line 1"),
            ("[[source]]\npath = \"relative\"", "full path"),
            ("[[source]]\npath = \"/a\"\nkinds = [\"cats\"]", "\"cats\" is no kind"),
            ("[[source]]\npath = \"/a\"\nexclude = [\"[z-a]\"]", "gitignore form"),
            ("[inbox]\npath = \"in\"\nmax_bytes = 1", "full path"),
            ("[inbox]\npath = \"/in\"\nmax_bytes = -1", "line 3"),
            ("[problems]\nhook = \"tell\"", "full path"),
            ("[problems]\nsilent_days = 0", "no number of days"),
            ("[audit]\nkeep_days = 1000000", "no number of days"),
            ("[[store]]\nname = \"a b\"\nurl = \"file:///x\"", "no name for a store"),
            ("[[store]]\nname = \"a\"\nurl = \"http://x\"", "the store \"a\""),
            ("[[store]]\nname = \"a\"\nurl = \"file:///x\"\nlimit = \"fast\"", "is no limit"),
            ("[[store]]\nname = \"a\"\nurl = \"s3://bucket?endpoint=https://h\"\nlock = \"30\"", "is no lock"),
            ("[[store]]\nname = \"a\"\nurl = \"file:///x\"\nlock = \"30d\"", "only S3"),
            ("[[store]]\nname = \"a\"\nurl = \"sftp://a@b/x\"\nsystem_roots = true", "host key"),
            ("[[store]]\nname = \"a\"\nurl = \"file:///x\"\n[[store]]\nname = \"a\"\nurl = \"file:///y\"", "two stores"),
        ];
        for (text, expected) in cases {
            let message = Config::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
