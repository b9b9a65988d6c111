//! What is no fault of an empty place that the owner gave a store: that it lacks what was not sent there yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::name::{DeviceId, ObjectName};
use crate::engine::account::known_state::{Anomaly, Finding};

/// Takes out of the findings what only says that the place was not filled to the end: `sent` is what lies there since the owner gave it, by this
/// machine. Where any of that is gone, or it shows anything else than that, nothing is excused: it is no empty place that is being filled.
pub(super) fn unsent(findings: &mut Vec<Finding>, sent: &BTreeSet<ObjectName>, theirs: &BTreeMap<ObjectName, u64>) {
    if sent.iter().all(|name| theirs.contains_key(name)) {
        findings.retain(|finding| !is_unsent(finding, sent));
    }
}

fn is_unsent(finding: &Finding, sent: &BTreeSet<ObjectName>) -> bool {
    match (finding.what, &finding.device, &finding.object) {
        (Anomaly::Older | Anomaly::Withheld, Some(device), _) => finding.shown == newest_head(sent, device),
        (Anomaly::OlderRoster, ..) => finding.shown == newest_roster(sent),
        (Anomaly::Missing, _, Some(name @ (ObjectName::Slot(_) | ObjectName::Roster(_)))) => !sent.contains(name),
        _ => false,
    }
}

fn newest_head(sent: &BTreeSet<ObjectName>, of: &DeviceId) -> u64 {
    let numbers = sent.iter().filter_map(|name| match name {
        ObjectName::Head(device, number) if device == of => Some(*number),
        _ => None,
    });
    numbers.max().unwrap_or(0)
}

fn newest_roster(sent: &BTreeSet<ObjectName>) -> u64 {
    sent.iter().filter_map(|name| if let ObjectName::Roster(number) = name { Some(*number) } else { None }).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(n: u8) -> DeviceId {
        DeviceId::from_bytes([n; 16])
    }

    /// What is left of these findings where this was sent and that is shown.
    fn left(finding: Finding, sent: &[ObjectName], shown: &[ObjectName]) -> usize {
        let mut findings = vec![finding];
        unsent(&mut findings, &sent.iter().copied().collect(), &shown.iter().map(|name| (*name, 1)).collect());
        findings.len()
    }

    #[test]
    fn only_what_was_not_sent_yet_is_excused() {
        let head = |number| ObjectName::Head(device(1), number);
        let older = |shown| Finding::of(Anomaly::Older, device(1), 5, shown);
        assert_eq!(left(older(0), &[], &[ObjectName::Roster(1)]), 0);
        assert_eq!(left(older(2), &[head(1), head(2)], &[head(1), head(2)]), 0);
        // another state than what was sent: somebody put it there
        assert_eq!(left(older(3), &[], &[head(3)]), 1);
        // what was sent is gone again
        assert_eq!(left(older(1), &[head(1), head(2)], &[head(1)]), 1);
        assert_eq!(left(Finding::at(Anomaly::OlderRoster, None, 4, 0), &[], &[head(1)]), 0);
        assert_eq!(left(Finding::at(Anomaly::OlderRoster, None, 4, 2), &[], &[ObjectName::Roster(2)]), 1);
        for what in [Anomaly::Forked, Anomaly::Changed, Anomaly::SlotBack, Anomaly::Emptied, Anomaly::Ahead] {
            assert_eq!(left(Finding::of(what, device(1), 0, 0), &[], &[]), 1, "{what:?}");
        }
    }
}
