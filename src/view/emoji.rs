//! Recognises messages of emoji alone, which are shown large.

/// More emoji than these are read as text.
const LARGE_EMOJI_MAX: usize = 3;

/// Whether the text is one to three emoji and nothing else.
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
