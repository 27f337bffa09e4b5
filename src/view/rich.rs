//! Rich messages: cards, quick replies, stickers, and what is pressed in them.
//! What a press means is the session's to say; here it looks pending until the
//! session knows it confirmed.
//!
//! Must stay true: a button leads only to the web, a mailbox or a telephone;
//! one that would lead elsewhere is words and nothing more.

use std::rc::Rc;

use parlor_session::{Body, Intent, Press};
use parlor_wire::{
    event::{Button, ButtonKind, Element, Image, LinkTarget, RichMessage, Template},
    limits::{BUTTONS_MAX, RICH_ELEMENTS_MAX},
};
use wasm_bindgen::JsCast;
use web_sys::{Event, Node, UiEvent};

use super::{
    Room,
    carousel::carousel,
    formatted::lead,
    part::{El, Part, el, of_class, switch},
    picture::{Picture, picture, size},
    sheet::{height, webview},
    words::{is_of_web, may_lead},
};
use crate::store::Row;

/// Wider or higher a picture is not shown.
const CARD_IMAGE: (u64, u64) = (260, 320);
const STICKER: (u64, u64) = (160, 160);

pub(super) fn rich(room: Room, row: &Rc<Row>, rich: &RichMessage) -> El {
    let elements = rich.elements().iter().take(RICH_ELEMENTS_MAX);
    match rich.template_id {
        Template::Sticker => {
            let images = elements.filter_map(|it| image(it.image.as_ref()?, STICKER));
            of_class("div", "rich-sticker").children(images.map(Part::from))
        }
        Template::QuickReplies => {
            let asked = elements
                .enumerate()
                .map(|(n, it)| replies(room, row, n, it).into());
            of_class("div", "rich-asked").children(asked)
        }
        Template::Cards | Template::Other(_) => {
            let cards = elements
                .enumerate()
                .map(|(n, it)| card(room, row, n, it))
                .collect();
            carousel(room, cards)
        }
    }
}

fn card(room: Room, row: &Rc<Row>, n: usize, element: &Element) -> El {
    let image = element.image.as_ref();
    of_class("div", "rich-card")
        .attr("role", "group")
        .attr_some("aria-label", element.title.as_deref())
        .child(image.and_then(image_of_card))
        .child(heading(element, "rich-words"))
        .children(buttons(room, row, n, element))
}

fn image_of_card(it: &Image) -> Option<El> {
    Some(image(it, CARD_IMAGE)?.attr("class", "rich-image"))
}

fn image(it: &Image, within: (u64, u64)) -> Option<El> {
    let words = it.alternative_text.as_deref().or(it.name.as_deref());
    picture(Picture {
        address: &it.url,
        words: words.unwrap_or_default(),
        size: size(it.width, it.height),
        within,
    })
}

/// None where there is nothing to say.
fn heading(element: &Element, class: &'static str) -> Option<El> {
    let line = |class, words: &Option<String>| {
        let words = words.as_deref().filter(|words| !words.is_empty())?;
        Some(of_class("p", class).text(words))
    };
    let title = line("rich-title", &element.title);
    let subtitle = line("rich-subtitle", &element.subtitle);
    let any = title.is_some() || subtitle.is_some();
    let words = of_class("div", class).attr("dir", "auto");
    any.then(|| words.child(title).child(subtitle))
}

/// Chips that go once one is chosen.
fn replies(room: Room, row: &Rc<Row>, n: usize, element: &Element) -> El {
    let (asked, all) = (row.clone(), row.clone());
    let picture = element.image.as_ref().and_then(|it| image(it, CARD_IMAGE));
    let heading = heading(element, "message-bubble");
    let chips = switch(
        move || u32::from(asked.done.get() || !asked.pressed.with(Vec::is_empty)),
        move |chosen| {
            let Body::Rich(rich) = &*all.line.body else {
                return None;
            };
            let element = rich.elements().get(n)?;
            let chips = of_class("div", "rich-chips").attr("role", "group");
            let chips = chips.attr_some("aria-label", element.title.as_deref());
            (chosen == 0).then(|| chips.children(buttons(room, &all, n, element)).into())
        },
    );
    of_class("div", "rich-asked")
        .child(picture)
        .child(heading)
        .child(chips)
}

