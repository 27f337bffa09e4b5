//! The menu in the header: what can be done with the conversation as a whole. A menu button
//! after WAI-ARIA's pattern of that name, keyboard included.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use parlor_session::Intent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{
    context::chat,
    focus::focus,
    icon::{Icon, MORE},
};
use crate::erased::{Built, IntoBuilt, When, effect};

/// The menu, while there is a conversation.
#[component]
pub(super) fn Menu() -> impl IntoView {
    let chat = chat();
    view! {
        <When when=move || chat.is_open()>
            <MenuButton items />
        </When>
    }
    .built()
}

/// The items, from top to bottom.
fn items() -> Built {
    let chat = chat();
    let mail = chat.mails_transcripts().then(|| {
        view! {
            <Item
                name=chat.text.mail_conversation()
                on_press=move || chat.asks_address.set(true)
            />
        }
    });
    view! {
        {mail}
        <Item name=chat.text.end_chat() on_press=move || chat.send(Intent::EndChat) />
    }
    .built()
}

/// The item that has the focus when the menu opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    First,
    Last,
}

/// For the items: closes the menu, and returns the focus to its button.
#[derive(Debug, Clone, Copy)]
struct CloseMenu(UnsyncCallback<()>);

/// The button, and the popup while it is open. All keys are handled here.
#[component]
fn MenuButton(items: fn() -> Built) -> impl IntoView {
    let chat = chat();
    let open = RwSignal::new(None::<Edge>);
    let button = NodeRef::<html::Button>::new();
    let popup = NodeRef::<html::Div>::new();
    let close = move || {
        open.set(None);
        if let Some(button) = button.get_untracked() {
            focus(&button);
        }
    };
    provide_context(CloseMenu(UnsyncCallback::new(move |()| close())));
    let on_key = move |event: KeyboardEvent| {
        match (open.get_untracked(), event.key().as_str()) {
            (None, "ArrowDown") => open.set(Some(Edge::First)),
            (None, "ArrowUp") => open.set(Some(Edge::Last)),
            (Some(_), "Escape") => close(),
            // The browser moves the focus on, out of the menu.
            (Some(_), "Tab") => return open.set(None),
            (Some(_), key) => {
                let popup = popup.get_untracked();
                match popup.and_then(|popup| item_for_key(&popup, key)) {
                    Some(item) => focus(&item),
                    None => return,
                }
            }
            (None, _) => return,
        }
        event.prevent_default();
    };
    let toggle = move |_| {
        open.update(|open| {
            *open = match open {
                Some(_) => None,
                None => Some(Edge::First),
            }
        })
    };
    view! {
        <div class="menu" on:keydown=on_key>
            <button
                class="window-button"
                type="button"
                aria-label=chat.text.menu()
                aria-haspopup="menu"
                aria-expanded=move || open.with(Option::is_some).to_string()
                node_ref=button
                on:click=toggle
            >
                <Icon path=MORE />
            </button>
            <When when=move || open.with(Option::is_some)>
                <Popup popup edge=open items />
            </When>
        </div>
    }
    .built()
}

/// The items, above a veil that closes the menu when it is pressed.
#[component]
fn Popup(
    popup: NodeRef<html::Div>,
    edge: RwSignal<Option<Edge>>,
    items: fn() -> Built,
) -> impl IntoView {
    let chat = chat();
    let CloseMenu(close) = expect_context();
    effect(move || {
        let item = popup.get().and_then(|popup| match edge.get_untracked() {
            Some(Edge::First) => popup.first_element_child(),
            Some(Edge::Last) => popup.last_element_child(),
            None => None,
        });
        if let Some(item) = item.and_then(html_element) {
            request_animation_frame(move || focus(&item));
        }
    });
    view! {
        <div class="menu-veil" on:click=move |_| close.run(())></div>
        <div class="menu-popup" role="menu" aria-label=chat.text.menu() node_ref=popup>
            {items()}
        </div>
    }
    .built()
}

