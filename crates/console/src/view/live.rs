//! What is being typed, while it is being typed. Not part of what was said, and not read aloud.

use leptos::prelude::*;

use super::Here;
use crate::text;

pub(super) fn live(here: Here) -> impl IntoView {
    let live = here.store.live;
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
