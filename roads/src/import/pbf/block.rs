//! The inner layer of a map file: nodes, ways and relations.
//!
//! Source: OpenStreetMap wiki, "PBF Format".

use crate::geo::Fixed;
use crate::import::pbf::Damage;
use crate::import::pbf::wire::{Fields, Reader, unzigzag};
use crate::profile::tags::Tags;

/// Billionths of a degree in a unit of [`Fixed`].
const NANO: i64 = 100;

/// Which objects to read; skipping the others is nearly free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Nodes,
    WaysAndRelations,
}

/// An object of the map.
pub(crate) enum Object<'a> {
    Node { id: i64, place: Fixed, tags: Tags<'a> },
    Way { id: i64, nodes: Vec<i64>, tags: Tags<'a> },
    Relation { members: Vec<Member<'a>>, tags: Tags<'a> },
}

/// Types of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberKind {
    Node,
    Way,
    Other,
}

/// A member of a relation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) id: i64,
    pub(crate) role: &'a str,
    pub(crate) kind: MemberKind,
}

/// Strings and units of a block.
struct Block<'a> {
    strings: Vec<&'a [u8]>,
    granularity: i64,
    lat_offset: i64,
    lon_offset: i64,
}

/// Hands every wanted object of a block to `visit`.
pub(crate) fn for_each<'a>(
    message: &'a [u8],
    wanted: Wanted,
    visit: &mut impl FnMut(Object<'a>),
) -> Result<(), Damage> {
    let block = Block::new(message)?;
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        if field == 2 {
            block.group(value.bytes()?, wanted, visit)?;
        }
    }
    Ok(())
}

