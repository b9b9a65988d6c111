//! What the owner allowed: purpose by purpose, denied until granted; the only maker of a [`Permit`].
//!
//! Pure: the ledger is replayed from records that `store` keeps; time is an argument.
//!
//! ```compile_fail
//! let forged = printkeep::consent::Permit { purpose: printkeep::consent::Purpose::Network };
//! ```
//!
//! ```
//! use printkeep::consent::{Ledger, Purpose, Refusal};
//! assert_eq!(Ledger::default().permit(Purpose::Network).err(), Some(Refusal::NotGranted(Purpose::Network)));
//! ```

use crate::core::codec::{Bad, Reader, Writer};

/// What something is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Purpose {
    /// Opening connections to the owner's stores: DNS, TCP, TLS.
    Network = 1,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 1] = [Self::Network];

    /// The word for it on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
        }
    }

    /// Reads the word for it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// What the owner decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Decision {
    /// Yes, until withdrawn.
    Granted = 1,
    /// No longer.
    Withdrawn = 2,
}

/// One entry of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// For what.
    pub purpose: Purpose,
    /// Yes or no.
    pub decision: Decision,
    /// When, in seconds since 1970 by the device's clock.
    pub time: i64,
}

impl Entry {
    /// Layout: purpose 1, decision 1, time `i64`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(self.purpose as u8);
        out.u8(self.decision as u8);
        out.raw(&self.time.to_le_bytes());
        out.into_vec()
    }

    /// Reads what `encode` wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let code = input.u8()?;
        let purpose = Purpose::ALL.into_iter().find(|p| *p as u8 == code).ok_or(Bad("consent for an unknown purpose"))?;
        let decision = match input.u8()? {
            1 => Decision::Granted,
            2 => Decision::Withdrawn,
            _ => return Err(Bad("an unknown decision")),
        };
        let time = i64::from_le_bytes(input.array()?);
        input.finish()?;
        Ok(Self { purpose, decision, time })
    }
}

/// The decisions of one account in the order they were made.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// Adds a decision; the last one on a purpose holds.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Every decision, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The decision that holds for a purpose.
    pub fn decision(&self, purpose: Purpose) -> Option<Entry> {
        self.entries.iter().rev().find(|entry| entry.purpose == purpose).copied()
    }

    /// The owner's yes to `purpose`, or why there is none.
    pub fn permit(&self, purpose: Purpose) -> Result<Permit, Refusal> {
        match self.decision(purpose).map(|entry| entry.decision) {
            Some(Decision::Granted) => Ok(Permit { purpose }),
            Some(Decision::Withdrawn) => Err(Refusal::Withdrawn(purpose)),
            None => Err(Refusal::NotGranted(purpose)),
        }
    }
}

/// The owner's yes to one purpose: every network client needs one.
#[derive(Debug)]
pub struct Permit {
    purpose: Purpose,
}

impl Permit {
    /// What it allows.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
}

/// Why there is no permit. Only the owner can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The owner was never asked, or never said yes.
    NotGranted(Purpose),
    /// The owner took it back.
    Withdrawn(Purpose),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotGranted(purpose) => write!(f, "you have not allowed {} use", purpose.as_str()),
            Self::Withdrawn(purpose) => write!(f, "you have withdrawn your consent to {} use", purpose.as_str()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_decision_holds_and_the_first_answer_is_no() {
        let mut ledger = Ledger::default();
        assert!(ledger.permit(Purpose::Network).is_err());
        for (decision, allowed) in [(Decision::Granted, true), (Decision::Withdrawn, false), (Decision::Granted, true)] {
            let entry = Entry { purpose: Purpose::Network, decision, time: 5 };
            ledger.push(Entry::decode(&entry.encode()).unwrap());
            assert_eq!(ledger.permit(Purpose::Network).is_ok(), allowed);
        }
    }

    #[test]
    fn other_bytes_are_no_decision() {
        for bytes in [&[][..], &[1], &[9, 1, 0, 0, 0, 0, 0, 0, 0, 0], &[1, 3, 0, 0, 0, 0, 0, 0, 0, 0], &[1; 11]] {
            assert!(Entry::decode(bytes).is_err());
        }
    }
}
