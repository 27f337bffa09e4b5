//! One line of the conversation. Text is text: links in it can be followed, and nothing of it is
//! ever read as markup.

use leptos::prelude::*;

use super::{Here, clock, linked};
use crate::desk::{Author, Body, Delivery, Entry, Intent};
use crate::text;

/// An entry, and how it stands among its neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Line {
    pub(super) entry: Entry,
    /// The first of its group: says who and when.
    pub(super) first: bool,
    /// The last of its group.
    pub(super) last: bool,
    /// The first of its day.
    pub(super) day: Option<String>,
    /// The last one that the visitor has seen.
    pub(super) seen: bool,
    /// Differs whenever something of the above does.
    pub(super) stamp: u64,
}

pub(super) fn message(here: Here, line: Line) -> impl IntoView {
    let Line {
        entry,
        first,
        last,
        day,
        seen,
        ..
    } = line;
    let day = day.map(|day| view! { <p class="day"><span>{day}</span></p> });
    if let Body::System(told) = entry.body {
        let told = view! {
            <p class="system" title=entry.at.map(clock::full)>
                {told}
                <span class="system-time">{entry.at.map(clock::time)}</span>
            </p>
        };
        return view! { {day}{told} }.into_any();
    }
    let from = match entry.author {
        Author::Visitor => "visitor",
        Author::Me => "me",
        Author::Colleague => "colleague",
        Author::Nobody => "nobody",
    };
    let who = match entry.author {
        Author::Me => "You".to_owned(),
        Author::Nobody => String::new(),
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
    view! {
        {day}
        <div class="message" class:message-last=last class:is-note=entry.note data-from=from>
            {head} <div class="bubble" dir="auto">{body(entry.body)}</div>
            {delivery(here, &entry.delivery, seen)}
        </div>
    }
    .into_any()
}

fn body(body: Body) -> AnyView {
    match body {
        Body::Text(text) | Body::Rich(text) | Body::System(text) => {
            linked::linked(&text).into_any()
        }
        Body::Answers(answers) if answers.is_empty() => "Answered nothing".into_any(),
        Body::Answers(answers) => view! {
            <dl class="answers">
                {answers
                    .into_iter()
                    .map(|(label, answer)| {
                        view! { <div><dt>{label}</dt><dd>{linked::linked(&answer)}</dd></div> }
                    })
                    .collect_view()}
            </dl>
        }
        .into_any(),
        Body::File { name, url } => linked::link(&url, name),
        Body::Other(kind) => view! { <em>{text::unknown_event(&kind)}</em> }.into_any(),
    }
}

fn delivery(here: Here, delivery: &Delivery, seen: bool) -> AnyView {
    let driver = here.driver;
    match delivery {
        Delivery::Kept => ().into_any(),
        Delivery::Seen if seen => view! { <p class="delivery">"Seen"</p> }.into_any(),
        Delivery::Seen => ().into_any(),
        Delivery::Sending => view! { <p class="delivery">"Sending…"</p> }.into_any(),
        Delivery::Held(_) => view! {
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
                        on:click=move |_| driver.want(Intent::Resend(again.clone()))
                    >
                        "Try again"
                    </button>
                    <button
                        type="button"
                        class="button-text"
                        on:click=move |_| driver.want(Intent::Discard(forget.clone()))
                    >
                        "Delete"
                    </button>
                </p>
            }
            .into_any()
        }
    }
}
