//! What the demo company asks before it comes.

use crate::domain::questions::{Condition, Disqualification, Question, QuestionKind};

fn question(key: &str, label: &str, kind: QuestionKind) -> Question {
    Question {
        key: key.to_owned(),
        label: label.to_owned(),
        help: String::new(),
        kind,
        options: Vec::new(),
        required: false,
        only_if: None,
        disqualifies: None,
    }
}

fn chosen(key: &str, label: &str, kind: QuestionKind, options: &[&str]) -> Question {
    let options = options.iter().map(ToString::to_string).collect();
    Question { options, required: true, ..question(key, label, kind) }
}

fn only_if(question: Question, key: &str, answers: &[&str]) -> Question {
    let answers = answers.iter().map(ToString::to_string).collect();
    Question { only_if: Some(Condition { key: key.to_owned(), answers }), ..question }
}

/// For photographs of a home.
pub(super) fn of_photos() -> Vec<Question> {
    let entry = ["I am there", "A key box", "The agent opens"];
    let code = question("key_code", "Code of the key box", QuestionKind::Text);
    let plan = question("plan", "A floor plan, if you have one", QuestionKind::File);
    vec![
        chosen(
            "home",
            "What kind of home is it?",
            QuestionKind::Choice,
            &["Flat", "House", "Other"],
        ),
        chosen("entry", "How do we get in?", QuestionKind::DropDown, &entry),
        only_if(Question { required: true, ..code }, "entry", &["A key box"]),
        only_if(
            question("agent_phone", "Telephone of the agent", QuestionKind::Phone),
            "entry",
            &["The agent opens"],
        ),
        Question {
            help: "We do not tidy up and move nothing heavy.".to_owned(),
            ..question("tidy", "The rooms will be tidy when we come", QuestionKind::CheckBox)
        },
        plan,
    ]
}

/// For the repair of a heat pump.
pub(super) fn of_repair() -> Vec<Question> {
    let smell = "It smells of burning, or liquid runs out of it";
    vec![
        Question {
            disqualifies: Some(Disqualification {
                answers: vec!["yes".to_owned()],
                message: "Please switch the heat pump off at the fuse box and call us at once: \
                          +354 555 0164, day and night."
                    .to_owned(),
            }),
            ..question("danger", smell, QuestionKind::CheckBox)
        },
        Question {
            required: true,
            help: "What it does, since when, and what the display shows.".to_owned(),
            ..question("fault", "What is wrong?", QuestionKind::LongText)
        },
        Question {
            help: "It saves a second visit if we can bring the right part.".to_owned(),
            ..question("plate", "A photo of the type plate", QuestionKind::File)
        },
    ]
}

/// For the installation of an appliance.
pub(super) fn of_installation() -> Vec<Question> {
    let floors = ["Ground floor", "1st floor", "2nd floor", "3rd floor or higher"];
    vec![
        chosen(
            "appliance",
            "What do we install?",
            QuestionKind::Choice,
            &["Washer", "Dryer", "Oven"],
        ),
        chosen("floor", "On which floor?", QuestionKind::DropDown, &floors),
        only_if(
            chosen("lift", "Is there a lift?", QuestionKind::Choice, &["Yes", "No"]),
            "floor",
            &floors[1..],
        ),
        question("old", "Take the old appliance away", QuestionKind::CheckBox),
    ]
}
