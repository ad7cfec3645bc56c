//! Absences by time; everything else about them is in [`crate::store::records`].

use chrono::{DateTime, Utc};

use crate::domain::absences::Absence;
use crate::domain::id::{AbsenceId, LocationId, OrganizationId};
use crate::domain::records::Record;
use crate::store::records::{BodyRow, COLUMNS, read};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// Absences of a location's technicians and equipment that have a part in `[from, until)`,
/// earliest first.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn overlapping(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Record<AbsenceId, Absence>>, StoreError> {
    let text = format!(
        "select {COLUMNS} from absences \
         where organization_id = $1 and start_s < $2 and end_s > $3 and (location_id = $4 \
         or technician_id in (select id from technicians where location_id = $4)) \
         order by start_s, id"
    );
    let query = Query::new(text).bind(organization_id).bind(until).bind(from).bind(location_id);
    query.all::<BodyRow>(tx).await?.into_iter().map(read::<Absence>).collect()
}
