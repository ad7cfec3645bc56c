//! The map of the demo region, built into the program: roads, addresses and areas around Reykjavík.
//!
//! © OpenStreetMap contributors, Open Database Licence 1.0; see `data/region/NOTICE.md`.

use std::io::Read as _;

use serde::Deserialize;

use crate::domain::places::{Address, Place};

/// OpenStreetMap's roads of the region, as `.osm.pbf`.
pub const ROADS: &[u8] = include_bytes!("../../data/region/reykjavik-region.roads.osm.pbf");

/// The base map of the region, as `PMTiles`.
pub const MAP: &[u8] = include_bytes!("../../data/region/reykjavik-region.pmtiles");

/// Addresses of the region, as a packed table.
pub const ADDRESSES: &[u8] = include_bytes!("../../data/region/reykjavik-region.addresses.csv.zst");
const AREAS: &str = include_str!("../../data/region/reykjavik-region.zones.geojson");

/// Addresses and areas of the region.
#[derive(Debug, Clone)]
pub struct Region {
    /// Every address, in the order of the file.
    pub addresses: Vec<RegionAddress>,
    /// Municipalities, districts and postcode areas.
    pub areas: Vec<Area>,
}

/// One address of the region.
#[derive(Debug, Clone)]
pub struct RegionAddress {
    /// Where it is and how it is written.
    pub place: Place,
    /// Whether people live there, as far as the map tells.
    pub dwelling: bool,
}

/// One area of the region.
#[derive(Debug, Clone, Deserialize)]
pub struct Area {
    /// Its name, for instance `Kópavogsbær` or `101 Reykjavík`.
    pub name: String,
    /// `municipality`, `district` or `postcode`.
    pub kind: String,
    /// Its GeoJSON geometry.
    pub geometry: serde_json::Value,
}

/// Why the built-in region cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// The list of addresses does not unpack.
    #[error("the demo region's addresses do not unpack")]
    Unpack(#[from] std::io::Error),
    /// The list of addresses is no table.
    #[error("the demo region's addresses cannot be read")]
    Addresses(#[from] csv::Error),
    /// The areas are no GeoJSON.
    #[error("the demo region's areas cannot be read")]
    Areas(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct AddressRow {
    lat: f64,
    lon: f64,
    street: String,
    housenumber: String,
    postcode: String,
    city: String,
    building: String,
    kind: String,
    name: String,
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: serde_json::Value,
}

#[derive(Deserialize)]
struct Properties {
    name: String,
    kind: String,
}

impl Region {
    /// Unpacks the region that is built into the program. Cost: about 40 ms.
    ///
    /// # Errors
    /// [`RegionError`] if the program was built with broken files.
    pub fn embedded() -> Result<Self, RegionError> {
        let mut table = Vec::new();
        zstd::Decoder::new(ADDRESSES)?.read_to_end(&mut table)?;
        let mut reader = csv::Reader::from_reader(table.as_slice());
        let rows = reader.deserialize::<AddressRow>().map(|row| row.map(RegionAddress::from));
        let addresses = rows.collect::<Result<Vec<_>, csv::Error>>()?;
        let collection: Collection = serde_json::from_str(AREAS)?;
        let areas = collection.features.into_iter().map(|Feature { properties, geometry }| Area {
            name: properties.name,
            kind: properties.kind,
            geometry,
        });
        Ok(Self { addresses, areas: areas.collect() })
    }

    /// The area with this name; none if the region has none.
    pub fn area(&self, name: &str) -> Option<&Area> {
        self.areas.iter().find(|area| area.name == name)
    }

    /// The first address of a street with this number, for instance `("Skeifan", "15")`.
    pub fn address(&self, street: &str, house_number: &str) -> Option<&Place> {
        let is_it = |address: &Address| {
            address.street == street && address.house_number.eq_ignore_ascii_case(house_number)
        };
        self.addresses.iter().map(|address| &address.place).find(|place| is_it(&place.address))
    }

    /// The address that people mean by a text such as `Skeifan 15`, `skeifan 15, 108` or
    /// `Hafnargata 28, Grindavík`; none if no address of the region fits. Case does not matter.
    pub fn find(&self, text: &str) -> Option<&Place> {
        let wanted: Vec<String> = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        if wanted.len() < 2 {
            return None;
        }
        self.addresses.iter().map(|address| &address.place).find(|place| {
            let Address { street, house_number, postcode, city } = &place.address;
            let written = format!("{street} {house_number} {postcode} {city}").to_lowercase();
            let has: Vec<&str> = written.split_whitespace().collect();
            let street_first = street.to_lowercase().split_whitespace().next() == Some(&wanted[0]);
            street_first && wanted.iter().all(|word| has.contains(&word.as_str()))
        })
    }
}

impl From<AddressRow> for RegionAddress {
    fn from(row: AddressRow) -> Self {
        let lived_in = ["residential", "house", "apartments", "yes"];
        let known = [&row.street, &row.housenumber, &row.postcode, &row.city];
        let dwelling = lived_in.contains(&row.building.as_str())
            && row.kind.is_empty()
            && row.name.is_empty()
            && known.iter().all(|part| !part.is_empty());
        let address = Address {
            street: row.street,
            house_number: row.housenumber,
            postcode: row.postcode,
            city: row.city,
        };
        Self { place: Place { lat: row.lat, lon: row.lon, address }, dwelling }
    }
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn an_address_is_found_as_people_write_it() {
        let region = Region::embedded().unwrap();
        assert_eq!(region.addresses.len(), 37_177);
        let town_of = |text| region.find(text).map(|place| place.address.city.as_str());
        assert_eq!(town_of("skeifan 15, 108 Reykjavík"), Some("Reykjavík"));
        assert_eq!(town_of("Hafnargata 28"), Some("Grindavík"));
        assert_eq!(town_of("Hafnargata 28, Keflavík"), Some("Keflavík"));
        assert_eq!(town_of("Skeifan"), None);
        assert_eq!(town_of("Nowhere 1"), None);
    }
}
