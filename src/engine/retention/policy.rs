//! Which snapshots of a device a set of rules keeps. Pure: numbers, times and tags in, verdicts out.
//!
//! Clocks of printers lie, so times are believed only where they agree with each other. Along the numbers of a device the longest
//! row of times that never goes back, and none of which lies in the future of its clock, is believed; all others are not.
//! Where the row leaps by more than a year it is cut, and each part is judged alone, so that a forged time takes no place from a
//! true one. The clock of the device that deletes is never what ages a snapshot: the newest believed time of its own row is. A snapshot whose
//! time is not believed is never dropped by a rule about time, only by counting. The newest is never dropped, nor a pinned one.

use std::collections::BTreeSet;

use crate::config::Retention;

const DAY: i64 = 86_400;
/// How far ahead of its clock a true time may seem.
const SLACK: i64 = DAY;
/// A leap of more than this begins a row of its own.
const LEAP: i64 = 366 * DAY;

/// What to keep; a snapshot that no rule keeps is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The newest so many, by number.
    pub last: u32,
    /// The last one of each of so many hours.
    pub hourly: u32,
    /// Of each of so many days.
    pub daily: u32,
    /// Of each of so many weeks, which begin on Monday.
    pub weekly: u32,
    /// Of each of so many months.
    pub monthly: u32,
    /// Of each of so many years.
    pub yearly: u32,
    /// All that are at most so many seconds older than the newest.
    pub within: Option<i64>,
    /// All with one of these tags.
    pub tags: Vec<String>,
}

impl From<&Retention> for Rules {
    fn from(of: &Retention) -> Self {
        Self {
            last: of.keep_last,
            hourly: of.keep_hourly,
            daily: of.keep_daily,
            weekly: of.keep_weekly,
            monthly: of.keep_monthly,
            yearly: of.keep_yearly,
            within: of.within(),
            tags: of.keep_tags.clone(),
        }
    }
}

impl Rules {
    /// Whether nothing is to be kept by a rule.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a rule looks at times.
    fn looks_at_times(&self) -> bool {
        self.within.is_some() || self.periods().iter().any(|(_, count)| *count > 0)
    }

    fn periods(&self) -> [(Period, u32); 5] {
        [
            (Period::Hour, self.hourly),
            (Period::Day, self.daily),
            (Period::Week, self.weekly),
            (Period::Month, self.monthly),
            (Period::Year, self.yearly),
        ]
    }
}

/// A snapshot as the rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Its number; candidates come in the order of their numbers.
    pub number: u64,
    /// When its device's clock said it was made.
    pub time: i64,
    /// Whether the owner pinned it.
    pub pinned: bool,
    /// Its tags.
    pub tags: BTreeSet<String>,
}

/// What becomes of a snapshot, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stays, for this reason.
    Keep(Reason),
    /// No rule keeps it.
    Drop,
}

/// Why a snapshot stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is the newest.
    Newest,
    /// It is pinned.
    Pinned,
    /// It is one of the newest so many.
    Last,
    /// It is the last of an hour.
    Hourly,
    /// It is the last of a day.
    Daily,
    /// It is the last of a week.
    Weekly,
    /// It is the last of a month.
    Monthly,
    /// It is the last of a year.
    Yearly,
    /// It is young enough.
    Within,
    /// It bears a tag that is kept.
    Tag,
    /// It is the newest of a source.
    Source,
    /// Its time is not believed.
    TimeNotBelieved,
}

/// Judges the snapshots of one device, in the order of their numbers; `now` is its clock, in UTC.
pub fn judge(snapshots: &[Candidate], rules: &Rules, now: i64) -> Vec<Verdict> {
    let mut reasons: Vec<Option<Reason>> = vec![None; snapshots.len()];
    let rows = believed_rows(snapshots, now);
    let believed: BTreeSet<usize> = rows.iter().flatten().copied().collect();
    for row in &rows {
        judge_row(snapshots, row, rules, &mut reasons);
    }
    let last = usize::try_from(rules.last).unwrap_or(usize::MAX);
    for (at, snapshot) in snapshots.iter().enumerate() {
        let from_the_end = snapshots.len() - 1 - at;
        let first = [
            (from_the_end == 0, Reason::Newest),
            (snapshot.pinned, Reason::Pinned),
            (from_the_end < last, Reason::Last),
            (rules.tags.iter().any(|tag| snapshot.tags.contains(tag)), Reason::Tag),
            (rules.looks_at_times() && !believed.contains(&at), Reason::TimeNotBelieved),
        ];
        if let Some((_, reason)) = first.iter().find(|(holds, _)| *holds) {
            reasons[at] = Some(*reason);
        }
    }
    reasons.into_iter().map(|reason| reason.map_or(Verdict::Drop, Verdict::Keep)).collect()
}

