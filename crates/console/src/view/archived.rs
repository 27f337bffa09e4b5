//! The conversation that is open in the archive: all of it, what can be done with it, and what is
//! known about the visitor.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{
    ViewContext, archive_results, clock, icon, message, person, sections, tags, transcript,
};
use crate::driver::{CONVERSATION, focus_soon};
use crate::text;
use crate::workspace::{ArchiveIntent, ArchivedChat, ExportKind, Intent, RatingView, Section};

/// Events in a group: the browser skips groups that are out of sight, as one.
const GROUP: usize = 50;

pub(super) fn archived(context: ViewContext) -> impl IntoView {
    let chat = context.store.archived;
    let thread = Memo::new(move |_| chat.with(|chat| chat.as_ref().map(|it| it.thread.clone())));
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() && thread.with(Option::is_some) {
            event.prevent_default();
            act(context, ArchiveIntent::Close);
        }
    };
    view! {
        <section
            class="conversation"
            id=CONVERSATION
            aria-label="Conversation from the archive"
            tabindex="-1"
            on:keydown=on_keydown
        >
            {move || match thread.get() {
                Some(_) => view! { {header(context)} {events(context)} {foot(context)} }.into_any(),
                None => view! {
                    <div class="nothing">
                        <h2>"No conversation is open"</h2>
                        <p>"Search, and choose one from the list."</p>
                    </div>
                }
                .into_any(),
            }}
        </section>
    }
}

fn act(context: ViewContext, intent: ArchiveIntent) {
    context.driver.dispatch(Intent::Archive(intent));
}

/// Reads one thing of the open conversation.
fn read<T: PartialEq + Send + Sync + Default + 'static>(
    context: ViewContext,
    what: fn(&ArchivedChat) -> T,
) -> Memo<T> {
    let chat = context.store.archived;
    Memo::new(move |_| {
        chat.with(|chat| chat.as_ref().map(what))
            .unwrap_or_default()
    })
}

fn header(context: ViewContext) -> impl IntoView {
    let name = read(context, |chat| chat.name.clone());
    let state = read(context, state);
    let rating = read(context, |chat| chat.rating.clone());
    let missed = read(context, |chat| chat.missed && !chat.is_message);
    let person_shown = context.person_shown;
    view! {
        <header class="head">
            <button
                type="button"
                class="button button-quiet button-icon narrow-only"
                aria-label="Back to the results"
                on:click=move |_| act(context, ArchiveIntent::Close)
            >
                {icon::back()}
            </button>
            <div class="head-who">
                <h2>{move || text::name(name.get())}</h2>
                <p class="head-state">
                    {move || state.get()}
                    {move || missed.get().then_some(" · Missed")}
                    {move || {
                        let good = rating.with(|rating| rating.as_ref()?.good);
                        good.map(|good| view! { " · " {archive_results::rating(good)} })
                    }}
                </p>
            </div>
            <button
                type="button"
                class="button button-quiet button-icon medium-only"
                aria-label="About the conversation"
                title="About the conversation"
                aria-pressed=move || person_shown.get().to_string()
                on:click=move |_| person_shown.update(|shown| *shown = !*shown)
            >
                {icon::person()}
            </button>
            <div class="head-tools">{mark(context)} {export(context)}</div>
        </header>
    }
}

