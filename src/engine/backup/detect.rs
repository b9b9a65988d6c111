//! Finding what printers keep: the folders of Klipper and Moonraker, moonraker-timelapse, OctoPrint and Creality OS.
//!
//! Caches, logs and live databases are not listed: the first can be made again, the second fill a flash, the third would be torn.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::Source;
use crate::provider::regular_file;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detected {
    /// A folder of Klipper's and Moonraker's data folder.
    Moonraker,
    /// Videos and previews of moonraker-timelapse.
    Timelapse,
    /// A folder of OctoPrint.
    OctoPrint,
    /// A folder of Creality OS.
    CrealityOs,
}

/// What the owner should know of something that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// It may hold passwords, which are sealed like everything else.
    MayHoldPasswords,
    /// Copies that Moonraker or OctoPrint make of their own.
    OwnBackups,
    /// What was printed.
    PrintHistory,
}

/// One folder or file worth backing up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose it is.
    pub what: Detected,
    /// Where it is.
    pub path: PathBuf,
    /// What the owner should know.
    pub about: Option<About>,
}

impl Found {
    /// The source it becomes.
    pub fn source(&self) -> Source {
        Source {
            path: self.path.clone(),
            kinds: None,
            include: Vec::new(),
            exclude: Vec::new(),
            no_credentials: false,
            keep_days: None,
        }
    }
}

/// Looks at the places that are known, below `at` (normally `/`) and in `homes`. Nothing is searched.
pub fn detect(at: &Path, homes: &[PathBuf]) -> Vec<Found> {
    let mut found = Vec::new();
    for home in homes {
        let names = std::fs::read_dir(home).into_iter().flatten().flatten().take(10_000).map(|entry| entry.file_name());
        let mut folders: Vec<PathBuf> =
            names.filter(|name| name.to_str().is_some_and(is_data_folder)).map(|name| home.join(name)).collect();
        folders.sort();
        folders.iter().for_each(|folder| data_folder(&mut found, Detected::Moonraker, folder));
        add(&mut found, Detected::Timelapse, home.join("timelapse"), None);
        octoprint(&mut found, at, &home.join(".octoprint"));
    }
    creality(&mut found, at);
    found.sort_by(|a, b| (a.what, &a.path).cmp(&(b.what, &b.path)));
    found.dedup_by(|a, b| a.path == b.path);
    found
}

/// `printer_data`, `printer_1_data`, …
fn is_data_folder(name: &str) -> bool {
    let middle = name.strip_prefix("printer_").and_then(|rest| rest.strip_suffix("data"));
    middle.is_some_and(|middle| middle.is_empty() || middle.strip_suffix('_').is_some_and(|n| !n.is_empty() && n.len() <= 32))
}

fn add(found: &mut Vec<Found>, what: Detected, path: PathBuf, about: Option<About>) {
    if path.exists() {
        found.push(Found { what, path, about });
    }
}

/// What lies in a data folder, whether its folders are links or not.
fn data_folder(found: &mut Vec<Found>, what: Detected, folder: &Path) {
    add(found, what, folder.join("config"), Some(About::MayHoldPasswords));
    add(found, what, folder.join("gcodes"), None);
    add(found, Detected::Timelapse, folder.join("timelapse"), None);
    add(found, what, folder.join("backup"), Some(About::OwnBackups));
}

fn octoprint(found: &mut Vec<Found>, at: &Path, base: &Path) {
    if !base.join("config.yaml").is_file() {
        return;
    }
    let moved = moved_folders(at, &base.join("config.yaml"));
    let folder = |name: &str| moved.iter().find(|(key, _)| key == name).map_or_else(|| base.join(name), |(_, path)| path.clone());
    add(found, Detected::OctoPrint, folder("uploads"), None);
    add(found, Detected::OctoPrint, folder("timelapse"), None);
    for name in ["config.yaml", "users.yaml"] {
        add(found, Detected::OctoPrint, base.join(name), Some(About::MayHoldPasswords));
    }
    for name in ["printerProfiles", "slicingProfiles", "scripts"] {
        add(found, Detected::OctoPrint, folder(name), None);
    }
    add(found, Detected::OctoPrint, folder("data").join("backup"), Some(About::OwnBackups));
}

/// Folders that OctoPrint's settings put elsewhere on the machine below `at`: the `folder:` block's plain `key: value` lines, which is all it holds.
fn moved_folders(at: &Path, config: &Path) -> Vec<(String, PathBuf)> {
    let mut text = String::new();
    let Ok(file) = regular_file::open_followed(config) else { return Vec::new() };
    if file.take(1024 * 1024).read_to_string(&mut text).is_err() {
        return Vec::new();
    }
    let block = text.lines().skip_while(|line| line.trim_end() != "folder:").skip(1);
    let lines = block.take_while(|line| line.is_empty() || line.starts_with([' ', '\t', '#'])).take(100);
    lines
        .filter_map(|line| line.trim().split_once(':'))
        .map(|(key, value)| (key.trim().to_owned(), PathBuf::from(value.trim().trim_matches(['\'', '"']))))
        .filter_map(|(key, path)| Some((key, at.join(path.strip_prefix("/").ok()?))))
        .collect()
}

fn creality(found: &mut Vec<Found>, at: &Path) {
    for base in ["usr/data", "mnt/UDISK"] {
        let base = at.join(base);
        data_folder(found, Detected::CrealityOs, &base.join("printer_data"));
        let user = base.join("creality/userdata");
        add(found, Detected::Timelapse, user.join("delay_image/video"), None);
        add(found, Detected::CrealityOs, user.join("history"), Some(About::PrintHistory));
        add(found, Detected::CrealityOs, user.join("config"), Some(About::MayHoldPasswords));
    }
    // the Sonic Pad drives several printers, each with folders of its own
    for number in 0..16 {
        let suffix = if number == 0 { String::new() } else { number.to_string() };
        add(found, Detected::CrealityOs, at.join(format!("mnt/UDISK/printer_config{suffix}")), Some(About::MayHoldPasswords));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_layouts_are_found_and_caches_are_not() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home/pi");
        for folder in [
            "home/pi/printer_data/config",
            "home/pi/printer_data/gcodes/.thumbs",
            "home/pi/printer_data/logs",
            "home/pi/printer_data/database",
            "home/pi/printer_2_data/gcodes",
            "home/pi/printer_photos",
            "home/pi/.octoprint/uploads",
            "srv/uploads",
            "usr/data/creality/userdata/delay_image/video",
            "usr/data/creality/userdata/log",
            "mnt/UDISK/printer_config2",
        ] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        // as the machine itself names it
        let yaml = "api:\n  key: x\nfolder:\n  timelapse: relative\n  uploads: '/srv/uploads'\nserver:\n  port: 1\n";
        std::fs::write(home.join(".octoprint/config.yaml"), yaml).unwrap();
        let found = detect(root.path(), std::slice::from_ref(&home));
        let paths: Vec<_> = found.iter().map(|f| f.path.strip_prefix(root.path()).unwrap().display().to_string()).collect();
        assert_eq!(
            paths,
            [
                "home/pi/printer_2_data/gcodes",
                "home/pi/printer_data/config",
                "home/pi/printer_data/gcodes",
                "usr/data/creality/userdata/delay_image/video",
                "home/pi/.octoprint/config.yaml",
                "srv/uploads",
                "mnt/UDISK/printer_config2",
            ]
        );
    }
}
