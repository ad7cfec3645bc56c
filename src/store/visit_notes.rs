//! The `visit_notes` table.

use chrono::{DateTime, Utc};

use crate::domain::id::{OrganizationId, VisitId, VisitNoteId};
use crate::domain::visit_notes::VisitNote;
use crate::store::rows::{id, moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// What is kept of a note beside what everybody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Who wrote it, as in audit entries.
    pub author: String,
    /// Media type of the photo; empty if there is none.
    pub photo_type: String,
    /// The photo as base64; empty if there is none.
    pub photo: String,
}

#[derive(sqlx::FromRow)]
struct NoteRow {
    id: String,
    visit_id: String,
    at_s: i64,
    author_name: String,
    body: String,
    photo_type: String,
}

impl TryFrom<NoteRow> for VisitNote {
    type Error = StoreError;

    fn try_from(row: NoteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            visit_id: id(&row.visit_id)?,
            at: moment(row.at_s)?,
            author_name: row.author_name,
            text: row.body,
            has_photo: !row.photo_type.is_empty(),
        })
    }
}

/// Adds a note.
///
/// # Errors
/// [`StoreError::Missing`] if the visit is not the organization's, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    note: &VisitNote,
    kept: &Kept,
) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into visit_notes (id, organization_id, visit_id, at_s, author, author_name, body, \
         photo_type, photo) values ",
    );
    let values: [Value; 9] = [
        note.id.into(),
        organization_id.into(),
        note.visit_id.into(),
        note.at.into(),
        kept.author.as_str().into(),
        note.author_name.as_str().into(),
        note.text.as_str().into(),
        kept.photo_type.as_str().into(),
        kept.photo.as_str().into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The notes about a visit, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_visit(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
) -> Result<Vec<VisitNote>, StoreError> {
    let text = "select id, visit_id, at_s, author_name, body, photo_type from visit_notes \
        where organization_id = $1 and visit_id = $2 order by at_s, id";
    let rows = Query::new(text).bind(organization_id).bind(visit_id).all::<NoteRow>(tx).await?;
    rows.into_iter().map(VisitNote::try_from).collect()
}

/// Media type and base64 of a note's photo, with the visit it is about.
///
/// # Errors
/// If the database fails.
pub async fn photo(
    tx: &mut Tx,
    organization_id: OrganizationId,
    note_id: VisitNoteId,
) -> Result<Option<(VisitId, String, String)>, StoreError> {
    let text = "select visit_id, photo_type, photo from visit_notes \
        where organization_id = $1 and id = $2 and photo_type <> ''";
    let query = Query::new(text).bind(organization_id).bind(note_id);
    let Some((visit_id, media, photo)) = query.first::<(String, String, String)>(tx).await? else {
        return Ok(None);
    };
    Ok(Some((id(&visit_id)?, media, photo)))
}

/// How many notes a visit has since `since`.
///
/// # Errors
/// If the database fails.
pub async fn count(
    tx: &mut Tx,
    visit_id: VisitId,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let text = "select count(*) from visit_notes where visit_id = $1 and at_s >= $2";
    let row = Query::new(text).bind(visit_id).bind(since).first::<(i64,)>(tx).await?;
    Ok(row.map_or(0, |(count,)| count))
}
