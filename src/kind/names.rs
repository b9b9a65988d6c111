//! What a file's name says of it: the extension alone, in any case, with the marks that copies carry taken off.

use crate::kind::FileKind::{self, *};
use crate::kind::Group;

const EXTENSIONS: &[(FileKind, &[&str])] = &[
    // Moonraker's list (file_manager.py, VALID_GCODE_EXTS) less ufp, and what older firmware wants
    (Gcode, &["gcode", "g", "gco", "gc", "nc"]),
    (Bgcode, &["bgcode", "bgc"]),
    (ThreeMf, &["3mf"]),
    (Stl, &["stl"]),
    (Obj, &["obj"]),
    (Step, &["step", "stp"]),
    (OtherPrint, &["amf", "ply", "scad", "iges", "igs", "x3g", "makerbot", "ctb", "goo", "photon", "pwmx", "f3d"]),
    (PackedPrint, &["ufp", "sl1", "sl1s", "fcstd"]),
    (Jpeg, &["jpg", "jpeg"]),
    (Png, &["png"]),
    (Qoi, &["qoi"]),
    (OtherImage, &["webp", "gif", "bmp", "heic", "heif", "avif", "svg", "tif", "tiff", "dng"]),
    (Mp4, &["mp4", "m4v", "mov"]),
    (OtherVideo, &["mkv", "webm", "avi", "ts", "mpg", "mpeg", "wmv", "flv", "h264", "h265", "mjpeg"]),
    (Audio, &["mp3", "wav", "m4a", "flac", "ogg", "opus", "aac"]),
    (Zip, &["zip"]),
    (Archive, &["gz", "tgz", "xz", "bz2", "zst", "7z", "rar", "tar"]),
    (
        Settings,
        &["cfg", "conf", "ini", "json", "yaml", "yml", "toml", "config", "properties", "xml", "fff", "orca_printer", "service"],
    ),
    (Text, &["txt", "md", "log", "csv"]),
];

/// Marks that backups of a file carry behind its real extension.
const COPY_MARKS: [&str; 6] = ["bak", "bkp", "backup", "old", "orig", "save"];

/// The group that a file's extension says, `None` when it says nothing. `name` may be a whole path.
pub fn group_by_name(name: &[u8]) -> Option<Group> {
    kind_by_name(name).map(FileKind::group)
}

/// The kind that a file's extension says.
pub(super) fn kind_by_name(name: &[u8]) -> Option<FileKind> {
    let (stem, extension) = split(name)?;
    by_extension(extension).or_else(|| {
        let (_, inner) = is_copy_mark(extension).then(|| split(stem)).flatten()?;
        by_extension(inner)
    })
}

fn by_extension(extension: &[u8]) -> Option<FileKind> {
    let matches = |known: &&str| extension.eq_ignore_ascii_case(known.as_bytes());
    EXTENSIONS.iter().find(|(_, known)| known.iter().any(&matches)).map(|row| row.0)
}

/// `printer.cfg.1`, `printer.cfg.bak`, `klippy.log.2026-11-24`.
fn is_copy_mark(extension: &[u8]) -> bool {
    COPY_MARKS.iter().any(|mark| extension.eq_ignore_ascii_case(mark.as_bytes()))
        || extension.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
}

/// The stem and the extension of a path's last part, both not empty.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let base = name.rsplit(|byte| *byte == b'/').next()?;
    let dot = base.iter().rposition(|byte| *byte == b'.')?;
    let (stem, extension) = (&base[..dot], &base[dot + 1..]);
    (!stem.is_empty() && !extension.is_empty()).then_some((stem, extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extensions_say_the_kind() {
        for (name, kind) in [
            ("benchy.gcode", Some(Gcode)),
            ("a/b.c/Plate 1.gcode.3mf", Some(ThreeMf)),
            ("X.JPG", Some(Jpeg)),
            ("printer-20261124_101500.cfg", Some(Settings)),
            ("printer.cfg.1", Some(Settings)),
            ("printer.cfg.bak", Some(Settings)),
            ("klippy.log.2026-11-24", Some(Text)),
            ("timelapse_benchy.gcode_20261124_0301.mp4", Some(Mp4)),
            ("benchy.gcode_20261124", None),
            (".cfg", None),
            ("cfg", None),
            ("part.", None),
            ("dir.cfg/moonraker", None),
            ("", None),
        ] {
            assert_eq!(kind_by_name(name.as_bytes()), kind, "{name}");
        }
    }

    #[test]
    fn each_extension_is_listed_once_in_lower_case() {
        let mut all: Vec<&str> = EXTENSIONS.iter().flat_map(|row| row.1.iter().copied()).collect();
        assert!(all.iter().all(|extension| extension.to_ascii_lowercase() == *extension));
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), before);
    }

    proptest! {
        #[test]
        fn any_name_is_answered(name: Vec<u8>) {
            prop_assert_eq!(group_by_name(&name), kind_by_name(&name).map(FileKind::group));
        }
    }
}
