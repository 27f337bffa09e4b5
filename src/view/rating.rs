//! How the conversation was: good or bad, at a press, and a comment if somebody
//! has one. The newest counts.

use std::rc::Rc;

use parlor_session::Intent;

use super::{
    Room,
    form::thanks,
    icon::{BAD, GOOD, icon},
    part::{Part, contents, of_class, switch, value_of},
};
use crate::store::Slot;

pub(super) fn rating(room: Room) -> Part {
    let rated = &room.store.rated;
    let said: Rc<Slot<bool>> = Rc::default();
    let (after, once) = (said.clone(), said.clone());
    // Whoever rates anew has the field again, for another comment.
    let more = switch(
        move || match (rated.get(), after.get()) {
            (None, _) => 0,
            (Some(_), false) => 1,
            (Some(_), true) => 2,
        },
        move |step| match step {
            0 => None,
            1 => Some(comment(room, once.clone())),
            _ => Some(thanks(room)),
        },
    );
    let scores = of_class("div", "rating-scores")
        .attr("role", "group")
        .attr("aria-label", room.text.how_was_it())
        .child(score(room, true, &said))
        .child(score(room, false, &said));
    contents()
        .child(of_class("p", "rating-question").text(room.text.how_was_it()))
        .child(scores)
        .child(more)
        .into()
}

fn score(room: Room, good: bool, said: &Rc<Slot<bool>>) -> Part {
    let said = said.clone();
    let (name, path) = match good {
        true => (room.text.good(), GOOD),
        false => (room.text.bad(), BAD),
    };
    of_class("button", "rating-score")
        .attr("type", "button")
        .attr_live("aria-pressed", move || {
            Some((room.store.rated.get() == Some(good)).to_string())
        })
        .child(icon(path))
        .text(name)
        .press(move || {
            room.say(Intent::Rate {
                good,
                comment: None,
            });
            said.set(false);
        })
        .into()
}

fn comment(room: Room, said: Rc<Slot<bool>>) -> Part {
    let words: Rc<Slot<String>> = Rc::default();
    let written = words.clone();
    let area = of_class("textarea", "field-control")
        .attr("rows", "2")
        .attr("dir", "auto")
        .attr("aria-label", room.text.comment())
        .attr("placeholder", room.text.comment())
        .on("input", move |event| written.set(value_of(&event)));
    let send = of_class("button", "rating-send")
        .attr("type", "submit")
        .text(room.text.send());
    of_class("form", "rating-comment")
        .on("submit", move |event| {
            event.prevent_default();
            let comment = words.get_untracked();
            let rated = room.store.rated.get_untracked();
            if let Some(good) = rated.filter(|_| !comment.trim().is_empty()) {
                let comment = Some(comment);
                room.say(Intent::Rate { good, comment });
                said.set(true);
                room.ask_for_focus();
            }
        })
        .child(area)
        .child(send)
        .into()
}
