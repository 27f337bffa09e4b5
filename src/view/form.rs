//! A form in the conversation or after it, and a form that is filled in. Once
//! it is answered, it is one line.

use std::rc::Rc;

use parlor_session::Body;
use parlor_wire::event::FormField;

use super::{
    Room,
    filling::{Filling, fields, submits},
    part::{El, Part, el, of_class, switch},
};
use crate::store::{Row, Slot};

/// One that the agent sent.
pub(super) fn form(room: Room, row: &Rc<Row>) -> El {
    let (row, answered) = (row.clone(), row.clone());
    let inside = switch(
        move || u32::from(answered.done.get()),
        move |done| {
            let within = Filling::Within(row.clone(), Slot::default());
            Some(match (done, &*row.line.body) {
                (0, Body::Form(it)) => questions(room, within, &it.fields),
                _ => of_class("p", "form-answered")
                    .text(room.text.answered())
                    .into(),
            })
        },
    );
    of_class("div", "form").child(inside)
}

/// The one after the conversation, where the deployment has one.
pub(super) fn postchat(room: Room) -> Part {
    let store = room.store;
    switch(
        move || u32::from(store.postchat_done.get()),
        move |done| {
            let welcome = store.welcome.get_untracked()?;
            let form = welcome.postchat.as_ref()?;
            let after = Filling::After(room, Slot::default());
            Some(match done {
                0 => questions(room, after, &form.fields),
                _ => thanks(room),
            })
        },
    )
}

pub(super) fn thanks(room: Room) -> Part {
    of_class("p", "form-answered")
        .attr("role", "status")
        .text(room.text.thanks())
        .into()
}

fn questions(room: Room, filling: Filling, asked: &[FormField]) -> Part {
    let filling = Rc::new(filling);
    let within = matches!(*filling, Filling::Within(..));
    let send = of_class("button", "button")
        .attr("type", "submit")
        .attr_live("disabled", move || {
            (within && !room.talks()).then(String::new)
        })
        .text(room.text.send_answers());
    let form = of_class("form", "form-questions")
        .attr("aria-label", room.text.form())
        .children(fields(room, &filling, asked))
        .child(send);
    submits(room, filling, form).into()
}

/// Each question with its answer.
pub(super) fn filled(pairs: &[(String, String)]) -> El {
    let pair = |(question, answer): &(String, String)| {
        of_class("div", "form-pair")
            .attr("dir", "auto")
            .child(el("dt").text(question))
            .child(el("dd").text(answer))
            .into()
    };
    of_class("dl", "form form-filled").children(pairs.iter().map(pair))
}
