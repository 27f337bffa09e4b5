//! The wait for an agent: the place in the queue and the time that is left, as far as they are
//! known. Never a zero.

use leptos::prelude::*;
use parlor_session::{Millis, Stage};
use parlor_wire::event::FieldKind;

use super::{
    callback::{AskCallback, FormButton},
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
        if nobody_is_there(chat) {
            return format!("{} {}", chat.text.nobody_here(), chat.answer_later());
        }
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
                <When when=move || offers_message(chat)>
                    <FormButton label=chat.text.leave_message() shows=chat.leaves_message />
                </When>
                <When when=move || offers_callback(chat)>
                    <AskCallback />
                </When>
            </div>
        </section>
    }
    .built()
}

/// Whether the visitor is in the queue. Reactive.
fn waits(chat: ChatContext) -> bool {
    chat.store
        .stage
        .with(|stage| matches!(stage, Stage::Waiting { .. }))
}

/// Whether the visitor waits for nobody. Unknown where visitors choose a team: the window knows
/// only who is there for the page's own. Reactive.
fn nobody_is_there(chat: ChatContext) -> bool {
    let has_one_team = chat.store.welcome.with(|welcome| {
        let forms = welcome.iter().flat_map(|welcome| &welcome.prechat);
        let mut fields = forms.flat_map(|form| &form.fields);
        welcome.is_some() && !fields.any(|field| field.kind == FieldKind::GroupChooser)
    });
    waits(chat) && has_one_team && !chat.store.available.get()
}

/// Whether a message can be left instead of waiting. Reactive.
fn offers_message(chat: ChatContext) -> bool {
    let has_form = chat.store.welcome.with(|welcome| {
        let welcome = welcome.as_ref();
        welcome.is_some_and(|welcome| welcome.offline_form.is_some())
    });
    has_form && nobody_is_there(chat)
}

/// Whether the visitor need not wait. Reactive.
fn offers_callback(chat: ChatContext) -> bool {
    waits(chat) && chat.offers_callback(|offer| offer.waiting)
}

/// Reactive; none where no time is expected, or nobody is there to keep it.
fn time_left(chat: ChatContext) -> Option<String> {
    if nobody_is_there(chat) {
        return None;
    }
    let served_at = chat.store.stage.with(|stage| match stage {
        Stage::Waiting { served_at, .. } => *served_at,
        _ => None,
    })?;
    Some(match served_at.saturating_sub(chat.store.now.get()) {
        0 => chat.text.any_moment().to_owned(),
        left => chat.text.about_minutes(left.div_ceil(MINUTE)),
    })
}
