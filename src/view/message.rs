//! One line of the transcript: who, what, when, and how far it got. What a line can carry
//! beside text is a component of its own.

use std::sync::Arc;

use leptos::prelude::*;
use parlor_session::{Author, Body, FailedBecause, Intent, LineId, SendState};

use super::{
    avatar::Avatar,
    context::{ChatContext, chat},
    emoji::is_only_emoji,
    file::{File, Upload},
    form::{FilledForm, Form},
    formatted::Formatted,
    linked_text::LinkedText,
    rich::Rich,
};
use crate::erased::{Built, IntoBuilt, When, dynamic};
use crate::store::{Row, RowDisplay};

#[component]
pub(super) fn Message(row: Arc<Row>) -> impl IntoView {
    let chat = chat();
    let side = match &row.line.author {
        Author::Visitor => "own",
        _ => "other",
    };
    let body = body(chat, &row);
    let display = row.display.clone();
    let class = move || display.with(|display| class(side, display));
    view! {
        <Day row=row.clone() />
        <div class=class>{body}</div>
    }
    .built()
}

fn body(chat: ChatContext, row: &Arc<Row>) -> Built {
    let content = match &*row.line.body {
        Body::Text(text) => view! {
            <div class=bubble_class(text)>
                <LinkedText text=text.clone() />
            </div>
        }
        .built(),
        // The bubble's corners are at its speaker's side; each paragraph runs its own way
        // (`unicode-bidi`), and lists run as their words do.
        Body::Formatted { text, nodes } => view! {
            <div class=bubble_class(text) dir="auto">
                <Formatted nodes=nodes.clone() />
            </div>
        }
        .built(),
        Body::Rich(rich) => view! { <Rich row=row.clone() rich=(**rich).clone() /> }.built(),
        Body::Form(_) => view! { <Form row=row.clone() /> }.built(),
        Body::Filled(pairs) => view! { <FilledForm pairs=pairs.clone() /> }.built(),
        Body::File(file) => view! { <File file=(**file).clone() /> }.built(),
        Body::Upload(upload) => view! { <Upload row=row.clone() upload=upload.clone() /> }.built(),
        Body::Notice(notice) => {
            return view! { <Notice text=chat.text.notice(notice) /> }.built();
        }
        Body::Custom(_) => return view! { <SiteEvent /> }.built(),
        Body::Other { .. } => {
            return view! { <Notice text=chat.text.unknown_event().to_owned() /> }.built();
        }
    };
    view! { <Spoken row=row.clone() content /> }.built()
}

fn bubble_class(text: &str) -> &'static str {
    match is_only_emoji(text) {
        true => "message-bubble large",
        false => "message-bubble",
    }
}

/// The day, above the first line of it.
#[component]
fn Day(row: Arc<Row>) -> impl IntoView {
    let chat = chat();
    dynamic(move || {
        let begins = |display: &RowDisplay| display.at.filter(|_| display.begins_day);
        match row.display.with(begins) {
            Some(at) => view! {
                <p class="message-day">
                    <span>{chat.day(at)}</span>
                </p>
            }
            .built(),
            None => Built::nothing(),
        }
    })
}

/// A line of nobody's: something has happened.
#[component]
fn Notice(text: String) -> impl IntoView {
    view! {
        <p class="message-notice" dir="auto">
            {text}
        </p>
    }
    .built()
}

/// An event of the site's own; nothing where its page shows it itself.
#[component]
fn SiteEvent() -> impl IntoView {
    let chat = chat();
    view! {
        <When when=move || !chat.store.page_handles_custom.get()>
            <Notice text=chat.text.custom_event().to_owned() />
        </When>
    }
    .built()
}

fn class(side: &str, display: &RowDisplay) -> String {
    let pending = matches!(display.state, Some(SendState::Queued | SendState::Sending));
    let failed = matches!(display.state, Some(SendState::Failed(_)));
    let mut class = format!("message {side}");
    for (holds, word) in [
        (display.first, " first"),
        (display.last, " last"),
        (pending, " pending"),
        (failed, " failed"),
    ] {
        if holds {
            class.push_str(word);
        }
    }
    class
}

/// Something that somebody said, in whatever form, with their name, their face and how far it
/// got.
#[component]
fn Spoken(row: Arc<Row>, content: Built) -> impl IntoView {
    let chat = chat();
    let (name, face) = match &row.line.author {
        Author::Agent(agent) => {
            let face =
                view! { <Avatar name=agent.name.clone() picture=agent.avatar.clone() /> }.built();
            (agent.name.clone(), Some(face))
        }
        Author::Visitor => (chat.text.you().to_owned(), None),
        Author::System => (untrack(|| chat.team()), None),
    };
    let status = dynamic(move || {
        let display = row.display.get();
        match display.state {
            Some(SendState::Failed(because)) => {
                view! { <RetryActions id=row.line.id.clone() because /> }.built()
            }
            _ if display.last => {
                let status = delivery_status(chat, &display);
                view! { <p class="message-meta">{status}</p> }.built()
            }
            _ => Built::nothing(),
        }
    });
    view! {
        {face}
        <div class="message-column">
            <span class="message-author">{name}</span>
            {content}
            {status}
        </div>
    }
    .built()
}

/// Below the last line of a group: the time, and how far the visitor's own line got.
fn delivery_status(chat: ChatContext, display: &RowDisplay) -> String {
    let time = display.at.map(|at| chat.time(at));
    let state = display.state.map(|state| match state {
        SendState::Seen => chat.text.seen(),
        SendState::Sent => chat.text.sent(),
        _ => chat.text.sending(),
    });
    let words: Vec<String> = time.into_iter().chain(state.map(str::to_owned)).collect();
    words.join(" · ")
}

/// Below a failed line: why it failed, and what can be done about it.
#[component]
fn RetryActions(id: LineId, because: FailedBecause) -> impl IntoView {
    let chat = chat();
    let delete = id.clone();
    // The same line again would only fail again, except for some reasons.
    let retry = because.may_retry().then(|| {
        view! {
            <MessageAction
                label=chat.text.try_again()
                on_press=move || chat.send(Intent::Retry(id.clone()))
            />
        }
    });
    view! {
        <div class="message-meta">
            <span>{chat.text.failed(because)}</span>
            {retry}
            " "
            <MessageAction
                label=chat.text.delete()
                on_press=move || chat.send(Intent::Delete(delete.clone()))
            />
        </div>
    }
    .built()
}

/// A small button below a line.
#[component]
pub(super) fn MessageAction(label: &'static str, on_press: impl Fn() + 'static) -> impl IntoView {
    view! {
        <button class="message-way" type="button" on:click=move |_| on_press()>
            {label}
        </button>
    }
    .built()
}
