//! Questions to be answered (Agent Chat API, Form and Form fields): before a chat, after it,
//! or in its middle. Which answers are good enough is not known here.

use serde::{Deserialize, Serialize};

use crate::callback::CallbackType;
use crate::lenient;
use crate::loose::Loose;
use crate::word::words;

/// A form, empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// Names the form; the filled form repeats it.
    pub form_id: Loose,
    /// What it is for: `prechat`, `postchat`, `ask_for_email`, or any other word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_type: Option<String>,
    /// In the order in which they are asked.
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub fields: Vec<FormField>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormField {
    /// How it is asked and answered.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Names the field within the form.
    pub id: Loose,
    /// The question as a person reads it.
    #[cfg_attr(feature = "openapi", schema(max_length = 1024))]
    pub label: String,
    /// Absent means that it may be left out.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub required: Option<bool>,
    /// What can be chosen, for the kinds that offer a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 300))]
    pub options: Option<Vec<FormOption>>,
}

/// One answer that can be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormOption {
    /// Names the option within the field.
    pub id: Loose,
    /// The answer as a person reads it.
    pub label: String,
    /// For `group_chooser`: the group of agents that it leads to.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub group_id: Option<i64>,
}

words! {
    /// How a question is asked and answered.
    pub enum FieldKind {
        /// The person's name, one line.
        Name => "name",
        /// The person's e-mail address.
        Email => "email",
        /// One line.
        Question => "question",
        /// One line: what the chat is about.
        Subject => "subject",
        /// Several lines.
        Textarea => "textarea",
        /// One of several, all in view.
        Radio => "radio",
        /// One of several, in a list.
        Select => "select",
        /// Any number of several.
        Checkbox => "checkbox",
        /// One of several groups of agents, who will then answer.
        GroupChooser => "group_chooser",
        /// Ours: an e-mail address or a phone number, one line.
        Contact => "contact",
        /// Ours: a phone number, one line.
        Phone => "phone",
    }
}

impl FieldKind {
    /// Whether the answer is one of the field's options.
    pub fn is_choice(&self) -> bool {
        matches!(
            self,
            Self::Radio | Self::Select | Self::Checkbox | Self::GroupChooser
        )
    }

    /// Whether more than one option can be the answer.
    pub fn is_multiple(&self) -> bool {
        matches!(self, Self::Checkbox)
    }
}

impl Form {
    /// The form of a message that is left while nobody is there: the pre-chat form, with what is
    /// needed for an answer. Without a field for the e-mail address it gets one for that or a
    /// phone number.
    pub fn for_offline_message(prechat: Option<&Self>) -> Self {
        let mut form = prechat.cloned().unwrap_or_else(|| Self {
            form_id: "offline".into(),
            form_type: None,
            fields: Vec::new(),
        });
        form.form_type = Some("offline".to_owned());
        let mut fields = form.fields.iter_mut();
        match fields.find(|field| field.kind == FieldKind::Email) {
            Some(email) => email.required = Some(true),
            None => form.fields.push(FormField {
                kind: FieldKind::Contact,
                id: CONTACT_FIELD.into(),
                label: "E-mail address or phone number".to_owned(),
                required: Some(true),
                options: None,
            }),
        }
        form
    }

