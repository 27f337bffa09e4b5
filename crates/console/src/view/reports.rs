//! Reports: numbers of conversations for a span of time, as charts and as tables.

use std::sync::Arc;

use leptos::prelude::*;
use parlor_wire::AgentId;
use parlor_wire::agent::{ArchiveReport, ReportInterval, ReportRow};

use super::chart::{self, Chart, Series};
use super::{ViewContext, clock, icon};
use crate::text;
use crate::workspace::{Intent, ReportIntent, Span};

pub(super) fn reports(context: ViewContext) -> impl IntoView {
    let view = context.store.report;
    let report =
        Memo::new(move |_| view.with(|view| Some((view.report.clone()?, view.interval.clone()?))));
    let said = move || {
        view.with(|view| match (view.no_span, view.failed, view.busy) {
            (true, ..) => text::report::NO_SPAN.to_owned(),
            (_, Some(fault), _) => text::report::not_loaded(fault),
            (_, _, true) => "Loading…".to_owned(),
            _ => String::new(),
        })
    };
    let failed = move || view.with(|view| view.failed.is_some() && !view.no_span);
    view! {
        <section class="reports" aria-label="Reports" tabindex="-1">
            {choices(context)}
            <div class="reports-said">
                <p role="status">{said}</p>
                <Show when=failed>
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| act(context, ReportIntent::Again)
                    >
                        "Try again"
                    </button>
                </Show>
            </div>
            {move || report.get().map(|(report, interval)| numbers(report, &interval))}
        </section>
    }
}

fn act(context: ViewContext, intent: ReportIntent) {
    context.driver.dispatch(Intent::Report(intent));
}

fn choices(context: ViewContext) -> impl IntoView {
    let view = context.store.report;
    let span = Memo::new(move |_| view.with(|view| view.span));
    let days = Memo::new(move |_| view.with(|view| (view.from.clone(), view.to.clone())));
    let has_report = Memo::new(move |_| view.with(|view| view.report.is_some()));
    let span_changed = move |event| {
        let at: Option<usize> = event_target_value(&event).parse().ok();
        if let Some((span, _)) = at.and_then(|at| text::report::SPANS.get(at)) {
            act(context, ReportIntent::Span(*span));
        }
    };
    let option = move |(at, (of, name)): (usize, (Span, &'static str))| {
        view! {
            <option value=at.to_string() selected=move || span.get() == of>{name}</option>
        }
    };
    let from_changed = move |event| {
        let (_, to) = days.get_untracked();
        act(context, ReportIntent::Days(event_target_value(&event), to));
    };
    let to_changed = move |event| {
        let (from, _) = days.get_untracked();
        act(
            context,
            ReportIntent::Days(from, event_target_value(&event)),
        );
    };
    view! {
        <div class="report-choices">
            <label class="filter">
                <span class="filter-name">"Time"</span>
                <select class="select" on:change=span_changed>
                    {text::report::SPANS.into_iter().enumerate().map(option).collect_view()}
                </select>
            </label>
            <label class="filter">
                <span class="filter-name">"From"</span>
                <input
                    class="select"
                    type="date"
                    prop:value=move || days.with(|(from, _)| from.clone())
                    on:change=from_changed
                />
            </label>
            <label class="filter">
                <span class="filter-name">"To"</span>
                <input
                    class="select"
                    type="date"
                    prop:value=move || days.with(|(_, to)| to.clone())
                    on:change=to_changed
                />
            </label>
            {team(context)}
            {agent(context)}
            <button
                type="button"
                class="button"
                aria-disabled=move || (!has_report.get()).to_string()
                on:click=move |_| act(context, ReportIntent::Download)
            >
                {icon::download()}
                "CSV"
            </button>
        </div>
    }
}

fn team(context: ViewContext) -> impl IntoView {
    let view = context.store.report;
    let teams = Memo::new(move |_| view.with(|view| view.teams.clone()));
    let chosen = Memo::new(move |_| view.with(|view| view.team));
    let changed = move |event| {
        let team = event_target_value(&event).parse().ok();
        act(context, ReportIntent::Team(team));
    };
    view! {
        <label class="filter">
            <span class="filter-name">"Team"</span>
            <select class="select" on:change=changed>
                <option value="" selected=move || chosen.get().is_none()>"All teams"</option>
                <For each=move || teams.get() key=Clone::clone let((id, name))>
                    <option value=id.to_string() selected=move || chosen.get() == Some(id)>
                        {name}
                    </option>
                </For>
            </select>
        </label>
    }
}

fn agent(context: ViewContext) -> impl IntoView {
    let view = context.store.report;
    let agents = Memo::new(move |_| view.with(|view| view.agents.clone()));
    let chosen = Memo::new(move |_| view.with(|view| view.agent.clone()));
    let changed = move |event| {
        let id = event_target_value(&event);
        let agent = (!id.is_empty()).then(|| AgentId::from(id.as_str()));
        act(context, ReportIntent::Agent(agent));
    };
    view! {
        <label class="filter">
            <span class="filter-name">"Agent"</span>
            <select class="select" on:change=changed>
                <option value="" selected=move || chosen.with(Option::is_none)>"All agents"</option>
                <For each=move || agents.get() key=Clone::clone let((id, name))>
                    {
                        let this = id.clone();
                        view! {
                            <option
                                value=id.to_string()
                                selected=move || chosen.with(|it| it.as_ref() == Some(&this))
                            >
                                {name}
                            </option>
                        }
                    }
                </For>
            </select>
        </label>
    }
}

fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}