/// Pressing an item closes the menu first.
#[component]
fn Item(name: &'static str, on_press: impl Fn() + 'static) -> impl IntoView {
    let CloseMenu(close) = expect_context();
    let on_press = move |_| {
        close.run(());
        on_press();
    };
    view! {
        <button class="menu-item" type="button" role="menuitem" tabindex="-1" on:click=on_press>
            {name}
        </button>
    }
    .built()
}

/// The item that a key moves the focus to. Behind the last comes the first.
fn item_for_key(popup: &Element, key: &str) -> Option<HtmlElement> {
    let focused = document().active_element();
    let focused = focused.filter(|element| popup.contains(Some(element)));
    let first = || popup.first_element_child();
    let last = || popup.last_element_child();
    let item = match key {
        "ArrowDown" => focused
            .and_then(|item| item.next_element_sibling())
            .or_else(first),
        "ArrowUp" => focused
            .and_then(|item| item.previous_element_sibling())
            .or_else(last),
        "Home" => first(),
        "End" => last(),
        _ => None,
    };
    item.and_then(html_element)
}

fn html_element(element: Element) -> Option<HtmlElement> {
    element.dyn_into().ok()
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use std::cell::Cell;

    use js_sys::Promise;
    use leptos::mount::mount_to;
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::KeyboardEventInit;

    use super::*;
    use crate::{store::Store, view::ChatContext};

    thread_local! {
        static PRESSED: Cell<&'static str> = const { Cell::new("") };
    }

    fn three_items() -> Built {
        let item =
            |name: &'static str| view! { <Item name on_press=move || PRESSED.set(name) /> }.built();
        (item("one"), item("two"), item("three")).built()
    }

    fn focused() -> HtmlElement {
        html_element(document().active_element().unwrap()).unwrap()
    }

    fn is_open(place: &Element) -> bool {
        place.query_selector("[role=menu]").unwrap().is_some()
    }

    /// Presses a key where the focus is, and returns the text of the item that has it then. A menu
    /// that opens moves the focus in the next frame.
    async fn press(key: &str) -> String {
        let init = KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        focused().dispatch_event(&event).unwrap();
        frame().await;
        focused().text_content().unwrap_or_default()
    }

    /// Resolves after the callbacks of the frame after the next.
    async fn frame() {
        let promise = Promise::new(&mut |resolve, _| {
            request_animation_frame(move || {
                request_animation_frame(move || {
                    let _ = resolve.call0(&resolve);
                });
            });
        });
        JsFuture::from(promise).await.unwrap();
    }

    #[wasm_bindgen_test]
    async fn keys_move_between_the_items_and_close_the_menu() {
        let place = document().create_element("div").unwrap();
        document().body().unwrap().append_child(&place).unwrap();
        let _handle = mount_to(html_element(place.clone()).unwrap(), || {
            provide_context(ChatContext::new(
                Store::new(|_| 0),
                false,
                UnsyncCallback::new(|_| {}),
                UnsyncCallback::new(|_| {}),
                UnsyncCallback::new(|()| {}),
            ));
            view! { <MenuButton items=three_items /> }
        });
        let button = place.query_selector("[aria-haspopup]").unwrap().unwrap();
        let button = html_element(button).unwrap();

        focus(&button);
        assert_eq!(press("ArrowUp").await, "three", "opens at the last");
        assert_eq!(press("ArrowDown").await, "one", "behind the last");
        assert_eq!(press("ArrowDown").await, "two");
        assert_eq!(press("End").await, "three");
        assert_eq!(press("ArrowUp").await, "two");
        assert_eq!(press("Home").await, "one");
        assert_eq!(press("ArrowUp").await, "three", "before the first");
        assert_eq!(press("x").await, "three");

        press("Escape").await;
        assert_eq!((focused(), is_open(&place)), (button.clone(), false));
        assert_eq!(press("ArrowDown").await, "one", "opens at the first");
        press("Tab").await;
        assert!(!is_open(&place));

        focus(&button);
        button.click();
        frame().await;
        assert_eq!(focused().text_content().unwrap(), "one");
        press("ArrowDown").await;
        focused().click();
        frame().await;
        assert_eq!(PRESSED.get(), "two");
        assert_eq!((focused(), is_open(&place)), (button, false));
        place.remove();
    }
}
