//! The menu in the header: what can be done with the conversation as a whole. A menu button
//! after WAI-ARIA's pattern of that name.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use parlor_session::Intent;

use super::{
    context::chat,
    focus::focus,
    icon::{Icon, MORE},
};
use crate::erased::{IntoBuilt, When, effect};

#[component]
pub(super) fn Menu() -> impl IntoView {
    let chat = chat();
    view! {
        <When when=move || chat.is_open()>
            <MenuButton />
        </When>
    }
    .built()
}

/// The button, and the popup while it is open.
#[component]
fn MenuButton() -> impl IntoView {
    let chat = chat();
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let close_and_return_focus = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            focus(&button);
        }
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" if open.get_untracked() => {
            event.prevent_default();
            close_and_return_focus();
        }
        "Tab" => open.set(false),
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            open.set(true);
        }
        _ => {}
    };
    view! {
        <div class="menu" on:keydown=on_key>
            <button
                class="window-button"
                type="button"
                aria-label=chat.text.menu()
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                node_ref=button
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon path=MORE />
            </button>
            <When when=move || open.get()>
                <Popup on_close=close_and_return_focus />
            </When>
        </div>
    }
    .built()
}

/// The items, above a veil that closes the menu when it is pressed.
#[component]
fn Popup(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let chat = chat();
    let first_item = NodeRef::<html::Button>::new();
    effect(move || {
        if let Some(item) = first_item.get() {
            request_animation_frame(move || focus(&item));
        }
    });
    let end_chat = move |_| {
        on_close();
        chat.send(Intent::EndChat);
    };
    view! {
        <div class="menu-veil" on:click=move |_| on_close()></div>
        <div class="menu-popup" role="menu" aria-label=chat.text.menu()>
            <button
                class="menu-item"
                type="button"
                role="menuitem"
                tabindex="-1"
                node_ref=first_item
                on:click=end_chat
            >
                {chat.text.end_chat()}
            </button>
        </div>
    }
    .built()
}
