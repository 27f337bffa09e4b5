//! The deployment's form before a conversation.

use leptos::{html, prelude::*};

use super::{context::chat, field::Fields, form_state::FormState};
use crate::erased::IntoBuilt;

#[component]
pub(super) fn Prechat() -> impl IntoView {
    let chat = chat();
    let state = FormState::prechat(chat);
    let form = NodeRef::<html::Form>::new();
    let fields = chat.store.welcome.with_untracked(|welcome| {
        let form = welcome.as_ref()?.prechat.as_ref()?;
        Some(form.fields.clone())
    });
    let fields = fields.map(|fields| view! { <Fields form=state fields /> });
    view! {
        <form
            class="prechat"
            novalidate=true
            node_ref=form
            on:submit=move |event| state.submit(chat, &event, form)
        >
            <div class="prechat-fields">
                <h2 class="prechat-title">{chat.text.prechat_title()}</h2>
                <p class="prechat-lead">{chat.text.prechat_lead()}</p>
                {fields}
            </div>
            <div class="prechat-end">
                <button class="button" type="submit">
                    {chat.text.start_chat()}
                </button>
            </div>
        </form>
    }
    .built()
}
