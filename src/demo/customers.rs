//! The demo company's customers and their sites, at real addresses.

use crate::clock::IdSource;
use crate::demo::dice::Dice;
use crate::demo::names;
use crate::demo::region::Region;
use crate::domain::customers::Customer;
use crate::domain::exchange::{Document, Item};
use crate::domain::id::CustomerId;
use crate::domain::places::Place;
use crate::domain::sites::Site;

/// Households at each location.
const HOUSEHOLDS: [usize; 3] = [150, 50, 50];

/// Sites of each estate agency at each location.
const LISTINGS: [usize; 3] = [16, 5, 5];

/// Postcodes of each location's customers, and how common they are.
const TOWNS: [&[(&str, usize)]; 3] = [
    &[
        ("101", 10),
        ("103", 4),
        ("104", 7),
        ("105", 12),
        ("107", 9),
        ("108", 8),
        ("109", 9),
        ("110", 8),
        ("111", 7),
        ("112", 9),
        ("113", 6),
        ("170", 6),
        ("200", 12),
        ("201", 8),
        ("203", 6),
        ("210", 8),
        ("220", 9),
        ("221", 5),
        ("270", 6),
        ("300", 2),
    ],
    &[("230", 12), ("260", 8), ("262", 4), ("235", 1), ("190", 3), ("240", 5)],
    &[("800", 14), ("810", 7), ("815", 4)],
];

/// Keys and gates, as customers describe them.
const NOTES: [&str; 8] = [
    "",
    "",
    "",
    "Key in the box beside the door; the code comes by message.",
    "Ring twice, the bell is quiet.",
    "Parking behind the house.",
    "A friendly dog lives here.",
    "Third floor, no lift.",
];

/// The index of the location whose customers live at a postcode; none if nobody does.
pub fn location_of(postcode: &str) -> Option<usize> {
    TOWNS.iter().position(|towns| towns.iter().any(|(town, _)| *town == postcode))
}

/// Adds customers and sites: agencies with many, households with one.
pub fn add(document: &mut Document, ids: &impl IdSource, region: &Region, seed: u64) {
    let mut dice = Dice::new(seed, "customers");
    let homes = Homes::new(region);
    for name in names::agencies() {
        let customer_id = customer(document, ids, &mut dice, (*name).to_owned());
        for (location, count) in LISTINGS.into_iter().enumerate() {
            for _ in 0..count {
                site(document, ids, homes.pick(&mut dice, location), customer_id, "");
            }
        }
    }
    for (location, count) in HOUSEHOLDS.into_iter().enumerate() {
        for _ in 0..count {
            let name = names::resident(&mut dice);
            let customer_id = customer(document, ids, &mut dice, name);
            let note = dice.pick(&NOTES).copied().unwrap_or_default();
            site(document, ids, homes.pick(&mut dice, location), customer_id, note);
        }
    }
}

fn customer(
    document: &mut Document,
    ids: &impl IdSource,
    dice: &mut Dice,
    name: String,
) -> CustomerId {
    let number = document.customers.len() + 1;
    let customer = Customer {
        email: Some(format!("{}.{number}@customer.example", names::mailbox(&name))),
        // Numbers that start with 000 are given to nobody.
        phone: Some(format!("+354 000 {:04}", dice.between(0, 9999))),
        locale: Some(if name.is_ascii() { "en" } else { "is" }.to_owned()),
        time_zone: None,
        external_ref: Some(format!("C-{number:04}")),
        note: String::new(),
        name,
    };
    let item = Item::new(ids.next_id(), customer);
    let id = item.id;
    document.customers.push(item);
    id
}

fn site(
    document: &mut Document,
    ids: &impl IdSource,
    place: Option<&Place>,
    customer_id: CustomerId,
    access_note: &str,
) {
    let Some(place) = place else { return };
    let site = Site {
        customer_id,
        name: String::new(),
        place: place.clone(),
        access_note: access_note.to_owned(),
    };
    document.sites.push(Item::new(ids.next_id(), site));
}

/// Dwellings by location and postcode.
struct Homes<'a>(Vec<Vec<(Vec<&'a Place>, usize)>>);

impl<'a> Homes<'a> {
    fn new(region: &'a Region) -> Self {
        let dwellings: Vec<&Place> = region
            .addresses
            .iter()
            .filter(|address| address.dwelling)
            .map(|address| &address.place)
            .collect();
        let of = |postcode: &str| -> Vec<&'a Place> {
            let there = |place: &&&Place| place.address.postcode == postcode;
            dwellings.iter().filter(there).copied().collect()
        };
        let towns = |towns: &[(&str, usize)]| {
            towns.iter().map(|(postcode, weight)| (of(postcode), *weight)).collect()
        };
        Self(TOWNS.iter().map(|location| towns(location)).collect())
    }

    fn pick(&self, dice: &mut Dice, location: usize) -> Option<&'a Place> {
        let places = dice.pick_weighted(&self.0[location])?;
        dice.pick(places).copied()
    }
}