/// Keeps what the rules about time keep of one row.
fn judge_row(snapshots: &[Candidate], row: &[usize], rules: &Rules, reasons: &mut [Option<Reason>]) {
    let Some(newest) = row.last().map(|at| snapshots[*at].time) else { return };
    for (period, count) in rules.periods() {
        let (mut left, mut before) = (count, None);
        for at in row.iter().rev() {
            let bucket = period.of(snapshots[*at].time);
            if left > 0 && before != Some(bucket) {
                reasons[*at] = reasons[*at].or(Some(period.reason()));
                left -= 1;
            }
            before = Some(bucket);
        }
    }
    if let Some(within) = rules.within {
        for at in row.iter().filter(|at| snapshots[**at].time >= newest.saturating_sub(within)) {
            reasons[*at] = reasons[*at].or(Some(Reason::Within));
        }
    }
}

/// Rows of snapshots whose times are believed, each by its places among the snapshots.
fn believed_rows(snapshots: &[Candidate], now: i64) -> Vec<Vec<usize>> {
    let past: Vec<usize> = (0..snapshots.len()).filter(|at| snapshots[*at].time <= now.saturating_add(SLACK)).collect();
    let longest = longest_row(snapshots, &past);
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for at in longest {
        match rows.last_mut() {
            Some(row) if row.last().is_some_and(|l| snapshots[at].time.saturating_sub(snapshots[*l].time) <= LEAP) => {
                row.push(at)
            }
            _ => rows.push(vec![at]),
        }
    }
    rows
}

/// The longest row of these snapshots whose times never go back (patience sorting, n log n).
fn longest_row(snapshots: &[Candidate], of: &[usize]) -> Vec<usize> {
    let (mut tops, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; snapshots.len()]);
    for at in of {
        let place = tops.partition_point(|top| snapshots[*top].time <= snapshots[*at].time);
        before[*at] = place.checked_sub(1).map(|p| tops[p]);
        if place == tops.len() { tops.push(*at) } else { tops[place] = *at }
    }
    let mut row: Vec<usize> = std::iter::successors(tops.last().copied(), |at| before[*at]).collect();
    row.reverse();
    row
}

#[derive(Clone, Copy)]
enum Period {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    fn reason(self) -> Reason {
        match self {
            Self::Hour => Reason::Hourly,
            Self::Day => Reason::Daily,
            Self::Week => Reason::Weekly,
            Self::Month => Reason::Monthly,
            Self::Year => Reason::Yearly,
        }
    }

    /// The number of the period that a time lies in.
    fn of(self, time: i64) -> i64 {
        let day = time.div_euclid(DAY);
        match self {
            Self::Hour => time.div_euclid(3600),
            Self::Day => day,
            // 1970 began on a Thursday
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => months(day),
            Self::Year => months(day).div_euclid(12),
        }
    }
}

