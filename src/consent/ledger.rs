//! The ledger: decisions in the order they were made, chained by hash; the only maker of a [`Permit`].

use serde::{Deserialize, Serialize};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::item::Item;
use super::policy::{Language, Policy};
use crate::core::codec::{Bad, Reader, Writer};
use crate::core::digest::sha256;

/// What the owner decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Yes, until withdrawn.
    Granted = 1,
    /// No longer.
    Withdrawn = 2,
    /// No, said expressly; silence means the same.
    Denied = 3,
}

/// Where the owner was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// On the command line.
    CommandLine = 1,
    /// On the local web page.
    Page = 2,
    /// In the tray.
    Tray = 3,
    /// Nowhere: Printkeep itself took a consent as withdrawn, because the record of it was damaged.
    Itself = 4,
}

impl Surface {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command line",
            Self::Page => "page",
            Self::Tray => "tray",
            Self::Itself => "itself",
        }
    }
}

/// How the owner was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentContext {
    /// The language shown.
    pub language: Language,
    /// Where.
    pub surface: Surface,
    /// When, in seconds since 1970 by the device's clock.
    pub time: i64,
}

/// One entry of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// On what.
    pub item: Item,
    /// Yes or no.
    pub decision: Decision,
    /// How the owner was asked.
    pub asked: ConsentContext,
    /// On which device.
    pub device: [u8; 16],
    /// The policy that was in force; 0 where it was not recorded.
    pub version: u32,
    /// The hash of that policy.
    pub policy: [u8; 32],
    /// The hash of what that policy said of this item.
    pub terms: [u8; 32],
    /// The hash of the entry before; zeros in the first.
    pub previous: [u8; 32],
}

/// The size of an entry that tells of no policy, as the first ledgers had it.
const SHORT: usize = 10;

impl Entry {
    /// Layout: item 1, decision 1, time `i64`, language 1, surface 1, device 16, version `u32`, policy 32, terms 32, previous 32.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(self.item.code());
        out.u8(self.decision as u8);
        out.raw(&self.asked.time.to_le_bytes());
        out.u8(self.asked.language as u8);
        out.u8(self.asked.surface as u8);
        out.raw(&self.device);
        out.raw(&self.version.to_le_bytes());
        out.raw(&self.policy);
        out.raw(&self.terms);
        out.raw(&self.previous);
        out.into_vec()
    }

    /// Reads what `encode` wrote. An entry that ends behind its time was made under no recorded policy, and allows nothing.
    pub fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let mut input = Reader::new(bytes);
        let item = Item::from_code(input.u8()?).ok_or(Bad("consent to an unknown item"))?;
        let decision = match input.u8()? {
            1 => Decision::Granted,
            2 => Decision::Withdrawn,
            3 => Decision::Denied,
            _ => return Err(Bad("an unknown decision")),
        };
        let time = i64::from_le_bytes(input.array()?);
        let mut entry = Self {
            item,
            decision,
            asked: ConsentContext { language: Language::English, surface: Surface::CommandLine, time },
            device: [0; 16],
            version: 0,
            policy: [0; 32],
            terms: [0; 32],
            previous: [0; 32],
        };
        if bytes.len() == SHORT {
            return Ok(entry);
        }
        entry.asked.language = Language::from_code(input.u8()?).ok_or(Bad("consent in an unknown language"))?;
        entry.asked.surface = match input.u8()? {
            1 => Surface::CommandLine,
            2 => Surface::Page,
            3 => Surface::Tray,
            4 => Surface::Itself,
            _ => return Err(Bad("consent on an unknown surface")),
        };
        entry.device = input.array()?;
        entry.version = u32::from_le_bytes(input.array()?);
        entry.policy = input.array()?;
        entry.terms = input.array()?;
        entry.previous = input.array()?;
        input.finish()?;
        Ok(entry)
    }

    /// SHA-256 of its bytes: what the next entry names, and its name in exports.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.encode())
    }
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// The owner never said anything, which means no.
    Unasked,
    /// The owner said no.
    Denied,
    /// Allowed.
    Granted,
    /// The owner took it back.
    Withdrawn,
    /// Granted under a policy that has since changed what it says of this: it is asked again, and until then means no.
    Stale,
}

impl ConsentState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "not asked",
            Self::Denied => "denied",
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::Stale => "stale",
        }
    }
}

/// The decisions of one account in the order they were made, under the policy in force.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    policy: Option<Arc<Policy>>,
    halt: Arc<AtomicBool>,
}

impl Ledger {
    /// An empty ledger under a policy; with none, because it cannot be read, nothing is allowed.
    pub fn under(policy: Option<Arc<Policy>>) -> Self {
        Self { policy, ..Self::default() }
    }

