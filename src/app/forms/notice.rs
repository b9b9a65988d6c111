//! What is told of one file or object while work goes on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::reasons;
use crate::app::{Text, faults};
use crate::engine::skip::Skip;
use crate::kind::Sort;
use crate::{engine, text};

/// So many files are named of which the same went wrong.
const MOST_NAMED: usize = 10;

/// So many reasons are kept apart.
const MOST_REASONS: usize = 50;

/// Something about one file or object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// What kind of notice.
    pub kind: NoticeKind,
    /// The file or object.
    pub subject: String,
    /// Why.
    pub reason: Text,
}

/// Files of which the same went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alike {
    /// Why.
    pub reason: Text,
    /// How many.
    pub count: u64,
    /// The first of them, at most 10.
    pub first: Vec<String>,
}

/// Files of which something went wrong, by what it was.
#[derive(Debug, Default)]
pub struct ByReason(Vec<Alike>);

impl ByReason {
    /// Takes one in; gives it back where there are too many reasons to keep apart.
    pub fn take(&mut self, notice: Notice) -> Option<Notice> {
        if let Some(alike) = self.0.iter_mut().find(|alike| alike.reason == notice.reason) {
            alike.count += 1;
            if alike.first.len() < MOST_NAMED {
                alike.first.push(notice.subject);
            }
            return None;
        }
        if self.0.len() == MOST_REASONS {
            return Some(notice);
        }
        self.0.push(Alike { reason: notice.reason, count: 1, first: vec![notice.subject] });
        None
    }

    /// All that was taken in, in the order of the reasons.
    pub fn drain(&mut self) -> Vec<Alike> {
        std::mem::take(&mut self.0)
    }
}

/// A kind of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Not backed up, because of what it is or what a rule says.
    Skipped,
    /// Not backed up or not restored, because of an error.
    Failed,
    /// Backed up as it was read, while something changed it.
    Changed,
    /// Restored, and what stood in its place was kept beside it.
    Beside,
    /// Holds passwords or keys.
    Credentials,
    /// An object is damaged or missing.
    Object,
    /// Local state was set aside and is rebuilt.
    State,
    /// An object could not be moved now.
    NotMoved,
}

impl NoticeKind {
    /// Whether nothing went wrong.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Skipped | Self::Beside)
    }
}

impl From<&engine::Notice<'_>> for Notice {
    fn from(notice: &engine::Notice<'_>) -> Self {
        let of = |kind, subject: String, reason| Self { kind, subject, reason };
        match notice {
            engine::Notice::Skipped(path, why) => of(NoticeKind::Skipped, path.to_string(), skipped(*why)),
            engine::Notice::Failed(path, why) => of(NoticeKind::Failed, path.to_string(), faults::file(why)),
            engine::Notice::Changed(path) => of(NoticeKind::Changed, path.to_string(), text!("notice-changed")),
            engine::Notice::Beside(path, name) => of(NoticeKind::Beside, path.to_string(), text!("notice-beside", name = *name)),
            engine::Notice::Credentials(path, found, left_out) => {
                of(NoticeKind::Credentials, path.to_string(), credentials(found, *left_out))
            }
            engine::Notice::Object(name, why) => of(NoticeKind::Object, name.to_string(), faults::object(why)),
            engine::Notice::StateRebuilt(folder, why) => {
                of(NoticeKind::State, folder.display().to_string(), text!("notice-state", why = reasons::cache(why)))
            }
            engine::Notice::NotMoved(name, why) => of(NoticeKind::NotMoved, name.to_string(), faults::sync(why)),
        }
    }
}

/// Which lines hold passwords or keys: the first three, and how many more.
pub fn credentials(found: &[crate::kind::Find], left_out: bool) -> Text {
    let first = found.iter().take(3).map(|find| text!("source-secret", line = find.line, what = held(find.sort)));
    let lines = first.reduce(|before, one| text!("notice-credentials-and", before = before, one = one));
    let Some(lines) = lines else { return text!("skip-credentials") };
    let more = found.len().saturating_sub(3);
    match left_out {
        true => text!("notice-credentials-left-out", lines = lines, more = more),
        false => text!("notice-credentials", lines = lines, more = more),
    }
}

fn held(sort: Sort) -> Text {
    match sort {
        Sort::WifiKey => text!("holds-wifi-key"),
        Sort::Password => text!("holds-password"),
        Sort::Token => text!("holds-token"),
        Sort::Address => text!("holds-address"),
        Sort::PrivateKey => text!("holds-private-key"),
    }
}

/// Why something of a source is left out.
pub fn skipped(why: Skip) -> Text {
    match why {
        Skip::Pipe => text!("skip-pipe"),
        Skip::Socket => text!("skip-socket"),
        Skip::Device => text!("skip-device"),
        Skip::Old => text!("skip-old"),
        Skip::Pattern => text!("skip-pattern"),
        Skip::Kind => text!("skip-kind"),
        Skip::Credentials => text!("skip-credentials"),
        Skip::Database => text!("skip-database"),
        Skip::Temporary => text!("skip-temporary"),
        Skip::Remade => text!("skip-remade"),
        Skip::LostFound => text!("skip-lost-found"),
        Skip::LeadsOut => text!("skip-leads-out"),
        Skip::Own => text!("skip-own"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::cache::CacheError;
    use std::path::Path;

    #[test]
    fn local_state_that_was_set_aside_is_told_by_its_place() {
        let notice = Notice::from(&engine::Notice::StateRebuilt(Path::new("/home/of/state"), &CacheError::Damaged));
        assert_eq!((notice.subject.as_str(), notice.reason.id.as_str()), ("/home/of/state", "notice-state"));
    }

    #[test]
    fn what_went_wrong_alike_is_told_once_and_counted() {
        let failed = |n: u64, reason: &str| Notice {
            kind: NoticeKind::Failed,
            subject: format!("config/{n}.cfg"),
            reason: Text::new(reason),
        };
        let mut by_reason = ByReason::default();
        assert!((0..40).all(|n| by_reason.take(failed(n, if n == 7 { "file-link" } else { "file-pieces" })).is_none()));
        let told = by_reason.drain();
        let counted: Vec<_> = told.iter().map(|alike| (alike.reason.id.as_str(), alike.count, alike.first.len())).collect();
        assert_eq!(counted, [("file-pieces", 39, MOST_NAMED), ("file-link", 1, 1)]);
        assert!(by_reason.drain().is_empty(), "nothing is told twice");
        (0..MOST_REASONS as u64).for_each(|n| drop(by_reason.take(failed(n, &format!("reason-{n}")))));
        assert_eq!(by_reason.take(failed(99, "another")), Some(failed(99, "another")));
    }
}
