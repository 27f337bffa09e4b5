//! The content of one event as plain values that a view can render. Every URL in them is safe to be
//! linked or loaded. No markup and no sentences are made here.

use parlor_wire::event::{
    Answer, Button, ButtonKind, Element, File, FilledField, Form, Image, RichMessage,
    SystemMessage, Template,
};
use parlor_wire::{EventBody, User, UserId};
use serde_json::Value;

use super::chat::Chat;
use super::url_safety;

/// The type of the server's system message about the comment to a rating.
const RATING_COMMENTED: &str = "rating.chat_commented";

/// The content of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// Plain text.
    Text(String),
    /// The text of a button that the visitor chose.
    ButtonReply(String),
    /// A form: its questions.
    Questions(Vec<Question>),
    /// A filled form: questions and answers.
    Answers(Vec<(String, String)>),
    /// A file.
    File(FileView),
    /// A rich message.
    Rich(RichLayout, Vec<Card>),
    /// A system message.
    System(String),
    /// A custom event: its content as JSON text; empty if it has none.
    Custom(String),
    /// An event type that the console does not know: its name.
    Other(String),
}

/// How a rich message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RichLayout {
    /// Cards, side by side.
    Cards,
    /// A question with buttons as possible answers.
    QuickReplies,
    /// A single image.
    Sticker,
}

/// One element of a rich message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Card {
    /// The title.
    pub title: Option<String>,
    /// The text below the title.
    pub subtitle: Option<String>,
    /// The image above the title.
    pub image: Option<ImageView>,
    /// The buttons.
    pub buttons: Vec<ButtonView>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageView {
    /// Its URL; none if it is not safe to load.
    pub url: Option<String>,
    /// The URL of its version for screens of twice the pixel density.
    pub url_2x: Option<String>,
    /// Its alternative text; empty if there is none.
    pub alt: String,
    /// Width and height in pixels, if known, so that space is reserved before it is loaded.
    pub size: Option<(u64, u64)>,
}

/// A button of a rich message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ButtonView {
    /// Its label.
    pub text: String,
    /// The address it opens; none if it opens none, or if that is not safe.
    pub href: Option<String>,
    /// Its value, if it differs from the label.
    pub value: Option<String>,
    /// The names of the users who have it pressed.
    pub pressed_by: Vec<String>,
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Its label.
    pub label: String,
    /// Whether an answer is required.
    pub required: bool,
    /// The options, for questions with a choice.
    pub options: Vec<String>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// Its URL; none if that is not safe to be linked.
    pub url: Option<String>,
    /// A preview, if the file is an image.
    pub image: Option<ImageView>,
    /// Its size, in bytes.
    pub size: Option<u64>,
    /// The site keeps it no longer: only its name is left.
    pub is_deleted: bool,
}

impl Chat {
    /// Converts the content of an event. `origin` is this page's own.
    pub(super) fn content(&self, body: &EventBody, origin: &str) -> Body {
        match body {
            EventBody::Message(message) if message.postback.is_some() => {
                Body::ButtonReply(message.text.clone())
            }
            EventBody::Message(message) => Body::Text(message.text.clone()),
            EventBody::Form(form) => Body::Questions(questions(form)),
            EventBody::FilledForm(form) => Body::Answers(answers(&form.fields)),
            EventBody::File(file) => Body::File(file_view(file, body.text_form(), origin)),
            EventBody::RichMessage(rich) => match rich_layout(rich) {
                Some(layout) => {
                    let cards = rich.elements().iter().map(|it| self.card(it, origin));
                    Body::Rich(layout, cards.collect())
                }
                None => Body::Other(format!("{} {}", body.kind(), rich.template_id.as_str())),
            },
            EventBody::SystemMessage(system) => Body::System(system_text(system)),
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
            image: element
                .image
                .as_ref()
                .map(|image| image_view(image, origin)),
            buttons: element
                .buttons()
                .iter()
                .map(|button| self.button_view(button))
                .collect(),
        }
    }

    fn button_view(&self, button: &Button) -> ButtonView {
        let value = button.value.clone().filter(|value| !value.is_empty());
        let href = value.as_deref().and_then(|value| match button.kind {
            Some(ButtonKind::Phone) => url_safety::tel_href(value),
            Some(ButtonKind::Url | ButtonKind::Webview) => {
                url_safety::is_safe_link(value).then(|| value.to_owned())
            }
            _ => None,
        });
        ButtonView {
            text: button.text.clone(),
            href,
            value: value.filter(|value| *value != button.text),
            pressed_by: button
                .user_ids
                .iter()
                .flatten()
                .map(|id| self.name_of(id))
                .collect(),
        }
    }

