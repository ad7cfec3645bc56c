//! Invented people and firms; any likeness to living ones is chance.

use crate::demo::dice::Dice;

const MEN: [&str; 24] = [
    "Aron", "Arnar", "Atli", "Birkir", "Bjarki", "Dagur", "Egill", "Elvar", "Gauti", "Gunnar",
    "Hilmar", "Hlynur", "Ingvar", "Jökull", "Kári", "Logi", "Magnús", "Orri", "Ragnar", "Sindri",
    "Stefnir", "Tómas", "Úlfar", "Þorri",
];

const WOMEN: [&str; 24] = [
    "Arna",
    "Ásdís",
    "Birna",
    "Brynja",
    "Dagný",
    "Edda",
    "Elín",
    "Freyja",
    "Gréta",
    "Halla",
    "Hekla",
    "Hildur",
    "Inga",
    "Íris",
    "Katla",
    "Lilja",
    "Margrét",
    "Nanna",
    "Ólöf",
    "Rakel",
    "Salka",
    "Sóley",
    "Unnur",
    "Þórdís",
];

/// Fathers' and mothers' names in the genitive.
const PARENTS: [&str; 22] = [
    "Arnars",
    "Ásgeirs",
    "Bjarna",
    "Birgis",
    "Einars",
    "Eiríks",
    "Finns",
    "Friðriks",
    "Guðmunds",
    "Halldórs",
    "Hauks",
    "Helga",
    "Jóns",
    "Kristjáns",
    "Ólafs",
    "Páls",
    "Sigurðar",
    "Snorra",
    "Steinars",
    "Sveins",
    "Valdimars",
    "Þórðar",
];

const ABROAD: [&str; 26] = [
    "Agnieszka Wilk",
    "Amara Okoye",
    "Anders Lindqvist",
    "Beatriz Moura",
    "Camille Renard",
    "Chen Meilin",
    "Daniel Hartmann",
    "Elena Petrova",
    "Fatima Haddad",
    "Giulia Conti",
    "Hiroshi Tanabe",
    "Ines Carvalho",
    "James Whitcombe",
    "Jonas Petraitis",
    "Karolina Mazur",
    "Lucas Ferreira",
    "Marek Kowal",
    "Mihai Dobre",
    "Noor Rahimi",
    "Oluwaseun Bello",
    "Piotr Zając",
    "Sanne de Wit",
    "Somchai Rattana",
    "Tomasz Lis",
    "Uma Krishnan",
    "Zoltán Fekete",
];

const AGENCIES: [&str; 8] = [
    "Hraunborg fasteignasala",
    "Lyngholt fasteignir",
    "Strandgata eignamiðlun",
    "Vörðuberg fasteignasala",
    "Blikaborg leigufélag",
    "Norðurvík eignir",
    "Kvistás fasteignasala",
    "Selás Property Letting",
];

/// The name of an Icelandic person.
pub fn icelander(dice: &mut Dice) -> String {
    let (given, ending) = if dice.chance(50) { (&MEN, "son") } else { (&WOMEN, "dóttir") };
    let given = dice.pick(given).copied().unwrap_or_default();
    let parent = dice.pick(&PARENTS).copied().unwrap_or_default();
    format!("{given} {parent}{ending}")
}

/// The name of a person who lives in Iceland: mostly Icelandic.
pub fn resident(dice: &mut Dice) -> String {
    if dice.chance(78) {
        return icelander(dice);
    }
    dice.pick(&ABROAD).copied().unwrap_or_default().to_owned()
}

/// Names of estate agencies and landlords.
pub fn agencies() -> &'static [&'static str] {
    &AGENCIES
}

/// A name as it stands in an e-mail address: lower-case ASCII, words joined by points.
pub fn mailbox(name: &str) -> String {
    let mut mailbox = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => mailbox.push(c),
            'á' | 'ą' => mailbox.push('a'),
            'é' | 'ę' => mailbox.push('e'),
            'í' => mailbox.push('i'),
            'ó' | 'ö' => mailbox.push('o'),
            'ú' => mailbox.push('u'),
            'ý' => mailbox.push('y'),
            'ð' => mailbox.push('d'),
            'þ' => mailbox.push_str("th"),
            'æ' => mailbox.push_str("ae"),
            ' ' if !mailbox.ends_with('.') => mailbox.push('.'),
            _ => {}
        }
    }
    mailbox
}

#[cfg(test)]
mod tests {
    use super::mailbox;

    #[test]
    fn a_mailbox_is_plain_ascii() {
        assert_eq!(mailbox("Þórdís Friðriksdóttir"), "thordis.fridriksdottir");
        assert_eq!(mailbox("Sanne de Wit"), "sanne.de.wit");
    }
}
