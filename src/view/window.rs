//! The window: who answers on top, and below it the scene that belongs to the
//! stage. Escape closes it; focus moves only when somebody asked for it.

use leptos::{ev, prelude::*};
use parlor_session::{Intent, Stage};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{
    Room,
    announcer::announcer,
    avatar::avatar,
    connection::connection,
    conversation::conversation,
    hello::hello,
    icon::{BACK, DOWN, icon},
    menu::menu,
    part::{Part, follow, live, part, words},
    prechat::prechat,
};

/// Stages that look alike are one scene: what is in it stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    Hello,
    Prechat,
    Conversation,
}

impl Scene {
    fn of(stage: &Stage) -> Self {
        match stage {
            Stage::Hello => Self::Hello,
            Stage::Prechat => Self::Prechat,
            _ => Self::Conversation,
        }
    }
}

pub(crate) fn window(room: Room) -> impl IntoView {
    let scene = Memo::new(move |_| room.store.stage.with(Scene::of));
    follow(move || {
        if room.focus.get() > 0 {
            request_animation_frame(focus_first);
        }
    });
    let escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            room.leave();
        }
    };
    let below = live(move || {
        Some(match scene.get() {
            Scene::Hello => hello(room),
            Scene::Prechat => prechat(room),
            Scene::Conversation => conversation(room),
        })
    });
    part(view! {
        <div class="window" class:framed=room.framed on:keydown=escape>
            {header(room, scene)}
            <main class="window-scene">{below} {connection(room)}</main>
            {announcer(room)}
        </div>
    })
}

fn header(room: Room, scene: Memo<Scene>) -> Part {
    let text = room.text;
    let back = live(move || {
        let go = move |_| {
            room.say(Intent::LeavePrechat);
            room.ask_for_focus();
        };
        (scene.get() == Scene::Prechat)
            .then(|| part(button("window-button back", text.back, BACK, go)))
    });
    let minimise = room.framed.then(|| {
        part(button("window-button", text.minimise, DOWN, move |_| {
            room.leave()
        }))
    });
    let face = live(move || {
        let agent = room.store.agent.get()?;
        Some(part(avatar(&agent.name, agent.avatar)))
    });
    let team = words(move || match room.store.agent.with(Option::is_some) {
        true => room.team(),
        false => String::new(),
    });
    part(view! {
        <header class="window-header">
            {back} {face}
            <div class="window-who">
                <h1 class="window-name">{words(move || room.answering())}</h1>
                <p class="window-team">{team}</p>
            </div>
            {menu(room)} {minimise}
        </header>
    })
}

fn button(
    class: &'static str,
    name: &'static str,
    path: &'static str,
    press: impl FnMut(ev::MouseEvent) + 'static,
) -> impl IntoView {
    let press: Box<dyn FnMut(ev::MouseEvent)> = Box::new(press);
    view! {
        <button type="button" class=class aria-label=name on:click=press>
            {icon(path)}
        </button>
    }
}

fn focus_first() {
    focus("[data-first]");
}

/// Gives the focus to the first that the selector finds; none of ours is
/// ill-formed, and what cannot take the focus leaves it where it is.
pub(super) fn focus(selector: &str) {
    let first = document().query_selector(selector).ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    }
}
