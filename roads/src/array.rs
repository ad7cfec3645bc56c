//! A list that lives in memory of its own or in a mapped file.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;

/// An immutable list of plain values.
///
/// Reading it through [`Deref`] costs a branch; hot loops take the slice once.
pub(crate) enum Array<T: Pod> {
    /// In memory of its own.
    Owned(Vec<T>),
    /// In a file.
    Mapped(Section<T>),
}

/// A range of a mapped file that was found to be aligned and to hold whole values.
pub(crate) struct Section<T> {
    map: Arc<Mmap>,
    start: usize,
    end: usize,
    values: PhantomData<T>,
}

impl<T: Pod> Array<T> {
    /// The bytes `start..end` of `map` as values; `None` if they are no whole values or do not lie in it.
    pub(crate) fn mapped(map: &Arc<Mmap>, start: usize, end: usize) -> Option<Self> {
        let bytes = map.get(start..end)?;
        bytemuck::try_cast_slice::<u8, T>(bytes).ok()?;
        let map = Arc::clone(map);
        Some(Self::Mapped(Section { map, start, end, values: PhantomData }))
    }
}

impl<T: Pod> Deref for Array<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(values) => values,
            Self::Mapped(section) => bytemuck::cast_slice(&section.map[section.start..section.end]),
        }
    }
}

impl<T: Pod> From<Vec<T>> for Array<T> {
    fn from(values: Vec<T>) -> Self {
        Self::Owned(values)
    }
}

impl<T: Pod> fmt::Debug for Array<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if matches!(self, Self::Owned(_)) { "in memory" } else { "mapped" };
        write!(f, "{} values {place}", self.len())
    }
}
