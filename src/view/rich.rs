//! Rich messages: cards, quick replies, stickers, and the buttons in them.
//! What a press means is the session's to decide; until the endpoint has confirmed
//! it, the button shows as pending.
//!
//! Must stay true: a button leads only to the web, a mailbox or a telephone;
//! one that would lead elsewhere is shown as text.

use std::sync::Arc;

use leptos::{ev::MouseEvent, prelude::*};
use parlor_session::{Intent, Press};
use parlor_wire::{
    event::{Button, ButtonKind, Element, Image, LinkTarget, RichMessage, Template},
    limits::{BUTTONS_MAX, RICH_ELEMENTS_MAX},
};
use wasm_bindgen::JsCast;
use web_sys::Node;

use super::{
    address::{is_of_web, may_lead},
    carousel::Carousel,
    context::{ChatContext, chat},
    picture::{Picture, size},
    sheet,
};
use crate::erased::{Built, IntoBuilt, When};
use crate::store::Row;

/// The largest that pictures are shown, in pixels.
const CARD_IMAGE: (u64, u64) = (260, 320);
const STICKER: (u64, u64) = (160, 160);

#[component]
pub(super) fn Rich(row: Arc<Row>, rich: RichMessage) -> impl IntoView {
    let elements = rich.elements.unwrap_or_default().into_iter();
    let elements = elements.take(RICH_ELEMENTS_MAX);
    match rich.template_id {
        Template::Sticker => {
            let images = elements
                .filter_map(|element| element.image)
                .map(|image| image_within(image, STICKER, None))
                .collect::<Vec<_>>();
            view! { <div class="rich-sticker">{images}</div> }.built()
        }
        Template::QuickReplies => {
            let replies = elements
                .enumerate()
                .map(|(n, element)| view! { <QuickReplies row=row.clone() n element /> }.built())
                .collect::<Vec<_>>();
            view! { <div class="rich-asked">{replies}</div> }.built()
        }
        Template::Cards | Template::Other(_) => {
            let cards = elements
                .enumerate()
                .map(|(n, element)| view! { <Card row=row.clone() n element /> }.built())
                .collect::<Vec<_>>();
            view! { <Carousel cards /> }.built()
        }
    }
}

/// One element of `cards`, the `n`th of its message.
#[component]
fn Card(row: Arc<Row>, n: usize, element: Element) -> impl IntoView {
    let image = element.image.clone();
    let image = image.map(|image| image_within(image, CARD_IMAGE, Some("rich-image")));
    view! {
        <div class="rich-card" role="group" aria-label=element.title.clone()>
            {image}
            {heading(&element, "rich-words")}
            {buttons(&row, n, &element)}
        </div>
    }
    .built()
}

/// One element of `quick_replies`, the `n`th of its message: chips that go once one is chosen.
#[component]
fn QuickReplies(row: Arc<Row>, n: usize, element: Element) -> impl IntoView {
    let image = element.image.clone();
    let image = image.map(|image| image_within(image, CARD_IMAGE, None));
    let heading = heading(&element, "message-bubble");
    let asked = row.clone();
    let is_open = move || {
        let details = asked.details();
        !details.done.get() && details.pressed.with(Vec::is_empty)
    };
    view! {
        <div class="rich-asked">
            {image}
            {heading}
            <When when=is_open>
                <div class="rich-chips" role="group" aria-label=element.title.clone()>
                    {buttons(&row, n, &element)}
                </div>
            </When>
        </div>
    }
    .built()
}

fn image_within(image: Image, within: (u64, u64), class: Option<&'static str>) -> Built {
    let words = image.alternative_text.or(image.name).unwrap_or_default();
    let size = size(image.width, image.height);
    match class {
        Some(class) => view! { <Picture class address=image.url words size within /> }.built(),
        None => view! { <Picture address=image.url words size within /> }.built(),
    }
}

/// None where there is neither title nor subtitle.
fn heading(element: &Element, class: &'static str) -> Option<Built> {
    let line = |class: &'static str, words: &Option<String>| {
        let words = words.clone().filter(|words| !words.is_empty())?;
        Some(view! { <p class=class>{words}</p> }.built())
    };
    let title = line("rich-title", &element.title);
    let subtitle = line("rich-subtitle", &element.subtitle);
    (title.is_some() || subtitle.is_some()).then(|| {
        view! {
            <div class=class dir="auto">
                {title}
                {subtitle}
            </div>
        }
        .built()
    })
}

