//! A conversation as a file: as text for people, and as JSON for programs, with everything that an
//! agent may see of it.

use std::fmt::Write as _;

use parlor_wire::{Chat as WireChat, ThreadId};

use super::ArchivedChat;
use crate::workspace::chat::Thread;
use crate::workspace::{Author, Body, Day, Entry, Millis};

/// How a conversation is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// As a text file.
    Text,
    /// As a JSON file.
    Json,
    /// On paper.
    Print,
}

/// A name that every file system takes.
pub(super) fn file_name(thread: &ThreadId) -> String {
    let fits = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    let id: String = thread.as_str().chars().filter(fits).take(64).collect();
    format!("conversation-{id}")
}

/// The chat as `get_chat` gave it, with all events that have been loaded, and with the tags
/// that it has now.
pub(super) fn json(snapshot: Option<&WireChat>, known: &Thread, is_cut: bool) -> String {
    let mut chat = snapshot.cloned();
    if let Some(thread) = chat.as_mut().and_then(|chat| chat.thread.as_mut()) {
        thread.events = Some(known.events.values().cloned().collect());
        thread.has_earlier_events = is_cut;
        thread.tags = (!known.tags.is_empty()).then(|| known.tags.clone());
    }
    // Values of these types can always be written.
    serde_json::to_string_pretty(&chat).unwrap_or_default()
}

/// `2026-11-30 14:03:12`, in UTC: a file is read elsewhere, and later.
fn moment(at: Millis) -> String {
    let seconds = i64::try_from(at / 1_000).unwrap_or_default();
    let day = Day::parse("1970-01-01")
        .unwrap_or_default()
        .plus(seconds / 86_400);
    let of_day = seconds % 86_400;
    let (hour, minute) = (of_day / 3_600, of_day / 60 % 60);
    format!("{day} {hour:02}:{minute:02}:{:02}", of_day % 60)
}

/// The conversation as a text.
pub(super) fn text(chat: &ArchivedChat) -> String {
    let mut out = String::new();
    let visitor = chat.name.as_deref().unwrap_or("Visitor");
    let mut fact = |label: &str, value: &str| {
        if !value.is_empty() {
            // Writing into a `String` cannot fail.
            let _ = writeln!(out, "{label}: {value}");
        }
    };
    fact("Conversation", chat.thread.as_str());
    fact("Visitor", visitor);
    fact("E-mail", chat.person.email.as_deref().unwrap_or_default());
    fact("Began (UTC)", &chat.at.map(moment).unwrap_or_default());
    fact("Agents", &chat.agents.join(", "));
    fact("Team", chat.team.as_deref().unwrap_or_default());
    fact("Tags", &chat.tags.join(", "));
    if let Some(rating) = &chat.rating {
        let good = rating.good.map(|good| if good { "good" } else { "bad" });
        fact("Rating", good.unwrap_or_default());
        fact("Comment", rating.comment.as_deref().unwrap_or_default());
    }
    for (label, value) in &chat.person.answers {
        fact(label, value);
    }
    for (label, value) in &chat.person.details {
        fact(label, value);
    }
    for page in chat.person.pages.iter().rev() {
        fact("Page", &page.url);
    }
    if chat.cut {
        fact("Note", "only the newest events are in this file");
    }
    out.push('\n');
    for entry in &chat.entries {
        line(&mut out, entry, visitor);
    }
    out
}

fn line(out: &mut String, entry: &Entry, visitor: &str) {
    let who = match entry.author {
        Author::System => "",
        Author::Visitor => visitor,
        Author::Me | Author::Colleague => entry.name.as_deref().unwrap_or("Agent"),
    };
    let at = entry.at.map(moment).unwrap_or_default();
    let note = if entry.note { " (private note)" } else { "" };
    let what = body(&entry.body).replace('\n', "\n    ");
    let _ = match who {
        "" => writeln!(out, "[{at}] {what}{note}"),
        who => writeln!(out, "[{at}] {who}{note}: {what}"),
    };
}

fn body(body: &Body) -> String {
    match body {
        Body::Text(text) | Body::System(text) | Body::ButtonReply(text) => text.clone(),
        Body::Custom(text) => format!("(data of a program) {text}"),
        Body::Other(kind) => format!("({kind})"),
        Body::Questions(questions) => {
            let labels: Vec<&str> = questions.iter().map(|it| it.label.as_str()).collect();
            format!("(form) {}", labels.join("; "))
        }
        Body::Answers(answers) => {
            let lines = answers
                .iter()
                .map(|(label, value)| format!("{label}: {value}"));
            format!("(answers) {}", lines.collect::<Vec<_>>().join("; "))
        }
        Body::File(file) => {
            let url = file.url.as_deref().unwrap_or_default();
            format!("(file) {} {url}", file.name).trim_end().to_owned()
        }
        Body::Rich(_, cards) => {
            let card = |card: &crate::workspace::Card| {
                let words = [&card.title, &card.subtitle].into_iter().flatten();
                let image = card.image.iter().map(|image| &image.alt);
                let words: Vec<&str> = words.chain(image).map(String::as_str).collect();
                let buttons: Vec<String> = card
                    .buttons
                    .iter()
                    .map(|button| match button.pressed_by.is_empty() {
                        true => format!("[{}]", button.text),
                        false => format!("[{}] (pressed)", button.text),
                    })
                    .collect();
                format!("{} {}", words.join(": "), buttons.join(" "))
            };
            let cards: Vec<String> = cards.iter().map(card).collect();
            format!("(cards) {}", cards.join("\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(moment(0), "1970-01-01 00:00:00");
        assert_eq!(moment(1_764_511_392_999), "2025-11-30 14:03:12");
    }

    #[test]
    fn names_of_files_have_no_path() {
        assert_eq!(
            file_name(&ThreadId::from("../a b_é-1")),
            "conversation-ab-1"
        );
    }
}
