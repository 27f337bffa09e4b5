//! One question of a form, with the control that fits its kind; its error is
//! tied to the control, so that it is also heard.

use std::rc::Rc;

use parlor_session::{Answer, FieldError};
use parlor_wire::event::{FieldKind, FormField, FormOption};
use web_sys::Event;

use super::{
    Room,
    filling::Filling,
    part::{El, Part, checked_of, el, live, of_class, set_value, value_of},
};
use crate::text::Text;

/// What all controls of one field share.
struct Asked {
    text: Text,
    filling: Rc<Filling>,
    n: usize,
    id: String,
    required: bool,
    multiple: bool,
}

impl Asked {
    fn control(&self) -> String {
        let mut id = "field-".to_owned();
        id.push_str(&self.filling.key().to_string());
        id.push('-');
        id.push_str(&self.n.to_string());
        id
    }

    fn error_id(&self) -> String {
        self.control() + "-error"
    }

    fn error(&self) -> Option<FieldError> {
        self.filling.errors().with(|errors| {
            let found = errors.iter().find(|(field, _)| *field == self.id);
            found.map(|(_, error)| *error)
        })
    }

    fn is_wrong(&self) -> bool {
        self.error().is_some()
    }

    /// Whether the focus goes here when the form is shown.
    fn is_first(&self) -> bool {
        self.n == 0 && self.filling.is_before()
    }

    fn values(&self) -> Vec<String> {
        self.filling.answers().with_untracked(|answers| {
            let of_this = |answer: &&Answer| answer.field_id == self.id;
            let found = answers.iter().find(of_this);
            found.map(|it| it.values.clone()).unwrap_or_default()
        })
    }

    fn has(&self, option: &str) -> bool {
        self.values().iter().any(|value| value == option)
    }

    /// Writes the answer; what was wrong with the one before is no longer said.
    fn answer(&self, values: Vec<String>) {
        let errors = self.filling.errors();
        if !errors.with_untracked(Vec::is_empty) {
            let of_others = |(id, _): &(String, _)| *id != self.id;
            errors.update(|errors| errors.retain(of_others));
        }
        let field_id = self.id.clone();
        self.filling.answers().update(|answers| {
            answers.retain(|answer| answer.field_id != field_id);
            answers.push(Answer { field_id, values });
        });
    }

    fn choose(&self, option: &str, chosen: bool) {
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

pub(super) fn field(room: Room, filling: &Rc<Filling>, n: usize, field: &FormField) -> Part {
    let asked = Rc::new(Asked {
        text: room.text,
        filling: filling.clone(),
        n,
        id: field.id.id(),
        required: field.required == Some(true),
        multiple: field.kind.is_multiple(),
    });
    let options = field.options.as_deref().unwrap_or_default();
    let question = of_class("div", "field").attr("dir", "auto");
    let question = match &field.kind {
        FieldKind::Radio | FieldKind::Checkbox => {
            question.child(group(&asked, &field.label, options))
        }
        kind => {
            let label = of_class("label", "field-label").attr("for", &asked.control());
            let control = match kind {
                FieldKind::Textarea => typed(&asked, el("textarea").attr("rows", "3")),
                FieldKind::Select | FieldKind::GroupChooser => select(&asked, options),
                FieldKind::Email => line(&asked, "email", "email"),
                FieldKind::Name => line(&asked, "text", "name"),
                _ => line(&asked, "text", "off"),
            };
            question
                .child(label.text(&field.label).child(mark(&asked)))
                .child(control)
        }
    };
    let error = live(move || {
        let words = asked.text.field_error(asked.error()?);
        let error = of_class("p", "field-error").attr("id", &asked.error_id());
        Some(error.text(&words).into())
    });
    question.child(error).into()
}

fn mark(asked: &Asked) -> Option<El> {
    let mark = || of_class("span", "field-mark").attr("aria-hidden", "true");
    asked.required.then(|| mark().text(" *"))
}

/// What every control has, of one input or of several.
fn told(asked: &Rc<Asked>, control: El) -> El {
    let (invalid, described) = (asked.clone(), asked.clone());
    control
        .attr_live("aria-invalid", move || {
            invalid.is_wrong().then(|| "true".to_owned())
        })
        .attr_live("aria-describedby", move || {
            described.is_wrong().then(|| described.error_id())
        })
}

/// A control of one input.
fn control(asked: &Rc<Asked>, control: El) -> El {
    told(asked, control)
        .attr("class", "field-control")
        .attr("id", &asked.control())
        .flag("data-first", asked.is_first())
        .attr_some("aria-required", asked.required.then_some("true"))
}

fn line(asked: &Rc<Asked>, kind: &str, autocomplete: &str) -> El {
    let input = el("input").attr("type", kind);
    typed(asked, input.attr("autocomplete", autocomplete))
}

fn typed(asked: &Rc<Asked>, input: El) -> El {
    let input = control(asked, input).attr("dir", "auto");
    set_value(&input, asked.values().first().map_or("", String::as_str));
    let asked = asked.clone();
    input.on("input", move |event| asked.answer(vec![value_of(&event)]))
}

fn select(asked: &Rc<Asked>, options: &[FormOption]) -> El {
    let choose = el("option").attr("value", "").text(asked.text.choose());
    let options = options.iter().map(|option| {
        let id = option.id.id();
        let chosen = asked.has(&id);
        let option = el("option").text(&option.label).attr("value", &id);
        option.flag("selected", chosen).into()
    });
    let select = control(asked, el("select")).child(choose).children(options);
    let asked = asked.clone();
    select.on("change", move |event| asked.answer(vec![value_of(&event)]))
}

fn group(asked: &Rc<Asked>, label: &str, options: &[FormOption]) -> El {
    // Of the two only a group of radio buttons may be called required.
    let (role, required) = match asked.multiple {
        true => ("group", None),
        false => ("radiogroup", asked.required.then_some("true")),
    };
    let legend = of_class("legend", "field-label");
    let options = options.iter().enumerate();
    told(asked, of_class("fieldset", "field-group"))
        .attr("role", role)
        .attr_some("aria-required", required)
        .child(legend.text(label).child(mark(asked)))
        .children(options.map(|(i, it)| option(asked, i, it)))
}

fn option(asked: &Rc<Asked>, i: usize, option: &FormOption) -> Part {
    let id = option.id.id();
    let (invalid, chosen) = (asked.clone(), asked.clone());
    let input = el("input")
        .attr("type", if asked.multiple { "checkbox" } else { "radio" })
        .attr("name", &asked.control())
        .flag("data-first", i == 0 && asked.is_first())
        .flag("checked", asked.has(&id))
        .attr_live("aria-invalid", move || {
            invalid.is_wrong().then(|| "true".to_owned())
        })
        .on("change", move |event: Event| {
            chosen.choose(&id, checked_of(&event));
        });
    of_class("label", "field-option")
        .child(input)
        .child(el("span").text(&option.label))
        .into()
}
