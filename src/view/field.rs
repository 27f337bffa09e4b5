//! One question of a form, with the control that fits its kind; its error is
//! tied to the control, so that it is also heard.

use leptos::{ev, prelude::*};
use parlor_session::Answer;
use parlor_wire::event::{FieldKind, FormField, FormOption};

use super::{
    Room,
    part::{Part, live, part, value},
    prechat::wrong,
};

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

    fn invalid(self) -> Signal<Option<String>> {
        value(move || self.is_wrong().then(|| "true".to_owned()))
    }

    fn described_by(self) -> Signal<Option<String>> {
        value(move || self.is_wrong().then(|| self.error_id()))
    }

    fn required(self) -> Option<&'static str> {
        self.required.then_some("true")
    }

    /// The first field of the form is where the focus goes to.
    fn first(self) -> Option<&'static str> {
        (self.n == 0).then_some("")
    }

    fn typed(self, event: &ev::Event) {
        self.answer(vec![event_target_value(event)]);
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

pub(super) fn field(room: Room, n: usize, field: FormField) -> Part {
    let asked = Asked {
        room,
        n,
        id: StoredValue::new(field.id.to_string()),
        required: field.required == Some(true),
        multiple: field.kind.is_multiple(),
    };
    let options = field.options.unwrap_or_default();
    let question = match field.kind {
        FieldKind::Radio | FieldKind::Checkbox => group(asked, field.label, options),
        kind => {
            let control = match kind {
                FieldKind::Textarea => area(asked),
                FieldKind::Select | FieldKind::GroupChooser => select(asked, options),
                FieldKind::Email => line(asked, "email", "email"),
                FieldKind::Name => line(asked, "text", "name"),
                _ => line(asked, "text", "off"),
            };
            part(view! {
                <label class="field-label" for=asked.control()>
                    {field.label} {mark(asked)}
                </label>
                {control}
            })
        }
    };
    let error = live(move || {
        let error = asked.id.with_value(|id| wrong(room, id))?;
        let words = (room.text.field_error)(error);
        Some(part(
            view! { <p class="field-error" id=asked.error_id()>{words}</p> },
        ))
    });
    part(view! { <div class="field">{question} {error}</div> })
}

fn mark(asked: Asked) -> Option<Part> {
    let mark = || part(view! { <span class="field-mark" aria-hidden="true">"*"</span> });
    asked.required.then(mark)
}

fn line(asked: Asked, kind: &'static str, autocomplete: &'static str) -> Part {
    part(view! {
        <input
            class="field-control"
            id=asked.control()
            type=kind
            autocomplete=autocomplete
            dir="auto"
            data-first=asked.first()
            aria-required=asked.required()
            aria-invalid=asked.invalid()
            aria-describedby=asked.described_by()
            prop:value=asked.text()
            on:input=move |event| asked.typed(&event)
        />
    })
}

fn area(asked: Asked) -> Part {
    part(view! {
        <textarea
            class="field-control"
            id=asked.control()
            rows="3"
            dir="auto"
            data-first=asked.first()
            aria-required=asked.required()
            aria-invalid=asked.invalid()
            aria-describedby=asked.described_by()
            prop:value=asked.text()
            on:input=move |event| asked.typed(&event)
        ></textarea>
    })
}

fn select(asked: Asked, options: Vec<FormOption>) -> Part {
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let id = option.id.to_string();
            let chosen = asked.has(&id);
            part(view! { <option value=id selected=chosen>{option.label}</option> })
        })
        .collect();
    part(view! {
        <select
            class="field-control"
            id=asked.control()
            data-first=asked.first()
            aria-required=asked.required()
            aria-invalid=asked.invalid()
            aria-describedby=asked.described_by()
            on:change=move |event| asked.typed(&event)
        >
            <option value="">{asked.room.text.choose}</option>
            {options}
        </select>
    })
}

fn group(asked: Asked, label: String, options: Vec<FormOption>) -> Part {
    // Of the two only a group of radio buttons may be called required.
    let (role, required) = match asked.multiple {
        true => ("group", None),
        false => ("radiogroup", asked.required()),
    };
    let options: Vec<_> = options
        .into_iter()
        .enumerate()
        .map(|(i, it)| option(asked, i, it))
        .collect();
    part(view! {
        <fieldset
            class="field-group"
            role=role
            aria-required=required
            aria-describedby=asked.described_by()
        >
            <legend class="field-label">{label} {mark(asked)}</legend>
            {options}
        </fieldset>
    })
}

fn option(asked: Asked, i: usize, option: FormOption) -> Part {
    let id = option.id.to_string();
    let kind = if asked.multiple { "checkbox" } else { "radio" };
    let checked = asked.has(&id);
    let chosen = move |event: ev::Event| asked.choose(&id, event_target_checked(&event));
    part(view! {
        <label class="field-option">
            <input
                type=kind
                name=asked.control()
                data-first=asked.first().filter(|_| i == 0)
                aria-invalid=asked.invalid()
                prop:checked=checked
                on:change=chosen
            />
            <span>{option.label}</span>
        </label>
    })
}
