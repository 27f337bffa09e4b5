//! The search box of the archive. While a field or a value is being typed, a list says what fits. The
//! focus stays in the box, whose `aria-activedescendant` names the highlighted line.

use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::html::Input;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use super::{ViewContext, archive_results, icon};
use crate::driver::{SEARCH, focus_soon};
use crate::text;
use crate::workspace::{ArchiveIntent, Intent, Suggestion};

const LIST: &str = "archive-suggestions";
const PROBLEM: &str = "archive-problem";
const HINT: &str = "archive-hint";

pub(super) fn archive_search(context: ViewContext) -> impl IntoView {
    let query = context.store.archive_query;
    let act = move |intent| context.driver.dispatch(Intent::Archive(intent));
    let field = NodeRef::<Input>::new();
    // The box belongs to the agent: it is changed only when the workspace has changed the text.
    Effect::new(move || {
        let (text, caret) = query.with(|query| (query.text.clone(), query.caret));
        if let Some(field) = field.get() {
            if field.value() != text {
                field.set_value(&text);
            }
            if let Some(caret) = caret {
                let at = utf16(text.get(..caret).unwrap_or(&text));
                // The range is within the text, so that this cannot fail.
                let _ = field.set_selection_range(at, at);
            }
        }
    });
    let shown = Memo::new(move |_| query.with(|query| !query.suggestions.is_empty()));
    let marked = Memo::new(move |_| query.with(|query| query.highlighted.map(line_id)));
    let problem = Memo::new(move |_| {
        query.with(|query| {
            let problem = query.problem.as_ref()?;
            Some(text::archive::problem(problem, query.text.trim()))
        })
    });
    let is_empty = Memo::new(move |_| query.with(|query| query.text.is_empty()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        act(ArchiveIntent::DismissSuggestions);
        act(ArchiveIntent::PressEnter);
    };
    let suggest = move || {
        if let Some(field) = field.get_untracked() {
            act(ArchiveIntent::Suggest(caret(&field)));
        }
    };
    view! {
        <form class="search" role="search" on:submit=submit>
            <label class="unseen" for=SEARCH>"Search conversations"</label>
            <div class="search-box">
                {icon::search()}
                <input
                    node_ref=field
                    id=SEARCH
                    class="search-field"
                    type="text"
                    role="combobox"
                    enterkeyhint="search"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    dir="auto"
                    placeholder="Words, or rating:good"
                    aria-autocomplete="list"
                    aria-expanded=move || shown.get().to_string()
                    aria-controls=move || shown.get().then_some(LIST)
                    aria-activedescendant=move || marked.get()
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    aria-describedby=move || {
                        if problem.with(Option::is_some) { PROBLEM } else { HINT }
                    }
                    on:input=move |_| {
                        if let Some(field) = field.get_untracked() {
                            act(ArchiveIntent::Write(field.value(), caret(&field)));
                        }
                    }
                    on:click=move |_| {
                        if is_empty.get_untracked() {
                            suggest();
                        }
                    }
                    on:blur=move |_| act(ArchiveIntent::DismissSuggestions)
                    on:keydown=move |event| on_keydown(context, field, &event)
                />
                <Show when=move || !is_empty.get()>
                    <button
                        type="button"
                        class="search-clear"
                        aria-label="Clear the search"
                        title="Clear the search"
                        on:click=move |_| act(ArchiveIntent::ClearQuery)
                    >
                        {icon::cross()}
                    </button>
                </Show>
                <button type="submit" class="button search-go">"Search"</button>
            </div>
            <p class="unseen" id=HINT>
                "Enter searches. Alt and arrow down lists the fields. Arrow down goes to the results."
            </p>
            <Show when=move || shown.get()>
                <ul class="suggestions" id=LIST role="listbox" aria-label="What can come next">
                    {move || {
                        let (lines, at) = query
                            .with(|query| (query.suggestions.clone(), query.highlighted));
                        lines
                            .into_iter()
                            .enumerate()
                            .map(|(n, line)| suggestion(context, n, line, Some(n) == at))
                            .collect_view()
                    }}
                </ul>
            </Show>
            <p class="search-problem" id=PROBLEM role="alert">{move || problem.get()}</p>
        </form>
    }
}

fn suggestion(context: ViewContext, at: usize, line: Suggestion, marked: bool) -> impl IntoView {
    let pick = move |event: MouseEvent| {
        // Keeps the focus in the box.
        event.prevent_default();
        context
            .driver
            .dispatch(Intent::Archive(ArchiveIntent::Pick(at)));
    };
    let meaning = text::archive::meaning(line.meaning);
    view! {
        <li
            class="suggestion"
            id=line_id(at)
            role="option"
            aria-selected=marked.to_string()
            on:mousedown=pick
        >
            <code dir="ltr">{line.insert}</code>
            " "
            <span class="suggestion-meaning">{meaning}</span>
        </li>
    }
}

fn line_id(at: usize) -> String {
    format!("archive-suggestion-{at}")
}

fn on_keydown(context: ViewContext, field: NodeRef<Input>, event: &KeyboardEvent) {
    if event.is_composing() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let (listed, is_empty) = context
        .store
        .archive_query
        .with_untracked(|query| (!query.suggestions.is_empty(), query.text.is_empty()));
    let caret = field.get_untracked().map_or(0, |field| caret(&field));
    let intent = match event.key().as_str() {
        "ArrowDown" if listed => ArchiveIntent::HighlightNext,
        "ArrowUp" if listed => ArchiveIntent::HighlightPrevious,
        "ArrowDown" if event.alt_key() => ArchiveIntent::Suggest(caret),
        "ArrowDown" => {
            event.prevent_default();
            return archive_results::focus_first(context);
        }
        "Enter" => ArchiveIntent::PressEnter,
        "Escape" if listed => ArchiveIntent::DismissSuggestions,
        "Escape" if !is_empty => ArchiveIntent::ClearQuery,
        _ => return,
    };
    event.prevent_default();
    context.driver.dispatch(Intent::Archive(intent));
    focus_soon(SEARCH);
}

/// Where the caret is, in bytes.
fn caret(field: &HtmlInputElement) -> usize {
    let text = field.value();
    let at = field.selection_start().ok().flatten();
    let Some(mut left) = at.and_then(|at| usize::try_from(at).ok()) else {
        return text.len();
    };
    for (byte, letter) in text.char_indices() {
        if left == 0 {
            return byte;
        }
        left = left.saturating_sub(letter.len_utf16());
    }
    text.len()
}

/// The length of a text as browsers count.
fn utf16(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}
