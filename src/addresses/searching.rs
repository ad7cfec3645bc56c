//! Which addresses fit a text, best first.

use crate::addresses::folding::{almost_starts, words};
use crate::addresses::{AddressBook, House, Street, Suggestion, TEXT_MAX};

/// Most words of a text that are looked at.
pub(super) const WORDS_MAX: usize = 8;

/// An address that fits, with how well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    /// Less is better: streets not typed to their end, houses not typed to their end.
    pub(super) rank: (u8, u8, usize),
    pub(super) street: usize,
    /// The house; none for the street alone.
    pub(super) house: Option<usize>,
    /// Whether a house was named with its whole number.
    pub(super) exact: bool,
}

impl AddressBook {
    /// The addresses that fit an unfinished text, best first; at most `limit`.
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let fits = self.ranked(text).into_iter().take(limit);
        let suggestion = |fit: Fit| Suggestion {
            place: self.place(fit.street, fit.house),
            complete: fit.house.is_some(),
        };
        fits.map(suggestion).collect()
    }

    /// All houses of the street that a text names best; none if it names none.
    pub fn houses(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let Some(best) = self.ranked(text).first().copied() else { return Vec::new() };
        let houses = 0..self.streets[best.street].houses.len().min(limit);
        let place =
            |house| Suggestion { place: self.place(best.street, Some(house)), complete: true };
        houses.map(place).collect()
    }

    /// Everything that fits, best first; forgives a slip only where nothing fits without.
    pub(super) fn ranked(&self, text: &str) -> Vec<Fit> {
        let short: String = text.chars().take(TEXT_MAX).collect();
        let mut typed = words(&short);
        typed.truncate(WORDS_MAX);
        if typed.is_empty() {
            return Vec::new();
        }
        let strictly = |word: &str, part: &str| word.starts_with(part);
        let mut fits = self.fits(&typed, &strictly);
        if fits.is_empty() {
            fits = self.fits(&typed, &|word, part| almost_starts(word, part) || word == part);
        }
        let street = |fit: &Fit| (fit.rank, &self.streets[fit.street].name, fit.street, fit.house);
        fits.sort_by(|a, b| street(a).cmp(&street(b)));
        fits
    }

    /// Everything that fits words, in no order.
    pub(super) fn fits(&self, typed: &[String], same: &dyn Fn(&str, &str) -> bool) -> Vec<Fit> {
        let mut fits = Vec::new();
        for (at, street) in self.streets.iter().enumerate() {
            // Each word with a digit in front may be the house, or part of the postcode.
            for number in std::iter::once(None).chain((1..typed.len()).map(Some)) {
                let is_number = |row: usize| typed[row].starts_with(|c: char| c.is_ascii_digit());
                if number.is_some_and(|row| !is_number(row)) {
                    continue;
                }
                let Some(unfinished) = street.unfinished(typed, number, same) else { continue };
                let Some(row) = number else {
                    fits.push(Fit {
                        rank: (unfinished, 2, 0),
                        street: at,
                        house: None,
                        exact: false,
                    });
                    continue;
                };
                fits.extend(street.numbered(&typed[row]).map(|(house, wanting)| Fit {
                    rank: (unfinished, u8::from(wanting > 0), wanting),
                    street: at,
                    house: Some(house),
                    exact: wanting == 0,
                }));
            }
        }
        fits
    }
}

impl Street {
    /// How far the street is from what was typed: 0 if its name was typed whole, 1 if it begins so;
    /// none if it is another one.
    fn unfinished(
        &self,
        typed: &[String],
        number: Option<usize>,
        same: &dyn Fn(&str, &str) -> bool,
    ) -> Option<u8> {
        let mut used = vec![false; self.words.len()];
        for (row, part) in typed.iter().enumerate() {
            if number == Some(row) {
                continue;
            }
            let of_name =
                (0..self.words.len()).find(|at| !used[*at] && same(&self.words[*at], part));
            match of_name {
                Some(at) => used[at] = true,
                None if row > 0 && self.town.iter().any(|word| same(word, part)) => {}
                None => return None,
            }
        }
        let whole = self.words.iter().all(|word| typed.contains(word));
        Some(u8::from(!whole))
    }

