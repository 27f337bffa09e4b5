//! The visitor wants the conversation by e-mail: they say to which address. During the
//! conversation the menu asks for it, and after its end the panel there. Only where the endpoint
//! sends mail.

use leptos::{ev::SubmitEvent, html, prelude::*};
use parlor_session::Intent;
use parlor_wire::event::looks_like_email;

use super::{
    context::{ChatContext, chat},
    focus::focus,
    form::Thanks,
};
use crate::erased::{Built, IntoBuilt, When, dynamic, effect};

impl ChatContext {
    /// Whether the endpoint sends mail.
    pub(super) fn mails_transcripts(self) -> bool {
        let welcome = self.store.welcome;
        welcome.with_untracked(|welcome| welcome.as_ref().is_some_and(|it| it.mails_transcripts))
    }
}

/// Below the lines of a conversation, once the item of the menu was pressed.
#[component]
pub(super) fn TranscriptRequest() -> impl IntoView {
    let chat = chat();
    let asks = chat.asks_address;
    let close = UnsyncCallback::new(move |()| {
        asks.set(false);
        chat.request_focus();
    });
    view! {
        <When when=move || asks.get() && chat.is_open()>
            <AddressForm on_sent=close on_cancelled=close />
        </When>
    }
    .built()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Offered,
    Asked,
    Thanks,
}

/// After the conversation.
#[component]
pub(super) fn TranscriptOffer() -> impl IntoView {
    let chat = chat();
    let step = RwSignal::new(Step::Offered);
    let sent = UnsyncCallback::new(move |()| {
        step.set(Step::Thanks);
        chat.request_focus();
    });
    let cancelled = UnsyncCallback::new(move |()| step.set(Step::Offered));
    chat.mails_transcripts().then(|| {
        dynamic(move || match step.get() {
            Step::Offered => view! {
                <button
                    class="transcript-offer"
                    type="button"
                    on:click=move |_| step.set(Step::Asked)
                >
                    {chat.text.mail_conversation()}
                </button>
            }
            .built(),
            Step::Asked => view! { <AddressForm on_sent=sent on_cancelled=cancelled /> }.built(),
            Step::Thanks => view! { <Thanks /> }.built(),
        })
    })
}

#[component]
fn AddressForm(on_sent: UnsyncCallback<()>, on_cancelled: UnsyncCallback<()>) -> impl IntoView {
    let chat = chat();
    let address = RwSignal::new(known_address(chat));
    let is_wrong = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    effect(move || {
        if let Some(input) = input.get() {
            request_animation_frame(move || focus(&input));
        }
    });
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let address = address.get_untracked().trim().to_owned();
        if !takes_mail(&address) {
            is_wrong.set(true);
            if let Some(input) = input.get_untracked() {
                focus(&input);
            }
            return;
        }
        chat.send(Intent::RequestTranscript(address));
        on_sent.run(());
    };
    let error = dynamic(move || match is_wrong.get() {
        true => view! {
            <p class="field-error" id="transcript-error" role="alert">
                {chat.text.field_no_email()}
            </p>
        }
        .built(),
        false => Built::nothing(),
    });
    view! {
        <form
            class="transcript-request"
            aria-label=chat.text.mail_conversation()
            novalidate=true
            on:submit=send
        >
            <label class="transcript-label" for="transcript-address">
                {chat.text.mail_to()}
            </label>
            <input
                class="field-control"
                id="transcript-address"
                type="email"
                autocomplete="email"
                dir="ltr"
                aria-invalid=move || is_wrong.get().then_some("true")
                aria-describedby=move || is_wrong.get().then_some("transcript-error")
                prop:value=address.get_untracked()
                node_ref=input
                on:input=move |event| {
                    address.set(event_target_value(&event));
                    is_wrong.set(false);
                }
            />
            {error}
            <div class="transcript-buttons">
                <button
                    class="transcript-offer"
                    type="button"
                    on:click=move |_| on_cancelled.run(())
                >
                    {chat.text.cancel()}
                </button>
                <button class="transcript-offer" type="submit">
                    {chat.text.send()}
                </button>
            </div>
        </form>
    }
    .built()
}

/// What they have answered before the conversation, if it is there still.
fn known_address(chat: ChatContext) -> String {
    chat.store.answers.with_untracked(|answers| {
        let mut values = answers.iter().flat_map(|answer| &answer.values);
        let known = values.find(|value| takes_mail(value.trim()));
        known.cloned().unwrap_or_default()
    })
}

/// As the endpoint has it: letters before the @ are ASCII.
fn takes_mail(text: &str) -> bool {
    let local = text.rsplit_once('@').map_or("", |(local, _)| local);
    looks_like_email(text) && local.is_ascii()
}
