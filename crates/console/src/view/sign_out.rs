//! The button to sign out. With open chats it asks first: they go to colleagues.

use leptos::prelude::*;

use super::ViewContext;
use crate::driver::focus_soon;
use crate::workspace::Intent;

const BUTTON: &str = "sign-out";
const SURE: &str = "sign-out-now";

pub(super) fn sign_out(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let asks = RwSignal::new(false);
    let open = Memo::new(move |_| {
        let lists = store.lists;
        lists.with(|lists| lists.mine.iter().filter(|row| !row.ended).count())
    });
    let press = move |_| match open.get_untracked() {
        0 => driver.dispatch(Intent::SignOut),
        _ => {
            asks.set(true);
            focus_soon(SURE);
        }
    };
    let stay = move || {
        asks.set(false);
        focus_soon(BUTTON);
    };
    let warning = move || match open.get() {
        1 => "You have an open chat. It goes back to the queue, for a colleague.".to_owned(),
        open => format!("You have {open} open chats. They go back to the queue, for colleagues."),
    };
    view! {
        <div
            class="sign-out"
            on:keydown=move |event| {
                if event.key() == "Escape" && asks.get_untracked() {
                    event.prevent_default();
                    stay();
                }
            }
        >
            <button type="button" class="button button-quiet" id=BUTTON on:click=press>
                "Sign out"
            </button>
            <Show when=move || asks.get()>
                <div
                    class="popover"
                    role="alertdialog"
                    aria-label="Sign out with open chats?"
                    aria-describedby="sign-out-warning"
                >
                    <p class="popover-note" id="sign-out-warning">
                        {warning}
                    </p>
                    <div class="sign-out-choice">
                        <button
                            type="button"
                            class="button button-danger"
                            id=SURE
                            on:click=move |_| driver.dispatch(Intent::SignOut)
                        >
                            "Sign out now"
                        </button>
                        <button type="button" class="button" on:click=move |_| stay()>
                            "Stay"
                        </button>
                    </div>
                </div>
            </Show>
        </div>
    }
}
