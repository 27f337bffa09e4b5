//! The characters that addresses are made of, and those that end them.
//!
//! The standard library's tables of letters would weigh more than all else
//! here. So a character beyond ASCII is a letter unless it is listed below.

pub(crate) fn last(text: &str) -> Option<char> {
    text.chars().next_back()
}

/// Letters and digits, in hosts and mailboxes.
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        !is_break(c) && !is_joiner(c) && !matches!(c, '’' | '\u{2010}'..='\u{2013}')
    }
}

/// Latin letters, their marks, and the digits and signs of ASCII.
pub(crate) fn is_latin(c: char) -> bool {
    c < '\u{370}' || ('\u{1e00}'..='\u{1eff}').contains(&c)
}

/// Joins two characters into one, or keeps them apart, and is itself unseen.
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Emoji, and what they are put together with.
pub(crate) fn is_emoji(c: char) -> bool {
    is_joiner(c)
        || matches!(
            c,
            '\u{20e3}'
                | '\u{2300}'..='\u{2307}'
                | '\u{230c}'..='\u{2328}'
                | '\u{232b}'..='\u{23ff}'
                | '\u{2460}'..='\u{27bf}'
                | '\u{2b00}'..='\u{2bff}'
                | '\u{fe0e}'
                | '\u{fe0f}'
                | '\u{1f000}'..='\u{1faff}'
                | '\u{e0020}'..='\u{e007f}'
        )
}

/// May stand in an address, but at its end belongs to the sentence around it.
pub(crate) fn is_hanging(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ':' | ';' | '?' | '!' | '*' | '\'' | '(' | '['
            // The Catalan and the Japanese middle dot, hyphens and dashes, the
            // apostrophe, the Hebrew marks of abbreviation.
            | '·' | '・' | '\u{2010}'..='\u{2013}' | '’' | '\u{5f3}' | '\u{5f4}'
    )
}

/// Ends an address wherever it stands: white space, controls, brackets and
/// quotation marks, and punctuation beyond ASCII.
pub(crate) fn is_break(c: char) -> bool {
    matches!(
        c,
        '\0'..=' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}'
            // Controls, the no-break space, `¡`; guillemets, `¶`, `¿`, the soft
            // hyphen.
            | '\u{7f}'..='\u{a1}' | '«' | '\u{ad}' | '¶' | '»' | '¿'
            // Greek, Armenian, Hebrew.
            | '\u{37e}' | '\u{387}' | '\u{55d}' | '\u{589}' | '\u{5c0}' | '\u{5c3}'
            // Arabic and Urdu, with the mark that sets the direction.
            | '\u{60c}' | '\u{60d}' | '\u{61b}'..='\u{61f}' | '\u{66a}'..='\u{66d}' | '\u{6d4}'
            // Syriac, N'Ko.
            | '\u{700}'..='\u{70d}' | '\u{7f8}' | '\u{7f9}'
            // The dandas of India, Sinhala, Thai, Tibetan.
            | '\u{964}' | '\u{965}' | '\u{df4}' | '\u{e5a}' | '\u{e5b}'
            | '\u{f0d}'..='\u{f14}' | '\u{f3a}'..='\u{f3d}'
            // Burmese, Georgian, Ethiopic, Ogham, Khmer, Mongolian.
            | '\u{104a}' | '\u{104b}' | '\u{10fb}' | '\u{1361}'..='\u{1368}'
            | '\u{1680}' | '\u{169b}' | '\u{169c}' | '\u{17d4}'..='\u{17d6}'
            | '\u{17d8}'..='\u{17da}' | '\u{1800}'..='\u{180a}' | '\u{180e}'
            // Spaces, dashes, quotation marks, dots and marks of direction; but
            // for joiners, hyphens and the apostrophe.
            | '\u{2000}'..='\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2014}'..='\u{2018}' | '\u{201a}'..='\u{206f}'
            // Arrows; brackets and quotation marks for mathematics and ornament.
            | '\u{2190}'..='\u{21ff}' | '\u{2308}'..='\u{230b}' | '\u{2329}' | '\u{232a}'
            | '\u{275b}'..='\u{2760}' | '\u{2768}'..='\u{2775}'
            | '\u{27e6}'..='\u{27ef}' | '\u{2983}'..='\u{2998}' | '\u{2e00}'..='\u{2e7f}'
            // Chinese, Japanese and Korean.
            | '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
            | '\u{3030}' | '\u{303d}' | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe6f}'
            // Ornate brackets of Arabic, the mark of byte order.
            | '\u{fd3e}' | '\u{fd3f}' | '\u{feff}'
            // Full-width and half-width forms of punctuation; notes in the margin
            // and characters that stand for others.
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}' | '\u{fff9}'..='\u{fffd}'
    )
}
