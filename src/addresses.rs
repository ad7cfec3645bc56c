//! Addresses of a region, found as people type them: in any case, without accents, unfinished, and
//! with a slip of the finger.
//!
//! Everything is in memory: some 37,000 addresses of a city take a few megabytes. Cost of a
//! search: it looks at every street, some tenths of a millisecond for a city.

mod folding;
mod mentioned;
mod reading;
mod searching;

use crate::domain::places::{Address, Place, metres_between};

pub use reading::AddressesError;

/// Longest text that is searched for, in characters.
pub const TEXT_MAX: usize = 200;

/// The addresses of a region.
#[derive(Debug, Clone, Default)]
pub struct AddressBook {
    streets: Vec<Street>,
    count: usize,
}

/// One street of one town with its houses.
#[derive(Debug, Clone)]
struct Street {
    name: String,
    postcode: String,
    city: String,
    /// The name's words as they are compared.
    words: Vec<String>,
    /// The words of town and postcode as they are compared.
    town: Vec<String>,
    /// Ascending by number, then letter.
    houses: Vec<House>,
}

/// A house of a street.
#[derive(Debug, Clone)]
struct House {
    number: String,
    /// The number as it is compared.
    key: String,
    lat: f64,
    lon: f64,
}

/// An address that fits what somebody typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Where it is; of a street without a house its middle house.
    pub place: Place,
    /// Whether it names a house; a street otherwise, that wants a number.
    pub complete: bool,
}

impl AddressBook {
    /// How many addresses there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The address that a whole text means, for instance `skeifan 15, 108`; none if none fits, or if
    /// houses of several towns fit equally well.
    ///
    /// ```
    /// # use roundsman::addresses::AddressBook;
    /// let table = "lat,lon,street,housenumber,postcode,city\n64.13,-21.87,Skeifan,15,108,Reykjavík\n";
    /// let book = AddressBook::read(table.as_bytes()).unwrap();
    /// assert_eq!(book.geocode("SKEIFAN 15").unwrap().address.city, "Reykjavík");
    /// assert!(book.geocode("Skeifan").is_none());
    /// ```
    pub fn geocode(&self, text: &str) -> Option<Place> {
        let found = self.ranked(text);
        let best = found.first()?;
        let sole = found.get(1).is_none_or(|next| next.rank > best.rank);
        (best.exact && sole).then(|| self.place(best.street, best.house))
    }

    /// The nearest address to a point, within a distance in metres.
    pub fn nearest(&self, lat: f64, lon: f64, within_m: f64) -> Option<Place> {
        let mut best: Option<(f64, usize, usize)> = None;
        for (street, its) in self.streets.iter().enumerate() {
            for (house, at) in its.houses.iter().enumerate() {
                let distance = metres_between((lat, lon), (at.lat, at.lon));
                if distance <= within_m && best.is_none_or(|(least, ..)| distance < least) {
                    best = Some((distance, street, house));
                }
            }
        }
        best.map(|(_, street, house)| self.place(street, Some(house)))
    }

    /// Where a house is, or the middle of its street.
    fn place(&self, street: usize, house: Option<usize>) -> Place {
        let its = &self.streets[street];
        let at = &its.houses[house.unwrap_or(its.houses.len() / 2)];
        let number = house.map_or_else(String::new, |_| at.number.clone());
        let address = Address {
            street: its.name.clone(),
            house_number: number,
            postcode: its.postcode.clone(),
            city: its.city.clone(),
        };
        Place { lat: at.lat, lon: at.lon, address }
    }
}
