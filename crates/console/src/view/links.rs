//! Renders plain text with clickable links, if their URLs are safe.

use leptos::prelude::*;
use parlor_links::{Piece, pieces};

use crate::workspace::is_safe_link;

/// The text, with its URLs as links.
pub(super) fn text_with_links(text: &str) -> impl IntoView + use<> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Link { href, text } => link(&href, text.to_owned()),
        })
        .collect_view()
}

/// A link, if its URL is safe; otherwise only the text.
pub(super) fn link(address: &str, text: String) -> AnyView {
    if !is_safe_link(address) {
        return text.into_any();
    }
    view! {
        <a href=address.to_owned() target="_blank" rel="noopener noreferrer">{text}</a>
    }
    .into_any()
}
