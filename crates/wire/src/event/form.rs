//! Questions to be answered (Agent Chat API, Form and Form fields): before a chat, after it,
//! or in its middle. Which answers are good enough is not known here.

use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::loose::Loose;
use crate::word::words;

/// A form, empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Names the form; the filled form repeats it.
    pub form_id: Loose,
    /// What it is for: `prechat`, `postchat`, `ask_for_email`, or any other word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_type: Option<String>,
    /// In the order in which they are asked.
    pub fields: Vec<FormField>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// How it is asked and answered.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Names the field within the form.
    pub id: Loose,
    /// The question as a person reads it.
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
    pub options: Option<Vec<FormOption>>,
}

/// One answer that can be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
