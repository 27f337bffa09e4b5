//! The host of an address or a mailbox, as in `shop.example`.

use crate::characters::{is_emoji, is_joiner, is_latin, is_word};

/// Where the host ends that a text begins with, in bytes: labels of letters
/// and digits, with single dots between them.
///
/// A host ends before a change of script in its last label, because no
/// top-level domain mixes Latin letters with others: `shop.exampleです` is the
/// host `shop.example` and a Japanese word.
pub(crate) fn end(text: &str) -> Option<usize> {
    let mut before = '.';
    let mut end = 0;
    let mut label = 0;
    for (at, c) in text.char_indices() {
        let in_label = before != '.';
        match c {
            '.' | '-' | '_' if in_label => {}
            _ if is_word(c) => {
                end = at + c.len_utf8();
                if !in_label {
                    label = at;
                }
            }
            _ if is_joiner(c) && in_label => {}
            _ => break,
        }
        before = c;
    }
    let last_label = text.get(label..end)?;
    let end = label + script_end(last_label);
    (end > 0).then_some(end)
}

/// Where the letters of a label stop being of the script that it begins in.
fn script_end(label: &str) -> usize {
    let mut latin = false;
    let mut end = 0;
    for (at, c) in label.char_indices() {
        let ends = latin && !is_latin(c) || is_emoji(c);
        if ends && at > 0 {
            return end;
        }
        latin |= is_latin(c) && !c.is_ascii_digit();
        if is_word(c) {
            end = at + c.len_utf8();
        }
    }
    label.len()
}
