//! Whether the audit log is whole: every file in its place, following the one before it, reaching as far as it is known to.

use super::{AuditError, BEGIN, ENTRY, Entry, RETIRED, Read, Trail};

/// Where the log is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// A file is damaged or was changed at this byte.
    Changed {
        /// Which file.
        file: u64,
        /// Where.
        at: u64,
    },
    /// A file is not there.
    Missing {
        /// Which file.
        file: u64,
    },
    /// A file stands under another number than its own.
    Moved {
        /// Under which number.
        file: u64,
        /// The number it bears.
        bears: u64,
    },
    /// A file does not follow the one before it: that one was cut, exchanged or went on.
    NotFollowing {
        /// The later of the two.
        file: u64,
    },
    /// Entries at the end of a file are gone.
    Cut {
        /// Which file.
        file: u64,
        /// How long it was known to be, in bytes.
        known: u64,
    },
    /// The word of how far the log reaches is gone.
    NoEnd,
    /// The log was found broken before this file was begun.
    Before {
        /// The file that was begun then.
        file: u64,
        /// When, in seconds since 1970.
        time: i64,
    },
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed { file, at } => write!(f, "audit/{file}.journal was changed or is damaged at byte {at}"),
            Self::Missing { file } => write!(f, "audit/{file}.journal is missing"),
            Self::Moved { file, bears } => write!(f, "audit/{file}.journal is file {bears} of the log, under another name"),
            Self::NotFollowing { file } => {
                write!(f, "audit/{file}.journal does not follow the file before it: that one was cut, changed or exchanged")
            }
            Self::Cut { file, known } => {
                write!(f, "audit/{file}.journal was cut or set back: its first {known} bytes are not what was written")
            }
            Self::NoEnd => f.write_str("audit/newest, which tells how far the log reaches, is missing or damaged"),
            Self::Before { file, .. } => {
                write!(f, "what came before audit/{file}.journal was found broken when that file was begun")
            }
        }
    }
}

/// What checking the log found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many files there are.
    pub files: u64,
    /// How many entries.
    pub entries: u64,
    /// Files up to this number were let go when they were old.
    pub retired: u64,
    /// Bytes of a torn last entry that a power cut left; the next entry drops them.
    pub torn: u64,
    /// Where it is not what was written.
    pub breaks: Vec<Break>,
}

impl Trail {
    /// Reads the whole log, gives each entry in order, and tells where it is broken. Nothing is written.
    pub fn check(&self, each: &mut dyn FnMut(Entry)) -> Result<Checked, AuditError> {
        let mut checked = Checked::default();
        let (files, newest) = (self.files()?, self.newest()?);
        let told: Vec<_> = [newest, self.known].into_iter().flatten().collect();
        let mut before: Option<(u64, Read)> = None;
        for number in &files {
            let read = self.read(*number)?;
            checked.retired = checked.retired.max(read.retired());
            checked.look_at(*number, &read, before.as_ref(), each);
            let lost = |mark: &&super::Mark| mark.file == *number && read.damaged.is_none() && !read.reaches(mark);
            if let Some(mark) = told.iter().find(lost) {
                checked.breaks.push(Break::Cut { file: *number, known: mark.length });
            }
            before = Some((*number, read));
        }
        checked.files = files.len() as u64;
        checked.missing(&files, told.iter().map(|mark| mark.file).max().unwrap_or(0));
        if newest.is_none() && !files.is_empty() {
            checked.breaks.push(Break::NoEnd);
        }
        if let Some((_, read)) = before {
            checked.torn = if read.damaged.is_none() { (read.bytes.len() - read.good) as u64 } else { 0 };
        }
        Ok(checked)
    }
}

impl Checked {
    fn look_at(&mut self, number: u64, read: &Read, before: Option<&(u64, Read)>, each: &mut dyn FnMut(Entry)) {
        let at = read.damaged.unwrap_or(0);
        let begin = read.begin();
        match begin {
            Some(begin) if begin.number != number => self.breaks.push(Break::Moved { file: number, bears: begin.number }),
            Some(begin) => {
                let follows = match (begin.previous, before) {
                    (Some(previous), Some((file, read))) if previous.file == *file => {
                        previous.length == read.good as u64 && previous.chain == read.chain()
                    }
                    // a file that is missing between is named as that
                    _ => true,
                };
                if begin.broken {
                    self.breaks.push(Break::Before { file: number, time: begin.time });
                } else if !follows {
                    self.breaks.push(Break::NotFollowing { file: number });
                }
            }
            None => {}
        }
        let mut unread = begin.is_none();
        for record in &read.records {
            match record.kind {
                ENTRY => match Entry::decode(&record.bytes) {
                    Ok(entry) => {
                        self.entries += 1;
                        each(entry);
                    }
                    Err(_) => unread = true,
                },
                BEGIN | RETIRED => {}
                _ => unread = true,
            }
        }
        if unread || read.damaged.is_some() {
            self.breaks.push(Break::Changed { file: number, at });
        }
    }

    /// Numbers that should be there and are not.
    fn missing(&mut self, files: &[u64], told: u64) {
        let last = files.last().copied().unwrap_or(0).max(told);
        let lost = (self.retired + 1..=last).filter(|number| files.binary_search(number).is_err());
        self.breaks.extend(lost.take(100).map(|file| Break::Missing { file }));
    }
}
