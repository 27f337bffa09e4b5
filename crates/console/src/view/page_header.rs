//! The header of the page: the agent's name and status, the connection, and settings of the page.

use leptos::prelude::*;
use parlor_wire::RoutingStatus;

use super::{ViewContext, icon, keys, sign_ins, sign_out};
use crate::workspace::{ConnectionStatus, Intent};

const STATUSES: [(RoutingStatus, &str); 3] = [
    (RoutingStatus::AcceptingChats, "Accepting chats"),
    (RoutingStatus::NotAcceptingChats, "Not accepting"),
    (RoutingStatus::Offline, "Offline"),
];

pub(super) fn page_header(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let name = move || store.me.with(|me| me.as_ref().map(|me| me.name.clone()));
    let status = Memo::new(move |_| {
        let status = store.me.with(|me| me.as_ref().map(|me| me.status.clone()));
        status.unwrap_or(RoutingStatus::Offline).as_str().to_owned()
    });
    // Without a connection no visitor is routed here.
    let counts = Memo::new(move |_| match store.connection.get() {
        ConnectionStatus::Online => status.get(),
        ConnectionStatus::Connecting | ConnectionStatus::Reconnecting => {
            RoutingStatus::Offline.as_str().to_owned()
        }
    });
    let connection = move || match store.connection.get() {
        ConnectionStatus::Online => None,
        ConnectionStatus::Connecting => Some("Connecting…"),
        ConnectionStatus::Reconnecting => Some("Reconnecting…"),
    };
    let muted = move || store.muted.get();
    let notified = move || store.notifications.get();
    view! {
        <header class="header">
            <h1 class="brand">
                <span class="brand-mark" aria-hidden="true"></span>
                <span class="brand-name">"Parlor"</span>
            </h1>
            <p class="connection" role="status">{connection}</p>
            <div class="header-tools">
                {keys::help(context)}
                <button
                    type="button"
                    class="button button-quiet button-icon"
                    aria-label="Mute sounds"
                    title="Mute sounds"
                    aria-pressed=move || muted().to_string()
                    on:click=move |_| driver.mute(!store.muted.get_untracked())
                >
                    {move || if muted() { icon::bell_off().into_any() } else { icon::bell().into_any() }}
                </button>
                <button
                    type="button"
                    class="button button-quiet button-icon notify"
                    aria-label="Desktop notifications"
                    title="Desktop notifications"
                    aria-pressed=move || notified().to_string()
                    on:click=move |_| driver.notify(!store.notifications.get_untracked())
                >
                    {move || match notified() {
                        true => icon::desktop().into_any(),
                        false => icon::desktop_off().into_any(),
                    }}
                </button>
                <span class="status" data-status=move || counts.get()>
                    <select
                        class="status-select"
                        aria-label="My status"
                        prop:value=move || status.get()
                        on:change=move |event| {
                            let word = event_target_value(&event);
                            driver.dispatch(Intent::SetStatus(RoutingStatus::from(word.as_str())));
                        }
                    >
                        {STATUSES
                            .map(|(word, label)| {
                                let value = word.as_str().to_owned();
                                let of = value.clone();
                                view! {
                                    <option value=value selected=move || status.get() == of>
                                        {label}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </span>
                <span class="header-name">{name}</span>
                {sign_ins::sign_ins(context)}
                {sign_out::sign_out(context)}
            </div>
        </header>
    }
}
