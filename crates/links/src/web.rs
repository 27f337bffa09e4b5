//! An address of the web, as in `https://shop.example/cart?page=2`.

use crate::{
    Kind,
    characters::{is_break, is_emoji, is_hanging, is_latin, is_word, last},
    host,
};

const BEGINNINGS: [(&str, Kind); 3] = [
    ("https://", Kind::Web),
    ("http://", Kind::Web),
    ("www.", Kind::Www),
];

/// The length of the address that a text begins with, if it begins with one.
pub(crate) fn at_start(before: Option<char>, text: &str) -> Option<(usize, Kind)> {
    let begins = |with: &&(&str, Kind)| {
        let start = text.get(..with.0.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with.0))
    };
    let (beginning, kind) = *BEGINNINGS.iter().find(begins)?;
    if before.is_some_and(|c| continues(c, kind)) {
        return None;
    }
    let (_, rest) = text.split_at_checked(beginning.len())?;
    let user = match kind {
        Kind::Web => userinfo(rest),
        _ => 0,
    };
    let (_, rest) = rest.split_at_checked(user)?;
    let host = host::end(rest)?;
    let (_, rest) = rest.split_at_checked(host)?;
    let port = port(rest);
    let (_, rest) = rest.split_at_checked(port)?;
    let path = if rest.starts_with(['/', '?', '#']) {
        let path = rest.get(..end(rest, before.and_then(closing)))?;
        without_hanging(path, before).len()
    } else {
        0
    };
    Some((beginning.len() + user + host + port + path, kind))
}

/// Whether what begins behind this character is the rest of a word or of an
/// address.
fn continues(before: char, kind: Kind) -> bool {
    let in_word = is_word(before) && is_latin(before);
    let in_address = match kind {
        Kind::Www => matches!(before, '/' | '@' | '.' | '-' | '_' | '%' | '&' | '+'),
        // As in `git+https://`.
        _ => before == '+',
    };
    in_word || in_address
}

/// The length of the `user:password@` that an authority begins with.
fn userinfo(authority: &str) -> usize {
    let is_user =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '%' | '+' | ':');
    let length = authority.find(|c| !is_user(c)).unwrap_or(0);
    let is_user = authority
        .get(length..)
        .is_some_and(|rest| rest.starts_with('@'));
    if is_user { length + '@'.len_utf8() } else { 0 }
}

/// The length of the `:8080` behind a host.
fn port(behind_host: &str) -> usize {
    let Some(port) = behind_host.strip_prefix(':') else {
        return 0;
    };
    let is_digit = |c: char| c.is_ascii_digit();
    match port.find(|c| !is_digit(c)).unwrap_or(port.len()) {
        digits @ 1..=5 => ':'.len_utf8() + digits,
        _ => 0,
    }
}

/// The quotation mark that closes what one has opened, if an address may
/// contain it.
fn closing(quote: char) -> Option<char> {
    match quote {
        '\'' => Some('\''),
        '‘' => Some('’'),
        _ => None,
    }
}

/// Where an address ends at the latest: before a character that none contains,
/// and before a bracket that it closes without having opened it.
pub(crate) fn end(path: &str, quote: Option<char>) -> usize {
    let mut round = 0_usize;
    let mut square = 0_usize;
    for (at, c) in path.char_indices() {
        match c {
            '(' => round += 1,
            '[' => square += 1,
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            ')' | ']' => return at,
            _ if is_break(c) || Some(c) == quote => return at,
            _ => {}
        }
    }
    path.len()
}

/// A path without the punctuation and the emoji of the sentence around it.
fn without_hanging(mut path: &str, before: Option<char>) -> &str {
    while let Some(c) = last(path) {
        // `_https://shop.example/_` is an address in italics.
        let closes = matches!(c, '_' | '~') && Some(c) == before;
        if is_hanging(c) || closes {
            path = path.strip_suffix(c).unwrap_or("");
        } else if is_emoji(c) {
            // An emoji that begins a part of the path is the address's own.
            let shorter = path.trim_end_matches(is_emoji);
            if shorter.ends_with(['/', '=', '#', '-', '_']) {
                break;
            }
            path = shorter;
        } else {
            break;
        }
    }
    path
}
