//! The closed list of file kinds; the codes are written into snapshots and never change or return to use.

use crate::kind::Group;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// G-code as text.
    Gcode,
    /// Prusa's binary G-code.
    Bgcode,
    /// 3MF model or project, sliced or not.
    ThreeMf,
    /// STL mesh, binary or ASCII.
    Stl,
    /// Wavefront OBJ mesh.
    Obj,
    /// STEP solid (ISO 10303-21).
    Step,
    /// A print file or model of another kind.
    OtherPrint,
    /// The same inside a ZIP: `.ufp`, `.sl1`, `.FCStd`.
    PackedPrint,
    /// JPEG picture.
    Jpeg,
    /// PNG picture.
    Png,
    /// QOI picture.
    Qoi,
    /// A picture of another kind.
    OtherImage,
    /// MP4 or QuickTime video.
    Mp4,
    /// Video in another container: Matroska, WebM, AVI.
    OtherVideo,
    /// Sound.
    Audio,
    /// ZIP archive.
    Zip,
    /// Another archive or compressed stream.
    Archive,
    /// Configuration of a printer, host or slicer.
    Settings,
    /// Plain text: notes, logs.
    Text,
    /// None of these.
    Other,
}

use FileKind::*;

/// Kind, code, name, group, and whether general compression saves enough to be worth its time.
///
/// Measured with zstd -1 on real files: G-code 5 times, STL 4, settings 3; 3MF, JPEG, PNG and MP4 below 1.1.
const TABLE: [(FileKind, u8, &str, Group, bool); 20] = [
    (Other, 0, "other", Group::Other, true),
    (Gcode, 1, "G-code", Group::Prints, true),
    (Bgcode, 2, "binary G-code", Group::Prints, false),
    (ThreeMf, 3, "3MF", Group::Prints, false),
    (Stl, 4, "STL", Group::Prints, true),
    (Obj, 5, "OBJ", Group::Prints, true),
    (Step, 6, "STEP", Group::Prints, true),
    (OtherPrint, 7, "print file", Group::Prints, true),
    (PackedPrint, 8, "packed print file", Group::Prints, false),
    (Jpeg, 16, "JPEG", Group::Images, false),
    (Png, 17, "PNG", Group::Images, false),
    (Qoi, 18, "QOI", Group::Images, true),
    (OtherImage, 19, "image", Group::Images, false),
    (Mp4, 32, "MP4", Group::Video, false),
    (OtherVideo, 33, "video", Group::Video, false),
    (Audio, 48, "sound", Group::Other, false),
    (Zip, 64, "ZIP", Group::Other, false),
    (Archive, 65, "archive", Group::Other, false),
    (Settings, 80, "settings", Group::Settings, true),
    (Text, 81, "text", Group::Other, true),
];

impl FileKind {
    /// Every kind, `Other` first.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Other; TABLE.len()];
        let mut i = 0;
        while i < all.len() {
            all[i] = TABLE[i].0;
            i += 1;
        }
        all
    };

    /// Its code in snapshots.
    pub fn code(self) -> u8 {
        self.row().1
    }

    /// The kind of a code; a code that a later version wrote is `Other`.
    pub fn from_code(code: u8) -> Self {
        TABLE.iter().find(|row| row.1 == code).map_or(Other, |row| row.0)
    }

    /// Its name as owners read it, the same in every language.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// The group in which an owner selects it.
    pub fn group(self) -> Group {
        self.row().3
    }

    /// Whether compression is worth its time.
    pub fn is_compressible(self) -> bool {
        self.row().4
    }

    fn row(self) -> &'static (Self, u8, &'static str, Group, bool) {
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_read_back_and_are_used_once() {
        let codes: HashSet<u8> = FileKind::ALL.iter().map(|kind| kind.code()).collect();
        let names: HashSet<&str> = FileKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!((codes.len(), names.len()), (TABLE.len(), TABLE.len()));
        for kind in FileKind::ALL {
            assert_eq!(FileKind::from_code(kind.code()), kind);
        }
        assert_eq!(FileKind::from_code(255), FileKind::Other);
    }

    #[test]
    fn codes_stay_as_snapshots_know_them() {
        let codes = FileKind::ALL.map(FileKind::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 32, 33, 48, 64, 65, 80, 81]);
        assert_eq!(FileKind::Mp4.code(), 32);
    }
}
