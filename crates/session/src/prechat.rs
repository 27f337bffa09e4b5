//! Answers to forms: checks them, and turns them into the types of the wire.

use parlor_wire::{
    event::{
        Answer as WireAnswer, Choice, FieldKind, FilledField, FilledForm, Form, FormField,
        looks_like_email, looks_like_phone,
    },
    limits::{ANSWER_MAX_BYTES, MESSAGE_TEXT_MAX_BYTES, NAME_MAX_BYTES, characters_over},
    visitor::{ChasitorInit, CustomDetail},
};
use serde::{Deserialize, Serialize};

/// The id under which errors of the message itself are, among those of the fields. No
/// deployment's field has it.
pub const MESSAGE_FIELD: &str = "offline-message";

/// The content of one field: a text, or the ids of the chosen options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub field_id: String,
    pub values: Vec<String>,
}

/// Why an answer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldError {
    /// The field must be answered.
    Required,
    /// The text does not look like an e-mail address.
    NotAnEmail,
    /// The text looks neither like an e-mail address nor like a phone number.
    NotAContact,
    /// The text does not look like a phone number.
    NotAPhone,
    /// The endpoint did not take the message.
    NotTaken,
    /// The text has this many characters more than fit.
    TooLong { characters_over: usize },
}

fn values<'a>(field: &FormField, answers: &'a [Answer]) -> &'a [String] {
    let id = field.id.id();
    answers
        .iter()
        .find(|a| a.field_id == id)
        .map(|a| a.values.as_slice())
        .unwrap_or_default()
}

/// The text of a field that has no options, without blanks around it.
fn text<'a>(field: &FormField, answers: &'a [Answer]) -> &'a str {
    values(field, answers)
        .first()
        .map(|v| v.trim())
        .unwrap_or_default()
}

pub(crate) fn check(form: &Form, answers: &[Answer]) -> Vec<(String, FieldError)> {
    let mut errors = Vec::new();
    for field in &form.fields {
        if let Some(error) = check_field(field, answers) {
            errors.push((field.id.id(), error));
        }
    }
    errors
}

fn check_field(field: &FormField, answers: &[Answer]) -> Option<FieldError> {
    let answered = if field.kind.is_choice() {
        values(field, answers).iter().any(|v| !v.is_empty())
    } else {
        !text(field, answers).is_empty()
    };
    if !answered {
        return field
            .required
            .unwrap_or(false)
            .then_some(FieldError::Required);
    }
    let max_bytes = match field.kind {
        FieldKind::Name | FieldKind::Email | FieldKind::Contact | FieldKind::Phone => {
            NAME_MAX_BYTES
        }
        _ => ANSWER_MAX_BYTES,
    };
    let characters_over = characters_over(text(field, answers), max_bytes);
    if characters_over > 0 {
        return Some(FieldError::TooLong { characters_over });
    }
    let text = text(field, answers);
    match field.kind {
        FieldKind::Email if !looks_like_email(text) => Some(FieldError::NotAnEmail),
        FieldKind::Contact if !looks_like_email(text) && !looks_like_phone(text) => {
            Some(FieldError::NotAContact)
        }
        FieldKind::Phone if !looks_like_phone(text) => Some(FieldError::NotAPhone),
        _ => None,
    }
}

/// Checks the text of a message that is left.
pub(crate) fn check_message(text: &str) -> Option<(String, FieldError)> {
    let characters_over = characters_over(text, MESSAGE_TEXT_MAX_BYTES);
    let error = match characters_over {
        _ if text.trim().is_empty() => FieldError::Required,
        0 => return None,
        _ => FieldError::TooLong { characters_over },
    };
    Some((MESSAGE_FIELD.to_owned(), error))
}

/// Writes checked answers into the request, in the words of both seeds.
pub(crate) fn fill(form: &Form, answers: &[Answer], init: &mut ChasitorInit) {
    let form_filled = filled_form(form, answers);
    for (field, filled) in form.fields.iter().zip(&form_filled.fields) {
        let value = spoken(filled);
        match field.kind {
            FieldKind::Name if !value.is_empty() => init.visitor_name = Some(value.clone()),
            _ => {}
        }
        if !value.is_empty() {
            init.prechat_details.push(CustomDetail {
                label: field.label.clone(),
                value,
                display_to_agent: Some(true),
                ..CustomDetail::default()
            });
        }
    }
    init.prechat_form = Some(form_filled);
}

