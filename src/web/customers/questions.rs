//! The third step, where there is one: the questions of the services.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::uploads;
use crate::domain::error::AppError;
use crate::domain::faults::{Fault, Faults};
use crate::domain::questions::{self, Question, QuestionKind, TICKED};
use crate::domain::uploads::BYTES_MAX;
use crate::web::customers::frame::{Frame, Step, to};
use crate::web::customers::visitor::Visitor;

/// Most characters read of one field.
const TEXT_MAX: usize = 5000;

#[derive(Template)]
#[template(path = "questions.html")]
struct QuestionsPage {
    f: Frame,
    summary: String,
    fields: Vec<FieldShown>,
    /// Whether something is wrong.
    wrong: bool,
    /// The words of an answer with which nothing can be booked.
    disqualified: Option<String>,
}

/// A question as the page shows it.
#[derive(Debug, Clone)]
struct FieldShown {
    key: String,
    label: String,
    help: String,
    kind: &'static str,
    options: Vec<(String, bool)>,
    required: bool,
    value: String,
    /// The name of a file that is there already.
    file: Option<String>,
    error: Option<String>,
    /// Asked only after answers to an earlier question: its key and the answers, separated by `|`.
    only_if: Option<(String, String)>,
    hidden: bool,
}

/// What was sent.
#[derive(Debug, Default)]
struct Sent {
    answers: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

pub(super) async fn show(visitor: Visitor) -> Response {
    page(&visitor, &[], StatusCode::OK).await
}

async fn page(visitor: &Visitor, faults: &[Fault], status: StatusCode) -> Response {
    let chosen = match visitor.chosen().await {
        Ok(chosen) => chosen,
        Err(error) => return visitor.refused(error, Step::Service),
    };
    if chosen.questions.is_empty() {
        return to(&format!("{}/time", visitor.root()));
    }
    let (words, draft) = (visitor.words(), &visitor.draft);
    if draft.place.is_none() {
        return to(&format!("{}/place", visitor.root()));
    }
    let field = |question: &Question| shown(visitor, question, faults);
    let disqualified = faults.iter().find_map(|fault| {
        let key = fault.field.strip_prefix("answers.")?;
        let question = chosen.questions.iter().find(|question| question.key == key)?;
        question.disqualified(&fault.value).map(str::to_owned)
    });
    let page = QuestionsPage {
        f: visitor.frame(Step::Questions, true, &words.t("questions.title")),
        summary: format!("{} · {}", chosen.title, words.minutes(chosen.minutes)),
        fields: chosen.questions.iter().map(field).collect(),
        wrong: !faults.is_empty(),
        disqualified,
    };
    page.f.answer(status, &page)
}

fn shown(visitor: &Visitor, question: &Question, faults: &[Fault]) -> FieldShown {
    let draft = &visitor.draft;
    let value = draft.answers.get(&question.key).cloned().unwrap_or_default();
    let fault = faults.iter().find(|fault| fault.field == format!("answers.{}", question.key));
    let error = fault.map(|fault| {
        if let Some(message) = question.disqualified(&fault.value) {
            return message.to_owned();
        }
        let key = match (fault.value.is_empty(), question.kind) {
            (true, QuestionKind::CheckBox) => "questions.tick",
            (true, _) => "questions.required",
            (false, QuestionKind::Phone) => "questions.phone",
            (false, QuestionKind::File) => "questions.file_wrong",
            (false, _) => "questions.wrong",
        };
        visitor.words().t(key)
    });
    let option = |option: &String| (option.clone(), *option == value);
    FieldShown {
        key: question.key.clone(),
        label: question.label.clone(),
        help: question.help.clone(),
        kind: word(question.kind),
        options: question.options.iter().map(option).collect(),
        required: question.required,
        file: draft.files.get(&question.key).cloned(),
        error,
        only_if: question
            .only_if
            .as_ref()
            .map(|condition| (condition.key.clone(), condition.answers.join("|"))),
        hidden: !question.is_asked(&draft.answers),
        value,
    }
}

fn word(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Text => "text",
        QuestionKind::LongText => "long_text",
        QuestionKind::Choice => "choice",
        QuestionKind::DropDown => "drop_down",
        QuestionKind::CheckBox => "check_box",
        QuestionKind::Phone => "phone",
        QuestionKind::File => "file",
    }
}

