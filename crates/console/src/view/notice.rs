//! A notice about a failed action. It disappears by itself.

use leptos::prelude::*;

use super::{ViewContext, icon};
use crate::text;
use crate::workspace::Intent;

pub(super) fn notice(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    view! {
        <div class="notices" role="alert">
            {move || {
                store.notice
                    .get()
                    .map(|notice| {
                        view! {
                            <div class="notice">
                                <p>{text::notice(notice)}</p>
                                <button
                                    type="button"
                                    class="button-icon notice-close"
                                    aria-label="Dismiss"
                                    on:click=move |_| driver.dispatch(Intent::DismissNotice)
                                >
                                    {icon::cross()}
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
