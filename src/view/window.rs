//! The window: who answers on top, and below it the scene that belongs to the
//! stage. Escape closes it; focus moves only when somebody asked for it.

use leptos::{ev::KeyboardEvent, prelude::*};
use parlor_session::Stage;

use super::{
    announcer::Announcer,
    attach::{DropHint, DropZone},
    callback::Callback,
    connection::Connection,
    context::ChatContext,
    conversation::Conversation,
    focus,
    header::Header,
    hello::Hello,
    offline::Offline,
    prechat::Prechat,
};
use crate::erased::{IntoBuilt, dynamic, effect};

/// Stages that look alike are one scene, whose elements stay where they are from stage to stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    Hello,
    Prechat,
    Offline,
    Callback,
    Conversation,
}

impl Scene {
    /// Reactive.
    pub(super) fn current(chat: ChatContext) -> Self {
        let reads = chat.reads_earlier.get();
        let asks = chat.asks_callback.get();
        let leaves = chat.leaves_message.get();
        let takes_messages = chat.store.welcome.with(|welcome| {
            let welcome = welcome.as_ref();
            welcome.is_none_or(|welcome| welcome.offline_form.is_some())
        });
        chat.store.stage.with(|stage| match stage {
            Stage::Hello | Stage::Waiting { .. } if asks => Self::Callback,
            Stage::Waiting { .. } if leaves => Self::Offline,
            Stage::Offline if asks || !takes_messages => Self::Callback,
            Stage::Hello if !reads => Self::Hello,
            Stage::Prechat => Self::Prechat,
            Stage::Offline => Self::Offline,
            _ => Self::Conversation,
        })
    }
}

/// The chat's window, the root of all components.
#[component]
pub(crate) fn Window(chat: ChatContext) -> impl IntoView {
    provide_context(chat);
    focus::follow_requests(chat.focus_requests);
    let close_on_escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            chat.close();
        }
    };
    // A callback is asked for before a conversation, or instead of waiting for it, and a message is
    // left instead of waiting.
    effect(move || {
        chat.store.stage.with(|stage| {
            if matches!(stage, Stage::Prechat | Stage::Chatting | Stage::Ended(_)) {
                chat.asks_callback.set(false);
            }
            if !matches!(stage, Stage::Waiting { .. }) {
                chat.leaves_message.set(false);
            }
        });
    });
    let scene = Memo::new(move |_| Scene::current(chat));
    let scene = dynamic(move || match scene.get() {
        Scene::Hello => view! { <Hello /> }.built(),
        Scene::Prechat => view! { <Prechat /> }.built(),
        Scene::Offline => view! { <Offline /> }.built(),
        Scene::Callback => view! { <Callback /> }.built(),
        Scene::Conversation => view! { <Conversation /> }.built(),
    });
    let class = if chat.framed {
        "window framed"
    } else {
        "window"
    };
    let drop_zone = DropZone::new(chat);
    view! {
        <div
            class=class
            on:keydown=close_on_escape
            on:dragover=move |event| drop_zone.on_dragover(&event)
            on:drop=move |event| drop_zone.on_drop(&event)
        >
            <Header />
            <main class="window-scene">{scene} <Connection /></main>
            <Announcer />
            <DropHint zone=drop_zone />
        </div>
    }
    .built()
}
