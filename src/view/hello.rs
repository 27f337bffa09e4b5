//! The greeting: who is there, and the way into a conversation.

use leptos::prelude::*;
use parlor_session::Intent;
use parlor_wire::visitor::Welcome;

use super::{
    Room,
    avatar::avatar,
    icon::{ARROW, icon},
    part::{Part, holds, live, part, value, words},
};

pub(super) fn hello(room: Room) -> Part {
    let welcome = room.store.welcome;
    let begin = move |_| {
        room.say(Intent::StartConversation);
        room.ask_for_focus();
    };
    let away = holds(move || !room.store.available.get());
    let card = move || {
        part(view! {
            <p class="hello-presence" class:away=away>{words(move || presence(room))}</p>
            <button type="button" class="button" data-first="" on:click=begin>
                {room.text.start_conversation} {icon(ARROW)}
            </button>
        })
    };
    let busy = value(move || welcome.with(Option::is_none).then(|| "true".to_owned()));
    part(view! {
        <section class="hello" aria-busy=busy>
            <div class="hello-hero">{live(move || welcome.with(|w| Some(hero(room, w.as_ref()?))))}</div>
            <div class="hello-card">
                {live(move || Some(if welcome.with(Option::is_some) { card() } else { skeleton(room) }))}
            </div>
        </section>
    })
}

fn hero(room: Room, welcome: &Welcome) -> Part {
    let people: Vec<_> = welcome
        .online
        .iter()
        .map(|person| part(avatar(&person.name, person.avatar.clone())))
        .collect();
    let greeting = match welcome.greeting.trim() {
        "" => room.text.hello_fallback.to_owned(),
        greeting => greeting.to_owned(),
    };
    part(view! {
        <div class="hello-people">{people}</div>
        <h2 class="hello-greeting" dir="auto">{greeting}</h2>
    })
}

fn presence(room: Room) -> String {
    if !room.store.available.get() {
        return room.text.nobody_online.to_owned();
    }
    let names: Vec<String> = room.store.welcome.with(|welcome| {
        let online = welcome.iter().flat_map(|welcome| &welcome.online);
        online.map(|person| person.name.clone()).collect()
    });
    match names.as_slice() {
        [] => room.text.we_reply_here.to_owned(),
        names => format!("{}. {}", (room.text.online)(names), room.text.we_reply_here),
    }
}

/// In the place of what comes, so that nothing moves when it is there.
fn skeleton(room: Room) -> Part {
    part(view! {
        <p class="hello-skeleton" role="status">
            <span class="hidden">{room.text.loading}</span>
        </p>
        <p class="hello-skeleton button"></p>
    })
}
