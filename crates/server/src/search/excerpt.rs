//! What is shown of a text in which words were found: some of it around the first of
//! them, with all of them marked.

use super::fold::{Folded, Letters};
use crate::store::archive::ArchiveFilter;

/// How many bytes are shown before the first word that was found.
const BEFORE_BYTES: usize = 60;

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) text: String,
    /// Whether it was searched for.
    pub(crate) is_match: bool,
}

/// See the module. The texts of the parts together are the excerpt.
pub(crate) type Excerpt = Vec<Part>;

/// The phrases that a query looks for in any text, folded.
pub(crate) fn terms(filter: &ArchiveFilter) -> Vec<&str> {
    match filter {
        ArchiveFilter::All(parts) | ArchiveFilter::Any(parts) => {
            parts.iter().flat_map(terms).collect()
        }
        ArchiveFilter::Text {
            field: None,
            phrase,
        } => vec![phrase],
        _ => Vec::new(),
    }
}

/// An excerpt of at most `max_bytes`, and an ellipsis at each end where something was
/// left out. `None` when no term is in the text.
pub(crate) fn excerpt(text: &str, terms: &[&str], max_bytes: usize) -> Option<Excerpt> {
    let (folded, places) = fold_with_places(text);
    let mut matches: Vec<(usize, usize)> = terms
        .iter()
        .flat_map(|term| folded.match_indices(*term))
        .filter_map(|(at, found)| {
            let end = places.get(at + found.len()).copied();
            Some((*places.get(at)?, end.unwrap_or(text.len())))
        })
        .collect();
    matches.sort_unstable();
    let (first, _) = *matches.first()?;
    let begin = match first.saturating_sub(BEFORE_BYTES) {
        0 => 0,
        begin => text.ceil_char_boundary(begin),
    };
    let end = text.floor_char_boundary(begin.saturating_add(max_bytes).min(text.len()));
    let mut parts = Excerpt::new();
    let mut add = |text: &str, is_match: bool| {
        if !text.is_empty() {
            let text = text.to_owned();
            parts.push(Part { text, is_match });
        }
    };
    if begin > 0 {
        add("…", false);
    }
    let mut at = begin;
    for (from, through) in matches {
        let (from, through) = (from.max(at), through.min(end));
        if from < through {
            add(text.get(at..from).unwrap_or_default(), false);
            add(text.get(from..through).unwrap_or_default(), true);
            at = through;
        }
    }
    add(text.get(at..end).unwrap_or_default(), false);
    if end < text.len() {
        add("…", false);
    }
    Some(parts)
}

/// The folded text, and for each of its bytes the place in the text from which it
/// comes.
fn fold_with_places(text: &str) -> (String, Vec<usize>) {
    let (mut folded, mut places) = (String::new(), Vec::new());
    for (letters, at) in Folded::new(text) {
        let blank = |folded: &mut String| {
            if !folded.is_empty() && !folded.ends_with(' ') {
                folded.push(' ');
            }
        };
        match letters {
            Letters::Blank => blank(&mut folded),
            Letters::One(letter) => folded.push(letter),
            Letters::Word(letters) => folded.push_str(&letters),
            Letters::WordByItself(letters) => {
                blank(&mut folded);
                folded.push_str(&letters);
                places.resize(folded.len(), at);
                folded.push(' ');
                // It follows the letter.
                let rest = text.get(at..).unwrap_or_default().chars();
                let letter = rest.take(1).map(char::len_utf8).sum::<usize>();
                places.resize(folded.len(), at + letter);
            }
        }
        places.resize(folded.len(), at);
    }
    (folded, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fold;

    fn shown(text: &str, term: &str, max_bytes: usize) -> Option<String> {
        let parts = excerpt(text, &[&fold(term)], max_bytes)?;
        let marked = |part: Part| match part.is_match {
            true => format!("<{}>", part.text),
            false => part.text,
        };
        Some(parts.into_iter().map(marked).collect())
    }

    #[test]
    fn words_are_marked_as_they_were_written() {
        for (text, term, expected) in [
            (
                "Ask MÜLLER, or Mu\u{308}ller.",
                "müller",
                "Ask <MÜLLER>, or <Mu\u{308}ller>.",
            ),
            ("İstanbul", "stan", "İ<stan>bul"),
            ("die Straße", "strasse", "die <Straße>"),
            ("你好世界", "好世", "你<好世>界"),
            ("two   words", "two words", "<two   words>"),
            ("a <b> & c", "<b>", "a <<b>> & c"),
        ] {
            assert_eq!(shown(text, term, 100).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(shown("something", "nothing", 100), None);
    }

    #[test]
    fn what_is_left_out_is_marked() {
        let text = format!("{} wool {}", "ä".repeat(100), "ö".repeat(100));
        let shown = shown(&text, "wool", 90).unwrap();
        assert!(shown.starts_with("…ä") && shown.ends_with("ö…"), "{shown}");
        assert!(shown.contains(" <wool> ") && shown.len() < 110);
    }
}
