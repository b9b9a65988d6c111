//! Objects on their way between vault and store: several at once, as many as the link bears, within a room of memory. One bad
//! object never blocks the rest; a store that is away, full or closed ends the run, and what arrived before counts.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::core::name::ObjectName;
use crate::engine::error::SyncFault;
use crate::engine::repository::remote::Remote;
use crate::engine::{Cancel, EngineError};
use crate::provider::{NotDriven, ProviderError};

/// How many objects go at once to begin with, and at most.
const FIRST: usize = 2;
const MOST: usize = 8;
/// What an object costs besides its bytes, in bytes: about what a link carries in the time of a request.
const REQUEST: u64 = 64 * 1024;
/// So many objects in a row that find the store away, or make no sense of it, are the store's failure and not theirs.
const AWAY: u32 = 3;
const NONSENSE: u32 = 10;

/// Why an object did not move.
#[derive(Debug)]
pub enum Trouble {
    /// The object is not what it should be, here or there.
    Object(SyncFault),
    /// The store did not do what it was asked.
    Store(ProviderError),
}

/// Why no more moves.
#[derive(Debug)]
pub enum Stop {
    /// The store is away, full or closed; what arrived before counts.
    Store(ProviderError),
    /// This machine: nothing more can be done.
    Here(EngineError),
}

impl Stop {
    /// The same as an error that names the store.
    pub fn at(self, remote: &Remote) -> EngineError {
        match self {
            Self::Store(error) => remote.lost(error),
            Self::Here(error) => error,
        }
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Here(error)
    }
}

impl From<NotDriven> for Stop {
    fn from(why: NotDriven) -> Self {
        Self::Here(why.into())
    }
}

/// What came of an object, for whoever counts: it arrived, or could not be moved.
pub type Moved<T> = Result<T, SyncFault>;

/// Moves objects with `job`, and tells `done` of each as it ends, one at a time.
pub async fn carry<T, F>(
    items: &[(ObjectName, u64)],
    room: usize,
    pace: &mut Pace,
    cancel: &Cancel,
    job: impl Fn(ObjectName, u64) -> F,
    mut done: impl FnMut(ObjectName, u64, Moved<T>) -> Result<(), EngineError>,
) -> Result<(), Stop>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let mut waiting = items.iter().copied().peekable();
    let mut running = FuturesUnordered::new();
    let mut flight = InFlight { pace, room: room as u64, taken: 0, in_a_row: 0, ended: None, doubtful: Vec::new() };
    loop {
        while let Some((name, size)) = waiting.peek().copied()
            && flight.takes(running.len(), size)
        {
            cancel.check()?;
            waiting.next();
            flight.taken += size;
            let job = job(name, size);
            running.push(async move { (name, size, job.await) });
        }
        let Some((name, size, result)) = running.next().await else { break };
        flight.taken -= size;
        let Some(moved) = flight.judge(name, size, result) else { continue };
        if moved.is_ok() {
            // the store is there: what found it away is that object's own failure
            flight.doubtful.drain(..).try_for_each(|(name, size, why)| done(name, size, Err(why)))?;
        }
        done(name, size, moved)?;
    }
    match flight.ended {
        Some(error) => Err(Stop::Store(error)),
        None => Ok(flight.doubtful.drain(..).try_for_each(|(name, size, why)| done(name, size, Err(why)))?),
    }
}

/// What is on its way to or from a store, and what its failures say of the store.
struct InFlight<'a> {
    pace: &'a mut Pace,
    room: u64,
    /// Bytes on their way.
    taken: u64,
    /// Failures of the store since anything arrived.
    in_a_row: u32,
    ended: Option<ProviderError>,
    /// What found the store away; told of only when it proves not to be.
    doubtful: Vec<(ObjectName, u64, SyncFault)>,
}

impl InFlight<'_> {
    /// Whether one more object of this size may go, beside so many.
    fn takes(&self, running: usize, size: u64) -> bool {
        self.ended.is_none() && running < self.pace.now && (running == 0 || self.taken + size <= self.room)
    }

    /// What came of an object; none where that is not to be told of it, or not yet.
    fn judge<T>(&mut self, name: ObjectName, size: u64, result: Result<T, Trouble>) -> Option<Moved<T>> {
        match result {
            Ok(moved) => {
                self.in_a_row = 0;
                self.pace.worked(size, Instant::now());
                Some(Ok(moved))
            }
            Err(Trouble::Object(why)) => Some(Err(why)),
            Err(Trouble::Store(error)) => {
                self.pace.failed(Instant::now());
                self.in_a_row += 1;
                if ends(&error, self.in_a_row) {
                    self.ended.get_or_insert(error);
                    None
                } else if error.is_transient() {
                    self.doubtful.push((name, size, SyncFault::Store(error)));
                    None
                } else {
                    Some(Err(SyncFault::Store(error)))
                }
            }
        }
    }
}

/// Whether a failure is the store's, so that the other objects would meet it as well.
fn ends(error: &ProviderError, in_a_row: u32) -> bool {
    match error {
        ProviderError::Full(_)
        | ProviderError::Unmounted(_)
        | ProviderError::ReadOnly(_)
        | ProviderError::Refused(_)
        | ProviderError::Withdrawn
        | ProviderError::Stopped
        | ProviderError::NotTrusted(_)
        | ProviderError::NewKey(_)
        | ProviderError::Clock(_) => true,
        ProviderError::Unreachable(_) => in_a_row >= AWAY,
        ProviderError::Nonsense(_) | ProviderError::Local(_) => in_a_row >= NONSENSE,
        ProviderError::Missing | ProviderError::Taken | ProviderError::Locked(_) => false,
    }
}

