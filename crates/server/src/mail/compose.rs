//! The words of mails: rows become a subject and a plain text. It knows no store,
//! no SMTP and no addresses.
//!
//! What must stay true: what only agents may see is in no mail to a visitor; a
//! subject is one line; every text is bounded.

use std::{collections::BTreeMap, fmt::Write as _};

use parlor_wire::{
    Callback, UserId,
    event::{
        CONTACT_FIELD, Event as WireEvent, EventBody, FieldKind, FilledField, FilledForm,
        looks_like_email,
    },
};
use url::Url;

use super::text::{Language, Sentences};
use crate::{
    clock::Timestamp,
    origin,
    store::row::{Deployment, Event, Visibility},
};

/// The most bytes of a subject: what a list of mails shows, and more.
const SUBJECT_MAX_BYTES: usize = 150;

/// The most bytes of a name in a mail.
const NAME_MAX_BYTES: usize = 80;

/// The most bytes of the visitor's own words that an answer quotes: they know them.
const QUOTE_MAX_BYTES: usize = 1_000;

/// The most bytes of a visitor's message in an alert: enough to see what it is
/// about. The rest is in the console.
const ALERT_TEXT_MAX_BYTES: usize = 2_000;

/// The most bytes of the answers in one mail.
const ANSWERS_MAX_BYTES: usize = 32 * 1024;

/// The most bytes of a transcript: hours of writing.
const TRANSCRIPT_MAX_BYTES: usize = 128 * 1024;

/// The words of a mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) body: String,
}

/// Who takes part in a conversation.
#[derive(Debug)]
pub(super) struct People<'a> {
    pub(super) customer: UserId,
    /// The visitor's name, if it is known.
    pub(super) customer_name: Option<&'a str>,
    /// The names of agents.
    pub(super) agents: BTreeMap<UserId, String>,
    /// The team's name, which may be empty.
    pub(super) team: &'a str,
}

/// What an agent has written, with the visitor's message before it. `events`: those
/// from some before `first_event` to the newest, as rows and as they are read.
/// `None` when there is no answer among them.
pub(super) fn answer(
    language: Language,
    people: &People<'_>,
    events: &[(Event, WireEvent)],
    first_event: i64,
    page: Option<&Url>,
) -> Option<Words> {
    let sentences = language.sentences();
    let visible = || events.iter().filter(|(row, _)| is_visible(row));
    let (before, after): (Vec<_>, Vec<_>) =
        visible().partition(|(row, _)| row.number < first_event);
    let mut body = String::new();
    let mut author = None;
    for (row, event) in after {
        let name = row.author_id.as_ref().and_then(|id| people.agents.get(id));
        let (Some(name), Some(text)) = (name, text_of(&event.body, sentences)) else {
            continue;
        };
        if author != Some(name) {
            let (name, team) = (one_line(name, NAME_MAX_BYTES), team(people, sentences));
            let _ = writeln!(body, "{name} ({team}):\n");
            author = row.author_id.as_ref().and_then(|id| people.agents.get(id));
        }
        let _ = writeln!(body, "{}\n", clean(&text));
        if body.len() > ANSWERS_MAX_BYTES {
            body = cut(&body, ANSWERS_MAX_BYTES, sentences);
            body += "\n\n";
            break;
        }
    }
    author?;
    let by_visitor = |row: &Event| row.author_id.as_ref() == Some(&people.customer);
    let question = before
        .iter()
        .rev()
        .find_map(|(row, event)| match &event.body {
            EventBody::Message(message) if by_visitor(row) => Some(&message.text),
            _ => None,
        });
    if let Some(question) = question {
        let _ = writeln!(body, "{}", sentences.you_wrote);
        for line in cut(&clean(question), QUOTE_MAX_BYTES, sentences).lines() {
            let _ = writeln!(body, "> {line}");
        }
        body.push('\n');
    }
    if let Some(page) = page {
        let _ = writeln!(body, "{}\n{page}", sentences.continue_here);
    }
    Some(Words {
        subject: subject(sentences.answer_subject, &team(people, sentences)),
        body,
    })
}

/// A visitor has left a message, or asks for a callback. `group`: the name of the group that is to answer;
/// `console`: its address, if it is known.
pub(super) fn alert(
    language: Language,
    visitor: Option<&str>,
    deployment: &str,
    group: Option<&str>,
    text: &str,
    callback: Option<&Callback>,
    console: Option<&str>,
) -> Words {
    let sentences = language.sentences();
    let visitor = visitor.unwrap_or(sentences.a_visitor);
    let visitor = one_line(visitor, NAME_MAX_BYTES);
    let place = match group {
        Some(group) => format!("{deployment}, {group}"),
        None => deployment.to_owned(),
    };
    let place = one_line(&place, 2 * NAME_MAX_BYTES);
    let mut body = format!("{}\n\n", sentences.for_group.replacen("{}", &place, 1));
    if let Some(phone) = callback.and_then(|callback| callback.phone.as_ref()) {
        let phone = one_line(phone, NAME_MAX_BYTES);
        let _ = writeln!(body, "{}\n", sentences.phone.replacen("{}", &phone, 1));
    }
    for line in cut(&clean(text), ALERT_TEXT_MAX_BYTES, sentences).lines() {
        let _ = writeln!(body, "> {line}");
    }
    if let Some(console) = console {
        let _ = writeln!(body, "\n{}\n{console}", sentences.answer_here);
    }
    Words {
        subject: match callback {
            Some(_) => subject(sentences.callback_subject, &visitor),
            None => subject(sentences.alert_subject, &visitor),
        },
        body,
    }
}

