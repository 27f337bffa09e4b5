//! The answers to the form of a callback, which the server makes (`Form::for_callback`): checked,
//! and as the request has them.

use parlor_wire::{
    Callback, CallbackType, TimeWindow,
    event::{CALLBACK_PHONE_FIELD, CALLBACK_TIMES_FIELD, CALLBACK_TYPE_FIELD, Form, FormField},
};

use crate::prechat::{self, Answer, FieldError};

/// What is wrong, by field. Who wants to be called says where.
pub(crate) fn check(form: &Form, answers: &[Answer]) -> Vec<(String, FieldError)> {
    let mut form = form.clone();
    let needs_number = kind(&form.fields, answers) == CallbackType::Phone;
    let mut fields = form.fields.iter_mut();
    if let Some(phone) = fields.find(|field| field.id.id() == CALLBACK_PHONE_FIELD) {
        phone.required = Some(needs_number);
    }
    prechat::check(&form, answers)
}

/// Checked answers.
pub(crate) fn read(form: &Form, answers: &[Answer]) -> Callback {
    let kind = kind(&form.fields, answers);
    let phone = values(&form.fields, answers, CALLBACK_PHONE_FIELD);
    let phone = phone.first().map(|phone| phone.trim().to_owned());
    let times = values(&form.fields, answers, CALLBACK_TIMES_FIELD).iter();
    let window = |id: &String| {
        let (start, end) = id.split_once('/')?;
        Some(TimeWindow {
            start: start.to_owned(),
            end: end.to_owned(),
        })
    };
    Callback {
        phone: phone.filter(|phone| kind == CallbackType::Phone && !phone.is_empty()),
        kind,
        preferred_time: times.filter_map(window).collect(),
    }
}

/// The answer, if the form has this field.
fn values<'a>(fields: &[FormField], answers: &'a [Answer], id: &str) -> &'a [String] {
    let is_asked = fields.iter().any(|field| field.id.id() == id);
    let mut answers = answers.iter().filter(|_| is_asked);
    let answer = answers.find(|answer| answer.field_id == id);
    answer.map_or(&[], |answer| answer.values.as_slice())
}

/// Where there is nothing to choose, a field for the number tells.
fn kind(fields: &[FormField], answers: &[Answer]) -> CallbackType {
    let has = |id: &str| fields.iter().any(|field| field.id.id() == id);
    match values(fields, answers, CALLBACK_TYPE_FIELD).first() {
        Some(chosen) => CallbackType::from(chosen.as_str()),
        None if has(CALLBACK_TYPE_FIELD) || has(CALLBACK_PHONE_FIELD) => CallbackType::Phone,
        None => CallbackType::Chat,
    }
}
