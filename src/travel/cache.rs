//! What was reckoned once: drives by pair of places, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::domain::places::Place;
use crate::domain::travel::OsrmServer;

/// Parts with a lock each, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// Micro-degrees in a degree.
const MICRO: f64 = 1e6;

/// A place rounded to a millionth of a degree, about a tenth of a metre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceKey {
    lat: i32,
    lon: i32,
}

/// From one place to another.
pub type PairKey = (PlaceKey, PlaceKey);

/// What drives were reckoned by; drives of two ways are never taken for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Way(u64);

impl PlaceKey {
    /// Rounds a place.
    #[expect(clippy::cast_possible_truncation, reason = "180e6 fits; casts of floats saturate")]
    pub fn of(place: &Place) -> Self {
        let micro = |degrees: f64| (degrees * MICRO).round() as i32;
        Self { lat: micro(place.lat), lon: micro(place.lon) }
    }

    /// Latitude and longitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.lat) / MICRO, f64::from(self.lon) / MICRO)
    }
}

impl Way {
    /// By the embedded roads, with a limit on how far places may be from a road.
    pub fn road(snap_limit_m: u32) -> Self {
        Self(u64::from(snap_limit_m))
    }

    /// By an OSRM server.
    ///
    /// FNV-1a of its address and profile, with the highest bit set to tell it from roads.
    pub fn osrm(server: &OsrmServer) -> Self {
        let bytes = server.url.bytes().chain([0]).chain(server.profile.bytes());
        let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, mix) | 1 << 63)
    }
}

/// Remembers what was used lately, up to a number of entries.
///
/// Each shard has a young and an old half. What is looked up moves to the young half; when that
/// is full the old half is dropped and the young becomes old. Cost: O(1), without a list to keep.
#[derive(Debug)]
pub struct Cache<K, V> {
    shards: Vec<Mutex<Halves<K, V>>>,
    half_max: usize,
    hasher: RandomState,
}

#[derive(Debug)]
struct Halves<K, V> {
    young: HashMap<(Way, K), V>,
    old: HashMap<(Way, K), V>,
}

impl<K: Hash + Eq + Copy, V: Clone> Cache<K, V> {
    /// Remembers at most `entries_max` values, rounded to what the parts can share.
    pub fn new(entries_max: usize) -> Self {
        let empty = || Mutex::new(Halves { young: HashMap::new(), old: HashMap::new() });
        let shards = (0..SHARDS).map(|_| empty()).collect();
        let half_max = entries_max.div_ceil(2 * SHARDS);
        Self { shards, half_max, hasher: RandomState::new() }
    }

    /// What is remembered.
    pub fn get(&self, way: Way, key: &K) -> Option<V> {
        let key = (way, *key);
        let mut halves = self.shard(&key).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = halves.young.get(&key) {
            return Some(value.clone());
        }
        let value = halves.old.remove(&key)?;
        halves.insert(key, value.clone(), self.half_max);
        Some(value)
    }

    /// Remembers a value.
    pub fn insert(&self, way: Way, key: K, value: V) {
        if self.half_max == 0 {
            return;
        }
        let key = (way, key);
        let mut halves = self.shard(&key).lock().unwrap_or_else(PoisonError::into_inner);
        halves.insert(key, value, self.half_max);
    }

    /// How many values are remembered.
    pub fn len(&self) -> usize {
        let count = |shard: &Mutex<Halves<K, V>>| {
            let halves = shard.lock().unwrap_or_else(PoisonError::into_inner);
            halves.young.len() + halves.old.len()
        };
        self.shards.iter().map(count).sum()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, key: &(Way, K)) -> &Mutex<Halves<K, V>> {
        let hash = self.hasher.hash_one(key);
        #[expect(clippy::cast_possible_truncation, reason = "a remainder below 16 fits")]
        let at = (hash % SHARDS as u64) as usize;
        &self.shards[at]
    }
}

impl<K: Hash + Eq, V> Halves<K, V> {
    fn insert(&mut self, key: (Way, K), value: V, half_max: usize) {
        if self.young.len() >= half_max && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        // An older value of the key in the other half is never seen again: the young one wins.
        self.young.insert(key, value);
    }
}
