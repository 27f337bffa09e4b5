//! The deployment's form before a chat.

use std::rc::Rc;

use super::{
    Room,
    filling::{Filling, fields, submits},
    part::{Part, of_class},
};

pub(super) fn prechat(room: Room) -> Part {
    let text = room.text;
    let filling = Rc::new(Filling::Before(room));
    let asked = room.store.welcome.with_untracked(|welcome| {
        let form = welcome.as_ref().and_then(|it| it.prechat.as_ref());
        form.map(|form| fields(room, &filling, &form.fields))
    });
    let asked = of_class("div", "prechat-fields")
        .child(of_class("h2", "prechat-title").text(text.prechat_title()))
        .child(of_class("p", "prechat-lead").text(text.prechat_lead()))
        .children(asked.unwrap_or_default());
    let start = of_class("button", "button")
        .attr("type", "submit")
        .text(text.start_chat());
    let form = of_class("form", "prechat")
        .child(asked)
        .child(of_class("div", "prechat-end").child(start));
    submits(room, filling, form).into()
}
