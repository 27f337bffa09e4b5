//! Somebody's picture, or the first letters of their name where there is none
//! or it cannot be loaded.

use leptos::prelude::*;

use crate::erased::IntoBuilt;

#[component]
pub(super) fn Avatar(
    name: String,
    /// The picture's address.
    picture: Option<String>,
) -> impl IntoView {
    let loads = RwSignal::new(true);
    let picture = picture.map(|address| {
        view! {
            // Without the class it has no size, and the browser draws no broken picture.
            <img
                class=move || if loads.get() { "avatar-picture" } else { "" }
                on:error=move |_| loads.set(false)
                src=address
                alt=""
            />
        }
        .built()
    });
    view! {
        <span class="avatar" aria-hidden="true">
            {initials(&name)}
            {picture}
        </span>
    }
    .built()
}

/// Of the first and the last word. The style sheet turns them into capitals: the browser knows
/// how, and Unicode's tables of capitals would add four kilobytes to the document.
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
