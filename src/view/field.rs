//! The fields of a form: a question, the control that fits its kind, and its error. The error is
//! tied to the control, so that screen readers read both.

use leptos::{
    attr::{Attribute, NextAttribute},
    prelude::*,
};
use parlor_session::{Answer, FieldError};
use parlor_wire::event::{FieldKind, FormField, FormOption};

use super::{context::chat, form_state::FormState};
use crate::erased::{Built, IntoBuilt, dynamic};

/// All fields, and what their marks mean where there are any.
#[component]
pub(super) fn Fields(form: FormState, fields: Vec<FormField>) -> impl IntoView {
    let chat = chat();
    let has_marks = fields.iter().any(|field| field.required == Some(true));
    let marks = has_marks
        .then(|| view! { <p class="field-marks">{chat.text.required_marks()}</p> }.built());
    let field = |(n, field)| view! { <Field form n field /> }.built();
    let fields: Vec<Built> = fields.into_iter().enumerate().map(field).collect();
    (fields, marks).built()
}

/// One field's identity, its error, and its answer in the form's state.
#[derive(Debug, Clone, Copy)]
struct Question {
    form: FormState,
    /// The place in the form, from 0.
    n: usize,
    id: StoredValue<String>,
    required: bool,
    /// Whether more than one option can be chosen.
    multiple: bool,
    error: Memo<Option<FieldError>>,
}

impl Question {
    fn new(form: FormState, n: usize, field: &FormField) -> Self {
        let id = StoredValue::new(field.id.id());
        let error = Memo::new(move |_| {
            form.errors.with(|errors| {
                let found = id.with_value(|id| errors.iter().find(|(field, _)| field == id));
                found.map(|(_, error)| *error)
            })
        });
        Self {
            form,
            n,
            id,
            required: field.required == Some(true),
            multiple: field.kind.is_multiple(),
            error,
        }
    }

    /// The control's id, or the name that the options of a group share.
    fn control_id(self) -> String {
        format!("field-{}-{}", self.form.key(), self.n)
    }

    fn error_id(self) -> String {
        self.control_id() + "-error"
    }

    /// Reactive.
    fn is_wrong(self) -> bool {
        self.error.with(Option::is_some)
    }

    /// Whether the focus moves here when the form is shown.
    fn is_first(self) -> bool {
        self.n == 0 && self.form.begins_with_fields()
    }

    fn values(self) -> Vec<String> {
        self.form.answers.with_untracked(|answers| {
            let found = self
                .id
                .with_value(|id| answers.iter().find(|answer| answer.field_id == *id));
            found
                .map(|answer| answer.values.clone())
                .unwrap_or_default()
        })
    }

    fn has(self, option: &str) -> bool {
        self.values().iter().any(|value| value == option)
    }

    /// Replaces the answer, and takes away the error of the one before.
    fn answer(self, values: Vec<String>) {
        let field_id = self.id.get_value();
        let errors = self.form.errors;
        if !errors.with_untracked(Vec::is_empty) {
            errors.update(|errors| errors.retain(|(field, _)| *field != field_id));
        }
        self.form.answers.update(|answers| {
            answers.retain(|answer| answer.field_id != field_id);
            answers.push(Answer { field_id, values });
        });
    }

    fn choose(self, option: &str, chosen: bool) {
        let mut values = match self.multiple {
            true => self.values(),
            false => Vec::new(),
        };
        values.retain(|value| value != option);
        if chosen {
            values.push(option.to_owned());
        }
        self.answer(values);
    }
}

#[component]
fn Field(form: FormState, n: usize, field: FormField) -> impl IntoView {
    let chat = chat();
    let question = Question::new(form, n, &field);
    let options = field.options.unwrap_or_default();
    let control = match &field.kind {
        FieldKind::Radio | FieldKind::Checkbox => {
            view! { <OptionGroup question label=field.label options /> }.built()
        }
        kind => {
            let control = match kind {
                FieldKind::Textarea => view! { <TextArea question /> }.built(),
                FieldKind::Select | FieldKind::GroupChooser => {
                    view! { <Select question options /> }.built()
                }
                FieldKind::Email => {
                    view! { <TextInput question kind="email" autocomplete="email" /> }.built()
                }
                FieldKind::Phone => {
                    view! { <TextInput question kind="tel" autocomplete="tel" /> }.built()
                }
                FieldKind::Name => {
                    view! { <TextInput question kind="text" autocomplete="name" /> }.built()
                }
                _ => view! { <TextInput question kind="text" autocomplete="off" /> }.built(),
            };
            view! {
                <label class="field-label" for=question.control_id()>
                    {field.label}
                    <RequiredMark question />
                </label>
                {control}
            }
            .built()
        }
    };
    let error = dynamic(move || match question.error.get() {
        Some(error) => view! {
            <p class="field-error" id=question.error_id()>
                {chat.text.field_error(error)}
            </p>
        }
        .built(),
        None => Built::nothing(),
    });
    view! {
        <div class="field" dir="auto">
            {control}
            {error}
        </div>
    }
    .built()
}