    /// The policy in force.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_deref()
    }

    /// A decision as it is recorded next. What nothing serves cannot be granted.
    pub fn decide(&self, item: Item, decision: Decision, asked: ConsentContext, device: [u8; 16]) -> Result<Entry, Refusal> {
        let policy = match (&self.policy, decision) {
            (Some(policy), _) => Some(policy),
            (None, Decision::Granted) => return Err(Refusal::NoPolicy(item)),
            (None, _) => None,
        };
        if decision == Decision::Granted && !item.purpose().is_served() {
            return Err(Refusal::NotServed(item));
        }
        let (version, hash, terms) = policy.map_or((0, [0; 32], [0; 32]), |p| (p.version(), p.hash(), p.terms(item)));
        Ok(Entry { item, decision, asked, device, version, policy: hash, terms, previous: self.tip() })
    }

    /// The hash that the next entry names.
    pub fn tip(&self) -> [u8; 32] {
        self.entries.last().map_or([0; 32], Entry::hash)
    }

    /// Adds a decision, which must follow the last one. Permits for what is no longer allowed stop at once.
    pub fn push(&mut self, entry: Entry) -> Result<(), Bad> {
        // entries without a policy were written before there was a chain
        if entry.version != 0 && entry.previous != self.tip() {
            return Err(Bad("a consent that does not follow the one before it"));
        }
        self.entries.push(entry);
        if entry.item == Item::Network {
            let allowed = self.standing(Item::Network) == ConsentState::Granted;
            // permits of a consent that was taken back stay void; a new consent makes new ones
            if !allowed {
                self.halt.store(true, Ordering::SeqCst);
            } else if self.halt.load(Ordering::SeqCst) {
                self.halt = Arc::default();
            }
        }
        Ok(())
    }

    /// Every decision, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last decision on an item.
    pub fn last(&self, item: Item) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.item == item)
    }

    /// How an item stands under the policy in force.
    pub fn standing(&self, item: Item) -> ConsentState {
        let Some(entry) = self.last(item) else { return ConsentState::Unasked };
        match entry.decision {
            Decision::Denied => ConsentState::Denied,
            Decision::Withdrawn => ConsentState::Withdrawn,
            Decision::Granted => match &self.policy {
                Some(policy) if entry.terms == policy.terms(item) && item.purpose().is_served() => ConsentState::Granted,
                _ => ConsentState::Stale,
            },
        }
    }

    /// The owner's yes to `item`, or why there is none.
    pub fn permit(&self, item: Item) -> Result<Permit, Refusal> {
        match self.standing(item) {
            ConsentState::Granted => Ok(Permit { item, halt: self.halt.clone() }),
            _ if self.policy.is_none() => Err(Refusal::NoPolicy(item)),
            ConsentState::Withdrawn => Err(Refusal::Withdrawn(item)),
            ConsentState::Stale => Err(Refusal::Stale(item)),
            ConsentState::Unasked | ConsentState::Denied => Err(Refusal::NotGranted(item)),
        }
    }

    /// What stops every network client at once when it is set; for whoever hears of a withdrawal from outside.
    pub fn halt(&self) -> Arc<AtomicBool> {
        self.halt.clone()
    }
}

/// The owner's yes to one item: every network client and every recorder needs one.
#[derive(Debug)]
pub struct Permit {
    item: Item,
    halt: Arc<AtomicBool>,
}

impl Permit {
    /// What it allows.
    pub fn item(&self) -> Item {
        self.item
    }

    /// What tells, for as long as its work goes on, whether the owner has taken the yes back.
    pub fn leash(&self) -> Revocation {
        Revocation(self.halt.clone())
    }
}

/// Tells whether a permit still holds.
#[derive(Debug, Clone)]
pub struct Revocation(Arc<AtomicBool>);

