//! A form in a message or after the conversation, and a form that has been filled in. Once a
//! form is answered, one sentence takes its place.

use std::sync::Arc;

use leptos::{html, prelude::*};
use parlor_session::Body;
use parlor_wire::event::FormField;

use super::{context::chat, field::Fields, form_state::FormState};
use crate::erased::{Built, IntoBuilt, dynamic};
use crate::store::Row;

/// A form that the agent sent.
#[component]
pub(super) fn Form(row: Arc<Row>) -> impl IntoView {
    let chat = chat();
    let done = row.details().done.clone();
    let is_done = Memo::new(move |_| done.get());
    let inside = dynamic(move || match (is_done.get(), &*row.line.body) {
        (false, Body::Form(form)) => {
            let state = FormState::message(&row);
            view! { <Questions state fields=form.fields.clone() /> }.built()
        }
        _ => view! { <p class="form-answered">{chat.text.answered()}</p> }.built(),
    });
    view! { <div class="form">{inside}</div> }.built()
}

/// The form after the conversation, where the deployment has one.
#[component]
pub(super) fn Postchat() -> impl IntoView {
    let chat = chat();
    let is_done = Memo::new(move |_| chat.store.postchat_done.get());
    let form = chat
        .store
        .welcome
        .with_untracked(|welcome| welcome.as_ref()?.postchat.clone());
    form.map(|form| {
        dynamic(move || match is_done.get() {
            false => {
                let state = FormState::postchat(chat);
                view! { <Questions state fields=form.fields.clone() /> }.built()
            }
            true => view! { <Thanks /> }.built(),
        })
    })
}

#[component]
pub(super) fn Thanks() -> impl IntoView {
    let chat = chat();
    view! {
        <p class="form-answered" role="status">
            {chat.text.thanks()}
        </p>
    }
    .built()
}

/// The fields, and the button that sends their answers.
#[component]
fn Questions(state: FormState, fields: Vec<FormField>) -> impl IntoView {
    let chat = chat();
    let form = NodeRef::<html::Form>::new();
    // A form in a message is answered within the conversation only.
    let is_disabled = move || state.is_in_message() && !chat.is_open();
    view! {
        <form
            class="form-questions"
            aria-label=chat.text.form()
            novalidate=true
            node_ref=form
            on:submit=move |event| state.submit(chat, &event, form)
        >
            <Fields form=state fields />
            <button class="button" type="submit" disabled=is_disabled>
                {chat.text.send_answers()}
            </button>
        </form>
    }
    .built()
}

/// Each question with its answer.
#[component]
pub(super) fn FilledForm(pairs: Vec<(String, String)>) -> impl IntoView {
    let pair = |(question, answer)| {
        view! {
            <div class="form-pair" dir="auto">
                <dt>{question}</dt>
                <dd>{answer}</dd>
            </div>
        }
        .built()
    };
    let pairs: Vec<Built> = pairs.into_iter().map(pair).collect();
    view! { <dl class="form form-filled">{pairs}</dl> }.built()
}
