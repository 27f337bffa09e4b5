//! The menu in the header: what can be done with the conversation as a whole.
//! A menu button as in WAI-ARIA's pattern.

use std::rc::Rc;

use leptos::prelude::request_animation_frame;
use parlor_session::Intent;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent};

use super::{
    Room,
    icon::{MORE, icon},
    part::{Part, contents, of_class, switch},
};
use crate::store::Slot;

pub(super) fn menu(room: Room) -> Part {
    switch(
        move || u32::from(room.talks()),
        move |offered| (offered > 0).then(|| button(room)),
    )
}

fn button(room: Room) -> Part {
    let open: Rc<Slot<bool>> = Rc::default();
    let (expanded, shown, toggled) = (open.clone(), open.clone(), open.clone());
    let button = of_class("button", "window-button")
        .attr("type", "button")
        .attr("aria-label", room.text.menu())
        .attr("aria-haspopup", "menu")
        .attr_live("aria-expanded", move || Some(expanded.get().to_string()))
        .child(icon(MORE))
        .press(move || toggled.update(|open| *open = !*open));
    let place = button.html();
    let close = Rc::new(move |focus: bool| close(&open, &place, focus));
    let closed = close.clone();
    let popup = switch(
        {
            let shown = shown.clone();
            move || u32::from(shown.get())
        },
        move |open| (open > 0).then(|| popup(room, closed.clone())),
    );
    let keys = move |event: Event| {
        match event.unchecked_ref::<KeyboardEvent>().key().as_str() {
            "Escape" if shown.get_untracked() => {
                event.prevent_default();
                close(true);
            }
            "Tab" => close(false),
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                shown.set(true);
            }
            _ => {}
        };
    };
    of_class("div", "menu")
        .child(button)
        .child(popup)
        .on("keydown", keys)
        .into()
}

fn close(open: &Slot<bool>, button: &HtmlElement, focus: bool) {
    open.set(false);
    if focus {
        // Whether it takes the focus is the browser's to say.
        let _ = button.focus();
    }
}

fn popup(room: Room, close: Rc<impl Fn(bool) + 'static>) -> Part {
    let away = close.clone();
    let item = of_class("button", "menu-item")
        .attr("type", "button")
        .attr("role", "menuitem")
        .attr("tabindex", "-1")
        .text(room.text.end_chat())
        .press(move || {
            close(true);
            room.say(Intent::EndChat);
        });
    let first = item.html();
    request_animation_frame(move || {
        let _ = first.focus();
    });
    let items = of_class("div", "menu-popup")
        .attr("role", "menu")
        .attr("aria-label", room.text.menu())
        .child(item);
    contents()
        .child(of_class("div", "menu-veil").press(move || away(true)))
        .child(items)
        .into()
}