pub(super) async fn answer(mut visitor: Visitor, form: Multipart) -> Response {
    let chosen = match visitor.chosen().await {
        Ok(chosen) => chosen,
        Err(error) => return visitor.refused(error, Step::Service),
    };
    let sent = match read(&visitor, &chosen.questions, form).await {
        Ok(sent) => sent,
        Err(error) => return visitor.refused(error, Step::Questions),
    };
    let (before, kept) = (visitor.draft.answers.clone(), visitor.draft.files.clone());
    // A file stays until another is sent in its place.
    let files = chosen.questions.iter().filter(|question| question.kind == QuestionKind::File);
    let mut answers = sent.answers;
    let mut names = sent.files;
    for key in files.map(|question| &question.key) {
        if let (false, Some(id)) = (answers.contains_key(key), before.get(key)) {
            answers.insert(key.clone(), id.clone());
            names.insert(key.clone(), kept.get(key).cloned().unwrap_or_default());
        }
    }
    let all: Vec<&Question> = chosen.questions.iter().collect();
    let mut faults = Faults::default();
    faults.extend(sent.faults);
    let is_new = |fault: &Fault, faults: &Faults| {
        !faults.list().iter().any(|known| known.field == fault.field)
    };
    let mut own = Faults::default();
    questions::checked(&all, &answers, true, &mut own);
    let own: Vec<Fault> =
        own.list().iter().filter(|fault| is_new(fault, &faults)).cloned().collect();
    faults.extend(own);
    visitor.draft.answers = answers;
    visitor.draft.files = names;
    visitor.draft.answered = faults.list().is_empty();
    if let Err(error) = visitor.keep().await {
        return visitor.refused(error, Step::Questions);
    }
    if visitor.draft.answered {
        return to(&format!("{}/time", visitor.root()));
    }
    page(&visitor, faults.list(), StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Reads the form; files are kept at once, so that nobody sends one twice.
async fn read(
    visitor: &Visitor,
    questions: &[Question],
    mut form: Multipart,
) -> Result<Sent, AppError> {
    let unreadable = || AppError::invalid("form", "", "cannot be read");
    let mut sent = Sent::default();
    while let Some(mut part) = form.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or("").to_owned();
        let Some(key) = name.strip_prefix("q_").map(str::to_owned) else { continue };
        let Some(question) = questions.iter().find(|question| question.key == key) else {
            continue;
        };
        let file_name = part.file_name().unwrap_or("").to_owned();
        let is_file = question.kind == QuestionKind::File;
        let limit = if is_file { BYTES_MAX + 1 } else { TEXT_MAX };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(|_| unreadable())? {
            let left = limit.saturating_sub(bytes.len());
            bytes.extend_from_slice(&chunk[..chunk.len().min(left)]);
        }
        if !is_file {
            let value = String::from_utf8_lossy(&bytes).trim().to_owned();
            let value = value.replace("\r\n", "\n");
            if !value.is_empty() {
                sent.answers.insert(key, value);
            }
        } else if !bytes.is_empty() {
            let field = format!("answers.{key}");
            let named = (field.as_str(), file_name.as_str());
            match uploads::create(visitor.app(), visitor.actor(), named, &bytes).await {
                Ok(upload) => {
                    sent.files.insert(key.clone(), upload.name);
                    sent.answers.insert(key, upload.id.to_string());
                }
                Err(AppError::Invalid(faults)) => {
                    sent.faults.extend(faults.into_iter().take(1).map(
                        // Not empty, since something was sent.
                        |fault| Fault { value: file_name.clone() + " ", ..fault },
                    ));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(sent)
}

/// The answers of a draft, as people read them, for the summary before booking.
pub(super) fn summary(visitor: &Visitor, questions: &[Question]) -> Vec<(String, String)> {
    let draft = &visitor.draft;
    let asked = questions.iter().filter(|question| question.is_asked(&draft.answers));
    let line = |question: &Question| {
        let value = draft.answers.get(&question.key)?;
        let value = match question.kind {
            QuestionKind::File => draft.files.get(&question.key)?.clone(),
            QuestionKind::CheckBox if value == TICKED => visitor.words().t("questions.yes"),
            _ => value.clone(),
        };
        Some((question.label.clone(), value))
    };
    asked.filter_map(line).collect()
}
