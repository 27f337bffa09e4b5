//! What one event holds, as a view can show it: plain values, in which every address is one that may
//! be followed or loaded. Nothing here is markup, and no sentence is made up.

use parlor_wire::event::{
    Answer, Button, ButtonKind, Element, File, FilledField, Form, Image, RichMessage,
    SystemMessage, Template,
};
use parlor_wire::{EventBody, User, UserId};
use serde_json::Value;

use super::address;
use super::chat::Chat;

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// Plain text.
    Text(String),
    /// Plain text that came of pressing a button.
    Chosen(String),
    /// Questions that were asked.
    Questions(Vec<Question>),
    /// Questions with their answers.
    Answers(Vec<(String, String)>),
    /// A file.
    File(Attached),
    /// Cards, quick replies or a sticker.
    Rich(Look, Vec<Card>),
    /// Something happened.
    System(String),
    /// What two programs tell each other, as JSON; empty when it is nothing.
    Custom(String),
    /// A kind that this console does not show, by its name.
    Other(String),
}

/// How a rich message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// Side by side.
    Cards,
    /// A question and what can be answered.
    QuickReplies,
    /// A picture alone.
    Sticker,
}

/// One card, sticker, or set of replies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Card {
    /// In bold.
    pub title: Option<String>,
    /// Below it.
    pub subtitle: Option<String>,
    /// Above both.
    pub picture: Option<Picture>,
    /// What can be pressed.
    pub buttons: Vec<Press>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Picture {
    /// From where; none when it may not be fetched.
    pub url: Option<String>,
    /// The same for dense screens.
    pub dense_url: Option<String>,
    /// What is to be seen, in words; empty when nobody said.
    pub alternative: String,
    /// Width and height in pixels, when they are known: its room is kept free.
    pub size: Option<(u64, u64)>,
}

/// Something that the visitor can press.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Press {
    /// As they read it.
    pub text: String,
    /// Where it leads, when it leads to an address that may be followed.
    pub leads_to: Option<String>,
    /// What it says or would open, in words.
    pub value: Option<String>,
    /// Who has it pressed, by name.
    pub by: Vec<String>,
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// As it is asked.
    pub label: String,
    /// It must be answered.
    pub required: bool,
    /// What can be chosen.
    pub options: Vec<String>,
}

/// A file by its address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attached {
    /// As the person's machine calls it.
    pub name: String,
    /// Where it is; none when it may not be followed.
    pub url: Option<String>,
    /// A small picture of it, when it is one.
    pub picture: Option<Picture>,
    /// In bytes.
    pub size: Option<u64>,
}

impl Chat {
    /// What there is to see of an event; `origin` is this page's own.
    pub(super) fn content(&self, body: &EventBody, origin: &str) -> Body {
        match body {
            EventBody::Message(message) if message.postback.is_some() => {
                Body::Chosen(message.text.clone())
            }
            EventBody::Message(message) => Body::Text(message.text.clone()),
            EventBody::Form(form) => Body::Questions(questions(form)),
            EventBody::FilledForm(form) => Body::Answers(answers(&form.fields)),
            EventBody::File(file) => Body::File(attached(file, body.text_form(), origin)),
            EventBody::RichMessage(rich) => match look(rich) {
                Some(look) => {
                    let cards = rich.elements().iter().map(|it| self.card(it, origin));
                    Body::Rich(look, cards.collect())
                }
                None => Body::Other(format!("{} {}", body.kind(), rich.template_id.as_str())),
            },
            EventBody::SystemMessage(system) => Body::System(told(system)),
            EventBody::Custom(custom) => Body::Custom(
                custom
                    .content
                    .as_ref()
                    .and_then(|content| serde_json::to_string_pretty(content).ok())
                    .unwrap_or_default(),
            ),
            EventBody::Unknown { kind, .. } => Body::Other(kind.clone()),
        }
    }

    fn card(&self, element: &Element, origin: &str) -> Card {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        Card {
            title: filled(&element.title),
            subtitle: filled(&element.subtitle),
            picture: element.image.as_ref().map(|image| picture(image, origin)),
            buttons: element
                .buttons()
                .iter()
                .map(|button| self.press(button))
                .collect(),
        }
    }

