//! What a sender may send. Decoding takes anything that can be read, since what is
//! kept or foreign must stay readable; this is the stricter question, asked before an
//! event is sent and again before it is written. It says where and which limit, and
//! repeats no text. Who may send which kind is not known here.

use std::fmt;

use serde::Serialize;

use super::{
    Answer, Button, Element, Event, EventBody, File, FilledField, Form, FormField, Message,
    Properties, RichMessage, SystemMessage, Visibility,
};
use crate::limits::*;

/// Why an event may not be sent. `Display` is safe to send and to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// From the top of the event, as `elements[0].buttons[3].text`.
    pub path: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It must say something.
    Empty,
    /// More bytes than the limit.
    TooLong {
        /// In bytes of UTF-8, or of JSON for free values.
        limit: usize,
    },
    /// More items than the limit.
    TooMany {
        /// How many there may be.
        limit: usize,
    },
    /// More levels of objects and lists than the limit.
    TooDeep {
        /// How many there may be.
        limit: usize,
    },
    /// `type` without `value`, or the other way round.
    Unpaired,
    /// A word that this version cannot send.
    UnknownWord,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.problem {
            Problem::Empty => write!(f, "`{path}` must not be empty"),
            Problem::TooLong { limit } => write!(f, "`{path}` is longer than {limit} bytes"),
            Problem::TooMany { limit } => write!(f, "`{path}` has more than {limit} items"),
            Problem::TooDeep { limit } => write!(f, "`{path}` has more than {limit} levels"),
            Problem::Unpaired => write!(f, "`{path}` needs both `type` and `value`, or neither"),
            Problem::UnknownWord => write!(f, "`{path}` is not a word known here"),
        }
    }
}

impl std::error::Error for Invalid {}

impl Event {
    /// Whether a sender may send it: the body, and what a sender may add to it.
    pub fn validate(&self) -> Result<(), Invalid> {
        if let Some(id) = &self.custom_id {
            filled("custom_id", id.as_str(), CUSTOM_ID_MAX_BYTES)?;
        }
        if let Some(Visibility::Other(_)) = self.visibility {
            return Err(invalid("visibility", Problem::UnknownWord));
        }
        if let Some(properties) = &self.properties {
            properties.validate("properties")?;
        }
        self.body.validate()
    }
}

impl Properties {
    /// Whether they may be set; `path` is where they stand.
    pub fn validate(&self, path: &str) -> Result<(), Invalid> {
        json_within(path, &self.to_value(), PROPERTIES_MAX_BYTES)
    }
}

impl EventBody {
    /// Whether a sender may send it.
    pub fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::Message(body) => message(body),
            Self::File(body) => file(body),
            Self::Form(body) => form(body),
            Self::FilledForm(body) => {
                filled("form_id", &body.form_id.text(), ID_MAX_BYTES)?;
                within_some("form_type", &body.form_type, LABEL_MAX_BYTES)?;
                each("fields", &body.fields, FORM_FIELDS_MAX, filled_field)
            }
            Self::RichMessage(body) => rich_message(body),
            Self::Custom(body) => match &body.content {
                Some(content) => json_within("content", content, CONTENT_MAX_BYTES),
                None => Ok(()),
            },
            Self::SystemMessage(body) => system_message(body),
            Self::Unknown { .. } => Err(invalid("type", Problem::UnknownWord)),
        }
    }
}

fn message(body: &Message) -> Result<(), Invalid> {
    filled("text", &body.text, MESSAGE_TEXT_MAX_BYTES)?;
    let Some(postback) = &body.postback else {
        return Ok(());
    };
    filled("postback.id", &postback.id, ID_MAX_BYTES)?;
    filled(
        "postback.thread_id",
        postback.thread_id.as_str(),
        ID_MAX_BYTES,
    )?;
    filled(
        "postback.event_id",
        postback.event_id.as_str(),
        ID_MAX_BYTES,
    )?;
    within_some("postback.type", &postback.kind, LABEL_MAX_BYTES)?;
    within_some("postback.value", &postback.value, URL_MAX_BYTES)?;
    paired(
        "postback",
        postback.kind.is_some(),
        postback.value.is_some(),
    )
}

