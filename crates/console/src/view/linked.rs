//! Plain text with its links made to follow: what may be followed, and nothing else.

use leptos::prelude::*;
use linkify::{LinkFinder, LinkKind};

use crate::desk::may_follow;

/// The text, with its links.
pub(super) fn linked(text: &str) -> impl IntoView + use<> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.into_any(),
            Piece::Link { address, text } => link(&address, text),
        })
        .collect_view()
}

/// A link, when its address is one that may be followed; else the words alone.
pub(super) fn link(address: &str, text: String) -> AnyView {
    if !may_follow(address) {
        return text.into_any();
    }
    view! {
        <a href=address.to_owned() target="_blank" rel="noopener noreferrer">{text}</a>
    }
    .into_any()
}

#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Link { address: String, text: String },
}

fn pieces(text: &str) -> Vec<Piece> {
    LinkFinder::new()
        .spans(text)
        .map(|span| {
            let text = span.as_str().to_owned();
            let address = match span.kind() {
                Some(LinkKind::Email) => format!("mailto:{text}"),
                Some(LinkKind::Url) => text.clone(),
                _ => return Piece::Text(text),
            };
            if may_follow(&address) {
                Piece::Link { address, text }
            } else {
                Piece::Text(text)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn links_are_found_in_text() {
        let found = pieces("See https://example.com/a?b=1, or mail ada@example.com.");
        assert_eq!(
            found,
            [
                Piece::Text("See ".to_owned()),
                Piece::Link {
                    address: "https://example.com/a?b=1".to_owned(),
                    text: "https://example.com/a?b=1".to_owned(),
                },
                Piece::Text(", or mail ".to_owned()),
                Piece::Link {
                    address: "mailto:ada@example.com".to_owned(),
                    text: "ada@example.com".to_owned(),
                },
                Piece::Text(".".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_no_page_and_no_mail_stays_text() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com",
        ] {
            let found = pieces(text);
            let text_alone = |piece: &Piece| matches!(piece, Piece::Text(_));
            assert!(found.iter().all(text_alone), "{text}");
        }
    }
}
