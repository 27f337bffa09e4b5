//! The filters of the archive. Each is a condition that is put into the query, where people see how
//! it is written.

use leptos::prelude::*;

use super::{ViewContext, icon};
use crate::text;
use crate::workspace::{ArchiveIntent, ArchiveQuery, Field, Intent};

/// What a filter offers: values as they are written, and as people read them.
type Choices = fn(&ArchiveQuery) -> Vec<(String, String)>;

const FILTERS: [(Field, &str, &str, Choices); 7] = [
    (Field::Timestamp, "Time", "Any time", |query| {
        let times = query.times.iter();
        times
            .map(|(value, meaning)| (value.clone(), text::archive::meaning(*meaning)))
            .collect()
    }),
    (Field::Department, "Team", "All teams", |query| {
        same(&query.names.teams)
    }),
    (Field::Agent, "Agent", "All agents", |query| {
        same(&query.names.agents)
    }),
    (Field::Rating, "Rating", "Any or none", |_| {
        named(&[("good", "Good"), ("bad", "Bad")])
    }),
    (Field::Tags, "Tag", "Any or none", |query| {
        same(&query.names.tags)
    }),
    (Field::Type, "Kind", "Chats and messages", |_| {
        named(&[
            ("chat", "Chats"),
            ("offline_msg", "Messages that were left"),
        ])
    }),
    (Field::Missed, "Answered", "Answered or missed", |_| {
        named(&[("true", "Missed"), ("false", "Answered")])
    }),
];

fn same(names: &[String]) -> Vec<(String, String)> {
    names
        .iter()
        .map(|name| (name.clone(), name.clone()))
        .collect()
}

fn named(values: &[(&str, &str)]) -> Vec<(String, String)> {
    let values = values.iter();
    values
        .map(|(value, name)| ((*value).to_owned(), (*name).to_owned()))
        .collect()
}

pub(super) fn archive_filters(context: ViewContext) -> impl IntoView {
    let query = context.store.archive_query;
    let shown = RwSignal::new(false);
    let count = Memo::new(move |_| query.with(|query| query.filters.len()));
    let unread = Memo::new(move |_| {
        query.with(|query| {
            query
                .filters
                .iter()
                .any(|(field, value)| *field == Field::Unread && value == "true")
        })
    });
    let label = move || match count.get() {
        0 => "Filters".to_owned(),
        count => format!("Filters ({count})"),
    };
    view! {
        <div class="filter-bar">
            <button
                type="button"
                class="button button-quiet"
                aria-expanded=move || shown.get().to_string()
                aria-controls="archive-filters"
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {icon::filter()}
                {label}
            </button>
            <button
                type="button"
                class="button button-quiet"
                aria-pressed=move || unread.get().to_string()
                on:click=move |_| {
                    let value = (!unread.get_untracked()).then(|| "true".to_owned());
                    let intent = ArchiveIntent::Filter(Field::Unread, value);
                    context.driver.dispatch(Intent::Archive(intent));
                }
            >
                "Unread"
            </button>
        </div>
        <div class="filters" id="archive-filters" hidden=move || !shown.get()>
            {FILTERS.map(|filter| choice(context, filter)).into_iter().collect_view()}
        </div>
    }
}

fn choice(
    context: ViewContext,
    (field, name, all, choices): (Field, &'static str, &'static str, Choices),
) -> impl IntoView {
    let query = context.store.archive_query;
    let value = Memo::new(move |_| {
        query.with(|query| {
            let found = query.filters.iter().find(|(of, _)| *of == field);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        })
    });
    // Also a value that is written in the query and offered by no list.
    let options = Memo::new(move |_| {
        let mut options = query.with(choices);
        let value = value.get();
        if !value.is_empty() && !options.iter().any(|(of, _)| *of == value) {
            options.push((value.clone(), value));
        }
        options
    });
    let changed = move |event| {
        let chosen = event_target_value(&event);
        let value = (!chosen.is_empty()).then_some(chosen);
        let intent = ArchiveIntent::Filter(field, value);
        context.driver.dispatch(Intent::Archive(intent));
    };
    view! {
        <label class="filter">
            <span class="filter-name">{name}</span>
            <select class="select" on:change=changed>
                <option value="" selected=move || value.with(String::is_empty)>{all}</option>
                <For each=move || options.get() key=Clone::clone let((of, name))>
                    {
                        let this = of.clone();
                        view! {
                            <option value=of selected=move || value.with(|it| *it == this)>
                                {name}
                            </option>
                        }
                    }
                </For>
            </select>
        </label>
    }
}
