//! One line: who, what, when, and how far it came. Its words are text nodes
//! and links, whatever is in them.

use std::sync::Arc;

use leptos::prelude::*;
use parlor_session::{Author, Body, FailedBecause, Intent, LineId, SendState};

use super::{
    Room,
    avatar::avatar,
    words::{Piece, is_only_emoji, pieces},
};
use crate::store::{Row, Shown};

pub(super) fn message(room: Room, row: Arc<Row>) -> impl IntoView {
    let line = &row.line;
    let shown = row.shown.clone();
    let look = shown.clone();
    let side = match &line.author {
        Author::Visitor => "own",
        Author::Agent(_) => "other",
        Author::System => "system",
    };
    let class = move || look.with(|shown| class(side, shown));
    let day = shown.clone();
    let day = move || {
        let at = day.with(|shown| shown.at.filter(|_| shown.begins_day))?;
        Some(view! { <p class="message-day"><span>{day_words(room, at)}</span></p> })
    };
    let said = match &line.body {
        Body::Text(text) => bubble(room, &row, text).into_any(),
        Body::Notice(notice) => {
            view! { <p class="message-notice" dir="auto">{(room.text.notice)(notice)}</p> }
                .into_any()
        }
        Body::Other { .. } => {
            view! { <p class="message-notice">{room.text.unknown_event}</p> }.into_any()
        }
    };
    view! { {day} <div class=class>{said}</div> }
}

fn class(side: &str, shown: &Shown) -> String {
    let mut class = format!("message {side}");
    for (holds, word) in [
        (shown.first, " first"),
        (shown.last, " last"),
        (
            matches!(shown.state, Some(SendState::Queued | SendState::Sending)),
            " pending",
        ),
        (matches!(shown.state, Some(SendState::Failed(_))), " failed"),
    ] {
        if holds {
            class.push_str(word);
        }
    }
    class
}

fn bubble(room: Room, row: &Row, text: &str) -> impl IntoView + use<> {
    let (name, face) = match &row.line.author {
        Author::Agent(agent) => (
            agent.name.clone(),
            Some(avatar(&agent.name, agent.avatar.clone())),
        ),
        _ => (room.text.you.to_owned(), None),
    };
    let large = is_only_emoji(text);
    let words: Vec<_> = pieces(text).into_iter().map(piece).collect();
    let (id, shown) = (StoredValue::new(row.line.id.clone()), row.shown.clone());
    let fate = move || shown.with(|shown| fate(room, id, shown));
    view! {
        {face}
        <div class="message-column">
            <span class="message-author">{name}</span>
            <div class="message-bubble" class:large=large dir="auto">{words}</div>
            {fate}
        </div>
    }
}

fn piece(piece: Piece) -> AnyView {
    match piece {
        Piece::Text(text) => text.to_owned().into_any(),
        Piece::Link { href, text } => {
            let text = text.to_owned();
            view! { <a href=href target="_blank" rel="noopener noreferrer">{text}</a> }.into_any()
        }
    }
}

/// Below the last of a group: the time, and how far the visitor's line came.
/// Below a failed one always: why, and the ways out.
fn fate(room: Room, id: StoredValue<LineId>, shown: &Shown) -> Option<AnyView> {
    if let Some(SendState::Failed(because)) = shown.state {
        return Some(ways_out(room, id, because).into_any());
    }
    if !shown.last {
        return None;
    }
    let state = shown.state.map(|state| match state {
        SendState::Seen => room.text.seen,
        SendState::Sent => room.text.sent,
        _ => room.text.sending,
    });
    let time = shown
        .at
        .map(|at| room.times.with_value(|times| times.time(at)));
    let words: Vec<String> = time.into_iter().chain(state.map(str::to_owned)).collect();
    Some(view! { <p class="message-meta">{words.join(" · ")}</p> }.into_any())
}

fn ways_out(room: Room, id: StoredValue<LineId>, because: FailedBecause) -> impl IntoView {
    // The others would only fail again.
    let again = matches!(because, FailedBecause::Refused | FailedBecause::OutboxFull).then(|| {
        let retry = move |_| room.say(Intent::Retry(id.get_value()));
        view! {
            <button type="button" class="message-way" on:click=retry>{room.text.try_again}</button>
        }
    });
    let delete = move |_| room.say(Intent::Delete(id.get_value()));
    view! {
        <div class="message-meta">
            <span>{(room.text.failed)(because)}</span>
            {again}
            <button type="button" class="message-way" on:click=delete>{room.text.delete}</button>
        </div>
    }
}

fn day_words(room: Room, at: parlor_session::Millis) -> String {
    let day = crate::text::local_day;
    match day(room.store.now.get_untracked()) - day(at) {
        0 => room.text.today.to_owned(),
        1 => room.text.yesterday.to_owned(),
        _ => room.times.with_value(|times| times.day(at)),
    }
}
