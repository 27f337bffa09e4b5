//! What did not go as it was wanted, in one line that goes by itself.

use leptos::prelude::*;

use super::{Here, icon};
use crate::desk::Intent;
use crate::text;

pub(super) fn notice(here: Here) -> impl IntoView {
    let Here { store, driver, .. } = here;
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
                                    on:click=move |_| driver.want(Intent::DismissNotice)
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
