//! The sign-in form.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::ViewContext;
use crate::text;
use crate::workspace::{Intent, Secret, SignInStage};

pub(super) fn sign_in(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let email = NodeRef::<Input>::new();
    let password = NodeRef::<Input>::new();
    let busy = move || {
        matches!(
            store.sign_in_stage.get(),
            SignInStage::SignedOut { busy: true, .. }
        )
    };
    let problem = move || match store.sign_in_stage.get() {
        SignInStage::SignedOut { problem, .. } => problem.map(text::sign_in_problem),
        _ => None,
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let (Some(email), Some(password)) = (email.get(), password.get()) {
            driver.dispatch(Intent::SignIn {
                email: email.value().trim().to_owned(),
                password: Secret(password.value()),
            });
        }
    };
    view! {
        <main class="sign-in">
            <form class="sign-in-card" on:submit=submit>
                <p class="brand"><span class="brand-mark" aria-hidden="true"></span>"Parlor"</p>
                <h1>"Sign in to answer"</h1>
                <div class="field">
                    <label for="email">"Email"</label>
                    <input
                        node_ref=email
                        id="email"
                        type="email"
                        name="email"
                        autocomplete="username"
                        required
                        aria-describedby="sign-in-trouble"
                    />
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        node_ref=password
                        id="password"
                        type="password"
                        name="password"
                        autocomplete="current-password"
                        required
                        aria-describedby="sign-in-trouble"
                    />
                </div>
                <p id="sign-in-trouble" class="trouble" role="alert">{problem}</p>
                <button type="submit" class="button button-main" aria-disabled=move || busy().to_string()>
                    "Sign in"
                </button>
            </form>
        </main>
    }
}
