//! Keyboard shortcuts and their help. Single-key shortcuts can be turned off, for people who press
//! keys by accident (WCAG 2.1.4).

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{ViewContext, archived, icon};
use crate::driver::{CONVERSATION, REPLY, focus_soon, row_id};
use crate::workspace::{Intent, Section};

pub(super) fn listen(context: ViewContext) {
    window_event_listener(ev::keydown, move |event| on_keydown(context, &event));
}

fn on_keydown(context: ViewContext, event: &KeyboardEvent) {
    if is_next_unanswered(event) {
        event.prevent_default();
        return context.driver.dispatch(Intent::SelectNextUnanswered);
    }
    let with_others = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    if with_others || event.default_prevented() || event.is_composing() {
        return;
    }
    let ViewContext { store, driver, .. } = context;
    let target = event
        .target()
        .and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let key = event.key();
    if let Some(field) = target.as_ref().filter(|target| is_field(target)) {
        if key == "Escape" && field.id() == REPLY {
            let open = store
                .open
                .with_untracked(|open| open.as_ref().map(|it| row_id(it.chat.as_str())));
            if let Some(row) = open {
                focus_soon(&row);
            }
        }
        return;
    }
    let single = store.single_keys.get_untracked();
    let section = store.section.get_untracked();
    if key == "/" && single {
        event.prevent_default();
        return archived::search(context);
    }
    let is_among_chats = section == Section::Chats;
    let intent = match key.as_str() {
        "j" if single => Intent::SelectNext,
        "k" if single => Intent::SelectPrevious,
        "n" if single => Intent::SelectNextUnanswered,
        "d" if single && is_among_chats => Intent::Dismiss,
        "Enter" if is_among_chats && target.is_none_or(|target| is_at_rest(&target)) => {
            Intent::Enter
        }
        _ => return,
    };
    event.prevent_default();
    driver.dispatch(intent);
}

/// Alt+Shift+↓, which other chat programs have for the next unread conversation. It types nothing,
/// so it works in fields too. Browsers and screen readers do not use it.
fn is_next_unanswered(event: &KeyboardEvent) -> bool {
    let others = event.ctrl_key() || event.meta_key() || event.is_composing();
    let with = event.alt_key() && event.shift_key() && !others;
    with && event.key() == "ArrowDown" && !event.default_prevented()
}

fn is_field(target: &HtmlElement) -> bool {
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || target.is_content_editable()
}

/// Whether Enter has no other meaning for this element.
fn is_at_rest(target: &HtmlElement) -> bool {
    let selected_row = target.class_list().contains("row-pick")
        && target.get_attribute("aria-current").as_deref() == Some("true");
    selected_row
        || target.tag_name() == "BODY"
        || target.id() == CONVERSATION
        || target.get_attribute("role").as_deref() == Some("log")
}

/// The list of shortcuts, and the switch for single-key shortcuts.
pub(super) fn help(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let keys = [
        ("J", "next chat, or next result"),
        ("K", "previous chat, or previous result"),
        ("N", "next chat that needs an answer"),
        ("Alt+Shift+↓", "the same, also while you write"),
        ("D", "dismiss a chat that has ended"),
        ("Enter", "accept who waits, or write a reply"),
        ("/", "search the archive"),
        ("/", "in the reply: find a canned reply"),
        (
            "Esc",
            "from the reply back to the lists, from a conversation back to the results",
        ),
    ];
    view! {
        <details class="keys">
            <summary class="button button-quiet button-icon" aria-label="Keyboard" title="Keyboard">
                {icon::keyboard()}
            </summary>
            <div class="popover">
                <dl class="keys-list">
                    {keys
                        .map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> })
                        .collect_view()}
                </dl>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || store.single_keys.get()
                        on:change=move |event| driver.use_single_keys(event_target_checked(&event))
                    />
                    "Use J, K, N, D and /"
                </label>
            </div>
        </details>
    }
}
