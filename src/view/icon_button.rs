//! A button that is nothing but an icon.

use leptos::prelude::*;

use super::icon::Icon;
use crate::erased::IntoBuilt;

/// `name` is read aloud in place of the icon.
#[component]
pub(super) fn IconButton(
    class: &'static str,
    name: &'static str,
    icon: &'static str,
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button class=class type="button" aria-label=name on:click=move |_| on_press()>
            <Icon path=icon />
        </button>
    }
    .built()
}
