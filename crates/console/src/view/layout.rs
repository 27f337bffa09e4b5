//! The page of a signed-in agent. On a wide page lists, conversation and details are side by side;
//! on a narrow one only one of them is shown. In place of the lists there is the archive, or there
//! are the reports, which fill the page.

use leptos::prelude::*;

use super::{
    ViewContext, archive, archived, conversation, lists, notice, page_header, person, reports,
    sections,
};
use crate::text;
use crate::workspace::Section;

pub(super) fn layout(context: ViewContext) -> impl IntoView {
    let ViewContext {
        store,
        person_shown,
        ..
    } = context;
    let is_open = move || match store.section.get() {
        Section::Chats => store.open.with(Option::is_some),
        Section::Archive => store.archived.with(Option::is_some),
        Section::Reports => false,
    };
    let pane = move || match (is_open(), person_shown.get()) {
        (false, _) => "lists",
        (true, false) => "conversation",
        (true, true) => "person",
    };
    let section = move || match store.section.get() {
        Section::Chats => "chats",
        Section::Archive => "archive",
        Section::Reports => "reports",
    };
    let spoken = move || store.announcement.get().map(text::announcement);
    view! {
        <a class="skip" href="#conversation">"Skip to the conversation"</a>
        <div class="workplace" data-pane=pane data-section=section>
            {page_header::page_header(context)}
            <main class="panes">
                <div class="side">
                    {sections::sections(context)}
                    {move || match store.section.get() {
                        Section::Chats => lists::lists(context).into_any(),
                        Section::Archive => archive::archive(context).into_any(),
                        Section::Reports => reports::reports(context).into_any(),
                    }}
                </div>
                {move || match store.section.get() {
                    Section::Chats => view! {
                        {conversation::conversation(context)}
                        {person::person(context)}
                    }
                    .into_any(),
                    Section::Archive => view! {
                        {archived::archived(context)}
                        {archived::about(context)}
                    }
                    .into_any(),
                    Section::Reports => ().into_any(),
                }}
            </main>
        </div>
        {notice::notice(context)}
        <p class="unseen" role="status">{spoken}</p>
    }
}