#[component]
fn RequiredMark(question: Question) -> impl IntoView {
    question.required.then(|| {
        view! {
            <span class="field-mark" aria-hidden="true">
                " *"
            </span>
        }
        .built()
    })
}

/// The attributes that tie an element to the field's error.
fn error_attributes(question: Question) -> impl Attribute {
    let invalid = move || question.is_wrong().then_some("true");
    let described_by = move || question.is_wrong().then(|| question.error_id());
    view! { <{..} aria-invalid=invalid aria-describedby=described_by /> }
}

/// The attributes of a control that answers the field alone.
fn control_attributes(question: Question) -> impl Attribute {
    let required = question.required.then_some("true");
    view! {
        <{..}
            {..error_attributes(question)}
            class="field-control"
            id=question.control_id()
            data-first=question.is_first()
            aria-required=required
        />
    }
}

#[component]
fn TextInput(
    question: Question,
    /// The input's type.
    kind: &'static str,
    autocomplete: &'static str,
) -> impl IntoView {
    view! {
        <input
            {..control_attributes(question)}
            type=kind
            autocomplete=autocomplete
            dir="auto"
            prop:value=question.values().into_iter().next().unwrap_or_default()
            on:input=move |event| question.answer(vec![event_target_value(&event)])
        />
    }
    .built()
}

#[component]
fn TextArea(question: Question) -> impl IntoView {
    view! {
        <textarea
            {..control_attributes(question)}
            rows="3"
            dir="auto"
            prop:value=question.values().into_iter().next().unwrap_or_default()
            on:input=move |event| question.answer(vec![event_target_value(&event)])
        ></textarea>
    }
    .built()
}

#[component]
fn Select(question: Question, options: Vec<FormOption>) -> impl IntoView {
    let chat = chat();
    let option = |option: FormOption| {
        let id = option.id.id();
        view! {
            <option selected=question.has(&id) value=id>
                {option.label}
            </option>
        }
        .built()
    };
    let options: Vec<Built> = options.into_iter().map(option).collect();
    view! {
        <select
            {..control_attributes(question)}
            on:change=move |event| question.answer(vec![event_target_value(&event)])
        >
            <option value="">{chat.text.choose()}</option>
            {options}
        </select>
    }
    .built()
}

/// Radio buttons or checkboxes.
#[component]
fn OptionGroup(question: Question, label: String, options: Vec<FormOption>) -> impl IntoView {
    // ARIA allows `aria-required` on a radiogroup, and not on a group.
    let (role, required) = match question.multiple {
        true => ("group", None),
        false => ("radiogroup", question.required.then_some("true")),
    };
    let option = |(i, option)| view! { <GroupOption question i option /> }.built();
    let options: Vec<Built> = options.into_iter().enumerate().map(option).collect();
    view! {
        <fieldset
            {..error_attributes(question)}
            class="field-group"
            role=role
            aria-required=required
        >
            <legend class="field-label">{label} <RequiredMark question /></legend>
            {options}
        </fieldset>
    }
    .built()
}

#[component]
fn GroupOption(
    question: Question,
    /// The place in the group, from 0.
    i: usize,
    option: FormOption,
) -> impl IntoView {
    let id = option.id.id();
    let kind = match question.multiple {
        true => "checkbox",
        false => "radio",
    };
    view! {
        <label class="field-option">
            <input
                type=kind
                name=question.control_id()
                value=option.id.id()
                data-first=i == 0 && question.is_first()
                checked=question.has(&id)
                aria-invalid=move || question.is_wrong().then_some("true")
                on:change=move |event| question.choose(&id, event_target_checked(&event))
            />
            <span>{option.label}</span>
        </label>
    }
    .built()
}