    /// The name of a user, or their id if the name is not known.
    pub(super) fn name_of(&self, id: &UserId) -> String {
        let name = match self.is_customer(id) {
            true => self.name(),
            false => self.user(id).and_then(User::name).map(str::to_owned),
        };
        name.unwrap_or_else(|| id.to_string())
    }
}

fn rich_layout(rich: &RichMessage) -> Option<RichLayout> {
    match rich.template_id {
        Template::Cards => Some(RichLayout::Cards),
        Template::QuickReplies => Some(RichLayout::QuickReplies),
        Template::Sticker => Some(RichLayout::Sticker),
        Template::Other(_) => None,
    }
}

fn image_view(image: &Image, origin: &str) -> ImageView {
    ImageView {
        url: url_safety::is_safe_image(&image.url, origin).then(|| image.url.clone()),
        url_2x: None,
        alt: image.alternative_text.clone().unwrap_or_default(),
        size: image.width.zip(image.height).filter(has_area),
    }
}

fn file_view(file: &File, name: String, origin: &str) -> FileView {
    let is_image = file.thumbnail_url.is_some()
        || file
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("image/"));
    let loadable = |url: &&String| url_safety::is_safe_image(url, origin);
    let small = file.thumbnail_url.as_ref().unwrap_or(&file.url);
    // In `srcset` a space or a comma would begin another candidate.
    let is_one = |url: &&String| !url.contains(|it: char| it.is_whitespace() || it == ',');
    let dense = file.thumbnail2x_url.as_ref();
    let dense = dense.filter(loadable).filter(is_one);
    let image = is_image.then(|| ImageView {
        url: Some(small).filter(loadable).cloned(),
        url_2x: dense.cloned(),
        alt: file
            .alternative_text
            .clone()
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| name.clone()),
        size: file.width.zip(file.height).filter(has_area),
    });
    FileView {
        name,
        url: url_safety::is_safe_link(&file.url).then(|| file.url.clone()),
        image: image.filter(|image| image.url.is_some()),
        size: file.size,
        is_deleted: file.url.is_empty(),
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

/// The answered questions of a form, with their answers.
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

/// The text of a system message with its variables replaced; its type, if it has no text.
fn system_text(system: &SystemMessage) -> String {
    let Some(text) = system.text.as_ref().filter(|text| !text.trim().is_empty()) else {
        return system.system_message_type.clone();
    };
    let Some(vars) = &system.text_vars else {
        return text.clone();
    };
    // The server's text leaves it to clients where the comment is shown.
    if system.system_message_type == RATING_COMMENTED
        && let Some(Value::String(comment)) = vars.get("comment")
        && !text.contains("{comment}")
    {
        return format!("{text}: {comment}");
    }
    // From left to right, once: the value of a variable is not expanded again.
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
    fn variables_are_replaced_once() {
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

    // The server writes "The visitor commented on the chat", and what they wrote is a variable.
    #[test]
    fn a_rating_shows_its_comment() {
        let body = shown(json!({ "type": "system_message",
            "system_message_type": "rating.chat_commented",
            "text": "The visitor commented on the chat",
            "text_vars": { "customer": "Ada", "comment": "Very {kind}" } }));
        let wanted = "The visitor commented on the chat: Very {kind}";
        assert_eq!(body, Body::System(wanted.to_owned()));
    }

    #[test]
    fn buttons_open_only_safe_urls() {
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
        let Body::Rich(RichLayout::Cards, cards) = body else {
            panic!("{body:?}");
        };
        assert_eq!(cards[0].title, None);
        let links: Vec<_> = cards[0]
            .buttons
            .iter()
            .map(|button| button.href.as_deref())
            .collect();
        assert_eq!(
            links,
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
    fn unsafe_image_shows_its_alternative_text() {
        let body = shown(
            json!({ "type": "rich_message", "template_id": "sticker", "elements": [
            { "image": { "url": "http://x/cat.png", "alternative_text": "A cat" } }] }),
        );
        let Body::Rich(RichLayout::Sticker, cards) = body else {
            panic!("{body:?}");
        };
        let image = cards[0].image.as_ref().unwrap();
        assert_eq!((image.url.as_deref(), image.alt.as_str()), (None, "A cat"));
    }

    #[test]
    fn image_files_have_a_preview() {
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
        let image = file.image.unwrap();
        assert_eq!(image.url, Some(format!("{ours}/thumb")));
        assert_eq!((image.url_2x, image.size), (None, Some((640, 480))));
        assert_eq!(image.alt, "cat.png");
        let body = shown(json!({ "type": "file", "name": "x.pdf", "url": "javascript:1" }));
        let Body::File(file) = body else {
            panic!("{body:?}");
        };
        assert_eq!(
            (file.name.as_str(), file.url, file.image),
            ("x.pdf", None, None)
        );
    }

    #[test]
    fn unknown_content_shows_its_type() {
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