fn file(body: &File) -> Result<(), Invalid> {
    filled("url", &body.url, URL_MAX_BYTES)?;
    within_some("name", &body.name, FILE_NAME_MAX_BYTES)?;
    within_some("thumbnail_url", &body.thumbnail_url, URL_MAX_BYTES)?;
    within_some("thumbnail2x_url", &body.thumbnail2x_url, URL_MAX_BYTES)?;
    within_some("content_type", &body.content_type, LABEL_MAX_BYTES)?;
    within_some("alternative_text", &body.alternative_text, LABEL_MAX_BYTES)
}

fn form(body: &Form) -> Result<(), Invalid> {
    filled("form_id", &body.form_id.text(), ID_MAX_BYTES)?;
    within_some("form_type", &body.form_type, LABEL_MAX_BYTES)?;
    if body.fields.is_empty() {
        return Err(invalid("fields", Problem::Empty));
    }
    each("fields", &body.fields, FORM_FIELDS_MAX, form_field)
}

fn form_field(path: &str, field: &FormField) -> Result<(), Invalid> {
    filled(&at(path, "id"), &field.id.text(), ID_MAX_BYTES)?;
    within(&at(path, "type"), field.kind.as_str(), LABEL_MAX_BYTES)?;
    within(&at(path, "label"), &field.label, LABEL_MAX_BYTES)?;
    let options = field.options.as_deref().unwrap_or_default();
    each(
        &at(path, "options"),
        options,
        FORM_OPTIONS_MAX,
        |path, option| {
            filled(&at(path, "id"), &option.id.text(), ID_MAX_BYTES)?;
            within(&at(path, "label"), &option.label, LABEL_MAX_BYTES)
        },
    )
}

fn filled_field(path: &str, field: &FilledField) -> Result<(), Invalid> {
    filled(&at(path, "id"), &field.id.text(), ID_MAX_BYTES)?;
    within(&at(path, "type"), field.kind.as_str(), LABEL_MAX_BYTES)?;
    within(&at(path, "label"), &field.label, LABEL_MAX_BYTES)?;
    if let Some(one) = &field.answer {
        answer(&at(path, "answer"), one)?;
    }
    let answers = field.answers.as_deref().unwrap_or_default();
    each(&at(path, "answers"), answers, FORM_OPTIONS_MAX, answer)
}

fn answer(path: &str, answer: &Answer) -> Result<(), Invalid> {
    match answer {
        Answer::Text(text) => within(path, text, ANSWER_MAX_BYTES),
        Answer::Choice(choice) => {
            within(&at(path, "id"), &choice.id.text(), ID_MAX_BYTES)?;
            within(&at(path, "label"), &choice.label, LABEL_MAX_BYTES)
        }
        Answer::Other(value) => json_within(path, value, ANSWER_MAX_BYTES),
    }
}

fn rich_message(body: &RichMessage) -> Result<(), Invalid> {
    within("template_id", body.template_id.as_str(), LABEL_MAX_BYTES)?;
    each("elements", body.elements(), RICH_ELEMENTS_MAX, element)
}

fn element(path: &str, element: &Element) -> Result<(), Invalid> {
    within_some(&at(path, "title"), &element.title, LABEL_MAX_BYTES)?;
    within_some(&at(path, "subtitle"), &element.subtitle, LABEL_MAX_BYTES)?;
    if let Some(image) = &element.image {
        let path = at(path, "image");
        filled(&at(&path, "url"), &image.url, URL_MAX_BYTES)?;
        within_some(&at(&path, "name"), &image.name, FILE_NAME_MAX_BYTES)?;
        within_some(
            &at(&path, "content_type"),
            &image.content_type,
            LABEL_MAX_BYTES,
        )?;
        within_some(
            &at(&path, "alternative_text"),
            &image.alternative_text,
            LABEL_MAX_BYTES,
        )?;
    }
    each(&at(path, "buttons"), element.buttons(), BUTTONS_MAX, button)
}

