//! What screen readers say: each line that comes, once. A line is taken away
//! when its second is over, so that nobody finds it again beside the
//! transcript; the style sheet counts the second.

use std::iter;

use parlor_session::{Author, Body, Line};
use parlor_wire::event::RichMessage;

use super::{
    Room,
    file::name,
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
    let text = room.text;
    let said = match &*line.body {
        Body::Text(said) | Body::Formatted { text: said, .. } => said.clone(),
        Body::Rich(rich) => match rich_words(rich) {
            words if words.is_empty() => text.picture.to_owned(),
            words => words,
        },
        Body::Form(form) => {
            let labels = form.fields.iter().map(|field| field.label.as_str());
            listed(iter::once(text.form).chain(labels))
        }
        Body::Filled(pairs) => listed(
            pairs
                .iter()
                .flat_map(|(question, answer)| [question.as_str(), answer]),
        ),
        Body::File(file) => {
            let words = file.alternative_text.clone();
            words.unwrap_or_else(|| name(room, file))
        }
        Body::Upload(it) => it.name.clone(),
        Body::Notice(notice) => return (text.notice)(notice),
        Body::Custom(_) => return text.custom_event.to_owned(),
        Body::Other { .. } => return text.unknown_event.to_owned(),
    };
    match &line.author {
        Author::Agent(agent) => (text.said)(&agent.name, &said),
        _ => said,
    }
}

/// What there is to read, and what to choose from.
fn rich_words(rich: &RichMessage) -> String {
    let mut words = Vec::new();
    for it in rich.elements() {
        let image = it.image.as_ref();
        let seen = image.and_then(|image| image.alternative_text.as_deref());
        words.push(seen);
        words.push(it.title.as_deref());
        words.push(it.subtitle.as_deref());
        for button in it.buttons() {
            words.push(Some(&button.text));
        }
    }
    listed(words.into_iter().flatten())
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    words.join(". ")
}
