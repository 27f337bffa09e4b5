//! The results of a search, page by page. Only pages near the visible part are in the document, and
//! the one with the row that has the focus, so that thousands of results scroll smoothly. The next
//! page is loaded before the end is reached.

use std::ops::Range;

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::{ViewContext, clock, icon, row::avatar};
use crate::driver::{RESULTS, SEARCH, focus_soon, result_id};
use crate::text;
use crate::workspace::{ArchiveIntent, ArchiveRow, Intent};

/// The height of a row in pixels; `archive.css` has the same. All are equally high, so that the
/// place of a page is known while it is not in the document.
const ROW_HEIGHT: usize = 104;

/// Rows that are in the document above and below the visible part: two screens.
const ROWS_AROUND: usize = 20;

/// The next page is loaded when so few rows are below the visible part.
const ROWS_AHEAD: usize = 30;

/// A page: its index, its first row, and how many it has.
type Place = (usize, usize, usize);

pub(super) fn archive_results(context: ViewContext) -> impl IntoView {
    let results = context.store.archive_results;
    let load = move || {
        let intent = Intent::Archive(ArchiveIntent::LoadMore);
        context.driver.dispatch(intent);
    };
    let list = NodeRef::<Div>::new();
    // The visible rows.
    let visible = RwSignal::new(0..ROWS_AROUND);
    // The row that has the focus, or gets it by Tab.
    let active = RwSignal::new(0_usize);
    let pages = Memo::new(move |_| {
        results.with(|results| {
            let mut first = 0;
            let place = |(index, len)| {
                let place = (index, first, len);
                first += len;
                place
            };
            let lengths = results.pages.iter().map(|page| page.len()).enumerate();
            lengths.map(place).collect::<Vec<Place>>()
        })
    });
    let loaded = Memo::new(move |_| {
        let last = pages.with(|pages| pages.last().copied());
        last.map_or(0, |(_, first, len)| first + len)
    });
    let query = Memo::new(move |_| results.with(|results| results.query.clone()));
    let scrolled = move || {
        if let Some(list) = list.get_untracked() {
            let rows = |pixels: i32| usize::try_from(pixels).unwrap_or(0) / ROW_HEIGHT;
            let first = rows(list.scroll_top());
            visible.set(first..first + rows(list.client_height()) + 1);
        }
    };
    Effect::new(move || {
        query.track();
        active.set(0);
        visible.set(0..ROWS_AROUND);
    });
    Effect::new(move || {
        let may = results.with(|it| it.more && !it.busy && it.failed.is_none());
        let end = visible.with(|visible| visible.end);
        if may && end + ROWS_AHEAD >= loaded.get() {
            load();
        }
    });
    let said = move || {
        results.with(|results| match (&results.failed, results.busy) {
            (Some(fault), _) => text::archive::not_found(*fault),
            (None, true) if results.pages.is_empty() => "Searching…".to_owned(),
            _ if results.query.is_none() => String::new(),
            _ => text::archive::found(results.total),
        })
    };
    let failed = move || results.with(|results| results.failed.is_some());
    view! {
        <p class="found" role="status">{said}</p>
        <div
            class="results"
            id=RESULTS
            node_ref=list
            aria-busy=move || results.with(|results| results.busy).to_string()
            on:scroll=move |_| scrolled()
            on:keydown=move |event| on_keydown(context, active, loaded, &event)
        >
            <div role="list" aria-label="Archive">
                <For each=move || pages.get() key=|place| *place let:place>
                    {page(context, place, visible, active)}
                </For>
            </div>
            <Show when=move || { results.with(|it| it.busy && !it.pages.is_empty()) }>
                <p class="results-more">"Loading…"</p>
            </Show>
            <Show when=failed>
                <p class="results-more">
                    <button type="button" class="button" on:click=move |_| load()>
                        "Try again"
                    </button>
                </p>
            </Show>
        </div>
    }
}

fn page(
    context: ViewContext,
    (index, first, len): Place,
    visible: RwSignal<Range<usize>>,
    active: RwSignal<usize>,
) -> impl IntoView {
    let results = context.store.archive_results;
    let rows = first..first + len;
    let is_near = Memo::new(move |_| {
        let near = visible
            .with(|it| it.start < rows.end + ROWS_AROUND && rows.start < it.end + ROWS_AROUND);
        near || rows.contains(&active.get())
    });
    let height = format!("{}px", len * ROW_HEIGHT);
    let content = Memo::new(move |_| results.with(|results| results.pages.get(index).cloned()));
    view! {
        <div class="results-page" role="presentation" style:block-size=height>
            {move || {
                let rows = content.get().filter(|_| is_near.get());
                rows.map(|rows| {
                    let rows = rows.iter().enumerate();
                    rows.map(|(at, row)| result(context, first + at, row, active)).collect_view()
                })
            }}
        </div>
    }
}

