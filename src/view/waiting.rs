//! The wait for an agent: the place in the queue and the time that is left, as far as they are
//! known. Never a zero.

use leptos::prelude::*;
use parlor_session::{Millis, Stage};

use super::{
    callback::AskCallback,
    context::{ChatContext, chat},
};
use crate::erased::{IntoBuilt, When, text};

const MINUTE: Millis = 60_000;

#[component]
pub(super) fn Waiting() -> impl IntoView {
    let chat = chat();
    view! {
        <When when=move || chat.store.stage.with(is_waiting)>
            <Panel />
        </When>
    }
    .built()
}

fn is_waiting(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Starting | Stage::Resuming | Stage::Waiting { .. }
    )
}

#[component]
fn Panel() -> impl IntoView {
    let chat = chat();
    let headline = move || {
        chat.store.stage.with(|stage| match stage {
            Stage::Resuming => chat.text.resuming().to_owned(),
            Stage::Waiting { position, .. } => chat.text.in_line(*position),
            _ => chat.text.starting().to_owned(),
        })
    };
    let hint = move || {
        chat.store.stage.with(|stage| match stage {
            Stage::Waiting { .. } => chat.text.write_meanwhile().to_owned(),
            _ => String::new(),
        })
    };
    view! {
        <section class="waiting" role="status">
            <span class="waiting-pulse" aria-hidden="true"></span>
            <div class="waiting-words">
                <p class="waiting-headline">{text(headline)}</p>
                <p class="waiting-time">{text(move || time_left(chat).unwrap_or_default())}</p>
                <p class="waiting-hint">{text(hint)}</p>
                <When when=move || offers_callback(chat)>
                    <AskCallback />
                </When>
            </div>
        </section>
    }
    .built()
}

/// Whether the visitor is in the queue and need not wait. Reactive.
fn offers_callback(chat: ChatContext) -> bool {
    let waits = chat
        .store
        .stage
        .with(|stage| matches!(stage, Stage::Waiting { .. }));
    waits && chat.offers_callback(|offer| offer.waiting)
}

/// Reactive; none where no time is expected.
fn time_left(chat: ChatContext) -> Option<String> {
    let served_at = chat.store.stage.with(|stage| match stage {
        Stage::Waiting { served_at, .. } => *served_at,
        _ => None,
    })?;
    Some(match served_at.saturating_sub(chat.store.now.get()) {
        0 => chat.text.any_moment().to_owned(),
        left => chat.text.about_minutes(left.div_ceil(MINUTE)),
    })
}
