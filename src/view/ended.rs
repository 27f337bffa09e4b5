//! After the conversation: who ended it, or why it did not come about, how it
//! was, what the deployment asks, and the way to the next.

use leptos::prelude::{document, request_animation_frame};
use parlor_session::{FailReason, Intent, Stage};

use super::{
    Room,
    form::postchat,
    part::{El, Part, of_class},
    rating::rating,
};

pub(super) fn ended(room: Room) -> Part {
    let by = room.store.stage.with_untracked(|stage| match stage {
        Stage::Ended(by) => Some(*by),
        _ => None,
    });
    let headline = by.map(|by| room.text.ended(by, None)).unwrap_or_default();
    let at = room.times.time(room.store.now.get_untracked());
    let welcome = &room.store.welcome;
    let asks = welcome.with_untracked(|it| it.as_ref().is_some_and(|it| it.asks_rating));
    let asked = of_class("div", "ended-asked")
        .child(asks.then(|| rating(room)))
        .child(postchat(room));
    panel(room, &headline, &room.text.ended_at(&at), Some(asked))
}

pub(super) fn failed(room: Room) -> Part {
    let reason = room.store.stage.with_untracked(|stage| match stage {
        Stage::Failed(reason) => *reason,
        _ => FailReason::Internal,
    });
    let (headline, hint) = room.text.request_failed(reason);
    panel(room, headline, hint, None)
}

fn panel(room: Room, headline: &str, hint: &str, asked: Option<El>) -> Part {
    let again = move || {
        room.say(Intent::StartAgain);
        room.ask_for_focus();
    };
    let button = of_class("button", "button")
        .attr("type", "button")
        .attr("data-first", "")
        .text(room.text.start_again())
        .press(again);
    let words = of_class("div", "ended-words")
        .attr("role", "status")
        .child(of_class("p", "ended-headline").text(headline))
        .child(of_class("p", "ended-hint").text(hint));
    let panel = of_class("section", "ended")
        .attr("tabindex", "-1")
        .child(words)
        .child(asked)
        .child(button);
    // Whoever was writing has lost the field under their hands: the focus goes
    // to what is said instead, and not to a button that Enter would press.
    let place = panel.html();
    request_animation_frame(move || {
        if nothing_has_focus() {
            let _ = place.focus();
        }
    });
    panel.into()
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