    /// The houses whose number is, or begins with, `typed`, with how many signs are wanting.
    fn numbered(&self, typed: &str) -> impl Iterator<Item = (usize, usize)> {
        let wanting = move |house: &House| {
            let rest = house.key.strip_prefix(typed)?;
            // `8` means `8-10` before it means `80`.
            let of_range = rest.starts_with(|c: char| !c.is_ascii_alphanumeric());
            Some(if of_range { 1 } else { rest.len() * 2 })
        };
        let houses = self.houses.iter().enumerate();
        houses.filter_map(move |(at, house)| Some((at, wanting(house)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "id,lat,lon,street,housenumber,postcode,city\n\
        1,64.13,-21.87,Skeifan,15,108,Reykjavík\n\
        2,64.13,-21.87,Skeifan,15a,108,Reykjavík\n\
        3,64.13,-21.87,Skeifan,5,108,Reykjavík\n\
        4,64.14,-21.92,Þórsgata,1,101,Reykjavík\n\
        5,63.84,-22.43,Hafnargata,28,240,Grindavík\n\
        6,64.00,-22.56,Hafnargata,28,230,Keflavík\n\
        7,64.15,-21.94,Austurstræti,8-10,101,Reykjavík\n\
        8,64.15,-21.94,Laugavegur,101,101,Reykjavík\n";

    fn book() -> AddressBook {
        AddressBook::read(TABLE.as_bytes()).unwrap()
    }

    fn found(text: &str) -> Vec<String> {
        let all = book().suggest(text, 10);
        all.iter().map(|one| one.place.address.to_string()).collect()
    }

    #[test]
    fn unfinished_words_find_streets_then_houses() {
        assert_eq!(found("skei"), ["Skeifan, 108 Reykjavík"]);
        assert_eq!(
            found("Skeifan 1"),
            ["Skeifan 15, 108 Reykjavík", "Skeifan 15a, 108 Reykjavík", "Skeifan, 108 Reykjavík"]
        );
        assert_eq!(found("skeifan 15")[0], "Skeifan 15, 108 Reykjavík");
        assert_eq!(found("thorsgata"), ["Þórsgata, 101 Reykjavík"]);
        assert!(found("").is_empty());
        assert!(found("15").is_empty());
    }

    #[test]
    fn the_town_tells_streets_of_one_name_apart() {
        assert_eq!(found("hafnargata 28").len(), 2);
        assert_eq!(found("hafnargata 28 kef")[0], "Hafnargata 28, 230 Keflavík");
        assert_eq!(book().geocode("Hafnargata 28"), None);
        assert_eq!(book().geocode("Hafnargata 28, 240").unwrap().address.city, "Grindavík");
    }

    #[test]
    fn a_number_may_be_the_house_or_the_postcode() {
        assert_eq!(found("laugavegur 101")[0], "Laugavegur 101, 101 Reykjavík");
        assert_eq!(found("austurstraeti 8")[0], "Austurstræti 8-10, 101 Reykjavík");
        assert_eq!(book().geocode("skeifan 15 108 reykjavik").unwrap().address.house_number, "15");
    }

    #[test]
    fn a_slip_is_forgiven_only_where_nothing_fits() {
        assert_eq!(found("skiefan 5")[0], "Skeifan 5, 108 Reykjavík");
        assert!(found("skyyfan 5").is_empty());
    }

    #[test]
    fn a_point_has_the_nearest_address_within_reach() {
        let near = book().nearest(64.1401, -21.92, 50.0).unwrap();
        assert_eq!(near.address.street, "Þórsgata");
        assert_eq!(book().nearest(64.2, -21.92, 50.0), None);
    }
}