/// How many objects go at once: one more after each round that went well, half as many after one that failed or was slow.
pub struct Pace {
    now: usize,
    round: usize,
    cost: u64,
    begin: Instant,
    /// Cost per second of the best round so far; it fades.
    best: f64,
}

impl Pace {
    /// Begins gently.
    pub fn new(now: Instant) -> Self {
        Self { now: FIRST, round: 0, cost: 0, begin: now, best: 0.0 }
    }

    fn worked(&mut self, size: u64, now: Instant) {
        self.round += 1;
        self.cost += size + REQUEST;
        if self.round < self.now {
            return;
        }
        let took = now.saturating_duration_since(self.begin).max(Duration::from_micros(1));
        let rate = self.cost as f64 / took.as_secs_f64();
        if rate < self.best * 0.7 {
            self.now = (self.now / 2).max(1);
            self.best = rate;
        } else {
            self.now = (self.now + 1).min(MOST);
            self.best = rate.max(self.best * 0.95);
        }
        (self.round, self.cost, self.begin) = (0, 0, now);
    }

    fn failed(&mut self, now: Instant) {
        self.now = (self.now / 2).max(1);
        (self.round, self.cost, self.begin) = (0, 0, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::ObjectId;
    use std::cell::Cell;

    fn items(count: u8, size: u64) -> Vec<(ObjectName, u64)> {
        (0..count).map(|n| (ObjectName::Pack(ObjectId::from_bytes([n; 16])), size)).collect()
    }

    /// Moves objects; `fails` says what each meets. Gives those that arrived, those that did not, how many were on their way
    /// at once, and what ended it.
    fn run(
        items: &[(ObjectName, u64)],
        room: usize,
        fails: impl Fn(u8) -> Option<Trouble>,
    ) -> (usize, usize, usize, Option<ProviderError>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (at_once, most) = (Cell::new(0), Cell::new(0));
        let job = |name: ObjectName, _| {
            let (at_once, most) = (&at_once, &most);
            let ObjectName::Pack(id) = name else { panic!() };
            let fails = fails(id.as_bytes()[0]);
            async move {
                at_once.set(at_once.get() + 1);
                most.set(most.get().max(at_once.get()));
                tokio::time::sleep(Duration::from_millis(10)).await;
                at_once.set(at_once.get() - 1);
                fails.map_or(Ok(()), Err)
            }
        };
        let (mut arrived, mut failed) = (0, 0);
        let done = |_, _, moved: Moved<()>| {
            if moved.is_ok() {
                arrived += 1
            } else {
                failed += 1
            }
            Ok(())
        };
        let mut pace = Pace::new(Instant::now());
        let ended = match runtime.block_on(carry(items, room, &mut pace, &Cancel::default(), job, done)) {
            Ok(()) => None,
            Err(Stop::Store(error)) => Some(error),
            Err(Stop::Here(error)) => panic!("{error}"),
        };
        (arrived, failed, most.get(), ended)
    }

    #[test]
    fn one_bad_object_never_blocks_the_rest() {
        let bad = |n: u8| (n == 3).then_some(Trouble::Object(SyncFault::EitherCopy));
        assert_eq!((run(&items(20, 1), 1000, bad).0, run(&items(20, 1), 1000, bad).1), (19, 1));
        let away = |n: u8| n.is_multiple_of(4).then(|| Trouble::Store(ProviderError::Unreachable("away".into())));
        let (arrived, failed, _, ended) = run(&items(20, 1), 1000, away);
        assert_eq!((arrived, failed, ended), (15, 5, None));
    }

    #[test]
    fn a_store_that_is_full_or_away_ends_the_run_and_what_arrived_counts() {
        let full = |n: u8| (n >= 10).then(|| Trouble::Store(ProviderError::Full("full".into())));
        let (arrived, failed, _, ended) = run(&items(200, 1), 1000, full);
        assert_eq!((arrived, failed, ended), (10, 0, Some(ProviderError::Full("full".into()))));
        let away = |n: u8| (n >= 10).then(|| Trouble::Store(ProviderError::Unreachable("away".into())));
        let (arrived, failed, _, ended) = run(&items(200, 1), 1000, away);
        assert!((arrived, failed) == (10, 0) && ended.is_some(), "{arrived} {failed}");
    }

    #[test]
    fn memory_keeps_within_the_room() {
        assert_eq!(run(&items(40, 4), 16, |_| None).2, 4);
        assert_eq!(run(&items(40, 4), 3, |_| None).2, 1);
        assert!(run(&items(40, 1), 1000, |_| None).2 <= MOST);
    }

    #[test]
    fn the_pace_grows_while_it_pays_and_halves_when_it_does_not() {
        let begin = Instant::now();
        let (mut pace, mut now) = (Pace::new(begin), begin);
        assert_eq!(pace.now, 2);
        let mut round = |pace: &mut Pace, millis: u64| {
            for _ in 0..pace.now {
                now += Duration::from_millis(millis);
                pace.worked(1 << 20, now);
            }
            now
        };
        for _ in 0..10 {
            round(&mut pace, 10);
        }
        assert_eq!(pace.now, MOST);
        let now = round(&mut pace, 100);
        assert_eq!(pace.now, MOST / 2);
        pace.failed(now);
        assert_eq!(pace.now, MOST / 4);
        (0..10).for_each(|_| pace.failed(now));
        assert_eq!(pace.now, 1);
        round(&mut pace, 100);
        assert_eq!(pace.now, 2);
    }
}
