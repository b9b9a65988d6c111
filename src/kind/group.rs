//! The groups of files that an owner selects.

use serde::{Deserialize, Serialize};

/// What an owner ticks: each file is in exactly one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Photos, camera frames, screenshots.
    Images,
    /// Time-lapse and camera videos.
    Video,
    /// G-code and models.
    Prints,
    /// Printer and slicer configuration.
    Settings,
    /// Everything else: logs, archives, sound, unknown files.
    Other,
}

impl Group {
    /// Every group, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Images, Self::Video, Self::Prints, Self::Settings, Self::Other];

    /// The word for it: `images`, `video`, `prints`, `settings` or `other`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Video => "video",
            Self::Prints => "prints",
            Self::Settings => "settings",
            Self::Other => "other",
        }
    }

    /// The group of that word, in lower case; `everything` is no group but all of them, and the caller's to handle.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for group in Group::ALL {
            assert_eq!(Group::parse(group.as_str()), Some(group));
        }
        assert_eq!(Group::parse("everything"), None);
        assert_eq!(Group::parse("Images"), None);
    }
}
