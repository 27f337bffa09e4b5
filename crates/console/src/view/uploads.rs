//! Files on their way, each with how far it is and what can be done about it.

use leptos::prelude::*;

use super::{Here, icon};
use crate::desk::{FileId, Intent, Sending, SendingStage};
use crate::text;

pub(super) fn uploads(here: Here) -> impl IntoView {
    let store = here.store;
    let ids = Memo::new(move |_| {
        store
            .uploads
            .with(|uploads| uploads.iter().map(|it| it.file.id).collect::<Vec<_>>())
    });
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty())>
            <ul class="uploads" role="list" aria-label="Files on their way">
                <For each=move || ids.get() key=|id| *id let:id>
                    {upload(here, id)}
                </For>
            </ul>
        </Show>
    }
}

fn upload(here: Here, id: FileId) -> impl IntoView {
    let Here { store, driver, .. } = here;
    let sending = Memo::new(move |_| {
        store
            .uploads
            .with(|uploads| uploads.iter().find(|it| it.file.id == id).cloned())
    });
    let name = move || sending.with(|it| it.as_ref().map(|it| it.file.name.clone()));
    let failed = Memo::new(move |_| {
        sending.with(|it| {
            matches!(
                it,
                Some(Sending {
                    stage: SendingStage::Failed(_),
                    ..
                })
            )
        })
    });
    let stage = move || sending.with(|it| it.as_ref().map(stage));
    view! {
        <li class="upload" class:is-failed=move || failed.get()>
            {icon::file()}
            <span class="upload-name" dir="auto">{name}</span>
            <span class="upload-stage">{stage}</span>
            <Show when=move || sending.with(|it| it.as_ref().is_some_and(|it| it.again))>
                <button
                    type="button"
                    class="button-text"
                    on:click=move |_| driver.want(Intent::RetryUpload(id))
                >
                    "Try again"
                    <span class="unseen">" to send "{name}</span>
                </button>
            </Show>
            <button
                type="button"
                class="button button-quiet button-icon upload-cancel"
                title="Do not send it"
                on:click=move |_| driver.want(Intent::CancelUpload(id))
            >
                {icon::cross()}
                <span class="unseen">"Do not send "{name}</span>
            </button>
        </li>
    }
}

fn stage(sending: &Sending) -> AnyView {
    let size = text::size(sending.file.size);
    match sending.stage {
        SendingStage::Waiting => format!("{size}, waits").into_any(),
        SendingStage::Going(percent) => view! {
            <progress
                max="100"
                value=percent.to_string()
                aria-label=format!("{} on its way", sending.file.name)
            ></progress>
            {size}
        }
        .into_any(),
        SendingStage::Failed(fault) => text::not_uploaded(fault).into_any(),
    }
}