    fn press(&self, button: &Button) -> Press {
        let value = button.value.clone().filter(|value| !value.is_empty());
        let leads_to = value.as_deref().and_then(|value| match button.kind {
            Some(ButtonKind::Phone) => address::phone(value),
            Some(ButtonKind::Url | ButtonKind::Webview) => {
                address::may_follow(value).then(|| value.to_owned())
            }
            _ => None,
        });
        Press {
            text: button.text.clone(),
            leads_to,
            value: value.filter(|value| *value != button.text),
            by: button
                .user_ids
                .iter()
                .flatten()
                .map(|id| self.name_of(id))
                .collect(),
        }
    }

    /// Somebody's name, or what stands for it.
    pub(super) fn name_of(&self, id: &UserId) -> String {
        let name = match self.is_customer(id) {
            true => self.name(),
            false => self.user(id).and_then(User::name).map(str::to_owned),
        };
        name.unwrap_or_else(|| id.to_string())
    }
}

fn look(rich: &RichMessage) -> Option<Look> {
    match rich.template_id {
        Template::Cards => Some(Look::Cards),
        Template::QuickReplies => Some(Look::QuickReplies),
        Template::Sticker => Some(Look::Sticker),
        Template::Other(_) => None,
    }
}

fn picture(image: &Image, origin: &str) -> Picture {
    Picture {
        url: address::may_load(&image.url, origin).then(|| image.url.clone()),
        dense_url: None,
        alternative: image.alternative_text.clone().unwrap_or_default(),
        size: image.width.zip(image.height).filter(has_area),
    }
}

fn attached(file: &File, name: String, origin: &str) -> Attached {
    let is_image = file.thumbnail_url.is_some()
        || file
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("image/"));
    let loadable = |url: &&String| address::may_load(url, origin);
    let small = file.thumbnail_url.as_ref().unwrap_or(&file.url);
    // Where it is written, a space or a comma would begin another address.
    let is_one = |url: &&String| !url.contains(|it: char| it.is_whitespace() || it == ',');
    let dense = file.thumbnail2x_url.as_ref();
    let dense = dense.filter(loadable).filter(is_one);
    let picture = is_image.then(|| Picture {
        url: Some(small).filter(loadable).cloned(),
        dense_url: dense.cloned(),
        alternative: file
            .alternative_text
            .clone()
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| name.clone()),
        size: file.width.zip(file.height).filter(has_area),
    });
    Attached {
        name,
        url: address::may_follow(&file.url).then(|| file.url.clone()),
        picture: picture.filter(|picture| picture.url.is_some()),
        size: file.size,
    }
}

fn has_area(size: &(u64, u64)) -> bool {
    size.0 > 0 && size.1 > 0
}

fn questions(form: &Form) -> Vec<Question> {
    form.fields
        .iter()
        .map(|field| Question {
            label: field.label.trim().to_owned(),
            required: field.required == Some(true),
            options: field
                .options
                .iter()
                .flatten()
                .map(|option| option.label.clone())
                .collect(),
        })
        .collect()
}

/// The questions that were answered, with their answers.
pub(super) fn answers(fields: &[FilledField]) -> Vec<(String, String)> {
    fields
        .iter()
        .filter_map(|field| {
            let given: Vec<&str> = field
                .answer
                .iter()
                .chain(field.answers.iter().flatten())
                .filter_map(Answer::text)
                .filter(|text| !text.trim().is_empty())
                .collect();
            let label = field.label.trim().trim_end_matches(':').to_owned();
            (!given.is_empty()).then(|| (label, given.join(", ")))
        })
        .collect()
}