/// The buttons of the `element`th element.
fn buttons(row: &Arc<Row>, element: usize, of: &Element) -> Vec<Built> {
    let buttons = of.buttons().iter().take(BUTTONS_MAX).enumerate();
    buttons
        .map(|(n, button)| {
            let button = button.clone();
            view! { <RichButton row=row.clone() element n button /> }.built()
        })
        .collect()
}

/// The `n`th button of the `element`th element.
#[component]
fn RichButton(row: Arc<Row>, element: usize, n: usize, button: Button) -> impl IntoView {
    let chat = chat();
    let value = button.value.clone().unwrap_or_default();
    let pressed = {
        let (row, id) = (row.clone(), button.postback_id.clone().unwrap_or_default());
        Signal::derive(move || {
            let pressed = &row.details().pressed;
            pressed.with(|pressed| press_of(pressed, &id))
        })
    };
    let class = move || match pressed.get() {
        Some(Press::On) => "rich-button on",
        Some(Press::Pending) => "rich-button pending",
        None => "rich-button",
    };
    let press = {
        let line = row.line.id.clone();
        let (kind, height) = (button.kind.clone(), button.webview_height.clone());
        let (name, address) = (button.text.clone(), value.clone());
        move |event: MouseEvent| {
            chat.send(Intent::Press {
                line: line.clone(),
                element,
                button: n,
            });
            if kind == Some(ButtonKind::Webview) {
                sheet::open_webview(chat, &name, &address, height.as_ref());
            }
            focus_next(chat, &event);
        }
    };
    let text = button.text;
    let href = match &button.kind {
        Some(ButtonKind::Url) => Some(may_lead(&value).then_some(value)),
        Some(ButtonKind::Phone) => Some(number(&value)),
        Some(ButtonKind::Webview) if !is_of_web(&value) => Some(None),
        _ => None,
    };
    match href {
        None => {
            // Buttons that open something do not stay pressed.
            let toggles = button.kind != Some(ButtonKind::Webview);
            // A press that is answered needs somebody to answer it.
            let disabled = move || toggles && !chat.is_open();
            let aria_pressed =
                move || toggles.then(|| (pressed.get() == Some(Press::On)).to_string());
            view! {
                <button
                    class=class
                    type="button"
                    dir="auto"
                    disabled=disabled
                    aria-pressed=aria_pressed
                    on:click=press
                >
                    {text}
                </button>
            }
            .built()
        }
        Some(Some(href)) => {
            let (target, rel) = match (&button.kind, &button.target) {
                (Some(ButtonKind::Phone), _) => (None, None),
                // A frame may navigate the page around it when somebody has just pressed.
                (_, Some(LinkTarget::Current)) => (Some("_top"), Some("noopener noreferrer")),
                _ => (Some("_blank"), Some("noopener noreferrer")),
            };
            view! {
                <a class=class dir="auto" href=href target=target rel=rel on:click=press>
                    {text}
                </a>
            }
            .built()
        }
        Some(None) => view! {
            <span class="rich-button" dir="auto">
                {text}
            </span>
        }
        .built(),
    }
}

fn press_of(pressed: &[(String, Press)], id: &str) -> Option<Press> {
    let found = pressed.iter().find(|(postback, _)| postback == id);
    found.map(|(_, press)| *press)
}

/// Where a button that was pressed by keyboard has gone with the press, the focus goes to the
/// next thing to do.
fn focus_next(chat: ChatContext, event: &MouseEvent) {
    let is_there = |target: web_sys::EventTarget| target.unchecked_ref::<Node>().is_connected();
    let by_keyboard = event.detail() == 0;
    let target = event.target();
    if by_keyboard {
        // The views follow the press in a microtask.
        request_animation_frame(move || {
            if !target.is_some_and(is_there) {
                chat.request_focus();
            }
        });
    }
}

/// The address of what a telephone can dial; none when there is nothing to.
fn number(value: &str) -> Option<String> {
    let dialled = |c: &char| c.is_ascii_digit() || matches!(c, '+' | '*' | '#');
    let number: String = value.chars().filter(dialled).collect();
    (!number.is_empty()).then(|| "tel:".to_owned() + &number.replace('#', "%23"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_dialled_is_a_number() {
        assert_eq!(number("+48 (12) 34-56").as_deref(), Some("tel:+48123456"));
        assert_eq!(number("tel:*100#").as_deref(), Some("tel:*100%23"));
        assert_eq!(number("javascript:alert"), None);
    }

    #[test]
    fn a_button_shows_the_press_of_its_postback() {
        let pressed = [
            ("a".to_owned(), Press::On),
            ("b".to_owned(), Press::Pending),
        ];
        assert_eq!(press_of(&pressed, "b"), Some(Press::Pending));
        assert_eq!(press_of(&pressed, ""), None);
    }
}
