//! Several cards beside each other, that are moved by hand, by the arrow keys
//! or by two buttons. One card stands by itself.

use leptos::{html::Div, prelude::*};

use super::{
    context::chat,
    icon::{BACK, NEXT},
    icon_button::IconButton,
};
use crate::erased::{Built, IntoBuilt};

/// How far a press on an arrow scrolls, as a part of the width. The rest of the way to the next
/// card is scroll snap's.
const STEP: f64 = 0.7;

#[component]
pub(super) fn Carousel(mut cards: Vec<Built>) -> impl IntoView {
    let chat = chat();
    if cards.len() < 2 {
        return cards.pop().unwrap_or_else(Built::nothing);
    }
    let label = chat.text.cards(cards.len());
    let track = NodeRef::<Div>::new();
    let scroll = move |steps: f64| {
        let Some(track) = track.get_untracked() else {
            return;
        };
        let root = document().document_element();
        let direction = root.and_then(|root| root.get_attribute("dir"));
        let sign = if direction.as_deref() == Some("rtl") {
            -1.0
        } else {
            1.0
        };
        let width = f64::from(track.client_width());
        track.scroll_by_with_x_and_y(sign * steps * STEP * width, 0.0);
    };
    view! {
        <div class="carousel">
            <div
                class="carousel-track"
                role="group"
                aria-label=label
                tabindex="0"
                node_ref=track
            >
                {cards}
            </div>
            <div class="carousel-arrows">
                <IconButton
                    class="carousel-arrow"
                    name=chat.text.previous()
                    icon=BACK
                    on_press=move || scroll(-1.0)
                />
                <IconButton
                    class="carousel-arrow"
                    name=chat.text.next()
                    icon=NEXT
                    on_press=move || scroll(1.0)
                />
            </div>
        </div>
    }
    .built()
}
