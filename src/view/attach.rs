//! Files that somebody wants to send: chosen by a button, dropped on the
//! window, or pasted. Which of them may go the session says, in their lines.

use std::rc::Rc;

use js_sys::{Array, Reflect};
use parlor_session::{Shared, Stage};
use parlor_wire::visitor::Welcome;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlInputElement;

use super::{
    Room,
    icon::CLIP,
    part::{El, Part, contents, el, live, of_class},
    window::button,
};
use crate::store::Slot;

/// The button, where the deployment takes files.
pub(super) fn attach_button(room: Room) -> Part {
    live(move || {
        let types = room
            .store
            .welcome
            .with(|it| Some(it.as_ref()?.files.as_ref()?.types.join(",")))?;
        let input = el("input")
            .flag("hidden", true)
            .attr("type", "file")
            .attr("multiple", "")
            .attr("accept", &types)
            .on("change", move |event| {
                let Some(input) = event.target() else { return };
                attach(room, &input);
                // The same file may be chosen again.
                input.unchecked_ref::<HtmlInputElement>().set_value("");
            });
        let place = input.html();
        let button =
            button("composer-attach", room.text.attach(), CLIP).press(move || place.click());
        Some(contents().child(input).child(button).into())
    })
}

/// Takes what is pasted into `field`, unless it is words: some programs copy a
/// picture of them, too.
pub(super) fn takes_pasted(room: Room, field: El) -> El {
    field.on("paste", move |event| {
        let pasted = property(&event, "clipboardData");
        if takes_files(room) && has(&pasted, "Files") && !has(&pasted, "text/plain") {
            event.prevent_default();
            attach(room, &pasted);
        }
    })
}

/// Takes what is dropped on the window, and says so while it hovers. Where no
/// files are taken, a dropped one is at least not opened in our place.
pub(super) fn takes_dropped(room: Room, window: El) -> El {
    let hovers: Rc<Slot<bool>> = Rc::default();
    let (over, left, dropped) = (hovers.clone(), hovers.clone(), hovers.clone());
    let hint = of_class("div", "attach-hint")
        .class_live("on", move || hovers.get())
        .text(room.text.drop_here())
        .on("dragleave", move |_| left.set(false));
    window
        .on("dragover", move |event| {
            if has(&property(&event, "dataTransfer"), "Files") {
                event.prevent_default();
                over.set(takes_files(room));
            }
        })
        .on("drop", move |event| {
            let files = property(&event, "dataTransfer");
            if has(&files, "Files") {
                event.prevent_default();
                dropped.set(false);
                if takes_files(room) {
                    attach(room, &files);
                }
            }
        })
        .child(hint)
}

/// Whether there is a conversation to send them in.
fn takes_files(room: Room) -> bool {
    let allowed =
        |it: &Option<Shared<Welcome>>| it.as_ref().is_some_and(|welcome| welcome.files.is_some());
    let open = room.store.stage.with_untracked(Stage::is_conversation);
    open && room.store.welcome.with_untracked(allowed)
}

/// Every file in `holder`: an input, or what was dropped or pasted.
fn attach(room: Room, holder: &JsValue) {
    for file in Array::from(&property(holder, "files")) {
        room.attach(file.unchecked_into());
    }
}

fn has(transfer: &JsValue, kind: &str) -> bool {
    Array::from(&property(transfer, "types")).includes(&kind.into(), 0)
}

fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}
