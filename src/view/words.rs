//! What is in a text: links, and whether it is nothing but emoji.

use super::links::first_link;

/// More emoji than these are read as text.
const LARGE_EMOJI_MAX: usize = 3;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// To the web or to a mailbox, and nowhere else.
    Link {
        href: String,
        text: &'a str,
    },
}

pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((from, to)) = first_link(rest) {
        let (before, link) = rest.split_at(from);
        let (link, after) = link.split_at(to - from);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Link {
            href: href(link),
            text: link,
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn href(link: &str) -> String {
    let scheme = match link {
        web if is_of_web(web) => "",
        web if begins(web, "www.") => "https://",
        _ => "mailto:",
    };
    [scheme, link].concat()
}

/// Whether it leads to the web: only from there a picture is fetched.
pub(super) fn is_of_web(address: &str) -> bool {
    begins(address, "https://") || begins(address, "http://")
}

/// Whether somebody may be led there: to the web, a mailbox or a telephone.
/// Other schemes do things.
pub(super) fn may_lead(address: &str) -> bool {
    is_of_web(address) || begins(address, "mailto:") || begins(address, "tel:")
}

pub(super) fn begins(said: &str, with: &str) -> bool {
    said.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// One to three emoji and nothing else: shown large.
pub(super) fn is_only_emoji(text: &str) -> bool {
    let mut emoji = 0;
    let mut joined = false;
    for c in text.trim().chars() {
        match u32::from(c) {
            // Joins the next to the one before.
            0x200d => joined = true,
            // Variations, skin tones, the cap of a key.
            0xfe0f | 0x1f3fb..=0x1f3ff | 0x20e3 => {}
            0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x2300..=0x23ff => {
                emoji += usize::from(!std::mem::take(&mut joined));
            }
            _ => return false,
        }
        // A flag is two letters.
        if emoji > 2 * LARGE_EMOJI_MAX {
            return false;
        }
    }
    let letters = text.chars().filter(|c| ('🇦'..='🇿').contains(c)).count();
    let emoji = emoji - letters.div_ceil(2).min(emoji);
    (1..=LARGE_EMOJI_MAX).contains(&emoji)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<(String, &str)> {
        let link = |piece| match piece {
            Piece::Link { href, text } => Some((href, text)),
            Piece::Text(_) => None,
        };
        pieces(text).into_iter().filter_map(link).collect()
    }

    #[test]
    fn links_lead_to_the_web_and_to_mailboxes() {
        let text = "See https://a.example/x?y=1, www.b.example. or c@d.example!";
        let wanted = [
            (
                "https://a.example/x?y=1".to_owned(),
                "https://a.example/x?y=1",
            ),
            ("https://www.b.example".to_owned(), "www.b.example"),
            ("mailto:c@d.example".to_owned(), "c@d.example"),
        ];
        assert_eq!(links(text), wanted);
    }

    #[test]
    fn no_other_scheme_is_a_link() {
        for text in [
            "javascript:alert(1)",
            "javascript://a.example/%0aalert(1)",
            "data:text/html,<b>x</b>",
            "file:///etc/passwd",
            "ftp://a.example/x",
            "readme.md",
            "and so on...then",
        ] {
            assert_eq!(links(text), [], "{text}");
        }
    }

    #[test]
    fn only_the_web_a_mailbox_and_a_telephone_are_led_to() {
        for address in ["https://a.example", "HTTP://a", "mailto:a@b.c", "tel:+48"] {
            assert!(may_lead(address), "{address}");
        }
        for address in [
            "",
            "javascript:alert(1)",
            " https://a.example",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//a.example",
            "blob:https://a.example/x",
            "intent://x",
        ] {
            assert!(!may_lead(address), "{address}");
        }
        assert!(!is_of_web("mailto:a@b.c"));
    }

    #[test]
    fn nothing_of_a_text_is_lost() {
        let text = "<b>a</b> http://x.example/<i> é😀 www.y.example";
        let whole: String = pieces(text)
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Link { text, .. } => *text,
            })
            .collect();
        assert_eq!(whole, text);
    }

    #[test]
    fn emoji_alone_are_large() {
        for text in ["👍", "😀😀😀", "👩‍👩‍👧", "❤️", "👍🏽", "🇩🇪", "🇩🇪🇫🇷🇮🇹", " 🎉 "]
        {
            assert!(is_only_emoji(text), "{text}");
        }
        for text in ["", "a👍", "😀😀😀😀", "1", "👍 ok", "🇩🇪🇫🇷🇮🇹🇪🇸"]
        {
            assert!(!is_only_emoji(text), "{text}");
        }
    }
}
