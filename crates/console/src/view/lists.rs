//! The lists: chats that wait, mine, the team's, messages that were left,
//! callbacks, and chats that have ended.

use leptos::prelude::*;
use parlor_wire::ChatId;

use super::{ViewContext, messages, row};
use crate::workspace::{Lists, Row};

pub(super) fn lists(context: ViewContext) -> impl IntoView {
    view! {
        <nav class="lists" aria-label="Chats">
            {list(context, "Waiting", "Nobody is waiting.", |lists| &lists.waiting)}
            {list(context, "Mine", "You have no chats.", |lists| &lists.mine)}
            {list(context, "Team", "Your colleagues have no chats.", |lists| &lists.team)}
            {messages::list(context, messages::MESSAGES)}
            {messages::list(context, messages::CALLBACKS)}
            {messages::list(context, messages::ENDED)}
        </nav>
    }
}

fn list(
    context: ViewContext,
    name: &'static str,
    nobody: &'static str,
    part: fn(&Lists) -> &Vec<Row>,
) -> impl IntoView {
    let lists = context.store.lists;
    let chats = Memo::new(move |_| {
        lists.with(|lists| {
            let rows = part(lists).iter();
            rows.map(|row| row.chat.clone()).collect::<Vec<ChatId>>()
        })
    });
    let count = move || chats.with(Vec::len);
    let kind = name.to_lowercase();
    view! {
        <section class="list" data-list=kind>
            <h2 class="list-head">
                {name}" "
                <span class="count" data-some=move || (count() > 0).to_string()>
                    {count}
                </span>
            </h2>
            <ul class="rows" role="list" aria-label=name>
                <For each=move || chats.get() key=|chat| chat.clone() let:chat>
                    {row::row(context, chat)}
                </For>
            </ul>
            <Show when=move || chats.with(Vec::is_empty)>
                <p class="list-empty">{nobody}</p>
            </Show>
        </section>
    }
}
