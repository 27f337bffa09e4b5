//! What screen readers say: each line that comes, once. A line is taken away
//! when its second is over, so that nobody finds it again beside the
//! transcript; the style sheet counts the second.

use parlor_session::{Author, Body, Line};

use super::{
    Room,
    part::{Item, Part, of_class},
};

pub(super) fn announcer(room: Room) -> Part {
    let spoken = &room.store.spoken;
    let item = move |(key, line): &(u32, Line)| {
        let (key, words) = (*key, words(room, line));
        let over = move |_| spoken.update(|spoken| spoken.retain(|(it, _)| *it != key));
        let make = move || {
            of_class("p", "announcer-line")
                .text(&words)
                .on("animationend", over)
        };
        Item {
            key,
            make: Box::new(move || make().into()),
        }
    };
    of_class("div", "announcer hidden")
        .attr("aria-live", "polite")
        .list(move || spoken.with(|spoken| spoken.iter().map(item).collect()))
        .into()
}

fn words(room: Room, line: &Line) -> String {
    match (&line.body, &line.author) {
        (Body::Text(text), Author::Agent(agent)) => (room.text.said)(&agent.name, text),
        (Body::Text(text), _) => text.clone(),
        (Body::Notice(notice), _) => (room.text.notice)(notice),
        _ => room.text.unknown_event.to_owned(),
    }
}
