//! What the window would be if it were written as everybody writes a list with
//! Leptos: one signal with all rows, one keyed `<For>`. The benchmark beats it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a page of the benchmark: what is wrong stops it"
)]

use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::{JsCast, closure::Closure};

#[derive(Clone)]
struct Row {
    key: usize,
    event: Value,
}

fn words(of: &Value, name: &str) -> String {
    of.get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn buttons(element: &Value) -> impl IntoView + use<> {
    let all = element
        .get("buttons")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let button = |it: &Value| view! { <button type="button" class="rich-button" dir="auto">{words(it, "text")}</button> };
    all.iter().map(button).collect_view()
}

fn said(event: &Value) -> AnyView {
    let element = event.pointer("/elements/0").cloned().unwrap_or_default();
    match (words(event, "type").as_str(), words(event, "template_id").as_str()) {
        ("rich_message", "cards") => view! {
            <div class="rich-card" role="group">
                <div class="rich-words" dir="auto">
                    <p class="rich-title">{words(&element, "title")}</p>
                    <p class="rich-subtitle">{words(&element, "subtitle")}</p>
                </div>
                {buttons(&element)}
            </div>
        }
        .into_any(),
        ("rich_message", _) => view! {
            <div class="rich-asked">
                <div class="message-bubble" dir="auto"><p class="rich-title">{words(&element, "title")}</p></div>
                <div class="rich-chips" role="group">{buttons(&element)}</div>
            </div>
        }
        .into_any(),
        _ => view! { <div class="message-bubble" dir="auto">{words(event, "text")}</div> }.into_any(),
    }
}

fn row(row: Row) -> impl IntoView {
    let event = row.event;
    match words(&event, "type").as_str() {
        "system_message" | "custom" => view! {
            <div class="message other"><p class="message-notice" dir="auto">{words(&event, "text")}</p></div>
        }
        .into_any(),
        _ => view! {
            <div class="message other first last">
                <span class="avatar" aria-hidden="true">"M"</span>
                <div class="message-column">
                    <span class="message-author">"Maria"</span>
                    {said(&event)}
                    <p class="message-meta">"12:00"</p>
                </div>
            </div>
        }
        .into_any(),
    }
}

fn main() {
    let rows = RwSignal::new(Vec::<Row>::new());
    mount_to_body(move || {
        view! {
            <div class="transcript-scroll">
                <div class="transcript-content">
                    <For each=move || rows.get() key=|row| row.key let:it>{row(it)}</For>
                </div>
            </div>
        }
    });
    let append = Closure::<dyn Fn(String)>::new(move |text: String| {
        let events: Vec<Value> = serde_json::from_str(&text).unwrap();
        rows.update(|rows| {
            for event in events {
                rows.push(Row {
                    key: rows.len(),
                    event,
                });
            }
        });
        let end = document()
            .query_selector(".transcript-scroll")
            .unwrap()
            .unwrap();
        request_animation_frame(move || end.set_scroll_top(end.scroll_height()));
    });
    js_sys::Reflect::set(&window(), &"append".into(), append.as_ref().unchecked_ref()).unwrap();
    append.forget();
}
