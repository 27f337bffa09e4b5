//! What screen readers say: each line that comes, once. A line is taken away
//! when its second is over, so that nobody finds it again beside the
//! transcript. What comes meanwhile waits for that: in a burst nobody listens
//! to more than the end of it.

use std::{cell::Cell, iter, rc::Rc};

use gloo_timers::callback::Timeout;
use leptos::prelude::document;
use parlor_session::{Author, Body, Line};
use parlor_wire::event::RichMessage;

use super::{
    Room,
    file::name,
    part::{Item, Part, of_class},
};
use crate::store::{Slot, follow};

/// Milliseconds: screen readers have taken a line up long before.
const STAYS: u32 = 1_000;

pub(super) fn announcer(room: Room) -> Part {
    let announced = Rc::new(Announced::default());
    let spoken = announced.clone();
    follow(move || {
        // Nobody listens to a document that is out of sight; who comes back does,
        // and then the clock goes on.
        room.store.now.with(|_| {});
        let waits = room.store.spoken.with(|spoken| !spoken.is_empty());
        if waits && !spoken.stays.get() {
            spoken.clone().next(room);
        }
    });
    let item = move |(key, line): &(u32, Line)| {
        let (key, words) = (*key, words(room, line));
        Item {
            key,
            make: Box::new(move || of_class("p", "announcer-line").text(&words).into()),
        }
    };
    of_class("div", "announcer hidden")
        .attr("aria-live", "polite")
        .list(move || {
            announced
                .lines
                .with(|lines| lines.iter().map(item).collect())
        })
        .into()
}

/// What stands in the document to be spoken.
#[derive(Default)]
struct Announced {
    lines: Slot<Vec<(u32, Line)>>,
    stays: Cell<bool>,
}

impl Announced {
    /// Takes what waits, and after its second what has come meanwhile.
    fn next(self: Rc<Self>, room: Room) {
        self.stays.set(true);
        let lines = match document().hidden() {
            true => Vec::new(),
            false => room.store.spoken.update(std::mem::take),
        };
        self.stays.set(!lines.is_empty());
        self.lines.set(lines);
        if self.stays.get() {
            Timeout::new(STAYS, move || self.next(room)).forget();
        }
    }
}

fn words(room: Room, line: &Line) -> String {
    let text = room.text;
    let said = match &*line.body {
        Body::Text(said) | Body::Formatted { text: said, .. } => said.clone(),
        Body::Rich(rich) => match rich_words(rich) {
            words if words.is_empty() => text.picture().to_owned(),
            words => words,
        },
        Body::Form(form) => {
            let labels = form.fields.iter().map(|field| field.label.as_str());
            listed(iter::once(text.form()).chain(labels))
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
        Body::Notice(notice) => return text.notice(notice),
        Body::Custom(_) => return text.custom_event().to_owned(),
        Body::Other { .. } => return text.unknown_event().to_owned(),
    };
    match &line.author {
        Author::Agent(agent) => format!("{}: {said}", agent.name),
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