impl Revocation {
    /// Whether the owner has taken the yes back.
    pub fn is_pulled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Why there is no permit. Only the owner can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The owner was never asked, or said no.
    NotGranted(Item),
    /// The owner took it back.
    Withdrawn(Item),
    /// What the policy says of it has changed since the owner said yes.
    Stale(Item),
    /// There is no policy in force that can be read.
    NoPolicy(Item),
    /// Nothing in Printkeep serves it.
    NotServed(Item),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotGranted(item) => write!(f, "you have not allowed {} use", item.as_str()),
            Self::Withdrawn(item) => write!(f, "you have withdrawn your consent to {} use", item.as_str()),
            Self::Stale(item) => write!(f, "the policy on {} use has changed since you allowed it", item.as_str()),
            Self::NoPolicy(item) => write!(f, "the policy in force cannot be read, so that {} use is not allowed", item.as_str()),
            Self::NotServed(item) => write!(f, "nothing in Printkeep does {}; it can only be denied", item.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(time: i64) -> ConsentContext {
        ConsentContext { language: Language::English, surface: Surface::CommandLine, time }
    }

    fn ledger() -> Ledger {
        Ledger::under(Some(Policy::built_in().into()))
    }

    fn decide(ledger: &mut Ledger, item: Item, decision: Decision) {
        let entry = ledger.decide(item, decision, asked(5), [3; 16]).unwrap();
        ledger.push(Entry::decode(&entry.encode()).unwrap()).unwrap();
    }

    #[test]
    fn the_last_decision_holds_and_the_first_answer_is_no() {
        for item in Item::all().filter(|item| item.purpose().is_served()) {
            let mut ledger = ledger();
            assert_eq!(ledger.permit(item).err(), Some(Refusal::NotGranted(item)));
            for (decision, allowed) in
                [(Decision::Granted, true), (Decision::Withdrawn, false), (Decision::Granted, true), (Decision::Denied, false)]
            {
                decide(&mut ledger, item, decision);
                assert_eq!(ledger.permit(item).is_ok(), allowed, "{item:?} {decision:?}");
                // one yes is a yes to nothing else
                assert!(Item::all().all(|other| other == item || ledger.permit(other).is_err()), "{item:?}");
            }
        }
    }

    #[test]
    fn what_nothing_serves_cannot_be_granted() {
        for item in Item::all().filter(|item| !item.purpose().is_served()) {
            let mut ledger = ledger();
            assert_eq!(ledger.decide(item, Decision::Granted, asked(5), [0; 16]), Err(Refusal::NotServed(item)));
            // not even by a ledger that says so
            let mut forged = ledger.decide(item, Decision::Denied, asked(5), [0; 16]).unwrap();
            forged.decision = Decision::Granted;
            ledger.push(forged).unwrap();
            assert!(ledger.permit(item).is_err());
        }
    }

    #[test]
    fn a_policy_that_changed_asks_again() {
        let mut entries = ledger();
        decide(&mut entries, Item::Network, Decision::Granted);
        decide(&mut entries, Item::Model, Decision::Granted);
        let text = super::super::policy::BUILT_IN.replacen("Model name of the printer", "Another wording", 1);
        let mut later = Ledger::under(Some(Policy::parse(&text).unwrap().into()));
        entries.entries().iter().for_each(|entry| later.push(*entry).unwrap());
        assert_eq!(later.permit(Item::Model).err(), Some(Refusal::Stale(Item::Model)));
        assert!(later.permit(Item::Network).is_ok());
        decide(&mut later, Item::Model, Decision::Granted);
        assert!(later.permit(Item::Model).is_ok());
        // a policy that cannot be read allows nothing
        let mut none = Ledger::under(None);
        entries.entries().iter().for_each(|entry| none.push(*entry).unwrap());
        assert_eq!(none.permit(Item::Network).err(), Some(Refusal::NoPolicy(Item::Network)));
        assert!(none.decide(Item::Network, Decision::Granted, asked(6), [0; 16]).is_err());
        assert!(none.decide(Item::Network, Decision::Withdrawn, asked(6), [0; 16]).is_ok());
    }

    #[test]
    fn a_withdrawal_pulls_every_leash_and_a_new_consent_makes_new_ones() {
        let mut ledger = ledger();
        decide(&mut ledger, Item::Network, Decision::Granted);
        let before = ledger.permit(Item::Network).unwrap().leash();
        assert!(!before.is_pulled());
        decide(&mut ledger, Item::Network, Decision::Withdrawn);
        assert!(before.is_pulled());
        decide(&mut ledger, Item::Network, Decision::Granted);
        assert!(before.is_pulled() && !ledger.permit(Item::Network).unwrap().leash().is_pulled());
        // and so does who hears of it from outside
        let leash = ledger.permit(Item::Network).unwrap().leash();
        ledger.halt().store(true, Ordering::SeqCst);
        assert!(leash.is_pulled());
    }

    #[test]
    fn an_entry_that_was_removed_changed_or_moved_is_found() {
        let mut whole = ledger();
        for item in [Item::Network, Item::Model, Item::Serial] {
            decide(&mut whole, item, Decision::Granted);
        }
        let entries = whole.entries().to_vec();
        let replay = |entries: &[Entry]| {
            let mut ledger = ledger();
            entries.iter().try_for_each(|entry| ledger.push(*entry))
        };
        assert!(replay(&entries).is_ok());
        assert!(replay(&entries[1..]).is_err());
        assert!(replay(&[entries[0], entries[2]]).is_err());
        assert!(replay(&[entries[1], entries[0], entries[2]]).is_err());
        let mut changed = entries.clone();
        changed[0].decision = Decision::Denied;
        assert!(replay(&changed).is_err());
    }

    #[test]
    fn each_entry_reads_back_as_it_was_written() {
        for decision in [Decision::Granted, Decision::Withdrawn, Decision::Denied] {
            for surface in [Surface::CommandLine, Surface::Page, Surface::Tray, Surface::Itself] {
                for language in Language::ALL {
                    let asked = ConsentContext { language, surface, time: -7 };
                    let entry = ledger().decide(Item::Model, decision, asked, [9; 16]).unwrap();
                    assert_eq!(Entry::decode(&entry.encode()).unwrap(), entry);
                }
            }
        }
    }

    #[test]
    fn other_bytes_are_no_decision() {
        for bytes in [&[][..], &[1], &[9, 1, 0, 0, 0, 0, 0, 0, 0, 0], &[1, 4, 0, 0, 0, 0, 0, 0, 0, 0], &[1; 11], &[1; 129]] {
            assert!(Entry::decode(bytes).is_err());
        }
        // the first ledgers' form is read, and allows nothing
        let mut ledger = ledger();
        ledger.push(Entry::decode(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap()).unwrap();
        assert_eq!(ledger.permit(Item::Network).err(), Some(Refusal::Stale(Item::Network)));
    }
}
