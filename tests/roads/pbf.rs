//! Writes small .osm.pbf files: just enough of the format for maps made by hand.

/// Tags of an object.
pub(crate) type Tags<'a> = &'a [(&'a str, &'a str)];

/// A file in the making.
#[derive(Default)]
pub(crate) struct Pbf {
    strings: Vec<String>,
    nodes: Vec<u8>,
    ways: Vec<u8>,
    relations: Vec<u8>,
}

/// A member of a relation: its identity, role and type (0 node, 1 way, 2 relation).
pub(crate) type Member<'a> = (i64, &'a str, u64);

impl Pbf {
    pub(crate) fn node(&mut self, id: i64, lat_1e7: i64, lon_1e7: i64, tags: Tags<'_>) {
        let mut node = Vec::new();
        number(&mut node, 1, zigzag(id));
        self.tags(&mut node, tags);
        number(&mut node, 8, zigzag(lat_1e7));
        number(&mut node, 9, zigzag(lon_1e7));
        bytes(&mut self.nodes, 1, &node);
    }

    pub(crate) fn way(&mut self, id: u64, nodes: &[i64], tags: Tags<'_>) {
        let mut way = Vec::new();
        number(&mut way, 1, id);
        self.tags(&mut way, tags);
        bytes(&mut way, 8, &packed(deltas(nodes).map(zigzag)));
        bytes(&mut self.ways, 3, &way);
    }

    pub(crate) fn relation(&mut self, id: u64, members: &[Member<'_>], tags: Tags<'_>) {
        let mut relation = Vec::new();
        number(&mut relation, 1, id);
        self.tags(&mut relation, tags);
        let roles: Vec<u64> = members.iter().map(|(_, role, _)| self.string(role)).collect();
        let ids: Vec<i64> = members.iter().map(|(id, _, _)| *id).collect();
        bytes(&mut relation, 8, &packed(roles.into_iter()));
        bytes(&mut relation, 9, &packed(deltas(&ids).map(zigzag)));
        bytes(&mut relation, 10, &packed(members.iter().map(|(_, _, kind)| *kind)));
        bytes(&mut self.relations, 4, &relation);
    }

    /// The whole file.
    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut header = Vec::new();
        bytes(&mut header, 4, b"OsmSchema-V0.6");
        let mut table = Vec::new();
        // String 0 is reserved.
        bytes(&mut table, 1, b"");
        for string in &self.strings {
            bytes(&mut table, 1, string.as_bytes());
        }
        let mut block = Vec::new();
        bytes(&mut block, 1, &table);
        for group in [&self.nodes, &self.ways, &self.relations] {
            bytes(&mut block, 2, group);
        }
        [blob("OSMHeader", &header), blob("OSMData", &block)].concat()
    }

    fn tags(&mut self, object: &mut Vec<u8>, tags: Tags<'_>) {
        let keys: Vec<u64> = tags.iter().map(|(key, _)| self.string(key)).collect();
        let values: Vec<u64> = tags.iter().map(|(_, value)| self.string(value)).collect();
        bytes(object, 2, &packed(keys.into_iter()));
        bytes(object, 3, &packed(values.into_iter()));
    }

    fn string(&mut self, string: &str) -> u64 {
        let place = self.strings.iter().position(|known| known == string).unwrap_or_else(|| {
            self.strings.push(string.to_owned());
            self.strings.len() - 1
        });
        place as u64 + 1
    }
}

fn blob(kind: &str, content: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    bytes(&mut blob, 1, content);
    let mut header = Vec::new();
    bytes(&mut header, 1, kind.as_bytes());
    number(&mut header, 3, blob.len() as u64);
    let length = u32::try_from(header.len()).unwrap().to_be_bytes();
    [length.as_slice(), &header, &blob].concat()
}

fn deltas(numbers: &[i64]) -> impl Iterator<Item = i64> + '_ {
    let before = std::iter::once(&0).chain(numbers);
    numbers.iter().zip(before).map(|(number, before)| number - before)
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn packed(numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut to = Vec::new();
    for number in numbers {
        varint(&mut to, number);
    }
    to
}

fn number(to: &mut Vec<u8>, field: u64, value: u64) {
    varint(to, field << 3);
    varint(to, value);
}

fn bytes(to: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(to, field << 3 | 2);
    varint(to, value.len() as u64);
    to.extend_from_slice(value);
}

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        to.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    to.push(u8::try_from(value).unwrap());
}
