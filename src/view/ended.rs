//! After the conversation: who ended it, or why it did not come about, and the
//! way to the next.

use leptos::{html, prelude::*};
use parlor_session::{FailReason, Intent, Stage};

use super::{
    Room,
    part::{Part, follow, part},
};

pub(super) fn ended(room: Room) -> Part {
    let by = room.store.stage.with_untracked(|stage| match stage {
        Stage::Ended(by) => Some(*by),
        _ => None,
    });
    let headline = by.map(|by| (room.text.ended)(by, None)).unwrap_or_default();
    let at = room
        .times
        .with_value(|times| times.time(room.store.now.get_untracked()));
    panel(room, headline, (room.text.ended_at)(&at))
}

pub(super) fn failed(room: Room) -> Part {
    let reason = room.store.stage.with_untracked(|stage| match stage {
        Stage::Failed(reason) => *reason,
        _ => FailReason::Internal,
    });
    let (headline, hint) = (room.text.request_failed)(reason);
    panel(room, headline.to_owned(), hint.to_owned())
}

fn panel(room: Room, headline: String, hint: String) -> Part {
    let panel = NodeRef::<html::Section>::new();
    // Whoever was writing has lost the field under their hands: the focus goes
    // to what is said instead, and not to a button that Enter would press.
    follow(move || {
        if let Some(panel) = panel.get()
            && nothing_has_focus()
        {
            let _ = panel.focus();
        }
    });
    let again = move |_| {
        room.say(Intent::StartAgain);
        room.ask_for_focus();
    };
    part(view! {
        <section class="ended" tabindex="-1" role="status" node_ref=panel>
            <p class="ended-headline">{headline}</p>
            <p class="ended-hint">{hint}</p>
            <button type="button" class="button" data-first="" on:click=again>
                {room.text.start_again}
            </button>
        </section>
    })
}

fn nothing_has_focus() -> bool {
    let document = document();
    let inside = document.has_focus().unwrap_or_default();
    let body = document.body().map(web_sys::Element::from);
    inside
        && document
            .active_element()
            .is_none_or(|active| Some(active) == body)
}
