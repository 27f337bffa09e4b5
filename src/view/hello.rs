//! The greeting: who is there, and the way into a conversation.

use leptos::prelude::*;
use parlor_session::{Intent, Shared};
use parlor_wire::visitor::{Presence, Welcome};

use super::{
    avatar::Avatar,
    context::{ChatContext, chat},
    earlier::PastConversations,
    icon::{ARROW, Icon},
};
use crate::erased::{Built, IntoBuilt, dynamic, text};

#[component]
pub(super) fn Hello() -> impl IntoView {
    let chat = chat();
    let welcome = chat.store.welcome;
    let is_loaded = Memo::new(move |_| welcome.with(Option::is_some));
    let hero = dynamic(move || match welcome.get() {
        Some(welcome) => view! { <Hero welcome /> }.built(),
        None => Built::nothing(),
    });
    let card = dynamic(move || match is_loaded.get() {
        true => view! { <Card /> }.built(),
        false => view! { <Skeleton /> }.built(),
    });
    view! {
        <section class="hello" aria-busy=move || (!is_loaded.get()).then_some("true")>
            <div class="hello-hero">{hero}</div>
            <div class="hello-card">{card}</div>
            <PastConversations />
        </section>
    }
    .built()
}

/// The faces of who is online, and the deployment's greeting.
#[component]
fn Hero(welcome: Shared<Welcome>) -> impl IntoView {
    let chat = chat();
    let face = |person: &Presence| {
        view! { <Avatar name=person.name.clone() picture=person.avatar.clone() /> }.built()
    };
    let faces: Vec<Built> = welcome.online.iter().map(face).collect();
    let greeting = match welcome.greeting.trim() {
        "" => chat.text.hello_fallback().to_owned(),
        greeting => greeting.to_owned(),
    };
    view! {
        <div class="hello-people">{faces}</div>
        <h2 class="hello-greeting" dir="auto">
            {greeting}
        </h2>
    }
    .built()
}

/// Whether somebody is there, and the button that starts a conversation.
#[component]
fn Card() -> impl IntoView {
    let chat = chat();
    let start = move || {
        chat.send(Intent::StartConversation);
        chat.request_focus();
    };
    view! {
        <p class="hello-presence" class:away=move || !chat.store.available.get()>
            {text(move || presence(chat))}
        </p>
        <StartButton on_press=start />
    }
    .built()
}

#[component]
pub(super) fn StartButton(on_press: impl Fn() + 'static) -> impl IntoView {
    let chat = chat();
    view! {
        <button class="button" type="button" data-first="" on:click=move |_| on_press()>
            {text(move || label(chat))}
            <Icon path=ARROW />
        </button>
    }
    .built()
}

/// What a press leads to. Reactive.
fn label(chat: ChatContext) -> String {
    match takes_messages(chat) {
        true => chat.text.leave_message(),
        false => chat.text.start_conversation(),
    }
    .to_owned()
}

/// Whether a message can be left, and no conversation started. Reactive.
fn takes_messages(chat: ChatContext) -> bool {
    let has_form = |welcome: &Option<Shared<Welcome>>| {
        let welcome = welcome.as_ref();
        welcome.is_some_and(|welcome| welcome.offline_form.is_some())
    };
    !chat.store.available.get() && chat.store.welcome.with(has_form)
}

/// Reactive.
fn presence(chat: ChatContext) -> String {
    if takes_messages(chat) {
        return format!("{} {}", chat.text.nobody_here(), chat.answer_later());
    }
    if !chat.store.available.get() {
        return chat.text.nobody_online().to_owned();
    }
    let names: Vec<String> = chat.store.welcome.with(|welcome| {
        let online = welcome.iter().flat_map(|welcome| &welcome.online);
        online.map(|person| person.name.clone()).collect()
    });
    match names.as_slice() {
        [] => chat.text.we_reply_here().to_owned(),
        names => format!("{}. {}", chat.text.online(names), chat.text.we_reply_here()),
    }
}

/// Takes the place of the card until the deployment's settings have arrived, so that nothing
/// moves when they do.
#[component]
fn Skeleton() -> impl IntoView {
    let chat = chat();
    view! {
        <p class="hello-skeleton" role="status">
            <span class="hidden">{chat.text.loading()}</span>
        </p>
        <p class="hello-skeleton button"></p>
    }
    .built()
}
