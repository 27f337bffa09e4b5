//! A picture in full, over the window: nearer and farther by its buttons or by
//! + and -, moved by scrolling, and a way to keep it.

use std::{cell::Cell, rc::Rc};

use parlor_wire::event::File;

use super::{
    Room,
    file::name,
    formatted::lead,
    icon::{LOAD, MINUS, PLUS, icon},
    part::{Part, el, of_class},
    picture::{Picture, picture},
    sheet::sheet,
    window::button,
};

/// 0 is the whole picture; the style sheet says how near each step is.
const NEAREST: i32 = 4;

/// The browser shows no picture larger than this.
const WHOLE: (u64, u64) = (u64::MAX, u64::MAX);

pub(super) fn viewer(room: Room, words: &str, file: &File) {
    let image = picture(Picture {
        address: &file.url,
        words,
        size: None,
        within: WHOLE,
    });
    let image = image
        .unwrap_or_else(|| el("span"))
        .attr("class", "viewer-picture");
    let (step, shown) = (Cell::new(0), image.html());
    let zoom = Rc::new(move |by: i32| {
        let now = (step.get() + by).clamp(0, NEAREST);
        step.set(now);
        // A fixed name and a number.
        let _ = shown.set_attribute("data-zoom", &now.to_string());
    });
    let (nearer, farther) = (zoom.clone(), zoom.clone());
    let download = lead(of_class("a", "window-button"), &file.url)
        .attr("download", &name(room, file))
        .attr("aria-label", room.text.download)
        .child(icon(LOAD));
    let tools: Vec<Part> = vec![
        button("window-button", room.text.zoom_out, MINUS)
            .press(move || farther(-1))
            .into(),
        button("window-button", room.text.zoom_in, PLUS)
            .press(move || nearer(1))
            .into(),
        download.into(),
    ];
    let stage = of_class("div", "viewer-stage")
        .attr("tabindex", "0")
        .flag("autofocus", true)
        .attr("role", "group")
        .attr("aria-label", words)
        .child(image);
    let keys = move |key: &str| match key {
        "+" | "=" => zoom(1),
        "-" => zoom(-1),
        "0" => zoom(-NEAREST),
        _ => {}
    };
    let inside = of_class("div", "viewer").child(stage);
    sheet(room, "sheet full", words, tools, inside, keys);
}