    /// The form of a callback: how, where and when, and the pre-chat form. `types`: those that
    /// are offered; `times`: those that can be chosen, of which each id is `<start>/<end>`.
    pub fn for_callback(
        prechat: Option<&Self>,
        types: &[CallbackType],
        times: Vec<FormOption>,
    ) -> Self {
        let field = |kind, id: &str, label: &str, options| FormField {
            kind,
            id: id.into(),
            label: label.to_owned(),
            required: None,
            options,
        };
        let mut fields = Vec::new();
        if types.len() > 1 {
            let options = types.iter().map(|kind| FormOption {
                id: kind.as_str().into(),
                label: match kind {
                    CallbackType::Chat => "In this chat".to_owned(),
                    _ => "By phone".to_owned(),
                },
                group_id: None,
            });
            let options = Some(options.collect());
            let mut how = field(
                FieldKind::Radio,
                CALLBACK_TYPE_FIELD,
                "How shall we call you back?",
                options,
            );
            how.required = Some(true);
            fields.push(how);
        }
        if types.contains(&CallbackType::Phone) {
            let mut phone = field(FieldKind::Phone, CALLBACK_PHONE_FIELD, "Phone number", None);
            phone.required = Some(types.len() == 1);
            fields.push(phone);
        }
        if !times.is_empty() {
            fields.push(field(
                FieldKind::Checkbox,
                CALLBACK_TIMES_FIELD,
                "When does it suit you?",
                Some(times),
            ));
        }
        fields.extend(prechat.iter().flat_map(|form| form.fields.iter().cloned()));
        Self {
            form_id: prechat.map_or_else(|| "callback".into(), |form| form.form_id.clone()),
            form_type: Some("callback".to_owned()),
            fields,
        }
    }
}

/// The id of the field that [`Form::for_offline_message`] adds.
pub const CONTACT_FIELD: &str = "offline-contact";

/// The id of the field of [`Form::for_callback`] in which the type is chosen, if there are
/// several.
pub const CALLBACK_TYPE_FIELD: &str = "callback-type";

/// The id of its field for the phone number.
pub const CALLBACK_PHONE_FIELD: &str = "callback-phone";

/// The id of its field for the times that suit.
pub const CALLBACK_TIMES_FIELD: &str = "callback-times";

/// The fewest digits of a phone number: some networks have numbers of five.
const PHONE_DIGITS_MIN: usize = 5;

/// The most digits of a phone number (ITU-T E.164), and as many for an extension.
const PHONE_DIGITS_MAX: usize = 30;

/// Something, an at sign, a host with a dot inside: whether mail arrives there
/// only mail can tell.
pub fn looks_like_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !text.contains(char::is_whitespace)
        && host.split('.').count() > 1
        && host.split('.').all(|part| !part.is_empty())
}

/// Digits, and what people write between them.
pub fn looks_like_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b" +-/.()".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.c", "a.b+c@d.example", "a@b@c.example"] {
            assert!(looks_like_email(good), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@b", "a@b.", "a b@c.d", "a@.c"] {
            assert!(!looks_like_email(bad), "{bad}");
        }
    }

    #[test]
    fn phone_numbers() {
        for good in ["11 00 5", "+49 (30) 901820-0", "030/90.18.20"] {
            assert!(looks_like_phone(good), "{good}");
        }
        for bad in [
            "",
            "1234",
            "call me: 030901820",
            "+",
            "1".repeat(31).as_str(),
        ] {
            assert!(!looks_like_phone(bad), "{bad}");
        }
    }

    fn field(kind: FieldKind, required: Option<bool>) -> FormField {
        FormField {
            kind,
            id: "f".into(),
            label: "F".to_owned(),
            required,
            options: None,
        }
    }

    #[test]
    fn an_offline_form_asks_for_what_an_answer_needs() {
        let kinds = |form: &Form| -> Vec<(FieldKind, Option<bool>)> {
            let fields = form.fields.iter();
            fields.map(|f| (f.kind.clone(), f.required)).collect()
        };
        let alone = Form::for_offline_message(None);
        assert_eq!(kinds(&alone), [(FieldKind::Contact, Some(true))]);
        let mut prechat = alone.clone();
        prechat.fields = vec![field(FieldKind::Name, None), field(FieldKind::Email, None)];
        let form = Form::for_offline_message(Some(&prechat));
        let expected = [(FieldKind::Name, None), (FieldKind::Email, Some(true))];
        assert_eq!(kinds(&form), expected);
        prechat.fields.pop();
        let form = Form::for_offline_message(Some(&prechat));
        let expected = [(FieldKind::Name, None), (FieldKind::Contact, Some(true))];
        assert_eq!(kinds(&form), expected);
    }
}
