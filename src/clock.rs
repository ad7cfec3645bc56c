//! The only place that asks the machine for the time, and the source of ids, which carry the time.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;
use uuid::Uuid;

/// A source of the current time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The current moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one permitted call")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is moved; for tests and for the demo company's seed.
///
/// Keeps whole microseconds, the finest step PostgreSQL stores.
#[derive(Debug)]
pub struct TestClock {
    micros: AtomicI64,
}

impl TestClock {
    /// A clock that shows `moment`.
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self { micros: AtomicI64::new(moment.timestamp_micros()) }
    }

    /// Moves the hands to `moment`, forwards or backwards.
    pub fn set(&self, moment: DateTime<Utc>) {
        self.micros.store(moment.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves the hands by `step`, which may be negative.
    pub fn advance(&self, step: TimeDelta) {
        let step = step.num_microseconds().unwrap_or(i64::MAX);
        self.micros.fetch_add(step, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        // What `set` stored came from a valid moment; a clock advanced out of the calendar stops
        // at its end.
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// A source of ids. They sort by the moment they were made, so newer rows land together in an index.
pub trait IdSource: fmt::Debug + Send + Sync {
    /// A new UUID version 7: never the same twice, each greater than the one before.
    fn next_id(&self) -> Uuid;
}

/// Ids that nobody can foresee, for the running server.
#[derive(Debug)]
pub struct SystemIds {
    clock: Arc<dyn Clock>,
    last: Mutex<Tick>,
}

impl SystemIds {
    /// Ids that carry the time of `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: Mutex::default() }
    }
}

impl IdSource for SystemIds {
    fn next_id(&self) -> Uuid {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.step(self.clock.as_ref()).id(rand::rng().random())
    }
}

/// The same ids from the same seed and clock, for tests and for the demo company.
#[derive(Debug)]
pub struct SeededIds {
    clock: Arc<dyn Clock>,
    state: Mutex<(Tick, u64)>,
}

impl SeededIds {
    /// Ids that carry the time of `clock` and a random part drawn from `seed`.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { clock, state: Mutex::new((Tick::default(), seed)) }
    }
}

impl IdSource for SeededIds {
    fn next_id(&self) -> Uuid {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, seed) = &mut *state;
        last.step(self.clock.as_ref()).id(split_mix(seed))
    }
}

/// Where the sequence of ids stands: a millisecond and a counter inside it.
#[derive(Debug, Clone, Copy, Default)]
struct Tick {
    millis: u64,
    counter: u16,
}

impl Tick {
    /// The counter fills the 12 bits that follow the time in a version 7 UUID.
    const COUNTER_END: u16 = 1 << 12;

    /// Moves on; borrows from the next millisecond when this one is full or the clock went back.
    fn step(&mut self, clock: &dyn Clock) -> Self {
        let now = u64::try_from(clock.now().timestamp_millis()).unwrap_or(0);
        if now > self.millis {
            *self = Self { millis: now, counter: 0 };
        } else if self.counter + 1 < Self::COUNTER_END {
            self.counter += 1;
        } else {
            *self = Self { millis: self.millis + 1, counter: 0 };
        }
        *self
    }

    fn id(self, random: u64) -> Uuid {
        let mut tail = [0; 10];
        tail[..2].copy_from_slice(&self.counter.to_be_bytes());
        tail[2..].copy_from_slice(&random.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.millis, &tail).into_uuid()
    }
}

/// The next number of a small generator whose sequence no library update can change.
///
/// Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators".
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_792_929_600, 0).unwrap()
    }

    #[test]
    fn a_test_clock_moves_only_when_told() {
        let clock = TestClock::at(noon());
        assert_eq!(clock.now(), noon());
        clock.advance(TimeDelta::minutes(-90));
        assert_eq!(clock.now(), noon() - TimeDelta::minutes(90));
        clock.set(noon());
        assert_eq!(clock.now(), noon());
    }

    #[test]
    fn ids_grow_even_when_the_clock_stands_or_goes_back() {
        let clock = Arc::new(TestClock::at(noon()));
        let ids = SystemIds::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let mut before = ids.next_id();
        // More than the 4096 ids one millisecond can hold.
        for turn in 0..10_000 {
            if turn == 5_000 {
                clock.advance(TimeDelta::hours(-1));
            }
            let id = ids.next_id();
            assert!(id > before, "{id} came after {before}");
            before = id;
        }
        assert_eq!(before.get_version_num(), 7);
    }

    #[test]
    fn an_id_carries_the_time_of_the_clock() {
        let ids = SeededIds::new(Arc::new(TestClock::at(noon())), 1);
        let (seconds, _) = ids.next_id().get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, 1_792_929_600);
    }

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_seed_others() {
        let first_five = |seed| {
            let ids = SeededIds::new(Arc::new(TestClock::at(noon())), seed);
            (0..5).map(|_| ids.next_id()).collect::<Vec<_>>()
        };
        assert_eq!(first_five(7), first_five(7));
        assert_ne!(first_five(7), first_five(8));
    }

    #[test]
    fn the_generator_gives_the_published_sequence() {
        // First outputs for seed 1234567 of the authors' reference program.
        let mut state = 1_234_567;
        assert_eq!(split_mix(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(split_mix(&mut state), 3_203_168_211_198_807_973);
    }
}
