//! The form of a message that is left while nobody is there: the deployment's fields, and the
//! message. The message's text is the composer's draft, which survives a reload.

use leptos::{html, prelude::*};
use parlor_session::{Intent, MESSAGE_FIELD};
use parlor_wire::event::CONTACT_FIELD;

use super::{context::chat, field::Fields, form_state::FormState};
use crate::erased::{Built, IntoBuilt, dynamic, text};

#[component]
pub(super) fn Offline() -> impl IntoView {
    let chat = chat();
    let state = FormState::offline(chat);
    let form = NodeRef::<html::Form>::new();
    let fields = chat.store.welcome.with_untracked(|welcome| {
        let form = welcome.as_ref()?.offline_form.as_ref()?;
        let mut fields = form.fields.clone();
        for field in &mut fields {
            if field.id.id() == CONTACT_FIELD {
                chat.text.email_or_phone().clone_into(&mut field.label);
            }
        }
        Some(fields)
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
                <h2 class="prechat-title">{chat.text.leave_message()}</h2>
                <p class="prechat-lead">{text(move || chat.answer_later())}</p>
                <MessageField state label=chat.text.message() required=true />
                {fields}
            </div>
            <div class="prechat-end">
                <button class="button" type="submit">
                    {chat.text.send_message()}
                </button>
            </div>
        </form>
    }
    .built()
}

#[component]
pub(super) fn MessageField(state: FormState, label: &'static str, required: bool) -> impl IntoView {
    let chat = chat();
    let error = Memo::new(move |_| {
        state.errors.with(|errors| {
            let found = errors.iter().find(|(field, _)| field == MESSAGE_FIELD);
            found.map(|(_, error)| *error)
        })
    });
    let shown = dynamic(move || match error.get() {
        Some(error) => view! {
            <p class="field-error" id="offline-error">
                {chat.text.field_error(error)}
            </p>
        }
        .built(),
        None => Built::nothing(),
    });
    let write = move |event| {
        let text = event_target_value(&event);
        state
            .errors
            .update(|errors| errors.retain(|(field, _)| field != MESSAGE_FIELD));
        chat.store.draft.set(text.clone());
        chat.send(Intent::Draft(text));
    };
    view! {
        <div class="field">
            <label class="field-label" for="offline-message">
                {label}
                {required.then(|| view! {
                    <span class="field-mark" aria-hidden="true">
                        " *"
                    </span>
                })}
            </label>
            <textarea
                class="field-control"
                id="offline-message"
                rows="4"
                dir="auto"
                data-first=required
                aria-required=required.then_some("true")
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=move || error.get().map(|_| "offline-error")
                prop:value=move || chat.store.draft.get()
                on:input=write
            ></textarea>
            {shown}
        </div>
    }
    .built()
}
