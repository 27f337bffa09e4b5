//! The uploads of the open chat, each with its progress and its buttons.

use leptos::prelude::*;

use super::{ViewContext, icon};
use crate::text;
use crate::workspace::{FileId, Intent, UploadStage, UploadView};

pub(super) fn uploads(context: ViewContext) -> impl IntoView {
    let store = context.store;
    let ids = Memo::new(move |_| {
        store
            .uploads
            .with(|uploads| uploads.iter().map(|it| it.file.id).collect::<Vec<_>>())
    });
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty())>
            <ul class="uploads" role="list" aria-label="Files on their way">
                <For each=move || ids.get() key=|id| *id let:id>
                    {upload(context, id)}
                </For>
            </ul>
        </Show>
    }
}

fn upload(context: ViewContext, id: FileId) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let upload = Memo::new(move |_| {
        store
            .uploads
            .with(|uploads| uploads.iter().find(|it| it.file.id == id).cloned())
    });
    let name = move || upload.with(|it| it.as_ref().map(|it| it.file.name.clone()));
    let failed = Memo::new(move |_| {
        upload.with(|it| {
            matches!(
                it,
                Some(UploadView {
                    stage: UploadStage::Failed(_),
                    ..
                })
            )
        })
    });
    let stage = move || upload.with(|it| it.as_ref().map(stage));
    view! {
        <li class="upload" class:is-failed=move || failed.get()>
            {icon::file()}
            <span class="upload-name" dir="auto">{name}</span>
            <span class="upload-stage">{stage}</span>
            <Show when=move || upload.with(|it| it.as_ref().is_some_and(|it| it.can_retry))>
                <button
                    type="button"
                    class="button-text"
                    on:click=move |_| driver.dispatch(Intent::RetryUpload(id))
                >
                    "Try again"
                    <span class="unseen">" to send "{name}</span>
                </button>
            </Show>
            <button
                type="button"
                class="button button-quiet button-icon upload-cancel"
                title="Do not send it"
                on:click=move |_| driver.dispatch(Intent::CancelUpload(id))
            >
                {icon::cross()}
                <span class="unseen">"Do not send "{name}</span>
            </button>
        </li>
    }
}

fn stage(upload: &UploadView) -> AnyView {
    let size = text::size(upload.file.size);
    match upload.stage {
        UploadStage::Waiting => format!("{size}, waits").into_any(),
        UploadStage::InProgress(percent) => view! {
            <progress
                max="100"
                value=percent.to_string()
                aria-label=format!("{} on its way", upload.file.name)
            ></progress>
            {size}
        }
        .into_any(),
        UploadStage::Failed(fault) => text::not_uploaded(fault).into_any(),
    }
}
