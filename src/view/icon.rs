//! Line icons on a grid of 24, in the colour of the text around them.

use leptos::prelude::*;

use crate::erased::IntoBuilt;

pub(super) const BACK: &str = "M15 5l-7 7 7 7";
pub(super) const DOWN: &str = "M6 9l6 6 6-6";
pub(super) const MORE: &str = "M4.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M18.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0";
pub(super) const SEND: &str = "M12 20V5M5 12l7-7 7 7";
pub(super) const ARROW: &str = "M5 12h14M13 6l6 6-6 6";
pub(super) const NEXT: &str = "M9 5l7 7-7 7";
pub(super) const CLIP: &str = "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.6 1.6 0 0 1-2.3-2.3L14.5 7.5";
pub(super) const PAPER: &str = "M6 3h8l5 5v13H6zM14 3v5h5";
pub(super) const LOAD: &str = "M12 4v12M6 11l6 6 6-6M5 21h14";
pub(super) const GOOD: &str =
    "M7 11v9H3v-9zM7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9H19a2 2 0 0 1 2 2.4l-1.3 7A2 2 0 0 1 17.7 20H7";
pub(super) const BAD: &str =
    "M7 13V4H3v9zM7 13l4 8a2.5 2.5 0 0 0 2.5-2.5V15H19a2 2 0 0 0 2-2.4l-1.3-7A2 2 0 0 0 17.7 4H7";

/// One of the paths above. Decoration: whatever it stands in has a name of its own.
#[component]
pub(super) fn Icon(path: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
    .built()
}
