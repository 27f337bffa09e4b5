//! The window: who answers on top, and below it the scene that belongs to the
//! stage. Escape closes it; focus moves only when somebody asked for it.

use leptos::prelude::{document, request_animation_frame};
use parlor_session::{Intent, Stage};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent};

use super::{
    Room,
    announcer::announcer,
    attach::takes_dropped,
    avatar::avatar,
    connection::connection,
    conversation::conversation,
    hello::hello,
    icon::{BACK, DOWN, icon},
    menu::menu,
    part::{El, Part, live, of_class, switch},
    prechat::prechat,
};
use crate::store::follow;

/// Stages that look alike are one scene: what is in it stays where it is.
const HELLO: u32 = 0;
const PRECHAT: u32 = 1;
const CONVERSATION: u32 = 2;

fn scene(room: Room) -> u32 {
    let reads = room.reads.get();
    room.store.stage.with(|stage| match stage {
        Stage::Hello if !reads => HELLO,
        Stage::Prechat => PRECHAT,
        _ => CONVERSATION,
    })
}

pub(super) fn window(room: Room) -> Part {
    follow(move || {
        if room.focus.get() > 0 {
            request_animation_frame(focus_first);
        }
    });
    let escape = move |event: Event| {
        if event.unchecked_ref::<KeyboardEvent>().key() == "Escape" && !event.default_prevented() {
            room.leave();
        }
    };
    let below = switch(
        move || scene(room),
        move |scene| {
            Some(match scene {
                HELLO => hello(room),
                PRECHAT => prechat(room),
                _ => conversation(room),
            })
        },
    );
    let main = of_class("main", "window-scene")
        .child(below)
        .child(connection(room));
    let class = match room.framed {
        true => "window framed",
        false => "window",
    };
    let window = of_class("div", class)
        .on("keydown", escape)
        .child(header(room))
        .child(main)
        .child(announcer(room));
    takes_dropped(room, window).into()
}

fn header(room: Room) -> Part {
    let text = room.text;
    let back = switch(
        move || u32::from(scene(room) == PRECHAT || room.reads.get()),
        move |there| {
            let go = move || {
                room.reads.set(false);
                room.say(Intent::BackToHello);
                room.ask_for_focus();
            };
            (there > 0).then(|| {
                button("window-button back", text.back(), BACK)
                    .press(go)
                    .into()
            })
        },
    );
    let minimise = room
        .framed
        .then(|| button("window-button", text.minimise(), DOWN).press(move || room.leave()));
    let face = live(move || {
        let agent = room.store.agent.get()?;
        Some(avatar(&agent.name, agent.avatar.as_deref()))
    });
    let team = move || match room.store.agent.with(Option::is_some) {
        true => room.team(),
        false => String::new(),
    };
    let who = of_class("div", "window-who")
        .child(of_class("h1", "window-name").words(move || room.answering()))
        .child(of_class("p", "window-team").words(team));
    of_class("header", "window-header")
        .child(back)
        .child(face)
        .child(who)
        .child(menu(room))
        .child(minimise)
        .into()
}

pub(super) fn button(class: &'static str, name: &str, path: &'static str) -> El {
    of_class("button", class)
        .attr("type", "button")
        .attr("aria-label", name)
        .child(icon(path))
}

fn focus_first() {
    if let Some(body) = document().body() {
        focus(&body, "[data-first]");
    }
}

/// Gives the focus to the first in `place` that the selector finds; none of
/// ours is ill-formed, and what cannot take the focus leaves it where it is.
pub(super) fn focus(place: &HtmlElement, selector: &str) {
    let first = place.query_selector(selector).ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    }
}