fn numbers(report: Arc<ArchiveReport>, interval: &ReportInterval) -> impl IntoView + use<> {
    let labels: Vec<String> = report
        .intervals
        .iter()
        .map(|row| clock::interval(&row.key, interval))
        .collect();
    let by = text::report::interval(interval);
    let chart = |title: &'static str, unit, series| Chart {
        title: format!("{title}, {by}"),
        head: text::report::interval_head(interval),
        labels: labels.clone(),
        unit,
        series,
    };
    let values = |of: fn(&ReportRow) -> Option<f64>| report.intervals.iter().map(of).collect();
    let chats = vec![
        Series::new(
            "Answered",
            "bar-1",
            values(|row| count(row.chats.saturating_sub(row.missed))),
        ),
        Series::new("Missed", "bar-2", values(|row| count(row.missed))),
        Series::new("Messages left", "bar-3", values(|row| count(row.messages))),
    ];
    let responses = vec![
        Series::new(
            "First response",
            "bar-1",
            values(|row| row.first_response_s),
        ),
        Series::new("Any response", "bar-3", values(|row| row.response_s)),
    ];
    let durations = vec![Series::new(
        "Duration",
        "bar-1",
        values(|row| row.duration_s),
    )];
    let ratings = vec![
        Series::new("Good", "bar-good", values(|row| count(row.good))),
        Series::new("Bad", "bar-bad", values(|row| count(row.bad))),
    ];
    view! {
        {tiles(&report.total)}
        <div class="charts">
            {chart::chart(chart("Conversations", chart::Unit::Stacked, chats))}
            {chart::chart(chart("Average time to respond", chart::Unit::Seconds, responses))}
            {chart::chart(chart("Average duration of a chat", chart::Unit::Seconds, durations))}
            {chart::chart(chart("Ratings", chart::Unit::Stacked, ratings))}
        </div>
        {people("By team", "Team", &report.groups)}
        {people("By agent", "Agent", &report.agents)}
    }
}

fn tiles(total: &ReportRow) -> impl IntoView + use<> {
    let facts = [
        ("Chats", total.chats.to_string()),
        ("Messages left", total.messages.to_string()),
        (
            "Missed chats",
            text::report::share(total.missed, total.chats),
        ),
        (
            "First response",
            text::report::average(total.first_response_s),
        ),
        ("Average response", text::report::average(total.response_s)),
        ("Duration", text::report::average(total.duration_s)),
        ("Ratings", text::report::ratings(total)),
    ];
    view! {
        <dl class="tiles">
            {facts
                .map(|(name, value)| view! { <div class="tile"><dt>{name}</dt><dd>{value}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// One row for each team or agent, with a bar for their chats.
fn people(title: &'static str, head: &'static str, rows: &[ReportRow]) -> impl IntoView + use<> {
    let most = rows.iter().map(|row| row.chats).max().unwrap_or(0).max(1);
    let lines = rows.iter().map(|row| {
        let width = format!("{:.1}%", row.chats as f64 * 100.0 / most as f64);
        view! {
            <tr>
                <th scope="row" dir="auto">{row.name.clone()}</th>
                <td class="people-chats">
                    <span class="people-bar" aria-hidden="true">
                        <span class="bar-1" style:inline-size=width></span>
                    </span>
                    {row.chats}
                </td>
                <td>{row.messages}</td>
                <td>{row.missed}</td>
                <td>{text::report::average(row.first_response_s)}</td>
                <td>{text::report::average(row.response_s)}</td>
                <td>{text::report::average(row.duration_s)}</td>
                <td>{row.good}</td>
                <td>{row.bad}</td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    let heads = [
        head,
        "Chats",
        "Messages left",
        "Missed",
        "First response",
        "Average response",
        "Duration",
        "Good",
        "Bad",
    ];
    view! {
        <section class="people">
            <h2>{title}</h2>
            {match rows.is_empty() {
                true => view! { <p class="chart-none">"Nobody took part."</p> }.into_any(),
                false => view! {
                    <div class="table-wrap" role="region" aria-label=title tabindex="0">
                        <table class="table">
                            <thead>
                                <tr>
                                    {heads
                                        .map(|head| view! { <th scope="col">{head}</th> })
                                        .collect_view()}
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
                .into_any(),
            }}
        </section>
    }
}
