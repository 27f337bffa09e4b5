//! The parts of the page: chats, archive and reports. One of them is shown.

use leptos::prelude::*;

use super::ViewContext;
use crate::driver::{time_zone, today};
use crate::workspace::{Intent, Section};

pub(super) fn sections(context: ViewContext) -> impl IntoView {
    let waiting = Memo::new(move |_| context.store.attention_count());
    let is_elsewhere = move || context.store.section.get() != Section::Chats;
    view! {
        <nav class="sections" aria-label="Parts of the console">
            {section(context, Section::Chats, "Chats")}
            {section(context, Section::Archive, "Archive")}
            {section(context, Section::Reports, "Reports")}
            <Show when=move || { is_elsewhere() && waiting.get() > 0 }>
                <p class="sections-waiting">
                    {move || match waiting.get() {
                        1 => "1 chat needs you".to_owned(),
                        count => format!("{count} chats need you"),
                    }}
                </p>
            </Show>
        </nav>
    }
}

fn section(context: ViewContext, section: Section, name: &'static str) -> impl IntoView {
    let shown = context.store.section;
    view! {
        <button
            type="button"
            class="section"
            aria-current=move || (shown.get() == section).then_some("page")
            on:click=move |_| show(context, section)
        >
            {name}
        </button>
    }
}

/// Shows a part of the page.
pub(super) fn show(context: ViewContext, section: Section) {
    context.person_shown.set(false);
    let intent = Intent::ShowSection(section, today(), time_zone());
    context.driver.dispatch(intent);
}
