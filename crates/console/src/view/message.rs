//! One entry of the transcript: author, time, content and delivery state.

use leptos::prelude::*;

use super::{ViewContext, clock, event_content};
use crate::text;
use crate::workspace::{Author, Delivery, Entry, Intent};

/// An entry and its position within its group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TranscriptLine {
    pub(super) entry: Entry,
    /// Whether it is the first of its group, which shows author and time.
    pub(super) first: bool,
    /// Whether it is the last of its group.
    pub(super) last: bool,
    /// The date, if it is the first entry of a day.
    pub(super) day: Option<String>,
    /// Whether it is the last entry that the visitor has seen.
    pub(super) seen: bool,
    /// A hash of the fields above: the key of the list, so that a changed entry is rendered again.
    pub(super) hash: u64,
}

pub(super) fn message(context: ViewContext, line: TranscriptLine) -> impl IntoView {
    let TranscriptLine {
        entry,
        first,
        last,
        day,
        seen,
        ..
    } = line;
    let day = day.map(|day| view! { <p class="day"><span>{day}</span></p> });
    if event_content::is_neutral(&entry.body) {
        let line = view! {
            <div class="system" title=entry.at.map(clock::full)>
                {event_content::content(entry.body)}
                <span class="system-time">{entry.at.map(clock::time)}</span>
            </div>
        };
        return view! { {day}{line} }.into_any();
    }
    let from = match entry.author {
        Author::Visitor => "visitor",
        Author::Me => "me",
        Author::Colleague => "colleague",
        Author::System => "nobody",
    };
    let who = match entry.author {
        Author::Me => "You".to_owned(),
        Author::System => String::new(),
        _ => text::name(entry.name.clone()),
    };
    let head = first.then(|| {
        view! {
            <p class="message-head">
                <span class="message-who">{who}</span>
                <span class="message-time" title=entry.at.map(clock::full)>
                    {entry.at.map(clock::time)}
                </span>
                {entry.note.then(|| view! { <span class="message-note">"Only agents see this"</span> })}
            </p>
        }
    });
    let bare = event_content::is_bare(&entry.body);
    view! {
        {day}
        <div class="message" class:message-last=last class:is-note=entry.note data-from=from>
            {head}
            <div class="bubble" class:is-bare=bare dir="auto">
                {event_content::content(entry.body)}
            </div>
            {delivery(context, &entry.delivery, seen)}
        </div>
    }
    .into_any()
}

fn delivery(context: ViewContext, delivery: &Delivery, seen: bool) -> AnyView {
    let driver = context.driver;
    match delivery {
        Delivery::Stored => ().into_any(),
        Delivery::Seen if seen => view! { <p class="delivery">"Seen"</p> }.into_any(),
        Delivery::Seen => ().into_any(),
        Delivery::Sending => view! { <p class="delivery">"Sending…"</p> }.into_any(),
        Delivery::Held => {
            view! { <p class="delivery">"Held: somebody wrote meanwhile."</p> }.into_any()
        }
        Delivery::Delayed => view! {
            <p class="delivery">"Not sent yet. It goes by itself when the connection is back."</p>
        }
        .into_any(),
        Delivery::Refused(custom_id) => {
            let (again, forget) = (custom_id.clone(), custom_id.clone());
            view! {
                <p class="delivery delivery-refused">
                    "Not sent."
                    <button
                        type="button"
                        class="button-text"
                        on:click=move |_| driver.dispatch(Intent::Resend(again.clone()))
                    >
                        "Try again"
                    </button>
                    <button
                        type="button"
                        class="button-text"
                        on:click=move |_| driver.dispatch(Intent::Discard(forget.clone()))
                    >
                        "Delete"
                    </button>
                </p>
            }
            .into_any()
        }
    }
}
