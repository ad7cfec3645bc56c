//! Lists in pages: a cursor names the last row seen, so pages neither repeat nor skip rows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;
use crate::store::sql::{Query, Value};

/// Rows of a page at most, whatever is asked for.
pub const PAGE_MAX: u32 = 500;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page starts; none after the last row.
    pub next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// Rows at most; cut to 1 to [`PAGE_MAX`].
    pub limit: u32,
    /// [`Page::next`] of the page before; none for the first.
    pub cursor: Option<String>,
}

/// The value of the sort column and the id of the last row seen.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The sort order the cursor was made for.
    by: String,
    /// The value of the sort column.
    at: Sorted,
    /// The id.
    id: String,
}

/// A value that lists are sorted by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sorted {
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

/// A sort order: a column, ties by id, both in the same direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    /// The column; its type says how cursors are read.
    pub(crate) column: &'static str,
    /// The id column, which settles ties.
    pub(crate) id: &'static str,
    /// Largest first.
    pub(crate) descending: bool,
}

impl Default for PageQuery {
    fn default() -> Self {
        Self { limit: 50, cursor: None }
    }
}

impl PageQuery {
    /// The first page, of `limit` rows.
    pub fn first(limit: u32) -> Self {
        Self { limit, cursor: None }
    }

    /// The page after `page`, if there is one.
    pub fn after<T>(&self, page: &Page<T>) -> Option<Self> {
        page.next.as_ref().map(|next| Self { limit: self.limit, cursor: Some(next.clone()) })
    }

    fn rows(&self) -> i64 {
        self.limit.clamp(1, PAGE_MAX).into()
    }

    /// Appends the condition, order and limit to a query that ends inside its `where`.
    pub(crate) fn apply(&self, query: &mut Query, order: Order) -> Result<(), StoreError> {
        let Order { column, id, descending } = order;
        if let Some(text) = &self.cursor {
            let cursor = Cursor::parse(text, order)?;
            let at: Value = match cursor.at {
                Sorted::Int(number) => number.into(),
                Sorted::Text(text) => text.into(),
            };
            query.push(&format!(" and ({column}, {id}) {} ", if descending { "<" } else { ">" }));
            query.push_tuple([at, cursor.id.into()]);
        }
        let way = if descending { "desc" } else { "asc" };
        query.push(&format!(" order by {column} {way}, {id} {way} limit "));
        // One more than asked for tells whether there is a next page.
        query.push_value(self.rows() + 1);
        Ok(())
    }

    /// The page from the rows that the query gave; `key` gives sort value and id of a row.
    pub(crate) fn page<R>(
        &self,
        mut rows: Vec<R>,
        order: Order,
        key: impl Fn(&R) -> (Sorted, String),
    ) -> Page<R> {
        let limit = usize::try_from(self.rows()).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| {
            let (at, id) = key(row);
            Cursor { by: order.name(), at, id }.to_text()
        });
        Page { items: rows, next }
    }
}

impl<T> Page<T> {
    /// The same page with each row turned into something else.
    ///
    /// # Errors
    /// The first error of `turn`.
    pub fn try_map<U, E>(self, turn: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(turn).collect::<Result<_, E>>()?;
        Ok(Page { items, next: self.next })
    }
}

impl Order {
    fn name(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column)
    }
}

impl Cursor {
    fn to_text(&self) -> String {
        // A struct of texts and numbers always has a JSON form.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn parse(text: &str, order: Order) -> Result<Self, StoreError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::BadCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| StoreError::BadCursor)?;
        let is_number = matches!(cursor.at, Sorted::Int(_));
        let fits = cursor.by == order.name() && is_number == order.column.ends_with("_s");
        if fits { Ok(cursor) } else { Err(StoreError::BadCursor) }
    }
}
