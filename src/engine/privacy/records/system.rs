//! The machine, seen through its files below a root: small reads of regular files, nothing run, nothing written.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::consent::mask::Raw;
use crate::provider::regular_file;

/// The most that is read of a file, in bytes.
const MAX_FILE: u64 = 256 * 1024;
/// The most entries of a folder that are looked at.
const MAX_NAMES: usize = 256;

/// A machine's file system, from its root down.
pub struct System {
    root: PathBuf,
}

/// What makers write where a name should stand.
const NO_NAMES: [&str; 8] = [
    "to be filled by o.e.m.",
    "system product name",
    "system manufacturer",
    "default string",
    "not specified",
    "unknown",
    "none",
    "0",
];

impl System {
    /// The machine whose files lie below `root`: `/`, or a tree that was made up.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A file's text as far as it may be read; invalid UTF-8 becomes replacement characters.
    pub fn text(&self, path: &str) -> Option<String> {
        read(&self.root.join(path))
    }

    /// The first line of a file, without spaces and NULs around it; none when it is empty or stands for nothing.
    pub fn line(&self, path: &str) -> Option<String> {
        let text = self.text(path)?;
        let line = text.lines().next()?.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned();
        let is_name = !line.is_empty() && !NO_NAMES.contains(&line.to_lowercase().as_str());
        is_name.then_some(line)
    }

    /// Whether there is something at a path.
    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The names in a folder, in order.
    pub fn names(&self, path: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root.join(path)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).take(MAX_NAMES).collect();
        names.sort();
        names
    }
}

/// A regular file's text; a pipe or device is none, so that nothing waits for it.
pub fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    regular_file::open_followed(path).ok()?.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The machine's model, from its device tree or its DMI table.
pub fn model(system: &System) -> Vec<Raw> {
    if let Some(model) = system.line("proc/device-tree/model") {
        return vec![("model", model)];
    }
    let dmi = |name| system.line(&format!("sys/class/dmi/id/{name}"));
    let found = [("maker", dmi("sys_vendor")), ("model", dmi("product_name"))];
    found.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// The firmware that the machine starts with.
pub fn firmware(system: &System) -> Vec<Raw> {
    system.line("sys/class/dmi/id/bios_version").map(|version| ("bios", version)).into_iter().collect()
}

/// The operating system, as it calls itself, and its kernel.
pub fn operating_system(system: &System) -> Vec<Raw> {
    let text = ["etc/os-release", "usr/lib/os-release"].iter().find_map(|file| system.text(file)).unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned()).filter(|value| !value.is_empty())
    };
    let name = field("PRETTY_NAME").or_else(|| Some([field("NAME")?, field("VERSION_ID").unwrap_or_default()].join(" ")));
    let found = [("system", name), ("kernel", system.line("proc/sys/kernel/osrelease"))];
    found.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// Serial numbers: of the board's device tree, or of the DMI table where it may be read, or of the processor.
pub fn serial(system: &System) -> Vec<Raw> {
    let files = ["proc/device-tree/serial-number", "sys/class/dmi/id/product_serial", "sys/class/dmi/id/board_serial"];
    let of_processor = || {
        let text = system.text("proc/cpuinfo")?;
        let line = text.lines().find_map(|line| line.split_once(':').filter(|(key, _)| key.trim() == "Serial"))?;
        Some(line.1.trim().to_owned()).filter(|serial| serial.chars().any(|c| c != '0'))
    };
    let found = files.iter().find_map(|file| system.line(file)).or_else(of_processor);
    found.map(|serial| ("serial", serial)).into_iter().collect()
}

/// The machine's name.
pub fn hostname(system: &System) -> Vec<Raw> {
    let found = ["proc/sys/kernel/hostname", "etc/hostname"].iter().find_map(|file| system.line(file));
    found.map(|name| ("name", name)).into_iter().collect()
}
