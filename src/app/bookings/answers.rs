//! Answers to the questions of what is booked: checked the same way whoever books.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::bookings::BookingRequest;
use crate::app::live::{self, Setup};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{BookingId, OrganizationId, ServiceId, UploadId};
use crate::domain::questions::{self, Answer, AnswerGiven, Question, QuestionKind};
use crate::store::{Tx, holds, uploads};

/// The questions of some services, each key once.
pub(crate) fn questions_of<'a>(setup: &'a Setup, service_ids: &[ServiceId]) -> Vec<&'a Question> {
    let services = service_ids.iter().filter_map(|id| setup.catalogue.services.get(id));
    questions::united(services.flat_map(|service| &service.questions))
}

/// Answers by key; of a key that is there twice the last one counts.
pub(crate) fn by_key(given: &[AnswerGiven]) -> BTreeMap<String, String> {
    given.iter().map(|answer| (answer.key.clone(), answer.value.clone())).collect()
}

/// The answers of a request as its booking will keep them. Notes all faults of theirs.
///
/// Anyone and programs must answer all that is required; a member who books for a customer, by
/// telephone perhaps, need not. Requests of Roundsman itself are not asked.
pub(crate) async fn checked(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    request: &BookingRequest,
    faults: &mut Faults,
) -> Result<Vec<Answer>, AppError> {
    let setup = live::setup(app, tx, actor.organization_id).await?;
    let service_ids = match (&request.slot, request.hold_id) {
        (Some(slot), _) => {
            // What does not exist is a fault of its own, found by the search.
            setup.catalogue.services_of(&slot.service_ids, slot.package_id).unwrap_or_default()
        }
        (None, Some(id)) => {
            let hold = holds::get(tx, actor.organization_id, id).await?;
            hold.map(|hold| hold.service_ids).unwrap_or_default()
        }
        (None, None) => Vec::new(),
    };
    if service_ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = questions_of(&setup, &service_ids);
    let whole = matches!(actor.kind, ActorKind::Public | ActorKind::ApiKey { .. });
    let answers = questions::checked(&asked, &by_key(&request.answers), whole, faults);
    for answer in &answers {
        if answer.kind == QuestionKind::File && !is_free(tx, actor.organization_id, answer).await? {
            let field = format!("answers.{}", answer.key);
            faults.add(&field, &answer.value, "no such upload, or it belongs to another booking");
        }
    }
    Ok(answers)
}

async fn is_free(
    tx: &mut Tx,
    organization_id: OrganizationId,
    answer: &Answer,
) -> Result<bool, AppError> {
    let Ok(id) = answer.value.parse::<UploadId>() else { return Ok(false) };
    let upload = uploads::get(tx, organization_id, id).await?;
    Ok(upload.is_some_and(|upload| upload.booking_id.is_none()))
}

/// Gives the files among the answers to their booking.
pub(crate) async fn attach(
    tx: &mut Tx,
    organization_id: OrganizationId,
    booking_id: BookingId,
    answers: &[Answer],
) -> Result<(), AppError> {
    for answer in answers.iter().filter(|answer| answer.kind == QuestionKind::File) {
        if let Ok(id) = answer.value.parse::<UploadId>() {
            uploads::attach(tx, organization_id, id, booking_id).await?;
        }
    }
    Ok(())
}
