//! Every sentence that the widget displays or announces, in each language, and the format of times.
//! It does not know where a sentence is displayed.
//!
//! English is compiled in. Another language is a file in `later/` with the same
//! sentences in the same order, which `boot.js` fetches when the visitor's
//! browser prefers that language.

mod en;
mod filled;
mod times;

pub(crate) use en::Text;
pub(crate) use times::{Times, local_day};

use en::EN;
use js_sys::Reflect;
use leptos::prelude::window;

/// Defines the table of sentences, with a method for each, and English.
macro_rules! sentences {
    ($($(#[$about:meta])* $name:ident: $english:literal,)*) => {
        #[expect(non_camel_case_types, reason = "they are the names of functions")]
        enum Place { $($name),* }

        const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// The sentences of one language. `{0}` is a placeholder for a name or a number, whose
        /// place differs between languages.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct Text(&'static [&'static str; NAMES.len()]);

        pub(super) const EN: Text = Text(&[$($english),*]);

        #[expect(clippy::indexing_slicing, reason = "every place is in the table")]
        impl Text {
            $($(#[$about])* pub(crate) const fn $name(self) -> &'static str {
                self.0[Place::$name as usize]
            })*
        }

        impl Text {
            /// The table of these sentences, in their order; none if their number is wrong.
            pub(super) fn from_sentences(sentences: &'static [&'static str]) -> Option<Self> {
                sentences.try_into().ok().map(Self)
            }

            #[cfg(test)]
            pub(super) fn all(self) -> impl Iterator<Item = (&'static str, &'static str)> {
                NAMES.iter().copied().zip(self.0.iter().copied())
            }
        }
    };
}
use sentences;

/// The sentences that `boot.js` has fetched, one per line; English if it has fetched none.
pub(crate) fn for_visitor() -> Text {
    let fetched = Reflect::get(&window(), &"parlorSentences".into());
    let words = fetched.ok().and_then(|words| words.as_string());
    words.and_then(read).unwrap_or(EN)
}

/// Leaks the sentences, because they are needed as long as the document lives.
fn read(words: String) -> Option<Text> {
    let sentences: Vec<&'static str> = words.leak().split('\n').collect();
    Text::from_sentences(sentences.leak())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: [(&str, &str); 3] = [
        ("de", include_str!("../later/de.js")),
        ("es", include_str!("../later/es.js")),
        ("fr", include_str!("../later/fr.js")),
    ];

    /// The lines `name: "sentence",` of a language's file.
    fn table(file: &str) -> Vec<(&str, String)> {
        let lines = file.lines().filter_map(|line| {
            let (name, sentence) = line.trim().strip_suffix(',')?.split_once(": ")?;
            Some((name, serde_json::from_str(sentence).ok()?))
        });
        lines.collect()
    }

    fn placeholders(sentence: &str) -> Vec<&str> {
        let mut pieces = sentence.split('{');
        pieces.next();
        let mut placeholders: Vec<&str> = pieces.map(|it| &it[..1]).collect();
        placeholders.sort_unstable();
        placeholders
    }

    #[test]
    fn every_language_has_the_same_sentences_in_the_same_order() {
        for (language, file) in OTHERS {
            let table = table(file);
            let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
            let english: Vec<&str> = EN.all().map(|(name, _)| name).collect();
            assert_eq!(names, english, "{language}");
            for ((name, sentence), (_, english)) in table.iter().zip(EN.all()) {
                assert_eq!(
                    placeholders(sentence),
                    placeholders(english),
                    "{language}: {name}"
                );
                assert!(
                    !sentence.is_empty() && !sentence.contains('\n'),
                    "{language}: {name}"
                );
            }
            let sentences: Vec<String> = table.into_iter().map(|(_, sentence)| sentence).collect();
            let text = read(sentences.join("\n"));
            assert_eq!(text.map(|text| text.language()), Some(language));
        }
    }

    /// A language that `boot.js` does not name is never fetched.
    #[test]
    fn boot_js_fetches_every_language() {
        let names = OTHERS.map(|(language, _)| language).join("|");
        assert!(include_str!("../boot.js").contains(&format!("({names})")));
    }

    #[test]
    fn a_table_of_another_version_is_refused() {
        assert!(read("de\nZurück".into()).is_none());
    }
}