fn result(
    context: ViewContext,
    at: usize,
    row: &ArchiveRow,
    active: RwSignal<usize>,
) -> impl IntoView + use<> {
    let results = context.store.archive_results;
    let id = result_id(row.thread.as_str());
    let described = format!("{id}-about");
    let about = described.clone();
    let name = text::name(row.name.clone());
    let thread = row.thread.clone();
    let is_open = Memo::new(move |_| results.with(|it| it.opened.as_ref() == Some(&thread)));
    let (chat, thread) = (row.chat.clone(), row.thread.clone());
    let open = move |_| {
        active.set(at);
        context.person_shown.set(false);
        let intent = ArchiveIntent::Open(chat.clone(), thread.clone());
        context.driver.dispatch(Intent::Archive(intent));
    };
    let excerpt = row.excerpt.iter().map(|(words, found)| match found {
        true => view! { <mark>{words.clone()}</mark> }.into_any(),
        false => words.clone().into_any(),
    });
    let total = results.with_untracked(|results| results.total.to_string());
    view! {
        <div
            class="row result"
            class:row-selected=move || is_open.get()
            class:row-unread=row.unread
            role="listitem"
            aria-setsize=total
            aria-posinset=(at + 1).to_string()
        >
            {avatar(&name)}
            <div class="row-main">
                <div class="row-line">
                    <button
                        type="button"
                        class="row-pick"
                        id=id
                        tabindex=move || if active.get() == at { "0" } else { "-1" }
                        aria-current=move || is_open.get().to_string()
                        aria-describedby=described
                        on:focus=move |_| active.set(at)
                        on:click=open
                    >
                        {name.clone()}
                        {row.unread.then(|| view! { <span class="unseen">", unread"</span> })}
                    </button>
                    <span class="row-aside">{row.at.map(clock::short)}</span>
                </div>
                <div id=about>
                    <p class="result-excerpt" dir="auto">{excerpt.collect_view()}</p>
                    <p class="result-facts">{facts(row)}</p>
                </div>
            </div>
        </div>
    }
}

fn facts(row: &ArchiveRow) -> impl IntoView + use<> {
    let missed = row.missed && !row.is_message;
    let people = row.agents.join(", ");
    let team = row.team.clone().unwrap_or_default();
    let plain: Vec<String> = [people, team]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    let tags = row.tags.iter().map(|tag| {
        view! { " " <span class="result-tag" dir="auto">{tag.clone()}</span> }
    });
    view! {
        {row.unread.then(|| view! { <span class="result-unread">"Unread"</span> " " })}
        {missed.then(|| view! { <span class="row-mark">"Missed"</span> " " })}
        {row.is_message.then(|| view! { <span class="result-kind">"Message"</span> " " })}
        {row.rating.map(|good| view! { {rating(good)} " " })}
        <span class="result-people">{plain.join(" · ")}</span>
        {tags.collect_view()}
    }
}

/// A rating, in words and with an icon.
pub(super) fn rating(good: bool) -> AnyView {
    match good {
        true => {
            view! { <span class="rated rated-good">{icon::thumb_up()} "Good"</span> }.into_any()
        }
        false => {
            view! { <span class="rated rated-bad">{icon::thumb_down()} "Bad"</span> }.into_any()
        }
    }
}

/// Moves the focus to the first result.
pub(super) fn focus_first(context: ViewContext) {
    let first = context.store.archive_results.with_untracked(|results| {
        let row = results.pages.first()?.first()?;
        Some(result_id(row.thread.as_str()))
    });
    if let Some(first) = first {
        focus_soon(&first);
    }
}

fn on_keydown(
    context: ViewContext,
    active: RwSignal<usize>,
    loaded: Memo<usize>,
    event: &KeyboardEvent,
) {
    let with_others = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    if with_others || event.default_prevented() {
        return;
    }
    let at = active.get_untracked();
    let last = loaded.get_untracked().saturating_sub(1);
    let to = match event.key().as_str() {
        "ArrowDown" => at + 1,
        "ArrowUp" if at == 0 => {
            event.prevent_default();
            return focus_soon(SEARCH);
        }
        "ArrowUp" => at - 1,
        "PageDown" => at + 8,
        "PageUp" => at.saturating_sub(8),
        "Home" => 0,
        "End" => last,
        "Escape" => {
            event.prevent_default();
            return focus_soon(SEARCH);
        }
        _ => return,
    };
    event.prevent_default();
    let to = to.min(last);
    active.set(to);
    let row = context.store.archive_results.with_untracked(|results| {
        let mut rows = results.pages.iter().flat_map(|page| page.iter());
        rows.nth(to).map(|row| result_id(row.thread.as_str()))
    });
    if let Some(row) = row {
        // The browser scrolls to what has the focus.
        focus_soon(&row);
    }
}