/// Months since March of the year 0, in the Gregorian calendar (Howard Hinnant's days-to-civil), shifted to begin in January.
fn months(day: i64) -> i64 {
    let day = day.saturating_add(719_468);
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    (era * 400 + year) * 12 + month + 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-01-01 00:00 UTC.
    const NOW: i64 = 1_767_225_600;

    fn at(times: &[i64]) -> Vec<Candidate> {
        let one = |(n, time): (usize, &i64)| Candidate { number: n as u64 + 1, time: *time, ..Candidate::default() };
        times.iter().enumerate().map(one).collect()
    }

    fn kept(snapshots: &[Candidate], rules: &Rules, now: i64) -> Vec<u64> {
        let verdicts = judge(snapshots, rules, now);
        snapshots.iter().zip(verdicts).filter(|(_, v)| *v != Verdict::Drop).map(|(s, _)| s.number).collect()
    }

    #[test]
    fn months_and_years_are_those_of_the_calendar() {
        let day = |text: i64| text.div_euclid(DAY);
        // the last second of 2025 and the first of 2026; 29 February and 1 March 2024
        assert_eq!(months(day(NOW)) - months(day(NOW - 1)), 1);
        assert_eq!(Period::Year.of(NOW), 2026);
        assert_eq!(Period::Year.of(NOW - 1), 2025);
        assert_eq!(Period::Month.of(1_709_251_199), 2024 * 12 + 1);
        assert_eq!(Period::Month.of(1_709_251_200), 2024 * 12 + 2);
        assert_eq!(Period::Year.of(-1), 1969);
        // Monday, 2025-12-29, begins a week
        assert_eq!(Period::Week.of(NOW - 3 * DAY) - Period::Week.of(NOW - 3 * DAY - 1), 1);
    }

    #[test]
    fn each_rule_keeps_what_it_says() {
        // two a day for ten days, the last at noon of the first of January
        let times: Vec<i64> = (0..20).map(|n| NOW + DAY / 2 - (19 - n) * DAY / 2).collect();
        let all = at(&times);
        let now = NOW + DAY;
        let rules = |change: fn(&mut Rules)| {
            let mut rules = Rules::default();
            change(&mut rules);
            rules
        };
        assert_eq!(kept(&all, &rules(|r| r.last = 3), now), [18, 19, 20]);
        assert_eq!(kept(&all, &rules(|r| r.daily = 3), now), [16, 18, 20]);
        assert_eq!(kept(&all, &rules(|r| r.weekly = 2), now), [12, 20]);
        assert_eq!(kept(&all, &rules(|r| r.monthly = 2), now), [18, 20]);
        assert_eq!(kept(&all, &rules(|r| r.yearly = 5), now), [18, 20]);
        assert_eq!(kept(&all, &rules(|r| r.hourly = 2), now), [19, 20]);
        assert_eq!(kept(&all, &rules(|r| r.within = Some(DAY)), now), [18, 19, 20]);
        let mut some = all.clone();
        some[0].pinned = true;
        some[1].tags.insert("good".into());
        assert_eq!(kept(&some, &rules(|r| r.tags = vec!["good".into()]), now), [1, 2, 20]);
    }

    #[test]
    fn the_clock_of_who_deletes_drops_nothing() {
        let times: Vec<i64> = (0..20).map(|n| NOW - (19 - n) * DAY).collect();
        let rules = Rules { within: Some(3 * DAY), ..Rules::default() };
        let right = kept(&at(&times), &rules, NOW);
        assert_eq!(right, [17, 18, 19, 20]);
        assert_eq!(kept(&at(&times), &rules, NOW + 3650 * DAY), right, "ten years ahead");
        assert_eq!(kept(&at(&times), &rules, NOW - 3650 * DAY).len(), 20, "ten years behind: every time is in the future");
    }

    #[test]
    fn snapshots_without_a_clock_are_kept_by_rules_about_time_and_counted_by_last() {
        let mut times: Vec<i64> = (0..10).map(|n| NOW - (9 - n) * DAY).collect();
        for without_clock in [3, 6, 7] {
            times[without_clock] = 60;
        }
        let all = at(&times);
        assert_eq!(kept(&all, &Rules { daily: 2, ..Rules::default() }, NOW), [4, 7, 8, 9, 10]);
        assert_eq!(kept(&all, &Rules { last: 2, ..Rules::default() }, NOW), [9, 10]);
        assert_eq!(kept(&all, &Rules { last: 2, daily: 1, ..Rules::default() }, NOW), [4, 7, 8, 9, 10]);
    }

    fn rules() -> impl Strategy<Value = Rules> {
        (0u32..4, 0u32..4, 0u32..6, 0u32..4, 0u32..4, 0u32..3, proptest::option::of(0i64..40)).prop_map(
            |(last, hourly, daily, weekly, monthly, yearly, within)| Rules {
                last,
                hourly,
                daily,
                weekly,
                monthly,
                yearly,
                within: within.map(|days| days * DAY),
                tags: Vec::new(),
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Whatever the times are: the newest and the pinned stay, and a time that is not believed drops nothing.
        #[test]
        fn no_times_drop_the_newest_or_a_pinned_one(
            times in proptest::collection::vec(any::<i64>(), 1..40), pinned: u64, rules in rules(), now: i64
        ) {
            let mut all = at(&times);
            for (n, one) in all.iter_mut().enumerate() {
                one.pinned = pinned >> (n % 64) & 1 == 1;
            }
            let verdicts = judge(&all, &rules, now);
            prop_assert!(verdicts[all.len() - 1] != Verdict::Drop);
            for (one, verdict) in all.iter().zip(&verdicts) {
                prop_assert!(!one.pinned || *verdict != Verdict::Drop);
                let future = one.time > now.saturating_add(SLACK);
                prop_assert!(!(future && rules.looks_at_times()) || *verdict != Verdict::Drop);
            }
        }

        /// One in five clocks is up to ten years off, and so may the device that deletes be: whatever the rules keep when all clocks are right,
        /// they still keep, but for those whose own clock was off.
        #[test]
        fn wrong_clocks_drop_no_snapshot_that_right_ones_keep(
            steps in proptest::collection::vec((0i64..20 * DAY, 0u8..5, 400i64..3650, any::<bool>()), 30..80),
            rules in rules(), off in -3650i64..3650
        ) {
            let mut time = NOW - steps.iter().map(|s| s.0).sum::<i64>();
            let (mut right, mut wrong) = (Vec::new(), Vec::new());
            for (step, dice, days, ahead) in &steps {
                time += step;
                right.push(time);
                let is_off = *dice == 0;
                wrong.push(if !is_off { time } else if *ahead { time + days * DAY } else { time - days * DAY });
            }
            let (expected, found) = (kept(&at(&right), &rules, NOW), kept(&at(&wrong), &rules, NOW + off * DAY));
            for number in expected {
                let n = usize::try_from(number).unwrap() - 1;
                prop_assert!(right[n] != wrong[n] || found.contains(&number), "{number} of {}", right.len());
            }
        }
    }
}
