//! The menu of what can be sent besides text: templates, and a request for a file. A small dialog
//! above its button; Escape closes it.

use leptos::prelude::*;

use super::{ViewContext, icon};
use crate::driver::{REPLY, focus_soon};
use crate::workspace::{Intent, TemplateItem};

const BUTTON: &str = "stock-button";
const DIALOG: &str = "stock";

pub(super) fn template_menu(context: ViewContext) -> impl IntoView {
    let driver = context.driver;
    let shown = RwSignal::new(false);
    let close = move || {
        shown.set(false);
        focus_soon(BUTTON);
    };
    view! {
        <div
            class="stock"
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
                aria-label="Send cards, forms and more"
                title="Cards, forms and more"
                aria-haspopup="dialog"
                aria-expanded=move || shown.get().to_string()
                on:click=move |_| {
                    if shown.get_untracked() {
                        close();
                    } else {
                        driver.dispatch(Intent::LoadTemplates);
                        shown.set(true);
                        focus_soon(DIALOG);
                    }
                }
            >
                {icon::plus()}
            </button>
            <Show when=move || shown.get()>
                <div
                    class="popover popover-up"
                    id=DIALOG
                    role="dialog"
                    aria-label="Send cards, forms and more"
                    tabindex="-1"
                >
                    {ask(context, shown)}
                    {move || context.store.template_menu.with(|stock| {
                        view! {
                            {template_buttons(context, shown, "Cards and replies", &stock.rich)}
                            {template_buttons(context, shown, "Forms", &stock.forms)}
                            {note(stock.busy, stock.failed, stock.rich.is_empty() && stock.forms.is_empty())}
                        }
                    })}
                </div>
            </Show>
        </div>
    }
}

fn ask(context: ViewContext, shown: RwSignal<bool>) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let asked = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.file_requested))
    });
    let click = move |_| {
        driver.dispatch(Intent::AskForFile(!asked.get_untracked()));
        shown.set(false);
        focus_soon(REPLY);
    };
    view! {
        <button type="button" class="choice" on:click=click>
            {move || {
                if asked.get() {
                    "Take back the request for a file"
                } else {
                    "Ask the visitor for a file"
                }
            }}
        </button>
    }
}

fn template_buttons(
    context: ViewContext,
    shown: RwSignal<bool>,
    title: &'static str,
    items: &[TemplateItem],
) -> Option<impl IntoView + use<>> {
    let button = |item: TemplateItem| {
        let TemplateItem { id, name, summary } = item;
        let click = move |_| {
            context.driver.dispatch(Intent::SendTemplate(id));
            shown.set(false);
            focus_soon(REPLY);
        };
        view! {
            <button type="button" class="choice choice-tall" on:click=click>
                <span>{name}</span>
                " "
                <span class="choice-more" dir="auto">{summary}</span>
            </button>
        }
    };
    let buttons = items.iter().cloned().map(button).collect_view();
    (!items.is_empty()).then(|| {
        view! {
            <div class="stock-part" role="group" aria-label=title>
                <p class="popover-head" aria-hidden="true">{title}</p>
                {buttons}
            </div>
        }
    })
}

fn note(busy: bool, failed: bool, nothing: bool) -> Option<impl IntoView> {
    let message = match (busy, failed, nothing) {
        (true, _, _) => "Looking for what is ready…",
        (_, true, _) => "What is ready could not be loaded. Open this again to try again.",
        (_, _, true) => "No cards or forms are set up for this site.",
        _ => return None,
    };
    Some(view! { <p class="popover-note">{message}</p> })
}
