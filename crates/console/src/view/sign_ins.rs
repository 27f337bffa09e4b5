//! The list of the agent's sign-ins. A small dialog beside its button; Escape closes it.

use leptos::prelude::*;

use super::{ViewContext, clock, icon};
use crate::driver::focus_soon;
use crate::workspace::{Intent, Millis, SignInRow};

const BUTTON: &str = "sign-ins-button";
const DIALOG: &str = "sign-ins-dialog";

/// A sign-in that was used since counts as in use. The server notes it every five minutes.
const IN_USE: Millis = 10 * 60 * 1_000;

pub(super) fn sign_ins(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let shown = Memo::new(move |_| store.sign_ins.with(Option::is_some));
    let close = move || {
        driver.dispatch(Intent::CloseSignIns);
        focus_soon(BUTTON);
    };
    view! {
        <div
            class="sign-ins"
            on:keydown=move |event| {
                if event.key() == "Escape" && shown.get_untracked() {
                    event.prevent_default();
                    close();
                }
            }
        >
            <button
                type="button"
                class="button button-quiet button-icon"
                id=BUTTON
                aria-label="Sign-ins"
                title="Sign-ins"
                aria-haspopup="dialog"
                aria-expanded=move || shown.get().to_string()
                on:click=move |_| {
                    if shown.get_untracked() {
                        close();
                    } else {
                        driver.dispatch(Intent::OpenSignIns);
                        focus_soon(DIALOG);
                    }
                }
            >
                {icon::devices()}
            </button>
            <Show when=move || shown.get()>
                <div
                    class="popover"
                    id=DIALOG
                    role="dialog"
                    aria-label="Where you are signed in"
                    tabindex="-1"
                >
                    <p class="popover-head" aria-hidden="true">"Where you are signed in"</p>
                    {move || list(context)}
                    <button
                        type="button"
                        class="button sign-ins-everywhere"
                        on:click=move |_| driver.dispatch(Intent::SignOutEverywhere)
                    >
                        "Sign out everywhere"
                    </button>
                </div>
            </Show>
        </div>
    }
}

fn list(context: ViewContext) -> AnyView {
    match context.store.sign_ins.get().and_then(|open| open.rows) {
        None => view! { <p class="popover-note">"Looking…"</p> }.into_any(),
        Some(rows) => view! {
            <ul class="sign-ins-list" aria-label="Sign-ins">
                {rows.into_iter().map(|row| sign_in(context, row)).collect_view()}
            </ul>
        }
        .into_any(),
    }
}

fn sign_in(context: ViewContext, row: SignInRow) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let since = row.since.map(clock::moment).unwrap_or_default();
    let used = match (row.is_current, row.last_used) {
        (true, _) => "This browser".to_owned(),
        (false, Some(at)) if at + IN_USE > store.now.get_untracked() => "In use now".to_owned(),
        (false, Some(at)) => format!("Last used {}", clock::moment(at)),
        (false, None) => "Not used since".to_owned(),
    };
    let name = match row.is_current {
        true => "Sign out in this browser".to_owned(),
        false => format!("Sign out, signed in {since}"),
    };
    view! {
        <li class="sign-ins-row">
            <p>
                <span class="sign-ins-since">{format!("Signed in {since}")}</span>
                " "
                <span class="choice-more">{used}</span>
            </p>
            <button
                type="button"
                class="button"
                aria-label=name
                aria-disabled=row.busy.to_string()
                on:click=move |_| {
                    driver.dispatch(Intent::EndSignIn(row.id.clone()));
                    // The button goes away with its row.
                    focus_soon(DIALOG);
                }
            >
                "Sign out"
            </button>
        </li>
    }
}