/// When it was, how long, and who took part.
fn state(chat: &ArchivedChat) -> String {
    let kind = chat.is_message.then(|| "Left a message".to_owned());
    let lasted = chat.lasted.filter(|_| !chat.is_message);
    let agents = chat.agents.join(", ");
    let parts = [
        kind,
        chat.at.map(clock::moment),
        lasted.map(text::archive::duration),
        Some(agents).filter(|it| !it.is_empty()),
        chat.team.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn mark(context: ViewContext) -> impl IntoView {
    let unread = read(context, |chat| chat.unread);
    view! {
        <Show when=move || unread.get().is_some()>
            <button
                type="button"
                class="button"
                on:click=move |_| {
                    let unread = unread.get_untracked() == Some(true);
                    act(context, ArchiveIntent::MarkUnread(!unread));
                }
            >
                {move || match unread.get() {
                    Some(true) => "Mark as read",
                    _ => "Mark as unread",
                }}
            </button>
        </Show>
    }
}

fn export(context: ViewContext) -> impl IntoView {
    const SUMMARY: &str = "export";
    let open = RwSignal::new(false);
    let loading = read(context, |chat| chat.busy || chat.failed.is_some());
    let kinds = [
        (ExportKind::Text, "As text"),
        (ExportKind::Json, "As JSON"),
        (ExportKind::Print, "Print"),
    ];
    let close = move || {
        open.set(false);
        focus_soon(SUMMARY);
    };
    view! {
        <div
            class="export"
            on:keydown=move |event| {
                if event.key() == "Escape" && open.get_untracked() {
                    event.prevent_default();
                    event.stop_propagation();
                    close();
                }
            }
        >
            <button
                type="button"
                class="button"
                id=SUMMARY
                aria-expanded=move || open.get().to_string()
                aria-disabled=move || loading.get().to_string()
                on:click=move |_| {
                    if !loading.get_untracked() {
                        open.update(|open| *open = !*open);
                    }
                }
            >
                "Export"
            </button>
            <Show when=move || open.get()>
                <div class="popover" role="group" aria-label="Export the conversation">
                    {kinds
                        .map(|(kind, name)| {
                            view! {
                                <button
                                    type="button"
                                    class="choice"
                                    on:click=move |_| {
                                        close();
                                        act(context, ArchiveIntent::Export(kind));
                                    }
                                >
                                    {name}
                                </button>
                            }
                        })
                        .collect_view()}
                    <p class="popover-note">"With private notes, which only agents see."</p>
                </div>
            </Show>
        </div>
    }
}

fn events(context: ViewContext) -> impl IntoView {
    let chat = context.store.archived;
    let entries = read(context, |chat| chat.entries.clone());
    let busy = read(context, |chat| chat.busy);
    let failed = read(context, |chat| chat.failed);
    let cut = read(context, |chat| chat.cut);
    let is_empty = move || {
        chat.with(|chat| {
            chat.as_ref()
                .is_some_and(|it| it.entries.is_empty() && !it.busy && it.failed.is_none())
        })
    };
    view! {
        <div class="transcript">
            <div
                class="log archived-log"
                role="log"
                aria-label="Conversation"
                aria-live="off"
                aria-busy=move || busy.get().to_string()
                tabindex="0"
            >
                <Show when=move || busy.get()>
                    <p class="log-empty">"Loading…"</p>
                </Show>
                {move || {
                    failed
                        .get()
                        .map(|fault| {
                            view! {
                                <div class="log-empty" role="alert">
                                    <p>{text::archive::not_loaded(fault)}</p>
                                    <button
                                        type="button"
                                        class="button"
                                        on:click=move |_| act(context, ArchiveIntent::LoadAgain)
                                    >
                                        "Try again"
                                    </button>
                                </div>
                            }
                        })
                }}
                <Show when=move || cut.get()>
                    <p class="log-empty">"Only the newest events are shown: there are too many."</p>
                </Show>
                {move || {
                    let lines = entries.with(|entries| transcript::lines(entries));
                    lines
                        .chunks(GROUP)
                        .map(|group| {
                            let group = group.iter().cloned();
                            view! {
                                <div class="log-group">
                                    {group.map(|line| message::message(context, line)).collect_view()}
                                </div>
                            }
                        })
                        .collect_view()
                }}
                <Show when=is_empty>
                    <p class="log-empty">"Nothing has been said."</p>
                </Show>
            </div>
        </div>
    }
}

fn foot(context: ViewContext) -> impl IntoView {
    let reopening = read(context, |chat| chat.reopening);
    view! {
        <div class="foot">
            <button
                type="button"
                class="button"
                on:click=move |_| act(context, ArchiveIntent::Answer)
            >
                "Write to the visitor"
            </button>
            <button
                type="button"
                class="button"
                title="Begin a new conversation with this visitor"
                aria-disabled=move || reopening.get().to_string()
                on:click=move |_| act(context, ArchiveIntent::Reopen)
            >
                {move || if reopening.get() { "Opening…" } else { "Reopen" }}
            </button>
        </div>
    }
}

/// What is known about the visitor of the open conversation, and its tags.
pub(super) fn about(context: ViewContext) -> impl IntoView {
    let person_shown = context.person_shown;
    let who = read(context, |chat| Some(chat.person.clone()));
    let tags = read(context, |chat| chat.tags.clone());
    let is_open = Memo::new(move |_| context.store.archived.with(Option::is_some));
    view! {
        <aside class="person" aria-label="About the conversation" tabindex="0">
            <button
                type="button"
                class="button button-quiet medium-only"
                on:click=move |_| person_shown.set(false)
            >
                {icon::back()}
                "Back to the conversation"
            </button>
            <Show when=move || is_open.get()>
                {move || who.get().map(person::who)}
                {tags::tag_list(
                    tags,
                    false.into(),
                    move |tag| act(context, ArchiveIntent::AddTag(tag)),
                    move |tag| act(context, ArchiveIntent::RemoveTag(tag)),
                )}
                {move || who.get().map(person::details)}
            </Show>
        </aside>
    }
}

/// What the visitor says about a conversation.
pub(super) fn rating(rating: RatingView) -> impl IntoView {
    view! {
        <section class="person-part">
            <h3>"Rating"</h3>
            {rating.good.map(archive_results::rating)}
            {rating.comment.map(|comment| view! { <p class="rated-comment" dir="auto">{comment}</p> })}
        </section>
    }
}

/// `/`: shows the archive, with the focus in its search box.
pub(super) fn search(context: ViewContext) {
    sections::show(context, Section::Archive);
}