fn button(path: &str, button: &Button) -> Result<(), Invalid> {
    filled(&at(path, "text"), &button.text, LABEL_MAX_BYTES)?;
    within_some(&at(path, "value"), &button.value, URL_MAX_BYTES)?;
    within_some(&at(path, "postback_id"), &button.postback_id, ID_MAX_BYTES)?;
    for (field, word) in [
        ("type", button.kind.as_ref().map(|kind| kind.as_str())),
        (
            "webview_height",
            button.webview_height.as_ref().map(|word| word.as_str()),
        ),
        (
            "target",
            button.target.as_ref().map(|target| target.as_str()),
        ),
    ] {
        within(&at(path, field), word.unwrap_or_default(), LABEL_MAX_BYTES)?;
    }
    let users = button.user_ids.as_deref().unwrap_or_default();
    each(
        &at(path, "user_ids"),
        users,
        BUTTON_USERS_MAX,
        |path, user| filled(path, user.as_str(), ID_MAX_BYTES),
    )?;
    paired(path, button.kind.is_some(), button.value.is_some())
}

fn system_message(body: &SystemMessage) -> Result<(), Invalid> {
    filled(
        "system_message_type",
        &body.system_message_type,
        LABEL_MAX_BYTES,
    )?;
    within_some("text", &body.text, MESSAGE_TEXT_MAX_BYTES)?;
    let Some(vars) = &body.text_vars else {
        return Ok(());
    };
    if vars.len() > TEXT_VARS_MAX {
        return Err(invalid(
            "text_vars",
            Problem::TooMany {
                limit: TEXT_VARS_MAX,
            },
        ));
    }
    json_within("text_vars", vars, CONTENT_MAX_BYTES)
}

fn at(path: &str, field: &str) -> String {
    format!("{path}.{field}")
}

fn invalid(path: &str, problem: Problem) -> Invalid {
    Invalid {
        path: path.to_owned(),
        problem,
    }
}

fn within(path: &str, text: &str, limit: usize) -> Result<(), Invalid> {
    if text.len() > limit {
        return Err(invalid(path, Problem::TooLong { limit }));
    }
    Ok(())
}

fn within_some(path: &str, text: &Option<String>, limit: usize) -> Result<(), Invalid> {
    within(path, text.as_deref().unwrap_or_default(), limit)
}

fn filled(path: &str, text: &str, limit: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(invalid(path, Problem::Empty));
    }
    within(path, text, limit)
}

fn paired(path: &str, kind: bool, value: bool) -> Result<(), Invalid> {
    if kind != value {
        return Err(invalid(path, Problem::Unpaired));
    }
    Ok(())
}

fn each<T>(
    path: &str,
    items: &[T],
    limit: usize,
    check: impl Fn(&str, &T) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    if items.len() > limit {
        return Err(invalid(path, Problem::TooMany { limit }));
    }
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, item)| check(&format!("{path}[{index}]"), item))
}

