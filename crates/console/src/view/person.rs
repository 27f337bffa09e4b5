//! What is known about the visitor: what they entered, tags, pages, earlier conversations.

use leptos::prelude::*;

use super::{ViewContext, archived, clock, history, icon, links, row, tags};
use crate::text;
use crate::workspace::{Page, Person, PersonRecord};

pub(super) fn person(context: ViewContext) -> impl IntoView {
    let ViewContext {
        store,
        person_shown,
        ..
    } = context;
    view! {
        <aside class="person" aria-label="About the visitor" tabindex="0">
            <button
                type="button"
                class="button button-quiet medium-only"
                on:click=move |_| person_shown.set(false)
            >
                {icon::back()}
                "Back to the conversation"
            </button>
            {move || store.person.get().map(who)}
            <Show when=move || store.person.with(Option::is_some)>
                {tags::tags(context)}
                {move || store.person.get().map(details)}
                {history::history(context)}
            </Show>
        </aside>
    }
}

pub(super) fn who(person: Person) -> impl IntoView {
    let name = text::name(person.name);
    view! {
        <div class="person-card">
            {row::avatar(&name)} <div class="person-name">
                <h2>{name}</h2>
                {match person.email {
                    Some(email) => {
                        let address = format!("mailto:{email}");
                        view! { <p>{links::link(&address, email)}</p> }.into_any()
                    }
                    None => view! { <p class="person-none">"No email given"</p> }.into_any(),
                }}
            </div>
        </div>
    }
}

pub(super) fn details(person: Person) -> impl IntoView {
    let first_seen = person.first_seen.map(clock::date);
    let facts = [
        ("From", person.location),
        ("First seen", first_seen),
        (
            "Conversations",
            person.conversations.map(|it| it.to_string()),
        ),
        ("Visits", person.visits.map(|it| it.to_string())),
        ("Came from", person.referrer),
        ("Browser", person.browser),
        ("Answered by", non_empty(person.agents.join(", "))),
    ];
    let facts: Vec<(String, String)> = facts
        .into_iter()
        .filter_map(|(label, value)| Some((label.to_owned(), value?)))
        .collect();
    view! {
        {person.rating.map(archived::rating)}
        {person.records.into_iter().map(record).collect_view()}
        {facts_of("Answered before the chat", person.answers)}
        {facts_of("Details", person.details)}
        {pages(person.pages)}
        {facts_of("Past and present", facts)}
    }
}

fn record(record: PersonRecord) -> impl IntoView {
    view! {
        <section class="person-part">
            <h3>{record.entity_name}</h3>
            <p class="person-none">{text::record_origin(&record.origin)}</p>
            {facts(record.fields)}
        </section>
    }
}

fn facts_of(title: &'static str, shown: Vec<(String, String)>) -> Option<impl IntoView> {
    (!shown.is_empty()).then(|| {
        view! {
            <section class="person-part">
                <h3>{title}</h3>
                {facts(shown)}
            </section>
        }
    })
}

fn facts(facts: Vec<(String, String)>) -> impl IntoView {
    view! {
        <dl class="facts">
            {facts
                .into_iter()
                .map(|(label, value)| {
                    view! {
                        <div>
                            <dt>{label}</dt>
                            <dd dir="auto">{links::text_with_links(&value)}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

fn pages(pages: Vec<Page>) -> Option<impl IntoView> {
    (!pages.is_empty()).then(|| {
        view! {
            <section class="person-part">
                <h3>"Pages seen, newest first"</h3>
                <ol class="pages" role="list">
                    {pages
                        .into_iter()
                        .map(|page| {
                            view! {
                                <li>
                                    <span class="pages-title">
                                        {links::link(&page.url, page.title)}
                                    </span>
                                    <span class="pages-time">{page.at.map(clock::time)}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </section>
        }
    })
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
