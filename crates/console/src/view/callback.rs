//! What an agent does about a message that was left and about a callback, and how and when the
//! visitor wants to be called.

use leptos::prelude::*;
use parlor_wire::agent::CallbackOutcome;

use super::{ViewContext, clock};
use crate::workspace::{CallbackView, Intent, MessageChange, Millis};

/// The buttons in the header of the open chat.
pub(super) fn message_tools(context: ViewContext) -> impl IntoView {
    let store = context.store;
    let change = move |name: &'static str, change: MessageChange| {
        let press = move |_| context.driver.dispatch(Intent::UpdateMessage(change));
        view! { <button type="button" class="button" on:click=press>{name}</button> }
    };
    let tools = Memo::new(move |_| {
        store.open.with(|open| {
            let open = open.as_ref()?;
            Some((open.is_open_message, open.callback.is_some()))
        })
    });
    move || {
        let buttons = match tools.get()? {
            (true, false) => change("Mark as done", MessageChange::Done).into_any(),
            (true, true) => view! {
                {change("Done", MessageChange::Done)}
                {change("Missed", MessageChange::Missed)}
            }
            .into_any(),
            (false, true) => change("Again", MessageChange::Again).into_any(),
            (false, false) => return None,
        };
        Some(view! { <div class="head-tools">{buttons}</div> })
    }
}

/// How and when the visitor wants to be called, below the header.
pub(super) fn callback(context: ViewContext) -> impl IntoView {
    let wanted = Memo::new(move |_| {
        let open = context.store.open;
        open.with(|open| open.as_ref().and_then(|open| open.callback.clone()))
    });
    move || {
        let wanted = wanted.get()?;
        let when = when(&wanted);
        let outcome = match wanted.outcome {
            None => None,
            Some(CallbackOutcome::Missed) => Some("Nobody was reached."),
            Some(_) => Some("The callback was made."),
        };
        Some(view! {
            <section class="callback" aria-label="Callback">
                <p class="callback-how">{how(wanted.phone)}</p>
                <p class="callback-when">{when}</p>
                {outcome.map(|outcome| view! { <p class="callback-when">{outcome}</p> })}
            </section>
        })
    }
}

fn how(phone: Option<String>) -> AnyView {
    let Some(phone) = phone else {
        return "By a message in this chat".into_any();
    };
    // What people write between the digits is left out.
    let number: String = phone
        .chars()
        .filter(|it| it.is_ascii_digit() || *it == '+')
        .collect();
    view! { "By phone: "<a href=format!("tel:{number}")>{phone}</a> }.into_any()
}

fn when(wanted: &CallbackView) -> String {
    let window = |(from, to): &(Millis, Millis)| {
        format!(
            "{}, {}–{}",
            clock::day(*from),
            clock::time(*from),
            clock::time(*to)
        )
    };
    let times: Vec<String> = wanted.times.iter().map(window).collect();
    let suits = match times.is_empty() {
        true => "Any time suits.".to_owned(),
        false => format!("It suits: {}.", times.join("; ")),
    };
    match wanted.due.filter(|_| wanted.outcome.is_none()) {
        Some(due) => format!("{suits} Due: {}", clock::moment(due)),
        None => suits,
    }
}
