//! Why something of a source is not in the snapshot: counted by reason, so that nothing is left out in silence.

use std::collections::BTreeMap;

use crate::core::name::RelPath;

/// So many of each reason are named; all are counted.
const NAMED: usize = 20;

/// The end of a name that a restore in place gives to what stood there, with a number behind it from the second on.
pub const PUT_ASIDE: &str = ".before-restore";

/// Whether a restore put this aside. It is the owner's own, and may lie nowhere else: it is backed up, and counted.
pub fn is_put_aside(name: &[u8]) -> bool {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = name.split_at(name.len() - digits);
    let before = if number.is_empty() { Some(before) } else { before.strip_suffix(b"-") };
    before.is_some_and(|before| before.ends_with(PUT_ASIDE.as_bytes()))
}

/// Why an entry is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// A file that did not change for longer than its source is kept.
    Old,
    /// A pattern of the owner's says so; of a folder, with everything in it.
    Pattern,
    /// It is of a kind that the owner did not choose.
    Kind,
    /// Passwords or keys stand in it, and the owner wants such files left out.
    Credentials,
    /// A live database, which a plain copy would tear: Moonraker's.
    Database,
    /// Half-written, or an editor's leftover.
    Temporary,
    /// Made again by whatever made it, such as thumbnails.
    Remade,
    /// What a check of the file system put there.
    LostFound,
    /// A link, backed up as a link, whose target lies in no source.
    LeadsOut,
    /// A folder of Printkeep's own, which would grow with every backup.
    Own,
}

/// Entries of one kind: left out for one reason, most often.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Omitted {
    /// How many; a folder counts once, with everything in it.
    pub count: u64,
    /// The first of them, at most 20.
    pub first: Vec<RelPath>,
}

impl Omitted {
    /// Counts one more; how many there are now.
    pub fn add(&mut self, path: &RelPath) -> u64 {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(path.clone());
        }
        self.count
    }
}

/// Everything that was left out, by reason.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Omissions(BTreeMap<Skip, Omitted>);

impl Omissions {
    /// Counts one more; how many there are of its reason now.
    pub fn add(&mut self, path: &RelPath, why: Skip) -> u64 {
        self.0.entry(why).or_default().add(path)
    }

    /// How many were left out for a reason.
    pub fn count(&self, why: Skip) -> u64 {
        self.0.get(&why).map_or(0, |omitted| omitted.count)
    }

    /// Each reason with what was left out for it.
    pub fn iter(&self) -> impl Iterator<Item = (Skip, &Omitted)> {
        self.0.iter().map(|(why, omitted)| (*why, omitted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_restore_put_aside_goes_by_its_name() {
        for (name, is_one) in [
            ("printer.cfg.before-restore", true),
            ("printer.cfg.before-restore-2", true),
            ("printer.cfg.before-restore-", false),
            ("printer.cfg.before-restore2", false),
            ("printer-2", false),
            ("", false),
        ] {
            assert_eq!(is_put_aside(name.as_bytes()), is_one, "{name}");
        }
    }

    #[test]
    fn all_are_counted_and_the_first_are_named() {
        let mut omissions = Omissions::default();
        for n in 0..100 {
            omissions.add(&RelPath::new(format!("a/{n}").as_bytes()).unwrap(), Skip::Temporary);
        }
        assert_eq!((omissions.count(Skip::Temporary), omissions.count(Skip::Kind)), (100, 0));
        assert_eq!(
            omissions.iter().map(|(why, omitted)| (why, omitted.first.len())).collect::<Vec<_>>(),
            [(Skip::Temporary, NAMED)]
        );
    }
}