/// Checked answers as an event of the log.
pub(crate) fn filled_form(form: &Form, answers: &[Answer]) -> FilledForm {
    FilledForm {
        form_id: form.form_id.clone(),
        form_type: form.form_type.clone(),
        fields: form.fields.iter().map(|it| filled(it, answers)).collect(),
    }
}

/// Each question with its answer, as a person reads them.
pub(crate) fn as_text(form: &FilledForm) -> Vec<(String, String)> {
    let fields = form.fields.iter();
    fields
        .map(|field| (field.label.clone(), spoken(field)))
        .collect()
}

fn filled(field: &FormField, answers_given: &[Answer]) -> FilledField {
    let chosen = values(field, answers_given);
    let choices = || {
        let mut choices = Vec::new();
        for option in field.options.iter().flatten() {
            if chosen.contains(&option.id.id()) {
                choices.push(WireAnswer::Choice(Choice {
                    id: option.id.clone(),
                    label: option.label.clone(),
                    group_id: option.group_id,
                }));
            }
        }
        choices
    };
    let (answer, answers) = if field.kind.is_multiple() {
        (None, Some(choices()))
    } else if field.kind.is_choice() {
        (choices().into_iter().next(), None)
    } else {
        (
            Some(WireAnswer::Text(text(field, answers_given).to_owned())),
            None,
        )
    };
    FilledField {
        kind: match field.kind {
            // Of a kind that every reader knows.
            FieldKind::Contact if looks_like_email(text(field, answers_given)) => FieldKind::Email,
            FieldKind::Contact | FieldKind::Phone => FieldKind::Question,
            ref kind => kind.clone(),
        },
        id: field.id.clone(),
        label: field.label.clone(),
        answer,
        answers,
    }
}

fn spoken(field: &FilledField) -> String {
    let several = field.answers.as_deref().unwrap_or_default();
    let mut texts = Vec::new();
    for answers in [field.answer.as_slice(), several] {
        for answer in answers {
            if let Some(text) = answer.text() {
                texts.push(text);
            }
        }
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form() -> Form {
        serde_json::from_value(json!({"form_id": "f", "form_type": "prechat", "fields": [
            {"type": "name", "id": "n", "label": "Your name", "required": true},
            {"type": "email", "id": "e", "label": "Your email", "required": true},
            {"type": "checkbox", "id": "c", "label": "About", "required": false,
             "options": [{"id": "0", "label": "Tea"}, {"id": "1", "label": "Cups"}]},
            {"type": "group_chooser", "id": "g", "label": "Team",
             "options": [{"id": "573X", "group_id": 1, "label": "Sales"}]}
        ]}))
        .unwrap()
    }

    fn answer(id: &str, values: &[&str]) -> Answer {
        Answer {
            field_id: id.into(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_by_field() {
        let answers = [answer("n", &["  "]), answer("e", &["jon at example"])];
        assert_eq!(
            check(&form(), &answers),
            [
                ("n".to_owned(), FieldError::Required),
                ("e".to_owned(), FieldError::NotAnEmail)
            ]
        );
        let long = "x".repeat(NAME_MAX_BYTES + 1);
        let answers = [answer("n", &[&long]), answer("e", &["j@e.example"])];
        assert_eq!(
            check(&form(), &answers),
            [("n".to_owned(), FieldError::TooLong { characters_over: 1 })]
        );
    }

    #[test]
    fn answers_become_details_a_filled_form_and_a_route() {
        let answers = [
            answer("n", &[" Jon "]),
            answer("e", &["j@e.example"]),
            answer("c", &["1", "0"]),
            answer("g", &["573X"]),
        ];
        assert_eq!(check(&form(), &answers), []);
        let mut init = ChasitorInit::default();
        fill(&form(), &answers, &mut init);
        assert_eq!(init.visitor_name.as_deref(), Some("Jon"));
        // The endpoint takes the chosen group from the form.
        assert!(init.button_overrides.is_empty());
        let details: Vec<_> = init
            .prechat_details
            .iter()
            .map(|d| (d.label.as_str(), d.value.as_str()))
            .collect();
        assert_eq!(
            details,
            [
                ("Your name", "Jon"),
                ("Your email", "j@e.example"),
                ("About", "Tea, Cups"),
                ("Team", "Sales")
            ]
        );
        let filled = serde_json::to_value(init.prechat_form.unwrap()).unwrap();
        assert_eq!(filled["fields"][2]["answers"][1]["label"], "Cups");
        assert_eq!(filled["fields"][3]["answer"]["group_id"], 1);
    }
}
