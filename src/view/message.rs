//! One line: who, what, when, and how far it came. Its words are text nodes
//! and links, whatever is in them.

use leptos::prelude::*;
use parlor_session::{Author, Body, FailedBecause, Intent, LineId, SendState};

use super::{
    Room,
    avatar::avatar,
    part::{Part, live, part, words},
    words::{Piece, is_only_emoji, pieces},
};
use crate::store::{Row, Shown};

pub(super) fn message(room: Room, row: &Row) -> Part {
    let line = &row.line;
    let side = match &line.author {
        Author::Visitor => "own",
        Author::Agent(_) => "other",
        Author::System => "system",
    };
    let shown = row.shown.clone();
    let class = words(move || shown.with(|shown| class(side, shown)));
    let shown = row.shown.clone();
    let day = live(move || {
        let at = shown.with(|shown| shown.at.filter(|_| shown.begins_day))?;
        Some(part(
            view! { <p class="message-day"><span>{day_words(room, at)}</span></p> },
        ))
    });
    let said = match &line.body {
        Body::Text(text) => bubble(room, row, text),
        Body::Notice(notice) => aside((room.text.notice)(notice)),
        Body::Other { .. } => aside(room.text.unknown_event.to_owned()),
    };
    part(view! { {day} <div class=class>{said}</div> })
}

fn aside(text: String) -> Part {
    part(view! { <p class="message-notice" dir="auto">{text}</p> })
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

fn bubble(room: Room, row: &Row, text: &str) -> Part {
    let (name, face) = match &row.line.author {
        Author::Agent(agent) => (
            agent.name.clone(),
            Some(part(avatar(&agent.name, agent.avatar.clone()))),
        ),
        _ => (room.text.you.to_owned(), None),
    };
    let large = if is_only_emoji(text) {
        "message-bubble large"
    } else {
        "message-bubble"
    };
    let pieces: Vec<_> = pieces(text).into_iter().map(piece).collect();
    let (id, shown) = (row.line.id.clone(), row.shown.clone());
    let fate = live(move || shown.with(|shown| fate(room, &id, shown)));
    part(view! {
        {face}
        <div class="message-column">
            <span class="message-author">{name}</span>
            <div class=large dir="auto">{pieces}</div>
            {fate}
        </div>
    })
}

fn piece(piece: Piece) -> Part {
    match piece {
        Piece::Text(text) => part(text.to_owned()),
        Piece::Link { href, text } => {
            let text = text.to_owned();
            part(view! { <a href=href target="_blank" rel="noopener noreferrer">{text}</a> })
        }
    }
}

/// Below the last of a group: the time, and how far the visitor's line came.
/// Below a failed one always: why, and the ways out.
fn fate(room: Room, id: &LineId, shown: &Shown) -> Option<Part> {
    if let Some(SendState::Failed(because)) = shown.state {
        return Some(ways_out(room, id, because));
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
    Some(part(
        view! { <p class="message-meta">{words.join(" · ")}</p> },
    ))
}

fn ways_out(room: Room, id: &LineId, because: FailedBecause) -> Part {
    let way = |words: &'static str, intent: Intent| {
        let go = move |_| room.say(intent.clone());
        part(view! { <button type="button" class="message-way" on:click=go>{words}</button> })
    };
    // The others would only fail again.
    let again = because
        .may_retry()
        .then(|| way(room.text.try_again, Intent::Retry(id.clone())));
    part(view! {
        <div class="message-meta">
            <span>{(room.text.failed)(because)}</span>
            {again} {way(room.text.delete, Intent::Delete(id.clone()))}
        </div>
    })
}

fn day_words(room: Room, at: parlor_session::Millis) -> String {
    let day = crate::text::local_day;
    match day(room.store.now.get_untracked()) - day(at) {
        0 => room.text.today.to_owned(),
        1 => room.text.yesterday.to_owned(),
        _ => room.times.with_value(|times| times.day(at)),
    }
}
