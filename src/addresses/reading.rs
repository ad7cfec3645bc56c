//! A book of addresses out of a table: CSV, plain or packed by zstd.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde::Deserialize;

use crate::addresses::folding::{folded, words};
use crate::addresses::{AddressBook, House, Street};

/// What a packed table begins with. Source: RFC 8878, section 3.1.1.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Why a table of addresses cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AddressesError {
    /// It does not unpack.
    #[error("the addresses do not unpack")]
    Unpack(#[from] std::io::Error),
    /// It is no table with the columns it needs.
    #[error("the addresses are no table with lat, lon, street, housenumber, postcode and city")]
    Table(#[from] csv::Error),
}

/// One line; other columns do not matter.
#[derive(Deserialize)]
struct Row {
    lat: f64,
    lon: f64,
    street: String,
    housenumber: String,
    #[serde(default)]
    postcode: String,
    #[serde(default)]
    city: String,
}

impl AddressBook {
    /// The addresses of a table with the columns `lat`, `lon`, `street`, `housenumber`, `postcode`
    /// and `city`. Lines without street or number are left out.
    ///
    /// Cost: some 60 ms for a city.
    ///
    /// # Errors
    /// [`AddressesError`] if it is no such table.
    pub fn read(table: &[u8]) -> Result<Self, AddressesError> {
        let mut unpacked = Vec::new();
        let table = if table.starts_with(&ZSTD_MAGIC) {
            zstd::Decoder::new(table)?.read_to_end(&mut unpacked)?;
            &unpacked
        } else {
            table
        };
        let mut streets: BTreeMap<(String, String, String), Vec<House>> = BTreeMap::new();
        for row in csv::Reader::from_reader(table).deserialize::<Row>() {
            let Row { lat, lon, street, housenumber, postcode, city } = row?;
            if street.trim().is_empty() || housenumber.trim().is_empty() {
                continue;
            }
            let key = folded(&housenumber.replace(' ', ""));
            let house = House { number: housenumber, key, lat, lon };
            streets.entry((street, postcode, city)).or_default().push(house);
        }
        let streets: Vec<Street> = streets.into_iter().map(street).collect();
        let count = streets.iter().map(|street| street.houses.len()).sum();
        Ok(Self { streets, count })
    }
}

fn street(((name, postcode, city), mut houses): ((String, String, String), Vec<House>)) -> Street {
    houses.sort_by(|a, b| natural(&a.key).cmp(&natural(&b.key)));
    // A shop in a house is the house once more.
    houses.dedup_by(|a, b| a.key == b.key);
    let town = words(&format!("{postcode} {city}"));
    Street { words: words(&name), name, postcode, city, town, houses }
}

/// A house number as people count: 9, 10, 10a, 11.
fn natural(key: &str) -> (u32, &str) {
    let digits = key.chars().take_while(char::is_ascii_digit).count();
    (key[..digits].parse().unwrap_or(u32::MAX), &key[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn houses_are_counted_as_people_count_them() {
        let mut numbers = ["10a", "9", "100", "10"];
        numbers.sort_by_key(|key| natural(key));
        assert_eq!(numbers, ["9", "10", "10a", "100"]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(matches!(AddressBook::read(b"a,b\n1,2\n"), Err(AddressesError::Table(_))));
        let packed = [ZSTD_MAGIC.as_slice(), b"rubbish"].concat();
        assert!(matches!(AddressBook::read(&packed), Err(AddressesError::Unpack(_))));
    }
}
