//! Several cards beside each other, that are moved by hand, by the arrow keys
//! or by two buttons. One card stands by itself.

use leptos::prelude::document;

use super::{
    Room,
    icon::{BACK, NEXT},
    part::{El, Part, of_class},
    window::button,
};

pub(super) fn carousel(room: Room, mut cards: Vec<El>) -> El {
    if cards.len() < 2 {
        return cards.pop().unwrap_or_else(|| of_class("div", "rich-card"));
    }
    let name = room.text.cards(cards.len());
    let track = of_class("div", "carousel-track")
        .attr("role", "group")
        .attr("aria-label", &name)
        .attr("tabindex", "0")
        .children(cards.into_iter().map(Part::from));
    let place = track.html();
    let arrow = |name, path, steps: f64| {
        let track = place.clone();
        button("carousel-arrow", name, path).press(move || {
            let root = document().document_element();
            let dir = root.and_then(|root| root.get_attribute("dir"));
            let way = if dir.as_deref() == Some("rtl") {
                -steps
            } else {
                steps
            };
            // The rest of the way to the next card is the browser's.
            track.scroll_by_with_x_and_y(way * f64::from(track.client_width()) * 0.7, 0.0);
        })
    };
    let arrows = of_class("div", "carousel-arrows")
        .child(arrow(room.text.previous(), BACK, -1.0))
        .child(arrow(room.text.next(), NEXT, 1.0));
    of_class("div", "carousel").child(track).child(arrows)
}
