//! Folds text so that what people take for the same is the same: letter case,
//! composed and decomposed letters, wide and narrow ones, accents, and how many
//! blanks are between words.

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizerBorrowed;

/// Folds a text. Words are separated by one blank, and there is none at the ends.
/// Letters of scripts without blanks between words, as Chinese, are words by
/// themselves.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for (letters, _) in Folded::new(text) {
        match letters {
            Letters::Blank if folded.is_empty() || folded.ends_with(' ') => {}
            Letters::Blank => folded.push(' '),
            Letters::One(letter) => folded.push(letter),
            Letters::Word(letters) => folded.push_str(&letters),
            Letters::WordByItself(letters) => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
                folded.push_str(&letters);
                folded.push(' ');
            }
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// What a character becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Letters {
    Blank,
    One(char),
    /// Empty for an accent.
    Word(String),
    WordByItself(String),
}

/// The characters of a text, folded, each with its place in bytes.
pub(super) struct Folded<'a> {
    characters: std::str::CharIndices<'a>,
    decomposing: DecomposingNormalizerBorrowed<'static>,
}

impl<'a> Folded<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            characters: text.char_indices(),
            decomposing: DecomposingNormalizerBorrowed::new_nfkd(),
        }
    }

    fn letters(&self, character: char) -> Letters {
        if character.is_ascii() {
            return match character {
                '!'..='~' => Letters::One(character.to_ascii_lowercase()),
                _ => Letters::Blank,
            };
        }
        if character.is_whitespace() || character.is_control() {
            return Letters::Blank;
        }
        let mut buffer = [0; 4];
        let fold = |text: &str| CaseMapper::new().fold_string(text).into_owned();
        // Folding can compose what was decomposed, and the other way round.
        let decomposed = self
            .decomposing
            .normalize(character.encode_utf8(&mut buffer));
        let folded = fold(&decomposed);
        let letters: String = self.decomposing.normalize(&folded).into_owned();
        let letters: String = letters.chars().filter(|it| !is_silent(*it)).collect();
        if letters.chars().all(char::is_whitespace) && !letters.is_empty() {
            return Letters::Blank;
        }
        match is_word_by_itself(character) && !letters.is_empty() {
            true => Letters::WordByItself(letters),
            false => Letters::Word(letters),
        }
    }
}

impl Iterator for Folded<'_> {
    type Item = (Letters, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, character) = self.characters.next()?;
        Some((self.letters(character), at))
    }
}

/// Accents, and characters without a width.
fn is_silent(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            | '\u{3099}'..='\u{309a}'
            | '\u{fe00}'..='\u{fe0f}'
    )
}

/// Han, Hiragana, Katakana.
fn is_word_by_itself(character: char) -> bool {
    matches!(
        character,
        '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_take_for_the_same_is_the_same() {
        for (one, other) in [
            ("müller", "MÜLLER"),
            ("müller", "Mu\u{308}ller"),
            ("muller", "Müller"),
            ("Привет", "ПРИВЕТ"),
            ("ΑΘΗΝΑ", "αθήνα"),
            ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
            ("İstanbul", "istanbul"),
            ("İSTANBUL", "istanbul"),
            ("Straße", "STRASSE"),
            ("ﬁne", "FINE"),
            ("４７１１", "4711"),
            ("ｶﾞ", "ガ"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("a\u{200b}b", "ab"),
            ("two   words\n", " two words"),
            ("C++ 100% a_b -x O'Neil", "c++ 100% A_B -X o'neil"),
        ] {
            assert_eq!(fold(one), fold(other), "{one:?} {other:?}");
            assert!(!fold(one).is_empty());
        }
        for (one, other) in [("müller", "möller"), ("a-b", "ab"), ("1", "l")] {
            assert_ne!(fold(one), fold(other));
        }
    }

    #[test]
    fn letters_without_blanks_between_words_are_words() {
        assert_eq!(fold("你好 Ada你"), "你 好 ada 你");
        assert_eq!(fold("\0\u{1}"), "");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in [
            "İstanbul",
            "ﬃ ẞ ǅ",
            "ｶﾞキ",
            "Ἀθῆναι",
            "한글",
            "e\u{301}",
            "½ №",
        ] {
            assert_eq!(fold(&fold(text)), fold(text), "{text:?}");
        }
    }
}
