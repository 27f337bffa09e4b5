//! Where in a text an address of the web stands, or a mailbox. A library for
//! this knows all schemes and hosts of the world, and weighs more than what is
//! followed here: `http`, `https`, what begins with `www.`, and mailboxes.

use super::words::begins;

/// What stands at its beginning makes it an address.
const BEGINNINGS: [&str; 3] = ["https://", "http://", "www."];

/// The first link in a text: from where to where, always between characters.
pub(super) fn first_link(text: &str) -> Option<(usize, usize)> {
    let mut before = ' ';
    text.char_indices().find_map(|(at, c)| {
        // Within a word, or within another address, nothing begins.
        let begins_here = !is_word(before) && !is_one_of(before, "/:@.-_=&?%#");
        before = c;
        match c {
            '@' => mailbox(text.get(..at)?, text.get(at..)?).map(|(from, to)| (at - from, at + to)),
            'h' | 'H' | 'w' | 'W' if begins_here => Some((at, at + address(text.get(at..)?)?)),
            _ => None,
        }
    })
}

/// How many bytes of the text are an address, if it begins with one.
fn address(text: &str) -> Option<usize> {
    let beginning = BEGINNINGS.into_iter().find(|it| begins(text, it))?;
    let ends = |c: char| c <= ' ' || c.is_whitespace() || is_one_of(c, "<>\"`{}|\\^");
    let mut address = text.get(..text.find(ends).unwrap_or(text.len()))?;
    let count = |c: char| address.chars().filter(|it| *it == c).count();
    // So many brackets are closed in it that were opened before it.
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    // What closes the sentence around it is not the address's.
    while let Some(last) = address.chars().next_back() {
        match last {
            '.' | ',' | ':' | ';' | '?' | '!' | '\'' => {}
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            _ => break,
        }
        address = address.strip_suffix(last)?;
    }
    let host = address.get(beginning.len()..)?;
    host.starts_with(is_word).then_some(address.len())
}

/// How many bytes before and from an `@` are a mailbox's, if it is one's.
fn mailbox(before: &str, from: &str) -> Option<(usize, usize)> {
    let is_local = |c: char| is_word(c) || is_one_of(c, ".+-_&=~!#$%*^");
    let local = before.trim_end_matches(is_local).len();
    let local = before.get(local..)?.trim_start_matches('.');
    let host = from.get(1..)?;
    let ends = |c: char| !is_word(c) && c != '.' && c != '-';
    let host = host.get(..host.find(ends).unwrap_or(host.len()))?;
    let host = host.trim_end_matches(['.', '-']);
    let whole = host.contains('.') && host.split('.').all(|label| label.starts_with(is_word));
    (whole && !local.is_empty()).then_some((local.len(), 1 + host.len()))
}

/// A search for a text within a text would be more code than all else here.
fn is_one_of(c: char, marks: &str) -> bool {
    marks.chars().any(|mark| mark == c)
}

/// Letters and digits; beyond ASCII whatever is no space, for its tables are
/// large and names may be of any language.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        let (from, to) = first_link(text)?;
        Some(&text[from..to])
    }

    #[test]
    fn addresses_end_where_a_reader_sees_them_end() {
        for (text, address) in [
            (
                "see https://a.example/x?y=1&z=[2]#f.",
                "https://a.example/x?y=1&z=[2]#f",
            ),
            ("(HTTP://a.example/b_(c))", "HTTP://a.example/b_(c)"),
            ("(see www.a.example).", "www.a.example"),
            ("\"https://a.example/\", he said", "https://a.example/"),
            ("<https://a.example/ä>", "https://a.example/ä"),
            ("https://äöü.example\u{a0}x", "https://äöü.example"),
            ("http://localhost:8080/x!?", "http://localhost:8080/x"),
            (
                "https://a.example/@b.example",
                "https://a.example/@b.example",
            ),
        ] {
            assert_eq!(found(text), Some(address), "{text}");
        }
    }

    #[test]
    fn mailboxes_are_found_without_what_is_around_them() {
        for (text, mailbox) in [
            ("mail c.d+e@f.example, please", "c.d+e@f.example"),
            ("(mailto:c@d.example)", "c@d.example"),
            ("ada@a-b.example.", "ada@a-b.example"),
            ("ä@b.example", "ä@b.example"),
        ] {
            assert_eq!(found(text), Some(mailbox), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "",
            "https://",
            "http:// a",
            "www.",
            "www",
            "xhttps://a.example",
            "ftp://www.a.example",
            "@a.example",
            "a@b",
            "a@.b",
            "a@b..c",
            "a @ b.example",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
