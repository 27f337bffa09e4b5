//! How the conversation was: a press on good or bad, and then a comment, which may be left out.
//! The newest rating counts.

use leptos::{ev::SubmitEvent, prelude::*};
use parlor_session::Intent;

use super::{
    context::chat,
    form::Thanks,
    icon::{BAD, GOOD, Icon},
};
use crate::erased::{Built, IntoBuilt, dynamic};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Score,
    /// There is a score, and a comment can be added.
    Comment,
    /// The comment has been sent.
    Thanks,
}

#[component]
pub(super) fn Rating() -> impl IntoView {
    let chat = chat();
    let commented = RwSignal::new(false);
    // A new score asks for a comment again.
    let step = Memo::new(move |_| match (chat.store.rated.get(), commented.get()) {
        (None, _) => Step::Score,
        (Some(_), false) => Step::Comment,
        (Some(_), true) => Step::Thanks,
    });
    let step = dynamic(move || match step.get() {
        Step::Score => Built::nothing(),
        Step::Comment => view! { <Comment commented /> }.built(),
        Step::Thanks => view! { <Thanks /> }.built(),
    });
    view! {
        <p class="rating-question">{chat.text.how_was_it()}</p>
        <div class="rating-scores" role="group" aria-label=chat.text.how_was_it()>
            <Score good=true commented />
            <Score good=false commented />
        </div>
        {step}
    }
    .built()
}

#[component]
fn Score(good: bool, commented: RwSignal<bool>) -> impl IntoView {
    let chat = chat();
    let (name, path) = match good {
        true => (chat.text.good(), GOOD),
        false => (chat.text.bad(), BAD),
    };
    let rate = move |_| {
        chat.send(Intent::Rate {
            good,
            comment: None,
        });
        commented.set(false);
    };
    view! {
        <button
            class="rating-score"
            type="button"
            aria-pressed=move || (chat.store.rated.get() == Some(good)).to_string()
            on:click=rate
        >
            <Icon path />
            {name}
        </button>
    }
    .built()
}

#[component]
fn Comment(commented: RwSignal<bool>) -> impl IntoView {
    let chat = chat();
    let comment = RwSignal::new(String::new());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let comment = comment.get_untracked();
        let rated = chat.store.rated.get_untracked();
        if let Some(good) = rated.filter(|_| !comment.trim().is_empty()) {
            let comment = Some(comment);
            chat.send(Intent::Rate { good, comment });
            commented.set(true);
            chat.request_focus();
        }
    };
    view! {
        <form class="rating-comment" on:submit=send>
            <textarea
                class="field-control"
                rows="2"
                dir="auto"
                aria-label=chat.text.comment()
                placeholder=chat.text.comment()
                on:input=move |event| comment.set(event_target_value(&event))
            ></textarea>
            <button class="rating-send" type="submit">
                {chat.text.send()}
            </button>
        </form>
    }
    .built()
}
