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
    Effect::new(move || {
        if room.focus.get() > 0 {
            request_animation_frame(focus_first);
        }
    });
    let escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            room.leave();
        }
    };
    view! {
        <div
            class="window"
            class:framed=room.framed
            class:greeting=move || scene.get() == Scene::Hello
            on:keydown=escape
        >
            {header(room, scene)}
            <main class="window-scene">
                {move || match scene.get() {
                    Scene::Hello => hello(room).into_any(),
                    Scene::Prechat => prechat(room).into_any(),
                    Scene::Conversation => conversation(room).into_any(),
                }}
                {connection(room)}
            </main>
            {announcer(room)}
        </div>
    }
}

fn header(room: Room, scene: Memo<Scene>) -> impl IntoView {
    let text = room.text;
    let back = move || {
        (scene.get() == Scene::Prechat).then(|| {
            let go = move |_| {
                room.say(Intent::LeavePrechat);
                room.ask_for_focus();
            };
            view! {
                <button type="button" class="window-button back" aria-label=text.back on:click=go>
                    {icon(BACK)}
                </button>
            }
        })
    };
    let minimise = room.framed.then(|| {
        view! {
            <button
                type="button"
                class="window-button"
                aria-label=text.minimise
                on:click=move |_| room.leave()
            >
                {icon(DOWN)}
            </button>
        }
    });
    view! {
        <header class="window-header">
            {back}
            {move || {
                room.store.agent.with(|agent| {
                    agent.as_ref().map(|agent| avatar(&agent.name, agent.avatar.clone()))
                })
            }}
            <div class="window-who">
                <h1 class="window-name">{move || room.answering()}</h1>
                <p class="window-team">
                    {move || room.store.agent.with(Option::is_some).then(|| room.team())}
                </p>
            </div>
            {menu(room)}
            {minimise}
        </header>
    }
}

fn focus_first() {
    // The selector is well-formed, and what is found is an element of ours.
    let first = document().query_selector("[data-first]").ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    }
}
