//! What screen readers say: each line that comes, once. A line is taken away
//! when its second is over, so that nobody finds it again beside the
//! transcript; the style sheet counts the second.

use leptos::prelude::*;
use parlor_session::{Author, Body, Line};

use super::Room;

pub(super) fn announcer(room: Room) -> impl IntoView {
    let spoken = room.store.spoken;
    view! {
        <div class="announcer hidden" aria-live="polite">
            <For
                each=move || spoken.get()
                key=key
                children=move |(key, line): (u32, Line)| {
                    let over = move |_| spoken.update(|spoken| spoken.retain(|(it, _)| *it != key));
                    view! { <p class="announcer-line" on:animationend=over>{words(room, &line)}</p> }
                }
            />
        </div>
    }
}

fn key((key, _): &(u32, Line)) -> u32 {
    *key
}

fn words(room: Room, line: &Line) -> String {
    match (&line.body, &line.author) {
        (Body::Text(text), Author::Agent(agent)) => (room.text.said)(&agent.name, text),
        (Body::Text(text), _) => text.clone(),
        (Body::Notice(notice), _) => (room.text.notice)(notice),
        (Body::Other { .. }, _) => room.text.unknown_event.to_owned(),
    }
}
