//! The rules of tamper evidence, pure: what a store shows of a device's snapshots against what is known of them.

use std::collections::BTreeMap;

use crate::core::name::{DeviceId, ObjectHash, ObjectName};
use crate::core::snapshot::Seen;
use crate::engine::account::known_state::{Anomaly, Finding};

/// What one head says of its place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The hash of the head before it.
    pub previous: ObjectHash,
    /// Its own.
    pub hash: ObjectHash,
}

/// A device's snapshots as a store shows them, beside what is known of them.
pub struct Chain<'a> {
    /// Whose they are.
    pub device: DeviceId,
    /// The numbers that are listed, ascending; the last is one that is believed.
    pub numbers: &'a [u64],
    /// Those that were read and are believed.
    pub read: &'a BTreeMap<u64, Link>,
    /// The newest that was ever seen or put there.
    pub there: Option<u64>,
    /// What a number's hash is known to be.
    pub known: &'a dyn Fn(u64) -> Option<ObjectHash>,
    /// Whether a snapshot of this number was seen, here or there.
    pub was: &'a dyn Fn(u64) -> bool,
    /// Whether nobody misses a snapshot: the owner removed it, or revoked its device and does not believe it.
    pub forgotten: &'a dyn Fn(u64) -> bool,
}

/// The gaps of a device are looked through up to this length.
pub const MAX_GAP: u64 = 65_536;

/// Whether all numbers behind `after` up to `last` were removed by the owner.
pub fn all_forgotten(after: u64, last: u64, forgotten: &dyn Fn(u64) -> bool) -> bool {
    last - after <= MAX_GAP && (after + 1..=last).all(forgotten)
}

/// Holds a chain against what is known. Gives what is wrong, and the first number that must not be taken over.
pub fn chain(chain: &Chain<'_>) -> (Vec<Finding>, Option<u64>) {
    let mut findings = Vec::new();
    let newest = chain.numbers.last().copied().unwrap_or(0);
    if let Some(there) = chain.there
        && newest < there
        && !all_forgotten(newest, there, chain.forgotten)
    {
        findings.push(Finding::of(Anomaly::Older, chain.device, there, newest));
    }
    findings.extend(gaps(chain));
    let broken = chain.read.iter().find_map(|(number, link)| breaks(chain, *number, link).map(|what| (what, *number)));
    if let Some((what, number)) = broken {
        findings.push(Finding::of(what, chain.device, number, newest));
    }
    (findings, broken.map(|(_, number)| number))
}

/// The first number above `own` that does not follow those before it without a gap that the owner made, or that could not be read.
pub fn apart(own: u64, chain: &Chain<'_>) -> Option<u64> {
    let mut before = own;
    for number in chain.numbers.iter().copied().filter(|number| *number > own) {
        let is_read = chain.read.contains_key(&number) || (chain.known)(number).is_some();
        if !is_read || !all_forgotten(before, number - 1, chain.forgotten) {
            return Some(number);
        }
        before = number;
    }
    None
}

/// Numbers that lack, and the first of them.
#[derive(Default)]
struct Lacking {
    count: u64,
    first: Option<u64>,
}

impl Lacking {
    fn add(&mut self, first: u64, count: u64) {
        self.count = self.count.saturating_add(count);
        self.first = self.first.or(Some(first));
    }

    fn finding(&self, what: Anomaly, device: DeviceId, shown: u64) -> Option<Finding> {
        self.first.map(|first| Finding::at(what, Some(ObjectName::Head(device, first)), self.count, shown))
    }
}

/// What lacks below the newest: what was there is missing; of what nobody ever saw nothing tells whether it was made.
fn gaps(chain: &Chain<'_>) -> impl Iterator<Item = Finding> + use<> {
    let (mut missing, mut unseen, mut before, mut looked) = (Lacking::default(), Lacking::default(), 0u64, 0u64);
    for number in chain.numbers {
        let end = (before + 1).saturating_add(MAX_GAP - looked).min(*number);
        for lost in (before + 1..end).filter(|n| !(chain.forgotten)(*n)) {
            if (chain.was)(lost) { missing.add(lost, 1) } else { unseen.add(lost, 1) }
        }
        looked += end.saturating_sub(before + 1);
        // a made-up number far ahead keeps nobody busy
        if end < *number {
            unseen.add(end, number - end);
        }
        before = *number;
    }
    let (device, newest) = (chain.device, before);
    let found = [missing.finding(Anomaly::Missing, device, 0), unseen.finding(Anomaly::Gap, device, newest)];
    found.into_iter().flatten()
}

