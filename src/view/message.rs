//! One line: who, what, when, and how far it came. Its words are text nodes
//! and links, whatever is in them; what else a line can carry is built in a
//! file of its own.

use std::rc::Rc;

use parlor_session::{Author, Body, FailedBecause, Intent, LineId, Millis, SendState};

use super::{
    Room,
    avatar::avatar,
    file::{file, upload},
    form::{filled, form},
    formatted::{formatted, lead},
    part::{El, Part, contents, el, live, of_class},
    rich::rich,
    words::{Piece, is_only_emoji, pieces},
};
use crate::store::{Row, Shown};

pub(super) fn message(room: Room, row: &Rc<Row>) -> Part {
    let line = &row.line;
    let side = match &line.author {
        Author::Visitor => "own",
        _ => "other",
    };
    let said = match &*line.body {
        Body::Text(text) => said(room, row, linked(bubble(text), text)),
        Body::Formatted { text, nodes } => said(room, row, formatted(bubble(text), nodes)),
        Body::Rich(it) => said(room, row, rich(room, row, it)),
        Body::Form(_) => said(room, row, form(room, row)),
        Body::Filled(pairs) => said(room, row, filled(pairs)),
        Body::File(it) => said(room, row, file(room, it)),
        Body::Upload(it) => said(room, row, upload(room, row, it)),
        Body::Notice(notice) => vec![aside(&room.text.notice(notice))],
        Body::Custom(_) => vec![site(room)],
        Body::Other { .. } => vec![aside(room.text.unknown_event())],
    };
    let (day, looks) = (row.clone(), row.clone());
    let day = live(move || {
        let begins = |shown: &Shown| shown.at.filter(|_| shown.begins_day);
        let at = day.shown.with(begins)?;
        let words = el("span").text(&day_words(room, at));
        Some(of_class("p", "message-day").child(words).into())
    });
    let message = el("div")
        .classes_live(move || looks.shown.with(|shown| class(side, shown)))
        .children(said);
    contents().child(day).child(message).into()
}

fn aside(text: &str) -> Part {
    let aside = of_class("p", "message-notice").attr("dir", "auto");
    aside.text(text).into()
}

/// That the site did something, unless its page shows what.
fn site(room: Room) -> Part {
    let shown = &room.store.page_handles_custom;
    live(move || (!shown.get()).then(|| aside(room.text.custom_event())))
}

fn class(side: &str, shown: &Shown) -> String {
    let pending = matches!(shown.state, Some(SendState::Queued | SendState::Sending));
    let failed = matches!(shown.state, Some(SendState::Failed(_)));
    let mut class = format!("message {side}");
    for (holds, word) in [
        (shown.first, " first"),
        (shown.last, " last"),
        (pending, " pending"),
        (failed, " failed"),
    ] {
        if holds {
            class.push_str(word);
        }
    }
    class
}

/// What somebody said, in whatever form, with their name, their face and how
/// far it came.
fn said(room: Room, row: &Rc<Row>, what: El) -> Vec<Part> {
    let (name, face) = match &row.line.author {
        Author::Agent(agent) => (
            agent.name.clone(),
            Some(avatar(&agent.name, agent.avatar.as_deref())),
        ),
        Author::Visitor => (room.text.you().to_owned(), None),
        Author::System => (room.team(), None),
    };
    let row = row.clone();
    let fate = live(move || row.shown.with(|shown| fate(room, &row.line.id, shown)));
    let column = of_class("div", "message-column")
        .child(of_class("span", "message-author").text(&name))
        .child(what)
        .child(fate);
    face.into_iter().chain([column.into()]).collect()
}

/// Each paragraph runs its own way (`unicode-bidi`), and the bubble the window's, whose
/// corners are at its speaker's side.
fn bubble(text: &str) -> El {
    let class = match is_only_emoji(text) {
        true => "message-bubble large",
        false => "message-bubble",
    };
    of_class("div", class)
}

/// Words, in which addresses are links.
pub(super) fn linked(into: El, text: &str) -> El {
    pieces(text)
        .into_iter()
        .fold(into, |into, piece| match piece {
            Piece::Text(text) => into.text(text),
            Piece::Link { href, text } => into.child(lead(el("a"), &href).text(text)),
        })
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
        SendState::Seen => room.text.seen(),
        SendState::Sent => room.text.sent(),
        _ => room.text.sending(),
    });
    let time = shown.at.map(|at| room.times.time(at));
    let words: Vec<String> = time.into_iter().chain(state.map(str::to_owned)).collect();
    Some(
        of_class("p", "message-meta")
            .text(&words.join(" · "))
            .into(),
    )
}

fn ways_out(room: Room, id: &LineId, because: FailedBecause) -> Part {
    let way = |words: &str, intent: fn(LineId) -> Intent| {
        let id = id.clone();
        of_class("button", "message-way")
            .attr("type", "button")
            .text(words)
            .press(move || room.say(intent(id.clone())))
    };
    // The others would only fail again.
    let again = because
        .may_retry()
        .then(|| way(room.text.try_again(), Intent::Retry));
    of_class("div", "message-meta")
        .child(el("span").text(room.text.failed(because)))
        .child(again)
        .text(" ")
        .child(way(room.text.delete(), Intent::Delete))
        .into()
}

pub(super) fn day_words(room: Room, at: Millis) -> String {
    let day = crate::text::local_day;
    match day(room.store.now.get_untracked()) - day(at) {
        0 => room.text.today().to_owned(),
        1 => room.text.yesterday().to_owned(),
        _ => room.times.day(at),
    }
}
