//! A form that is being filled in, wherever it stands: what is answered so far,
//! what is wrong with it, and how it is sent. What is wrong the session says;
//! here the first such field gets the focus.

use std::rc::Rc;

use leptos::prelude::request_animation_frame;
use parlor_session::{Answer, FieldError, Intent};
use parlor_wire::event::FormField;
use web_sys::Event;

use super::{
    Room,
    field::field,
    part::{El, Part, of_class},
    window::focus,
};
use crate::store::{Row, Slot};

pub(super) enum Filling {
    /// The deployment's form before a conversation; its answers are kept.
    Before(Room),
    /// One that the agent sent.
    Within(Rc<Row>, Slot<Vec<Answer>>),
    /// The deployment's form after the conversation.
    After(Room, Slot<Vec<Answer>>),
}

impl Filling {
    pub(super) fn answers(&self) -> &Slot<Vec<Answer>> {
        match self {
            Self::Before(room) => &room.store.answers,
            Self::Within(_, answers) | Self::After(_, answers) => answers,
        }
    }

    pub(super) fn errors(&self) -> &Slot<Vec<(String, FieldError)>> {
        match self {
            Self::Before(room) => &room.store.prechat_errors,
            Self::Within(row, _) => &row.errors,
            Self::After(room, _) => &room.store.postchat_errors,
        }
    }

    pub(super) fn is_before(&self) -> bool {
        matches!(self, Self::Before(_))
    }

    /// Tells forms apart; rows count from 1.
    pub(super) fn key(&self) -> u32 {
        match self {
            Self::Before(_) => 0,
            Self::Within(row, _) => row.key,
            Self::After(..) => u32::MAX,
        }
    }

    fn submitted(&self) -> Intent {
        let answers = self.answers().get_untracked();
        let line = match self {
            Self::Before(_) => return Intent::SubmitPrechat(answers),
            Self::Within(row, _) => Some(row.line.id.clone()),
            Self::After(..) => None,
        };
        Intent::SubmitForm { line, answers }
    }
}

/// The questions, and what their marks mean where there are any.
pub(super) fn fields(room: Room, filling: &Rc<Filling>, fields: &[FormField]) -> Vec<Part> {
    let marks = fields.iter().any(|field| field.required == Some(true));
    let marks = marks.then(|| of_class("p", "field-marks").text(room.text.required_marks()));
    let asked = fields.iter().enumerate();
    asked
        .map(|(n, it)| field(room, filling, n, it))
        .chain(marks.map(Part::from))
        .collect()
}

/// Sends what is answered when the form is submitted.
pub(super) fn submits(room: Room, filling: Rc<Filling>, form: El) -> El {
    let place = form.html();
    form.flag("novalidate", true)
        .on("submit", move |event: Event| {
            event.prevent_default();
            room.say(filling.submitted());
            let place = place.clone();
            match filling.errors().with_untracked(Vec::is_empty) {
                true => room.ask_for_focus(),
                false => request_animation_frame(move || focus(&place, "[aria-invalid=true]")),
            }
        })
}