/// A whole conversation. When it is too long, its beginning is left out. `None` when
/// no agent has written in it.
pub(super) fn transcript(
    language: Language,
    people: &People<'_>,
    events: &[(Event, WireEvent)],
    page: Option<&Url>,
) -> Option<Words> {
    let sentences = language.sentences();
    let by_agent = |row: &Event| {
        let author = row.author_id.as_ref();
        is_visible(row) && author.is_some_and(|id| people.agents.contains_key(id))
    };
    if !events.iter().any(|(row, _)| by_agent(row)) {
        return None;
    }
    let mut entries = Vec::new();
    let (mut bytes, mut is_whole) = (0, true);
    for (row, event) in events.iter().rev().filter(|(row, _)| is_visible(row)) {
        let Some(text) = text_of(&event.body, sentences) else {
            continue;
        };
        let Some(author) = row.author_id.as_ref() else {
            continue;
        };
        let name = match author == &people.customer {
            true => people.customer_name.unwrap_or(sentences.a_visitor),
            false => match people.agents.get(author) {
                Some(name) => name,
                None => &team(people, sentences),
            },
        };
        let (name, at) = (one_line(name, NAME_MAX_BYTES), time(row.created_at));
        let entry = format!("{at}  {name}:\n{}\n\n", clean(&text));
        bytes += entry.len();
        if bytes > TRANSCRIPT_MAX_BYTES {
            is_whole = false;
            break;
        }
        entries.push(entry);
    }
    entries.reverse();
    let mut body = String::new();
    if !is_whole {
        let _ = writeln!(body, "{}\n", sentences.earlier_left_out);
    }
    body.extend(entries);
    let _ = writeln!(body, "{}", sentences.times_are_utc);
    if let Some(page) = page {
        let _ = writeln!(body, "\n{}\n{page}", sentences.continue_here);
    }
    Some(Words {
        subject: subject(sentences.transcript_subject, &team(people, sentences)),
        body,
    })
}

/// The page for a mail, if it is one of the site: whoever makes a request can name
/// any. Without query and fragment, which may hold secrets.
pub(super) fn page_of_site(
    page: &str,
    deployment: &Deployment,
    public_url: Option<&str>,
) -> Option<Url> {
    let mut url = Url::parse(page).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    if !origin::may_embed(deployment, &origin, None, public_url) {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    // The parts before the host can say anything.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

/// The address that the visitor has given in a form.
pub(crate) fn address_in(form: &FilledForm) -> Option<&str> {
    let takes_address = |kind: &FieldKind, id: &str| {
        *kind == FieldKind::Email || *kind == FieldKind::Contact || id == CONTACT_FIELD
    };
    form.fields
        .iter()
        .filter(|field| takes_address(&field.kind, &field.id.id()))
        .find_map(|field| field.answer.as_ref()?.text())
        .filter(|text| looks_like_email(text.trim()))
}

fn is_visible(row: &Event) -> bool {
    row.visibility == Visibility::All
}

/// What a person reads of an event; `None` for what is not for people, and for the
/// endpoint's own messages.
fn text_of(body: &EventBody, sentences: &Sentences) -> Option<String> {
    match body {
        EventBody::Message(message) => Some(message.text.clone()),
        EventBody::File(file) => {
            let name = file.name.as_deref().unwrap_or_default();
            let name = one_line(name, NAME_MAX_BYTES);
            Some(sentences.file.replacen("{}", &name, 1))
        }
        EventBody::Form(_) | EventBody::RichMessage(_) => Some(sentences.see_the_chat.to_owned()),
        EventBody::FilledForm(form) => {
            let lines: Vec<String> = form.fields.iter().filter_map(filled_line).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        EventBody::Custom(_) | EventBody::SystemMessage(_) | EventBody::Unknown { .. } => None,
    }
}

fn filled_line(field: &FilledField) -> Option<String> {
    let several = field.answers.iter().flatten();
    let answers = field.answer.iter().chain(several);
    let texts: Vec<&str> = answers.filter_map(|answer| answer.text()).collect();
    (!texts.is_empty()).then(|| format!("{}: {}", field.label, texts.join(", ")))
}

fn team(people: &People<'_>, sentences: &Sentences) -> String {
    let name = one_line(people.team, NAME_MAX_BYTES);
    match name.is_empty() {
        true => sentences.our_team.to_owned(),
        false => name,
    }
}

fn subject(sentence: &str, name: &str) -> String {
    one_line(&sentence.replacen("{}", name, 1), SUBJECT_MAX_BYTES)
}

/// Without line breaks and other control characters: a name ends no header.
fn one_line(text: &str, max_bytes: usize) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = line.filter(|word| !word.is_empty()).collect();
    shortened(&words.join(" "), max_bytes).to_owned()
}

/// Without control characters but line breaks and tabs.
fn clean(text: &str) -> String {
    let keeps = |c: &char| matches!(c, '\n' | '\t') || !c.is_control();
    text.trim().chars().filter(keeps).collect()
}

fn cut(text: &str, max_bytes: usize, sentences: &Sentences) -> String {
    let short = shortened(text, max_bytes);
    match short.len() == text.len() {
        true => short.to_owned(),
        false => format!("{short} …\n{}", sentences.cut),
    }
}

/// The longest beginning with so many bytes that ends between characters.
fn shortened(text: &str, max_bytes: usize) -> &str {
    let end = text.floor_char_boundary(max_bytes);
    text.get(..end).unwrap_or(text)
}

/// `2026-11-30 12:04`, in UTC.
fn time(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    text.get(..16).unwrap_or(&text).replace('T', " ")
}
