//! Places of a document: does a road lead there?

use std::collections::BTreeMap;

use crate::app::catalogue::{CatalogueNoun, roads};
use crate::domain::error::AppError;
use crate::domain::exchange::{Document, Item};
use crate::domain::faults::Faults;
use crate::domain::id::VisitId;
use crate::domain::organizations::Organization;
use crate::domain::places::Place;
use crate::domain::visits::{Visit, VisitStatus};
use crate::travel::Travel;

/// Refuses places that no road leads to, as saving one of them does.
///
/// # Errors
/// [`AppError::Invalid`] with all faults, each with its path.
pub fn check_places(travel: &Travel, document: &Document) -> Result<(), AppError> {
    let nothing = Document::of(document.organization.id, document.organization.value.clone());
    check(travel, document, &nothing, |_| true)
}

/// The same where some is stored already: places that stay as they are will do.
///
/// * `is_new`: whether a visit is not stored yet; others are left as they are anyway.
pub(super) fn check(
    travel: &Travel,
    document: &Document,
    known: &Document,
    is_new: impl Fn(VisitId) -> bool,
) -> Result<(), AppError> {
    let mut check =
        Check { travel, organization: &document.organization.value, faults: Faults::default() };
    check.list("locations", &document.locations, &known.locations);
    check.list("zones", &document.zones, &known.zones);
    check.list("technicians", &document.technicians, &known.technicians);
    check.list("absences", &document.absences, &known.absences);
    check.list("sites", &document.sites, &known.sites);
    for (row, visit) in document.visits.iter().enumerate() {
        if is_new(visit.id) && is_ahead(visit) {
            let mode = visit.needs.travel;
            let organization = Organization { travel: mode, ..check.organization.clone() };
            let field = format!("visits[{row}].place");
            roads::note(travel, &organization, &visit.place, &field, &mut check.faults);
        }
    }
    Ok(check.faults.into_result()?)
}

/// Whether somebody still has to drive there.
fn is_ahead(visit: &Visit) -> bool {
    !matches!(visit.status, VisitStatus::Finished | VisitStatus::Cancelled)
}

struct Check<'a> {
    travel: &'a Travel,
    organization: &'a Organization,
    faults: Faults,
}

impl Check<'_> {
    fn list<I, N>(&mut self, name: &str, items: &[Item<I, N>], known: &[Item<I, N>])
    where
        I: Copy + Ord,
        N: CatalogueNoun,
    {
        let known: BTreeMap<I, Vec<(String, Place)>> =
            known.iter().map(|item| (item.id, item.value.places())).collect();
        for (row, item) in items.iter().enumerate() {
            let kept = known.get(&item.id).map_or(&[][..], Vec::as_slice);
            for (field, place) in roads::new(item.value.places(), kept) {
                let field = format!("{name}[{row}].{field}");
                roads::note(self.travel, self.organization, &place, &field, &mut self.faults);
            }
        }
    }
}
