//! A mailbox, as in `ada@shop.example`.

use crate::{
    characters::{is_joiner, is_latin, is_word},
    host,
};

/// How many bytes before an `@`, and from it on, are a mailbox.
pub(crate) fn around(before: &str, from: &str) -> Option<(usize, usize)> {
    let domain = from.strip_prefix('@')?;
    let end = host::end(domain)?;
    let (domain, behind) = domain.split_at_checked(end)?;
    // `@ada@social.example` names an account, and `a@b.example@c` nothing.
    if !is_public(domain) || behind.starts_with('@') {
        return None;
    }
    let mut local = local_part(before)?;
    // `_ada@shop.example_` is a mailbox in italics.
    if behind.starts_with('_') {
        local = local.trim_start_matches('_');
    }
    (!local.is_empty()).then_some((local.len(), '@'.len_utf8() + end))
}

/// Whether a domain has a dot, and behind the last one what may be a top-level
/// domain: not the `1` of `ada@v1.1`.
fn is_public(domain: &str) -> bool {
    let Some((_, top)) = domain.rsplit_once('.') else {
        return false;
    };
    top.chars().nth(1).is_some() && !top.starts_with(|c: char| c.is_ascii_digit())
}

/// The local part of a mailbox, at the end of the text before its `@`.
///
/// A Latin one begins behind letters of another script, as in `邮箱ada`.
fn local_part(before: &str) -> Option<&str> {
    let mut is_latin_part = None;
    let mut start = before.len();
    let mut behind = '@';
    for (at, c) in before.char_indices().rev() {
        let ends_script = is_latin_part == Some(true) && !is_latin(c);
        if !is_local(c) || ends_script || c == '.' && behind == '.' {
            if c == '@' {
                return None;
            }
            break;
        }
        if is_word(c) {
            is_latin_part.get_or_insert(is_latin(c));
        }
        start = at;
        behind = c;
    }
    // Signs at its beginning are those of the sentence, or of Markdown.
    let is_sign = |c: char| !is_word(c) && c != '_';
    let local = before.get(start..)?.trim_start_matches(is_sign);
    local.contains(is_word).then_some(local)
}

fn is_local(c: char) -> bool {
    is_word(c)
        || is_joiner(c)
        || matches!(
            c,
            '.' | '+' | '-' | '_' | '&' | '=' | '~' | '!' | '$' | '*' | '\''
        )
}