/// The sentence, with its variables filled in; what happened, where there is no sentence.
fn told(system: &SystemMessage) -> String {
    let Some(text) = system.text.as_ref().filter(|text| !text.trim().is_empty()) else {
        return system.system_message_type.clone();
    };
    let Some(vars) = &system.text_vars else {
        return text.clone();
    };
    // From left to right and once: what a variable holds is not looked at again.
    let mut filled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, after)| Some((vars.get(name)?, after)));
        match known {
            Some((Value::String(value), after)) => {
                filled.push_str(value);
                rest = after;
            }
            Some((value, after)) => {
                filled.push_str(&value.to_string());
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use parlor_wire::{Event, decode_value};
    use serde_json::{Value, json};

    use super::super::chat::{Chat, Fetch};
    use super::*;

    const OURS: &str = "http://127.0.0.1:8080";

    fn shown(event: Value) -> Body {
        let event: Event = decode_value(event).unwrap();
        Chat::new("A".into(), Fetch::Idle).content(&event.body, OURS)
    }

    #[test]
    fn variables_are_filled_in_once() {
        for (text, vars, wanted) in [
            ("{agent} left", json!({ "agent": "Ada" }), "Ada left"),
            ("{a}{b}", json!({ "a": "{b}", "b": 2 }), "{b}2"),
            ("{ {x} }{", json!({ "x": "y" }), "{ y }{"),
            ("{nobody} left", json!({ "agent": "Ada" }), "{nobody} left"),
            ("plain", Value::Null, "plain"),
        ] {
            let body = shown(
                json!({ "type": "system_message", "system_message_type": "x",
                "text": text, "text_vars": vars }),
            );
            assert_eq!(body, Body::System(wanted.to_owned()));
        }
        let body = shown(json!({ "type": "system_message", "system_message_type": "a.b" }));
        assert_eq!(body, Body::System("a.b".to_owned()));
    }

    #[test]
    fn buttons_lead_only_where_one_may_go() {
        let button =
            |kind: &str, value: &str| json!({ "text": "Go", "type": kind, "value": value });
        let body = shown(
            json!({ "type": "rich_message", "template_id": "cards", "elements": [
            { "title": " ", "buttons": [
                button("url", "https://x/1"), button("url", "javascript:alert(1)"),
                button("webview", "data:text/html,x"), button("phone", "790034890"),
                button("phone", "javascript:1"), button("message", "Yes please"),
                button("teleport", "https://x/2"), { "text": "Well" } ] }] }),
        );
        let Body::Rich(Look::Cards, cards) = body else {
            panic!("{body:?}");
        };
        assert_eq!(cards[0].title, None);
        let leads: Vec<_> = cards[0]
            .buttons
            .iter()
            .map(|button| button.leads_to.as_deref())
            .collect();
        assert_eq!(
            leads,
            [
                Some("https://x/1"),
                None,
                None,
                Some("tel:790034890"),
                None,
                None,
                None,
                None
            ]
        );
        assert_eq!(cards[0].buttons[5].value.as_deref(), Some("Yes please"));
    }

    #[test]
    fn pictures_of_elsewhere_are_words() {
        let body = shown(
            json!({ "type": "rich_message", "template_id": "sticker", "elements": [
            { "image": { "url": "http://x/cat.png", "alternative_text": "A cat" } }] }),
        );
        let Body::Rich(Look::Sticker, cards) = body else {
            panic!("{body:?}");
        };
        let picture = cards[0].picture.as_ref().unwrap();
        assert_eq!(
            (picture.url.as_deref(), picture.alternative.as_str()),
            (None, "A cat")
        );
    }

    #[test]
    fn files_are_pictures_or_names() {
        let ours = format!("{OURS}/chat/files/x");
        let body = shown(
            json!({ "type": "file", "name": "cat.png", "url": format!("{ours}/file"),
            "thumbnail_url": format!("{ours}/thumb"),
            "thumbnail2x_url": "https://x/a, http://y/b 3x", "content_type": "image/png",
            "width": 640, "height": 480, "size": 2048 }),
        );
        let Body::File(file) = body else {
            panic!("{body:?}");
        };
        let picture = file.picture.unwrap();
        assert_eq!(picture.url, Some(format!("{ours}/thumb")));
        assert_eq!((picture.dense_url, picture.size), (None, Some((640, 480))));
        assert_eq!(picture.alternative, "cat.png");
        let body = shown(json!({ "type": "file", "name": "x.pdf", "url": "javascript:1" }));
        let Body::File(file) = body else {
            panic!("{body:?}");
        };
        assert_eq!(
            (file.name.as_str(), file.url, file.picture),
            ("x.pdf", None, None)
        );
    }

    #[test]
    fn what_is_not_known_is_told_by_its_name() {
        assert_eq!(
            shown(json!({ "type": "hologram", "text": "<b>" })),
            Body::Other("hologram".to_owned())
        );
        let odd = json!({ "type": "rich_message", "template_id": "maze", "elements": [] });
        assert_eq!(shown(odd), Body::Other("rich_message maze".to_owned()));
        assert_eq!(
            shown(json!({ "type": "custom", "content": { "a": 1 } })),
            Body::Custom("{\n  \"a\": 1\n}".to_owned())
        );
        assert_eq!(
            shown(json!({ "type": "custom" })),
            Body::Custom(String::new())
        );
    }
}
