//! The wire format of protocol buffers, as much of it as map files use.
//!
//! Source: Google, "Protocol Buffers: Encoding".

use crate::import::pbf::Damage;

/// A field of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    /// A number, as it stands in the file.
    Number(u64),
    /// A string, message or list of numbers.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(crate) fn number(self) -> Result<u64, Damage> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(_) => Err(Damage("a number is missing")),
        }
    }

    pub(crate) fn bytes(self) -> Result<&'a [u8], Damage> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) => Err(Damage("a number stands where content belongs")),
        }
    }
}

/// The fields of a message in the order of the file.
pub(crate) struct Fields<'a>(Reader<'a>);

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self(Reader(message))
    }

    /// The next field: its number and value.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Damage> {
        loop {
            if self.0.0.is_empty() {
                return Ok(None);
            }
            let key = self.0.varint()?;
            let value = match key & 7 {
                0 => Value::Number(self.0.varint()?),
                2 => {
                    let length = self.0.varint()?;
                    Value::Bytes(self.0.take(length)?)
                }
                // Numbers of fixed size: no field of a map file that matters here has one.
                1 => {
                    self.0.take(8)?;
                    continue;
                }
                5 => {
                    self.0.take(4)?;
                    continue;
                }
                _ => return Err(Damage("a field has an unknown type")),
            };
            return Ok(Some((key >> 3, value)));
        }
    }
}

/// A list of numbers without gaps between them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next number of variable length.
    pub(crate) fn varint(&mut self) -> Result<u64, Damage> {
        let mut number = 0;
        for (place, byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return Ok(number);
            }
        }
        Err(Damage("a number does not end"))
    }

    /// The next number with its sign in the lowest bit.
    pub(crate) fn signed(&mut self) -> Result<i64, Damage> {
        self.varint().map(unzigzag)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Damage> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or(Damage("a field is longer than its message"))?;
        self.0 = rest;
        Ok(taken)
    }
}

/// A number whose sign is its lowest bit.
pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::{Fields, Reader, Value, unzigzag};

    #[test]
    fn numbers_of_any_length_are_read() {
        let mut numbers = Reader(&[0x01, 0x96, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!([1, 150, u64::from(u32::MAX)].map(Ok), [0; 3].map(|_| numbers.varint()));
        assert!(numbers.varint().is_err() && Reader(&[0x80; 11]).varint().is_err());
        assert_eq!([0, 1, 2, 3].map(unzigzag), [0, -1, 1, -2]);
    }

    #[test]
    fn a_field_longer_than_its_message_is_damage() {
        // Field 1, two bytes; then field 2, nine bytes of which one is there.
        let mut fields = Fields::new(&[0x0a, 2, 7, 8, 0x12, 9, 1]);
        assert!(matches!(fields.next(), Ok(Some((1, Value::Bytes(&[7, 8]))))));
        assert!(fields.next().is_err());
    }
}
