//! One question of a form, with the control that fits its kind; its error is
//! tied to the control, so that it is also heard.

use leptos::{ev, prelude::*};
use parlor_session::Answer;
use parlor_wire::event::{FieldKind, FormField, FormOption};

use super::{Room, prechat::wrong};

/// What all controls of one field share. A handle.
#[derive(Clone, Copy)]
struct Asked {
    room: Room,
    n: usize,
    id: StoredValue<String>,
    required: bool,
    multiple: bool,
}

impl Asked {
    fn control(self) -> String {
        format!("field-{}", self.n)
    }

    fn error_id(self) -> String {
        format!("field-{}-error", self.n)
    }

    fn is_wrong(self) -> bool {
        self.id.with_value(|id| wrong(self.room, id)).is_some()
    }

    fn invalid(self) -> Option<&'static str> {
        self.is_wrong().then_some("true")
    }

    fn described_by(self) -> Option<String> {
        self.is_wrong().then(|| self.error_id())
    }

    fn required(self) -> Option<&'static str> {
        self.required.then_some("true")
    }

    fn values(self) -> Vec<String> {
        let answers = self.room.store.answers.read_untracked();
        let of_this = |answer: &&Answer| self.id.with_value(|id| *id == answer.field_id);
        answers
            .iter()
            .find(of_this)
            .map(|answer| answer.values.clone())
            .unwrap_or_default()
    }

    fn text(self) -> String {
        self.values().into_iter().next().unwrap_or_default()
    }

    fn has(self, option: &str) -> bool {
        self.values().iter().any(|value| value == option)
    }

    /// Writes the answer; what was wrong with the one before is no longer said.
    fn answer(self, values: Vec<String>) {
        let store = self.room.store;
        let field_id = self.id.get_value();
        if store
            .prechat_errors
            .with_untracked(|errors| !errors.is_empty())
        {
            store
                .prechat_errors
                .update(|errors| errors.retain(|(id, _)| *id != field_id));
        }
        store.answers.update(|answers| {
            answers.retain(|answer| answer.field_id != field_id);
            answers.push(Answer { field_id, values });
        });
    }

    fn choose(self, option: &str, chosen: bool) {
        let mut values = if self.multiple {
            self.values()
        } else {
            Vec::new()
        };
        values.retain(|value| value != option);
        if chosen {
            values.push(option.to_owned());
        }
        self.answer(values);
    }
}

pub(super) fn field(room: Room, n: usize, field: FormField) -> impl IntoView {
    let asked = Asked {
        room,
        n,
        id: StoredValue::new(field.id.to_string()),
        required: field.required == Some(true),
        multiple: field.kind.is_multiple(),
    };
    let options = field.options.unwrap_or_default();
    let label = view! {
        {field.label}
        {asked.required.then(|| view! { <span class="field-mark" aria-hidden="true">"*"</span> })}
    };
    let question = match field.kind {
        FieldKind::Radio | FieldKind::Checkbox => view! {
            <fieldset
                class="field-group"
                role=if asked.multiple { "group" } else { "radiogroup" }
                aria-describedby=move || asked.described_by()
                aria-required=(!asked.multiple).then(|| asked.required())
            >
                <legend class="field-label">{label}</legend>
                {options.into_iter().enumerate().map(|(i, it)| option(asked, i, it)).collect_view()}
            </fieldset>
        }
        .into_any(),
        kind => view! {
            <label class="field-label" for=asked.control()>{label}</label>
            {control(asked, kind, options)}
        }
        .into_any(),
    };
    let error = move || {
        let error = asked.id.with_value(|id| wrong(room, id))?;
        let words = (room.text.field_error)(error);
        Some(view! { <p class="field-error" id=asked.error_id()>{words}</p> })
    };
    view! { <div class="field">{question}{error}</div> }
}

fn control(asked: Asked, kind: FieldKind, options: Vec<FormOption>) -> AnyView {
    let first = (asked.n == 0).then_some("");
    let typed = move |event: ev::Event| asked.answer(vec![event_target_value(&event)]);
    match kind {
        FieldKind::Textarea => view! {
            <textarea
                class="field-control"
                id=asked.control()
                rows="3"
                dir="auto"
                data-first=first
                aria-required=asked.required()
                aria-invalid=move || asked.invalid()
                aria-describedby=move || asked.described_by()
                prop:value=asked.text()
                on:input=typed
            ></textarea>
        }
        .into_any(),
        FieldKind::Select | FieldKind::GroupChooser => view! {
            <select
                class="field-control"
                id=asked.control()
                data-first=first
                aria-required=asked.required()
                aria-invalid=move || asked.invalid()
                aria-describedby=move || asked.described_by()
                on:change=typed
            >
                <option value="">{asked.room.text.choose}</option>
                {options
                    .into_iter()
                    .map(|option| {
                        let id = option.id.to_string();
                        let chosen = asked.has(&id);
                        view! { <option value=id selected=chosen>{option.label}</option> }
                    })
                    .collect_view()}
            </select>
        }
        .into_any(),
        kind => {
            let (input, autocomplete) = match kind {
                FieldKind::Email => ("email", "email"),
                FieldKind::Name => ("text", "name"),
                _ => ("text", "off"),
            };
            view! {
                <input
                    class="field-control"
                    id=asked.control()
                    type=input
                    autocomplete=autocomplete
                    dir="auto"
                    data-first=first
                    aria-required=asked.required()
                    aria-invalid=move || asked.invalid()
                    aria-describedby=move || asked.described_by()
                    prop:value=asked.text()
                    on:input=typed
                />
            }
            .into_any()
        }
    }
}

fn option(asked: Asked, i: usize, option: FormOption) -> impl IntoView {
    let id = StoredValue::new(option.id.to_string());
    let first = (asked.n == 0 && i == 0).then_some("");
    let chosen = move |event: ev::Event| {
        id.with_value(|id| asked.choose(id, event_target_checked(&event)));
    };
    view! {
        <label class="field-option">
            <input
                type=if asked.multiple { "checkbox" } else { "radio" }
                name=asked.control()
                data-first=first
                aria-invalid=move || asked.invalid()
                prop:checked=id.with_value(|id| asked.has(id))
                on:change=chosen
            />
            <span>{option.label}</span>
        </label>
    }
}
