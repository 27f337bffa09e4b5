//! One chat in a list. Only the name is the button, so that its accessible name is short; the
//! button is stretched over the whole row, so that it is easy to hit.

use leptos::prelude::*;
use parlor_wire::ChatId;

use super::ViewContext;
use crate::driver::row_id;
use crate::text;
use crate::workspace::{Intent, Preview, Row};

pub(super) fn row(context: ViewContext, chat: ChatId) -> impl IntoView {
    let ViewContext {
        store,
        driver,
        person_shown,
    } = context;
    let id = row_id(chat.as_str());
    let preview_id = format!("{id}-preview");
    let described = preview_id.clone();
    let of = chat.clone();
    let row = Memo::new(move |_| {
        store
            .lists
            .with(|lists| lists.rows().find(|row| row.chat == of).cloned())
    });
    let read = move |what: fn(&Row) -> bool| row.with(|row| row.as_ref().is_some_and(what));
    let selected = move || read(|row| row.selected);
    let name = move || text::name(row.with(|row| row.as_ref().and_then(|row| row.name.clone())));
    let unread = Memo::new(move |_| row.with(|row| row.as_ref().map_or(0, |row| row.unread)));
    // On the right: how long the visitor has waited, or who answers.
    let aside = move || {
        let (since, with) = row.with(|row| {
            let row = row.as_ref()?;
            Some((row.since, row.agent_name.clone()))
        })?;
        with.or_else(|| Some(text::wait(since?, store.now.get())))
    };
    let pick = move |_| {
        person_shown.set(false);
        driver.dispatch(Intent::Select(chat.clone()));
    };
    view! {
        <li
            class="row"
            class:row-selected=selected
            class:row-unread=move || { unread.get() > 0 }
            class:row-ended=move || read(|row| row.ended)
        >
            {move || avatar(&name())}
            <div class="row-main">
                <div class="row-line">
                    <button
                        type="button"
                        class="row-pick"
                        id=id
                        aria-current=move || selected().to_string()
                        aria-describedby=described
                        on:click=pick
                    >
                        {name}
                        {move || {
                            (unread.get() > 0)
                                .then(|| view! { <span class="unseen">", "{text::unread(unread.get())}</span> })
                        }}
                    </button>
                    <span class="row-aside">{aside}</span>
                </div>
                <div class="row-line">
                    <span class="row-preview" id=preview_id>
                        {move || row.with(|row| row.as_ref().map(preview))}
                    </span>
                    {move || {
                        read(|row| row.offered)
                            .then(|| view! { <span class="row-mark">"Offered to you"</span> })
                    }}
                    {move || {
                        let team = row.with(|row| row.as_ref()?.team.clone());
                        team.map(|team| view! { <span class="row-team">{team}</span> })
                    }}
                    {move || {
                        (unread.get() > 0)
                            .then(|| view! { <span class="badge" aria-hidden="true">{unread.get()}</span> })
                    }}
                </div>
            </div>
        </li>
    }
}

fn preview(row: &Row) -> AnyView {
    if row.ended {
        return view! { <em>"The chat has ended"</em> }.into_any();
    }
    if row.typing {
        return view! { <em class="row-typing">"Typing…"</em> }.into_any();
    }
    match &row.preview {
        Preview::Nothing => view! { <em>"Has not written yet"</em> }.into_any(),
        Preview::Message { by_me, note, text } => {
            let who = match (note, by_me) {
                (true, _) => Some("Note: "),
                (false, true) => Some("You: "),
                (false, false) => None,
            };
            // Only one line is shown.
            let text: String = text.chars().take(120).collect();
            view! { {who}{text} }.into_any()
        }
    }
}

/// The initials, in a colour derived from the name.
pub(super) fn avatar(name: &str) -> impl IntoView + use<> {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let letters: String = words
        .next()
        .into_iter()
        .chain(words.next_back())
        .flat_map(char::to_uppercase)
        .collect();
    let sum = name.bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    let tint = (sum % 6).to_string();
    view! { <span class="avatar" data-tint=tint aria-hidden="true">{letters}</span> }
}
