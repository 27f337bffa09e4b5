//! The form of a callback: how and when the visitor wants to be called, and what it is about. The
//! fields are the deployment's, whose sentences are those of the window's language, and whose times
//! are the visitor's own.

use leptos::{html, prelude::*};
use parlor_session::moment;
use parlor_wire::event::{
    CALLBACK_PHONE_FIELD, CALLBACK_TIMES_FIELD, CALLBACK_TYPE_FIELD, FormField, FormOption,
};

use super::{
    context::{ChatContext, chat},
    field::Fields,
    form_state::FormState,
    offline::MessageField,
};
use crate::erased::IntoBuilt;

#[component]
pub(super) fn Callback() -> impl IntoView {
    let chat = chat();
    let state = FormState::callback(chat);
    let form = NodeRef::<html::Form>::new();
    let fields = chat.store.welcome.with_untracked(|welcome| {
        let form = &welcome.as_ref()?.callback.as_ref()?.form;
        let fields = form.fields.iter().cloned();
        Some(fields.map(|field| in_words(chat, field)).collect())
    });
    let fields = fields.map(|fields: Vec<FormField>| view! { <Fields form=state fields /> });
    view! {
        <form
            class="prechat callback"
            novalidate=true
            node_ref=form
            on:submit=move |event| state.submit(chat, &event, form)
        >
            <div class="prechat-fields">
                <h2 class="prechat-title">{chat.text.ask_callback()}</h2>
                <p class="prechat-lead">{chat.text.callback_lead()}</p>
                {fields}
                <MessageField state label=chat.text.callback_note() required=false />
            </div>
            <div class="prechat-end">
                <button class="button" type="submit">
                    {chat.text.ask_callback()}
                </button>
            </div>
        </form>
    }
    .built()
}

/// The button that leads to the form.
#[component]
pub(super) fn AskCallback() -> impl IntoView {
    let chat = chat();
    view! { <FormButton label=chat.text.ask_callback() shows=chat.asks_callback /> }
}

/// A button that leads to a form, beside what the visitor is offered first.
#[component]
pub(super) fn FormButton(
    label: &'static str,
    /// Whether the form is shown.
    shows: RwSignal<bool>,
) -> impl IntoView {
    let chat = chat();
    let show = move |_| {
        shows.set(true);
        chat.request_focus();
    };
    view! {
        <button class="button second" type="button" on:click=show>
            {label}
        </button>
    }
    .built()
}

/// The field as the visitor reads it.
fn in_words(chat: ChatContext, mut field: FormField) -> FormField {
    let (label, option): (_, fn(ChatContext, &FormOption) -> Option<String>) =
        match field.id.id().as_str() {
            CALLBACK_TYPE_FIELD => (chat.text.callback_type(), |chat, option| {
                let label = match option.id.id().as_str() {
                    "chat" => chat.text.in_this_chat(),
                    _ => chat.text.by_phone(),
                };
                Some(label.to_owned())
            }),
            CALLBACK_PHONE_FIELD => (chat.text.phone_number(), |_, _| None),
            CALLBACK_TIMES_FIELD => (chat.text.callback_times(), |chat, option| {
                let id = option.id.id();
                let (start, end) = id.split_once('/')?;
                let (start, end) = (moment(start)?, moment(end)?);
                Some(format!(
                    "{}, {}–{}",
                    chat.day(start),
                    chat.time(start),
                    chat.time(end)
                ))
            }),
            _ => return field,
        };
    label.clone_into(&mut field.label);
    for each in field.options.iter_mut().flatten() {
        if let Some(label) = option(chat, each) {
            each.label = label;
        }
    }
    field
}
