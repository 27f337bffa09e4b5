//! The greeting: who is there, and the way into a conversation.

use parlor_session::Intent;
use parlor_wire::visitor::Welcome;

use super::{
    Room,
    avatar::avatar,
    earlier::past_conversations,
    icon::{ARROW, icon},
    part::{El, Part, contents, el, live, of_class, switch},
};

pub(super) fn hello(room: Room) -> Part {
    let welcome = &room.store.welcome;
    let hero = live(move || welcome.with(|it| Some(hero(room, it.as_ref()?))));
    let card = switch(
        move || welcome.with(|it| u32::from(it.is_some())),
        move |known| {
            Some(if known == 0 {
                skeleton(room)
            } else {
                card(room)
            })
        },
    );
    of_class("section", "hello")
        .attr_live("aria-busy", move || {
            welcome.with(|it| it.is_none().then(|| "true".to_owned()))
        })
        .child(of_class("div", "hello-hero").child(hero))
        .child(of_class("div", "hello-card").child(card))
        .child(past_conversations(room))
        .into()
}

fn card(room: Room) -> Part {
    let begin = move || {
        room.say(Intent::StartConversation);
        room.ask_for_focus();
    };
    let presence = of_class("p", "hello-presence")
        .class_live("away", move || !room.store.available.get())
        .words(move || presence(room));
    contents()
        .child(presence)
        .child(start_button(room, begin))
        .into()
}

pub(super) fn start_button(room: Room, begin: impl Fn() + 'static) -> El {
    of_class("button", "button")
        .attr("type", "button")
        .attr("data-first", "")
        .text(room.text.start_conversation())
        .child(icon(ARROW))
        .press(begin)
}

fn hero(room: Room, welcome: &Welcome) -> Part {
    let people = welcome
        .online
        .iter()
        .map(|person| avatar(&person.name, person.avatar.as_deref()));
    let greeting = match welcome.greeting.trim() {
        "" => room.text.hello_fallback(),
        greeting => greeting,
    };
    let greeting = of_class("h2", "hello-greeting")
        .attr("dir", "auto")
        .text(greeting);
    contents()
        .child(of_class("div", "hello-people").children(people))
        .child(greeting)
        .into()
}

fn presence(room: Room) -> String {
    if !room.store.available.get() {
        return room.text.nobody_online().to_owned();
    }
    let names: Vec<String> = room.store.welcome.with(|welcome| {
        let online = welcome.iter().flat_map(|welcome| &welcome.online);
        online.map(|person| person.name.clone()).collect()
    });
    match names.as_slice() {
        [] => room.text.we_reply_here().to_owned(),
        names => format!("{}. {}", room.text.online(names), room.text.we_reply_here()),
    }
}

/// In the place of what comes, so that nothing moves when it is there.
fn skeleton(room: Room) -> Part {
    let loading = of_class("span", "hidden").text(room.text.loading());
    let line = of_class("p", "hello-skeleton")
        .attr("role", "status")
        .child(loading);
    contents()
        .child(line)
        .child(el("p").attr("class", "hello-skeleton button"))
        .into()
}
