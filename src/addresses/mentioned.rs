//! The address that people's own words mention, for instance where an event in a calendar takes place.

use crate::addresses::folding::words;
use crate::addresses::searching::WORDS_MAX;
use crate::addresses::{AddressBook, Street};
use crate::domain::places::Place;

/// Parts of a text, between commas and line breaks, that are looked at.
const PARTS_MAX: usize = 6;

impl AddressBook {
    /// The one house that words mention, with names before it and a country behind it:
    /// `Kaffi Vest, Skeifan 15, 108 Reykjavík, Iceland`. None if they mention none or if several would
    /// do.
    ///
    /// Nothing is guessed: street, number and what else is said of the town must be there to the letter
    /// (but for case and accents), and whoever says something behind a street that is not of its town
    /// means another one.
    ///
    /// ```
    /// # use roundsman::addresses::AddressBook;
    /// let table = "lat,lon,street,housenumber,postcode,city\n64.13,-21.87,Skeifan,15,108,Reykjavík\n";
    /// let book = AddressBook::read(table.as_bytes()).unwrap();
    /// assert!(book.mentioned("Kaffi Vest, Skeifan 15, 108 Reykjavík, Iceland").is_some());
    /// assert!(book.mentioned("Skeifan 15, Akureyri").is_none());
    /// ```
    ///
    /// Cost: up to 21 passes over the streets of a region; none for words without a number.
    pub fn mentioned(&self, text: &str) -> Option<Place> {
        let parts: Vec<Vec<String>> = text
            .split([',', ';', '\n', '\r', '(', ')'])
            .filter(|part| !part.contains("://"))
            .map(words)
            .filter(|words| !words.is_empty())
            .take(PARTS_MAX)
            .collect();
        for from in 0..parts.len() {
            for until in (from + 1..=parts.len()).rev() {
                let said: Vec<String> = parts[from..until].concat();
                if let Some(place) = self.house(&said, until == parts.len()) {
                    return Some(place);
                }
            }
        }
        None
    }

    /// The house that all of these words name; with `whole` nothing was said behind them, otherwise
    /// they must name the town, too.
    fn house(&self, said: &[String], whole: bool) -> Option<Place> {
        let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
        let has_number = said.iter().skip(1).any(is_number);
        if said.len() > WORDS_MAX || !has_number || said.first().is_some_and(is_number) {
            return None;
        }
        let to_the_letter = |word: &str, part: &str| word == part;
        let mut fits = self.fits(said, &to_the_letter);
        fits.retain(|fit| fit.exact && fit.rank.0 == 0);
        let [fit] = fits.as_slice() else { return None };
        let street = &self.streets[fit.street];
        (whole || street.is_placed_by(said)).then(|| self.place(fit.street, fit.house))
    }
}

impl Street {
    /// Whether some of the words are of its town and not of its name.
    fn is_placed_by(&self, said: &[String]) -> bool {
        said.iter().any(|word| self.town.contains(word) && !self.words.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "id,lat,lon,street,housenumber,postcode,city\n\
        1,64.13,-21.87,Skeifan,15,108,Reykjavík\n\
        2,64.13,-21.88,Skeifan,15a,108,Reykjavík\n\
        5,63.84,-22.43,Hafnargata,28,240,Grindavík\n\
        6,64.00,-22.56,Hafnargata,28,230,Keflavík\n\
        8,64.15,-21.94,Laugavegur,101,101,Reykjavík\n";

    fn found(text: &str) -> String {
        let book = AddressBook::read(TABLE.as_bytes()).unwrap();
        book.mentioned(text).map(|place| place.address.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_address_is_found_between_other_words() {
        let expected = "Skeifan 15, 108 Reykjavík";
        for text in [
            "Skeifan 15",
            "skeifan 15, 108 reykjavik",
            "Kaffi Vest, Skeifan 15, 108 Reykjavík, Iceland",
            "Kaffi Vest (Skeifan 15, Reykjavík)",
            "Dentist\nSkeifan 15\n108 Reykjavík\nÍsland",
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        assert_eq!(found("Laugavegur 101"), "Laugavegur 101, 101 Reykjavík");
    }

    #[test]
    fn what_is_not_sure_is_no_address() {
        for text in [
            "",
            "Skeifan",
            "Skeif 15",
            "Skiefan 15",
            "Room 15",
            "Skeifan 15, Akureyri",
            "Hafnargata 28",
            "Hafnargata 28, Iceland",
            "15 Skeifan",
            "https://meet.example/Skeifan 15",
        ] {
            assert_eq!(found(text), "", "{text}");
        }
        assert_eq!(found("Hafnargata 28, Keflavík, Iceland"), "Hafnargata 28, 230 Keflavík");
    }
}
