//! What is in a text: links, and whether it is nothing but emoji.

pub(super) use parlor_links::{Piece, pieces};

/// More emoji than these are read as text.
const LARGE_EMOJI_MAX: usize = 3;

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