fn json_within(path: &str, value: &impl Serialize, limit: usize) -> Result<(), Invalid> {
    let problem = match serde_json::to_vec(value) {
        Ok(json) if json.len() > limit => Problem::TooLong { limit },
        Ok(json) if json_depth(&json) > JSON_DEPTH_MAX => Problem::TooDeep {
            limit: JSON_DEPTH_MAX,
        },
        Ok(_) => return Ok(()),
        Err(_) => Problem::TooLong { limit },
    };
    Err(invalid(path, problem))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(event: Value) -> Result<(), String> {
        let event = crate::decode_value::<Event>(event).unwrap();
        event.validate().map_err(|invalid| invalid.to_string())
    }

    fn card(buttons: usize) -> Value {
        json!({ "title": "x", "buttons": vec![json!({ "text": "b", "postback_id": "p" }); buttons] })
    }

    fn rich(elements: Vec<Value>) -> Value {
        json!({ "type": "rich_message", "template_id": "cards", "elements": elements })
    }

    #[test]
    fn text_is_measured_in_bytes() {
        let text = |text: String| told(json!({ "type": "message", "text": text }));
        assert_eq!(text("x".repeat(16 * 1024)), Ok(()));
        assert_eq!(text("😁".repeat(4 * 1024)), Ok(()));
        let long = Err("`text` is longer than 16384 bytes".to_owned());
        assert_eq!(text("😁".repeat(4 * 1024) + "x"), long);
        assert_eq!(
            text(" \n".to_owned()),
            Err("`text` must not be empty".to_owned())
        );
    }

    #[test]
    fn ten_elements_of_thirteen_buttons() {
        assert_eq!(told(rich(vec![card(13); 10])), Ok(()));
        let many = Err("`elements` has more than 10 items".to_owned());
        assert_eq!(told(rich(vec![card(0); 11])), many);
        let many = Err("`elements[1].buttons` has more than 13 items".to_owned());
        assert_eq!(told(rich(vec![card(13), card(14)])), many);
    }

    #[test]
    fn type_and_value_go_together() {
        let button = |button: Value| told(rich(vec![json!({ "buttons": [button] })]));
        assert_eq!(button(json!({ "text": "x" })), Ok(()));
        assert_eq!(
            button(json!({ "text": "x", "type": "url", "value": "https://x" })),
            Ok(())
        );
        assert!(button(json!({ "text": "x", "type": "url" })).is_err());
        assert!(button(json!({ "text": "x", "value": "y" })).is_err());
        let postback = json!({ "id": "a", "thread_id": "T", "event_id": "T_1", "value": "v" });
        let event = json!({ "type": "message", "text": "x", "postback": postback });
        let unpaired = "`postback` needs both `type` and `value`, or neither".to_owned();
        assert_eq!(told(event), Err(unpaired));
    }

    #[test]
    fn unknown_kind_and_visibility_are_not_sent() {
        let unknown = Err("`type` is not a word known here".to_owned());
        assert_eq!(told(json!({ "type": "poem", "text": "x" })), unknown);
        assert!(told(json!({ "type": "message", "text": "x", "visibility": "cats" })).is_err());
    }

    #[test]
    fn free_values_are_bounded() {
        let content =
            |bytes: usize| told(json!({ "type": "custom", "content": "x".repeat(bytes) }));
        assert_eq!(content(CONTENT_MAX_BYTES - 2), Ok(()));
        assert!(content(CONTENT_MAX_BYTES).is_err());
        let deep = |levels: usize| {
            let inner = (1..levels).fold(json!([]), |value, _| json!([value]));
            told(json!({ "type": "custom", "content": inner }))
        };
        assert_eq!(deep(JSON_DEPTH_MAX), Ok(()));
        let too_deep = Err("`content` has more than 32 levels".to_owned());
        assert_eq!(deep(JSON_DEPTH_MAX + 1), too_deep);
        let properties = json!({ "a": { "b": "x".repeat(PROPERTIES_MAX_BYTES) } });
        let event = json!({ "type": "message", "text": "x", "properties": properties });
        assert!(told(event).is_err());
    }

    #[test]
    fn form_needs_fields_with_ids() {
        let form =
            |fields: Value| told(json!({ "type": "form", "form_id": "1", "fields": fields }));
        assert!(form(json!([])).is_err());
        assert!(form(json!([{ "type": "name", "id": "", "label": "x" }])).is_err());
        assert_eq!(
            form(json!([{ "type": "name", "id": 3, "label": "x" }])),
            Ok(())
        );
    }
}