impl<'a> Block<'a> {
    fn new(message: &'a [u8]) -> Result<Self, Damage> {
        let mut block = Self { strings: vec![], granularity: 100, lat_offset: 0, lon_offset: 0 };
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => {
                    let mut strings = Fields::new(value.bytes()?);
                    while let Some((_, string)) = strings.next()? {
                        block.strings.push(string.bytes()?);
                    }
                }
                17 => block.granularity = value.number()?.cast_signed(),
                19 => block.lat_offset = value.number()?.cast_signed(),
                20 => block.lon_offset = value.number()?.cast_signed(),
                _ => {}
            }
        }
        Ok(block)
    }

    fn group(
        &self,
        message: &'a [u8],
        wanted: Wanted,
        visit: &mut impl FnMut(Object<'a>),
    ) -> Result<(), Damage> {
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match (field, wanted) {
                (1, Wanted::Nodes) => visit(self.node(value.bytes()?)?),
                (2, Wanted::Nodes) => self.dense_nodes(value.bytes()?, visit)?,
                (3, Wanted::WaysAndRelations) => visit(self.way(value.bytes()?)?),
                (4, Wanted::WaysAndRelations) => visit(self.relation(value.bytes()?)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn node(&self, message: &'a [u8]) -> Result<Object<'a>, Damage> {
        let (mut id, mut lat, mut lon) = (0, 0, 0);
        let (mut keys, mut values) = (Reader::default(), Reader::default());
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => id = unzigzag(value.number()?),
                2 => keys = Reader(value.bytes()?),
                3 => values = Reader(value.bytes()?),
                8 => lat = unzigzag(value.number()?),
                9 => lon = unzigzag(value.number()?),
                _ => {}
            }
        }
        let tags = self.tags(keys, values)?;
        Ok(Object::Node { id, place: self.place(lat, lon)?, tags })
    }

    fn dense_nodes(
        &self,
        message: &'a [u8],
        visit: &mut impl FnMut(Object<'a>),
    ) -> Result<(), Damage> {
        let [mut ids, mut lats, mut lons, mut strings] = [Reader::default(); 4];
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => ids = Reader(value.bytes()?),
                8 => lats = Reader(value.bytes()?),
                9 => lons = Reader(value.bytes()?),
                10 => strings = Reader(value.bytes()?),
                _ => {}
            }
        }
        let (mut id, mut lat, mut lon) = (0_i64, 0_i64, 0_i64);
        while !ids.is_empty() {
            id = id.wrapping_add(ids.signed()?);
            lat = lat.wrapping_add(lats.signed()?);
            lon = lon.wrapping_add(lons.signed()?);
            let mut tags = Vec::new();
            // Each node's tags end with a zero; without any tags in the block the list is empty.
            while !strings.is_empty() {
                let key = strings.varint()?;
                if key == 0 {
                    break;
                }
                tags.push((self.string(key)?, self.string(strings.varint()?)?));
            }
            let tags = Tags::new(tags.into_iter());
            visit(Object::Node { id, place: self.place(lat, lon)?, tags });
        }
        Ok(())
    }

    fn way(&self, message: &'a [u8]) -> Result<Object<'a>, Damage> {
        let mut id = 0;
        let [mut keys, mut values, mut refs] = [Reader::default(); 3];
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => id = value.number()?.cast_signed(),
                2 => keys = Reader(value.bytes()?),
                3 => values = Reader(value.bytes()?),
                8 => refs = Reader(value.bytes()?),
                _ => {}
            }
        }
        Ok(Object::Way { id, nodes: deltas(refs)?, tags: self.tags(keys, values)? })
    }

    fn relation(&self, message: &'a [u8]) -> Result<Object<'a>, Damage> {
        let [mut keys, mut values, mut roles, mut ids, mut kinds] = [Reader::default(); 5];
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                2 => keys = Reader(value.bytes()?),
                3 => values = Reader(value.bytes()?),
                8 => roles = Reader(value.bytes()?),
                9 => ids = Reader(value.bytes()?),
                10 => kinds = Reader(value.bytes()?),
                _ => {}
            }
        }
        let mut members = Vec::new();
        for id in deltas(ids)? {
            let role = self.string(roles.varint()?)?;
            let kind = match kinds.varint()? {
                0 => MemberKind::Node,
                1 => MemberKind::Way,
                _ => MemberKind::Other,
            };
            members.push(Member { id, role, kind });
        }
        Ok(Object::Relation { members, tags: self.tags(keys, values)? })
    }

    fn tags(&self, mut keys: Reader<'a>, mut values: Reader<'a>) -> Result<Tags<'a>, Damage> {
        let mut tags = Vec::new();
        while !keys.is_empty() {
            tags.push((self.string(keys.varint()?)?, self.string(values.varint()?)?));
        }
        Ok(Tags::new(tags.into_iter()))
    }

    fn string(&self, place: u64) -> Result<&'a str, Damage> {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let string = self.strings.get(place).ok_or(Damage("a tag's text is missing"))?;
        std::str::from_utf8(string).map_err(|_| Damage("a tag's text is not UTF-8"))
    }

    fn place(&self, lat: i64, lon: i64) -> Result<Fixed, Damage> {
        let degrees = |units: i64, offset: i64, limit: u64| {
            let nano = units.checked_mul(self.granularity)?.checked_add(offset)?;
            (nano.unsigned_abs() <= limit * 1_000_000_000)
                .then(|| i32::try_from(nano / NANO).ok())?
        };
        let damage = Damage("a node lies outside the Earth");
        Ok(Fixed {
            lat: degrees(lat, self.lat_offset, 90).ok_or(damage)?,
            lon: degrees(lon, self.lon_offset, 180).ok_or(damage)?,
        })
    }
}

/// A list of which each number is the difference to the one before.
fn deltas(mut list: Reader<'_>) -> Result<Vec<i64>, Damage> {
    let mut numbers = Vec::new();
    let mut number = 0_i64;
    while !list.is_empty() {
        number = number.wrapping_add(list.signed()?);
        numbers.push(number);
    }
    Ok(numbers)
}
