//! What somebody else is typing. It is not part of the transcript and is not announced to screen
//! readers.

use leptos::prelude::*;

use super::ViewContext;
use crate::text;

pub(super) fn typing_preview(context: ViewContext) -> impl IntoView {
    let live = context.store.typing_preview;
    view! {
        <div class="live">
            {move || {
                let live = live.get();
                live.typing
                    .then(|| {
                        view! {
                            <p class="live-who">
                                <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
                                {text::typing(live.visitor, live.name)}
                            </p>
                            {live.text.map(|text| view! { <p class="live-text" dir="auto">{text}</p> })}
                        }
                    })
            }}
        </div>
    }
}
