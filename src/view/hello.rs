//! The greeting: who is there, and the way into a conversation.

use leptos::prelude::*;
use parlor_session::{Intent, Shared};
use parlor_wire::visitor::{Presence, Welcome};

use super::{
    avatar::Avatar,
    callback::AskCallback,
    context::{ChatContext, chat},
    earlier::PastConversations,
    icon::{ARROW, Icon},
};
use crate::erased::{Built, IntoBuilt, When, dynamic, text};

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
        <When when=move || takes_messages(chat) != Some(Left::Callback)>
            <StartButton on_press=start />
        </When>
        <When when=move || offers_callback(chat)>
            <AskCallback />
        </When>
    }
    .built()
}

/// Whether a callback can be asked for. Reactive.
fn offers_callback(chat: ChatContext) -> bool {
    match chat.store.available.get() {
        true => chat.offers_callback(|offer| offer.hello),
        false => chat.offers_callback(|offer| offer.offline),
    }
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
        Some(_) => chat.text.leave_message(),
        None => chat.text.start_conversation(),
    }
    .to_owned()
}

/// What is left while nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Message,
    /// A callback is asked for, and no message can be left.
    Callback,
}

/// What can be left instead of a conversation; none where one can be started. Reactive.
fn takes_messages(chat: ChatContext) -> Option<Left> {
    if chat.store.available.get() {
        return None;
    }
    let has_form = |welcome: &Option<Shared<Welcome>>| {
        let welcome = welcome.as_ref();
        welcome.is_some_and(|welcome| welcome.offline_form.is_some())
    };
    if chat.store.welcome.with(has_form) {
        return Some(Left::Message);
    }
    chat.offers_callback(|offer| offer.offline)
        .then_some(Left::Callback)
}

/// Reactive.
fn presence(chat: ChatContext) -> String {
    if takes_messages(chat).is_some() {
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
