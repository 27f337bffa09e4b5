//! A text in which addresses are links.

use leptos::prelude::*;
use parlor_links::{Piece, pieces};

use crate::erased::{Built, IntoBuilt};

#[component]
pub(super) fn LinkedText(text: String) -> impl IntoView {
    let piece = |piece| match piece {
        Piece::Text(text) => text.to_owned().built(),
        Piece::Link { href, text } => view! { <Link href text=text.to_owned() /> }.built(),
    };
    pieces(&text).into_iter().map(piece).collect::<Vec<Built>>()
}

/// A link that opens beside the chat, and does not tell where it was followed from.
#[component]
fn Link(href: String, text: String) -> impl IntoView {
    view! {
        <a href=href target="_blank" rel="noopener noreferrer">
            {text}
        </a>
    }
    .built()
}
