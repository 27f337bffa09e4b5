//! Somebody's picture, or the first letters of their name where there is none
//! or it cannot be loaded.

use wasm_bindgen::JsCast;
use web_sys::Element;

use super::part::{Part, of_class};

pub(super) fn avatar(name: &str, picture: Option<&str>) -> Part {
    let picture = picture.map(|address| {
        of_class("img", "avatar-picture")
            .on("error", |event| {
                // Nothing is drawn for it where it has no size.
                if let Some(picture) = event.target() {
                    picture.unchecked_into::<Element>().set_class_name("");
                }
            })
            .attr("src", address)
            .attr("alt", "")
    });
    of_class("span", "avatar")
        .attr("aria-hidden", "true")
        .text(&initials(name))
        .child(picture)
        .into()
}

/// Of the first and the last word. The style sheet makes them large: the browser knows how, and the
/// tables of it would be four kilobytes of what a visitor loads.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next();
    first
        .into_iter()
        .chain(words.next_back())
        .filter_map(|word| word.chars().next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("ada maria lovelace"), "al");
        assert_eq!(initials("Ólafur"), "Ó");
        assert_eq!(initials(""), "");
    }
}
