//! A live region, from which screen readers read each line that arrives, once. Lines are taken
//! out after a second, so that nobody meets them again beside the transcript; those that arrive
//! meanwhile wait until then. Of a burst only the newest lines are read.

use std::{iter, mem};

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use parlor_session::{Author, Body, Line};
use parlor_wire::event::RichMessage;

use super::{
    context::{ChatContext, chat},
    file::file_name,
};
use crate::erased::{IntoBuilt, KeyedList, effect};

/// Milliseconds: by then every screen reader has taken a line up.
const STAYS: u32 = 1_000;

#[component]
pub(super) fn Announcer() -> impl IntoView {
    let chat = chat();
    let region = LiveRegion {
        chat,
        lines: RwSignal::default(),
        timer: StoredValue::new_local(None),
    };
    effect(move || {
        // While the document is hidden, lines wait. The clock stands then, and runs this effect
        // when it goes on.
        chat.store.now.track();
        let waits = chat.store.announcements.with(|lines| !lines.is_empty());
        if waits && !region.is_busy() {
            region.next();
        }
    });
    view! {
        <div class="announcer hidden" aria-live="polite">
            <KeyedList
                each=move || region.lines.get()
                key=|(key, _)| *key
                view=|(_, text)| view! { <p class="announcer-line">{text}</p> }.built()
            />
        </div>
    }
    .built()
}

/// The lines that stand in the document to be read.
#[derive(Debug, Clone, Copy)]
struct LiveRegion {
    chat: ChatContext,
    /// By the key of their row.
    lines: RwSignal<Vec<(u32, String)>>,
    /// Runs while there are lines.
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

impl LiveRegion {
    fn is_busy(self) -> bool {
        self.timer.with_value(Option::is_some)
    }

    /// Replaces the lines by those that wait, and again when their second is over.
    fn next(self) {
        let waiting = match document().hidden() {
            true => Vec::new(),
            false => {
                let waiting = self.chat.store.announcements.try_update(mem::take);
                waiting.unwrap_or_default()
            }
        };
        let timer = (!waiting.is_empty()).then(|| Timeout::new(STAYS, move || self.next()));
        self.timer.set_value(timer);
        let line = |(key, line): &(u32, Line)| (*key, announcement(self.chat, line));
        self.lines.set(waiting.iter().map(line).collect());
    }
}

/// A line as one text.
fn announcement(chat: ChatContext, line: &Line) -> String {
    let text = chat.text;
    let content = match &*line.body {
        Body::Text(content) | Body::Formatted { text: content, .. } => content.clone(),
        Body::Rich(rich) => match rich_text(rich) {
            content if content.is_empty() => text.picture().to_owned(),
            content => content,
        },
        Body::Form(form) => {
            let labels = form.fields.iter().map(|field| field.label.as_str());
            sentences(iter::once(text.form()).chain(labels))
        }
        Body::Filled(pairs) => sentences(
            pairs
                .iter()
                .flat_map(|(question, answer)| [question.as_str(), answer]),
        ),
        Body::File(file) => {
            let alternative = file.alternative_text.clone();
            alternative.unwrap_or_else(|| file_name(chat, file))
        }
        Body::Upload(upload) => upload.name.clone(),
        Body::Notice(notice) => return text.notice(notice),
        Body::Custom(_) => return text.custom_event().to_owned(),
        Body::Other { .. } => return text.unknown_event().to_owned(),
    };
    match &line.author {
        Author::Agent(agent) => format!("{}: {content}", agent.name),
        _ => content,
    }
}

/// What there is to read in a rich message, and the buttons to choose from.
fn rich_text(rich: &RichMessage) -> String {
    let mut texts = Vec::new();
    for element in rich.elements() {
        let image = element.image.as_ref();
        texts.push(image.and_then(|image| image.alternative_text.as_deref()));
        texts.push(element.title.as_deref());
        texts.push(element.subtitle.as_deref());
        for button in element.buttons() {
            texts.push(Some(&button.text));
        }
    }
    sentences(texts.into_iter().flatten())
}

fn sentences<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<&str> = texts.collect();
    texts.join(". ")
}
