//! The panel after the conversation: who ended it, or why it was not begun; then the rating, the
//! deployment's form, and the way to the next conversation.

use leptos::{html, prelude::*};
use parlor_session::{EndedBy, FailReason, Intent, Stage};
use web_sys::Element;

use super::{
    context::chat, focus::focus, form::Postchat, rating::Rating,
    transcript_request::TranscriptOffer,
};
use crate::erased::{Built, IntoBuilt, effect};

#[component]
pub(super) fn Ended() -> impl IntoView {
    let chat = chat();
    let by = chat.store.stage.with_untracked(|stage| match stage {
        Stage::Ended(by) => Some(*by),
        _ => None,
    });
    let headline = by.map(|by| chat.text.ended(by, None)).unwrap_or_default();
    let at = chat.store.ended_at.get_untracked();
    let hint = at.map(|at| chat.text.ended_at(&chat.time(at)));
    let mut hint = hint.unwrap_or_default();
    if by == Some(EndedBy::AgentTimeout) {
        hint = format!("{} {}", chat.answer_later(), chat.text.find_answer());
    }
    let asks_rating = chat.store.welcome.with_untracked(|welcome| {
        let welcome = welcome.as_ref();
        welcome.is_some_and(|welcome| welcome.asks_rating)
    });
    let asked = view! {
        <div class="ended-asked">
            {asks_rating.then(|| view! { <Rating /> })}
            <Postchat />
            <TranscriptOffer />
        </div>
    }
    .built();
    view! { <Panel headline hint asked /> }
}

#[component]
pub(super) fn Failed() -> impl IntoView {
    let chat = chat();
    let reason = chat.store.stage.with_untracked(|stage| match stage {
        Stage::Failed(reason) => *reason,
        _ => FailReason::Internal,
    });
    let (headline, hint) = chat.text.request_failed(reason);
    view! { <Panel headline=headline.to_owned() hint=hint.to_owned() asked=Built::nothing() /> }
}

#[component]
fn Panel(
    headline: String,
    hint: String,
    /// The questions that the visitor is asked.
    asked: Built,
) -> impl IntoView {
    let chat = chat();
    let panel = NodeRef::<html::Section>::new();
    let start_again = move |_| {
        chat.send(Intent::StartAgain);
        chat.request_focus();
    };
    focus_if_nothing_has(panel);
    view! {
        <section class="ended" tabindex="-1" node_ref=panel>
            <div class="ended-words" role="status">
                <p class="ended-headline">{headline}</p>
                <p class="ended-hint">{hint}</p>
            </div>
            {asked}
            <button class="button" type="button" data-first="" on:click=start_again>
                {chat.text.start_again()}
            </button>
        </section>
    }
    .built()
}

/// The composer or a form is gone, and with it the focus of whoever was writing. It moves to the
/// panel, so that it is read, and not to a button, which Enter would press.
pub(super) fn focus_if_nothing_has(panel: NodeRef<html::Section>) {
    effect(move || {
        if let Some(panel) = panel.get() {
            request_animation_frame(move || {
                if nothing_has_focus() {
                    focus(&panel);
                }
            });
        }
    });
}

/// Whether the document has the focus, but none of its elements.
fn nothing_has_focus() -> bool {
    let document = document();
    let inside = document.has_focus().unwrap_or_default();
    let body = document.body().map(Element::from);
    inside
        && document
            .active_element()
            .is_none_or(|active| Some(active) == body)
}