/// How a head breaks with what is known, if it does.
fn breaks(chain: &Chain<'_>, number: u64, link: &Link) -> Option<Anomaly> {
    if (chain.known)(number).is_some_and(|known| known != link.hash) {
        return Some(Anomaly::Forked);
    }
    let before = match number {
        0 | 1 => Some(ObjectHash::from_bytes([0; 32])),
        _ => chain.read.get(&(number - 1)).map(|link| link.hash).or_else(|| (chain.known)(number - 1)),
    };
    (before.is_some_and(|before| before != link.previous)).then_some(Anomaly::Unchained)
}

/// What is known when one device's word about the others is weighed.
pub struct Witness<'a> {
    /// The newest number that the store shows of a device.
    pub shown: &'a dyn Fn(&DeviceId) -> u64,
    /// What the hash of a device's snapshot is known to be.
    pub known: &'a dyn Fn(&DeviceId, u64) -> Option<ObjectHash>,
    /// Whether the owner removed a snapshot, by its hash where that is known.
    pub forgotten: &'a dyn Fn(&DeviceId, u64, Option<&ObjectHash>) -> bool,
    /// Whether the roster names a device and believes it still; none for a stranger.
    pub active: &'a dyn Fn(&DeviceId) -> Option<bool>,
}

/// Holds what a device's head says of other devices against what the store shows and what is known.
pub fn seen(by: DeviceId, seen: &[Seen], witness: &Witness<'_>) -> Vec<Finding> {
    let judge = |seen: &Seen| {
        let shown = (witness.shown)(&seen.device);
        let hash = |number: u64| (number == seen.number).then_some(&seen.hash);
        let forgotten = |number| (witness.forgotten)(&seen.device, number, hash(number));
        let what = match ((witness.active)(&seen.device), (witness.known)(&seen.device, seen.number)) {
            (None, _) => Anomaly::Stranger,
            (Some(false), _) => return None,
            (_, Some(known)) if known != seen.hash => Anomaly::Contradicted,
            _ if shown >= seen.number => return None,
            _ if all_forgotten(shown, seen.number, &forgotten) => return None,
            _ => Anomaly::Withheld,
        };
        Some(Finding { by: Some(by), ..Finding::of(what, seen.device, seen.number, shown) })
    };
    seen.iter().filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: DeviceId = DeviceId::from_bytes([1; 16]);
    const E: DeviceId = DeviceId::from_bytes([2; 16]);

    fn hash(n: u64) -> ObjectHash {
        ObjectHash::from_bytes([n.to_le_bytes()[0]; 32])
    }

    fn link(n: u64) -> (u64, Link) {
        (n, Link { previous: hash(n - 1), hash: hash(n) })
    }

    fn judge(numbers: &[u64], read: &[(u64, Link)], there: Option<u64>, forgotten: &[u64]) -> (Vec<Anomaly>, Option<u64>) {
        let known = |n| (Some(n) <= there).then(|| hash(n));
        let read = read.iter().copied().collect();
        let (was, forgotten) = (|n| Some(n) <= there, |n| forgotten.contains(&n));
        let chained = Chain { device: D, numbers, read: &read, there, known: &known, was: &was, forgotten: &forgotten };
        let (found, refused) = chain(&chained);
        (found.iter().map(|f| f.what).collect(), refused)
    }

    #[test]
    fn a_chain_that_goes_on_is_well() {
        assert_eq!(judge(&[], &[], None, &[]), (vec![], None));
        assert_eq!(judge(&[1, 2, 3], &[link(3)], Some(3), &[]), (vec![], None));
        assert_eq!(judge(&[1, 2, 3, 4], &[link(3), link(4)], Some(2), &[]), (vec![], None));
        assert_eq!(judge(&[1, 4], &[link(4)], Some(4), &[2, 3]), (vec![], None));
        assert_eq!(judge(&[1, 2], &[link(2)], Some(3), &[3]), (vec![], None), "the newest was forgotten");
    }

    #[test]
    fn each_break_is_told_as_what_it_is() {
        assert_eq!(judge(&[1, 2], &[link(2)], Some(3), &[]).0, [Anomaly::Older]);
        assert_eq!(judge(&[], &[], Some(1), &[]).0, [Anomaly::Older]);
        assert_eq!(judge(&[1, 3], &[link(3)], Some(3), &[]).0, [Anomaly::Missing]);
        assert_eq!(judge(&[1, 5], &[link(5)], None, &[]).0, [Anomaly::Gap], "nobody ever saw what lacks");
        assert_eq!(judge(&[1, u64::MAX], &[], None, &[]).0, [Anomaly::Gap], "and it ends");
        let other = |n: u64| (n, Link { previous: hash(n - 1), hash: hash(99) });
        assert_eq!(judge(&[1, 2, 3], &[other(3)], Some(3), &[]), (vec![Anomaly::Forked], Some(3)));
        let stray = (4, Link { previous: hash(98), hash: hash(4) });
        assert_eq!(judge(&[1, 2, 3, 4, 5], &[link(3), stray, link(5)], Some(3), &[]), (vec![Anomaly::Unchained], Some(4)));
        assert_eq!(judge(&[1], &[(1, Link { previous: hash(7), hash: hash(1) })], None, &[]).0, [Anomaly::Unchained]);
    }

    #[test]
    fn a_gap_that_nobody_ever_saw_is_one_finding_with_its_length_however_long() {
        let gaps_of = |numbers: &[u64]| {
            let (known, was, forgotten) = (|_| None, |n| n == 3, |_| false);
            let read = BTreeMap::new();
            let chained = Chain { device: D, numbers, read: &read, there: None, known: &known, was: &was, forgotten: &forgotten };
            chain(&chained).0.iter().map(|f| (f.what, f.object, f.known, f.shown)).collect::<Vec<_>>()
        };
        let first = |number| Some(ObjectName::Head(D, number));
        let lacks = (Anomaly::Missing, first(3), 1, 0);
        assert_eq!(gaps_of(&[1, 6]), [lacks, (Anomaly::Gap, first(2), 3, 6)]);
        assert_eq!(gaps_of(&[1, 1 << 48]), [lacks, (Anomaly::Gap, first(2), (1 << 48) - 3, 1 << 48)]);
        let many: Vec<u64> = (1..=10_000).map(|n| n * 1_000_000).collect();
        assert_eq!(gaps_of(&many).last().map(|gap| gap.2), Some(10_000 * 1_000_000 - 10_000 - 1));
    }

    #[test]
    fn what_a_device_takes_for_its_own_from_before_follows_without_a_gap() {
        let follows = |own, numbers: &[u64], read: &[u64], forgotten: &[u64]| {
            let read = read.iter().map(|n| link(*n)).collect();
            let (known, forgotten) = (|_| None, |n| forgotten.contains(&n));
            let was = |_| false;
            apart(own, &Chain { device: D, numbers, read: &read, there: None, known: &known, was: &was, forgotten: &forgotten })
        };
        assert_eq!(follows(3, &[1, 2, 3, 4, 5], &[4, 5], &[]), None);
        assert_eq!(follows(3, &[3, 5], &[5], &[4]), None);
        assert_eq!(follows(3, &[3, 5], &[5], &[]), Some(5));
        assert_eq!(follows(3, &[3, 4, 5], &[5], &[]), Some(4), "one that cannot be read");
        assert_eq!(follows(0, &[u64::MAX], &[u64::MAX], &[]), Some(u64::MAX));
    }

    #[test]
    fn one_devices_word_is_held_against_the_others() {
        let shown = |_: &DeviceId| 3;
        let known = |_: &DeviceId, n| (n <= 3).then(|| hash(n));
        let forgotten = |_: &DeviceId, n, hash: Option<&ObjectHash>| n == 4 && hash.is_none_or(|h| *h == self::hash(4));
        let active = |device: &DeviceId| if *device == D { Some(true) } else { None };
        let witness = Witness { shown: &shown, known: &known, forgotten: &forgotten, active: &active };
        let say = |device, number, hash| {
            let found = seen(E, &[Seen { device, number, hash }], &witness);
            found.first().map(|f| (f.what, f.by, f.known, f.shown))
        };
        assert_eq!(say(D, 3, hash(3)), None);
        assert_eq!(say(D, 2, hash(2)), None, "it had not seen the newest yet");
        assert_eq!(say(D, 3, hash(9)), Some((Anomaly::Contradicted, Some(E), 3, 3)));
        assert_eq!(say(D, 4, hash(4)), None, "forgotten since");
        assert_eq!(say(D, 4, hash(9)), Some((Anomaly::Withheld, Some(E), 4, 3)), "another of that number was forgotten");
        assert_eq!(say(D, 5, hash(5)), Some((Anomaly::Withheld, Some(E), 5, 3)));
        assert_eq!(say(E, 1, hash(1)), Some((Anomaly::Stranger, Some(E), 1, 3)));
        let revoked = Witness { active: &|_| Some(false), ..witness };
        assert!(seen(E, &[Seen { device: D, number: 9, hash: hash(9) }], &revoked).is_empty());
    }
}
