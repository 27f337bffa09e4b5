//! The form in which a new password is chosen.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::ViewContext;
use crate::text;
use crate::workspace::{Intent, Secret, SignInStage};

pub(super) fn new_password(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let password = NodeRef::<Input>::new();
    let busy = move || {
        matches!(
            store.sign_in_stage.get(),
            SignInStage::NewPassword { busy: true, .. }
        )
    };
    let problem = move || match store.sign_in_stage.get() {
        SignInStage::NewPassword { problem, .. } => problem.map(text::sign_in_problem),
        _ => None,
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(password) = password.get() {
            driver.dispatch(Intent::ChoosePassword(Secret(password.value())));
        }
    };
    view! {
        <main class="sign-in">
            <form class="sign-in-card" on:submit=submit>
                <p class="brand"><span class="brand-mark" aria-hidden="true"></span>"Parlor"</p>
                <h1>"Choose a new password"</h1>
                <div class="field">
                    <label for="new-password">"New password"</label>
                    <input
                        node_ref=password
                        id="new-password"
                        type="password"
                        name="password"
                        autocomplete="new-password"
                        required
                        aria-describedby="new-password-trouble"
                    />
                </div>
                <p id="new-password-trouble" class="trouble" role="alert">{problem}</p>
                <button type="submit" class="button button-main" aria-disabled=move || busy().to_string()>
                    "Save and sign in"
                </button>
            </form>
        </main>
    }
}