fn buttons(room: Room, row: &Rc<Row>, n: usize, element: &Element) -> Vec<Part> {
    let buttons = element.buttons().iter().take(BUTTONS_MAX);
    let buttons = buttons.enumerate();
    buttons
        .map(|(i, it)| button(room, row, (n, i), it))
        .collect()
}

fn button(room: Room, row: &Rc<Row>, (element, n): (usize, usize), button: &Button) -> Part {
    let value = button.value.as_deref().unwrap_or_default();
    let target = button.target.as_ref();
    let what = match &button.kind {
        Some(ButtonKind::Url) => may_lead(value).then(|| link(value, target)),
        Some(ButtonKind::Phone) => number(value).map(|number| el("a").attr("href", &number)),
        Some(ButtonKind::Webview) if !is_of_web(value) => None,
        _ => Some(el("button").attr("type", "button")),
    };
    let Some(what) = what else {
        let words = of_class("span", "rich-button").attr("dir", "auto");
        return words.text(&button.text).into();
    };
    // Of those that go somewhere none stays pressed.
    let stays = matches!(
        button.kind,
        None | Some(ButtonKind::Message | ButtonKind::Other(_))
    );
    let sheet = (button.kind == Some(ButtonKind::Webview)).then(|| {
        (
            button.text.clone(),
            value.to_owned(),
            height(button.webview_height.as_ref()),
        )
    });
    let line = row.line.id.clone();
    let pressed = Rc::new({
        let id = button.postback_id.clone().unwrap_or_default();
        let row = row.clone();
        move || row.pressed.with(|pressed| state(pressed, &id))
    });
    let looks = pressed.clone();
    what.attr("dir", "auto")
        .text(&button.text)
        .classes_live(move || {
            let class = match looks() {
                Some(Press::On) => "rich-button on",
                Some(Press::Pending) => "rich-button pending",
                None => "rich-button",
            };
            class.to_owned()
        })
        // What is answered needs somebody to answer to.
        .attr_live("disabled", move || {
            (stays && !room.talks()).then(String::new)
        })
        .attr_live("aria-pressed", move || {
            stays.then(|| (pressed() == Some(Press::On)).to_string())
        })
        .on("click", move |event: Event| {
            room.say(Intent::Press {
                line: line.clone(),
                element,
                button: n,
            });
            if let Some((name, address, height)) = &sheet {
                webview(room, name, address, height);
            }
            go_on(room, &event);
        })
        .into()
}

fn state(pressed: &[(String, Press)], id: &str) -> Option<Press> {
    let found = pressed.iter().find(|(it, _)| it == id);
    found.map(|(_, press)| *press)
}

/// Where what was pressed by keyboard has gone with the press, the focus goes
/// to the next thing to do.
fn go_on(room: Room, event: &Event) {
    let is_there = |it: web_sys::EventTarget| it.unchecked_ref::<Node>().is_connected();
    let gone = !event.target().is_some_and(is_there);
    // A click without a pointer counts no clicks.
    if gone && event.unchecked_ref::<UiEvent>().detail() == 0 {
        room.ask_for_focus();
    }
}

fn link(address: &str, target: Option<&LinkTarget>) -> El {
    let link = lead(el("a"), address);
    match target {
        // The page around the window goes there: a frame may ask that of it
        // when somebody has just pressed, and then only.
        Some(LinkTarget::Current) => link.attr("target", "_top"),
        _ => link,
    }
}

/// What a telephone can dial; none when there is nothing to.
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
    fn a_button_stands_as_its_postback_does() {
        let pressed = [
            ("a".to_owned(), Press::On),
            ("b".to_owned(), Press::Pending),
        ];
        assert_eq!(state(&pressed, "b"), Some(Press::Pending));
        assert_eq!(state(&pressed, ""), None);
    }
}
