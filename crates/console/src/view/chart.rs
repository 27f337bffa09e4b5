//! A bar chart over time. It is read by eye, step by step with the arrow keys, which screen readers
//! read out, and as a table of the same numbers.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::text;

/// What the numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Counts; the series of one step stand on each other.
    Stacked,
    /// Averages in seconds; the series stand beside each other.
    Seconds,
}

/// Numbers of one kind, one for each step; none where there is nothing to average.
#[derive(Debug, Clone)]
pub(super) struct Series {
    name: &'static str,
    /// The class that gives its bars their colour.
    class: &'static str,
    values: Vec<Option<f64>>,
}

impl Series {
    pub(super) fn new(name: &'static str, class: &'static str, values: Vec<Option<f64>>) -> Self {
        Self {
            name,
            class,
            values,
        }
    }

    fn at(&self, step: usize) -> Option<f64> {
        self.values.get(step).copied().flatten()
    }
}

/// A chart.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    pub(super) title: String,
    /// The head of the steps in the table.
    pub(super) head: &'static str,
    /// The steps, as people read them.
    pub(super) labels: Vec<String>,
    pub(super) unit: Unit,
    pub(super) series: Vec<Series>,
}

impl Chart {
    fn most(&self) -> f64 {
        let steps = 0..self.labels.len();
        let of_step = |step| {
            let values = self.series.iter().filter_map(move |it| it.at(step));
            match self.unit {
                Unit::Stacked => values.sum(),
                Unit::Seconds => values.fold(0.0, f64::max),
            }
        };
        steps.map(of_step).fold(0.0, f64::max)
    }

    fn value(&self, value: Option<f64>) -> String {
        match (self.unit, value) {
            (Unit::Stacked, value) => format!("{}", value.unwrap_or(0.0)),
            (Unit::Seconds, value) => text::report::average(value),
        }
    }

    /// `3 November: 12 answered, 2 missed`.
    fn said(&self, step: usize) -> String {
        let label = self.labels.get(step).map_or("", String::as_str);
        let values = self.series.iter().map(|series| {
            let value = self.value(series.at(step));
            format!("{} {value}", series.name.to_lowercase())
        });
        format!("{label}: {}", values.collect::<Vec<_>>().join(", "))
    }
}

/// A round number that is not below this: the height of the axis, which has two steps of the same
/// roundness.
fn ceiling(most: f64, unit: Unit) -> f64 {
    const STEPS: [f64; 13] = [
        30.0, 60.0, 120.0, 240.0, 600.0, 1_200.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0,
        172_800.0, 604_800.0,
    ];
    if unit == Unit::Seconds {
        let step = STEPS.into_iter().find(|step| *step >= most);
        return step.unwrap_or_else(|| (most / 604_800.0).ceil() * 604_800.0);
    }
    let mut scale = 1.0;
    loop {
        for step in [2.0, 4.0, 6.0, 10.0] {
            if step * scale >= most {
                return step * scale;
            }
        }
        scale *= 10.0;
    }
}

/// Every so many steps have a label below the bars.
fn labelled_every(steps: usize) -> usize {
    steps.div_ceil(6).max(1)
}

pub(super) fn chart(chart: Chart) -> impl IntoView {
    let steps = chart.labels.len();
    let last = steps.saturating_sub(1);
    let top = ceiling(chart.most(), chart.unit);
    let at = RwSignal::new(None::<usize>);
    let is_empty = chart.most() == 0.0;
    let title = chart.title.clone();
    let on_keydown = move |event: KeyboardEvent| {
        let now = at.get_untracked();
        let to = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => now.map_or(0, |now| now + 1),
            "ArrowLeft" | "ArrowDown" => now.unwrap_or(1).saturating_sub(1),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        at.set(Some(to.min(last)));
    };
    let sayings: StoredValue<Vec<String>> =
        StoredValue::new((0..steps).map(|step| chart.said(step)).collect());
    let said = move || {
        let step = at.get().unwrap_or(0);
        sayings.with_value(|said| said.get(step).cloned())
    };
    let every = labelled_every(steps);
    let groups = (0..steps).map(|step| {
        let bars = chart.series.iter().map(|series| {
            let share = series.at(step).unwrap_or(0.0) / top * 100.0;
            let class = format!("bar {}", series.class);
            view! { <span class=class style:block-size=format!("{share:.2}%")></span> }
        });
        view! {
            <div
                class="bars"
                class:is-at=move || at.get() == Some(step)
                on:pointerenter=move |_| at.set(Some(step))
            >
                {bars.collect_view()}
            </div>
        }
    });
    let groups = groups.collect_view();
    let labels = chart.labels.iter().enumerate().map(|(step, label)| {
        let label = (step % every == 0).then(|| label.clone());
        view! { <span class="plot-label"><span>{label}</span></span> }
    });
    let labels = labels.collect_view();
    let ticks = [top, top / 2.0, 0.0].map(|tick| {
        let tick = match chart.unit {
            Unit::Stacked => format!("{tick}"),
            Unit::Seconds => text::report::seconds(tick.round() as u64),
        };
        view! { <span>{tick}</span> }
    });
    let legend = chart.series.iter().map(|series| {
        let class = format!("swatch {}", series.class);
        view! { <span class="legend-item"><span class=class></span> {series.name}</span> }
    });
    let legend = legend.collect_view();
    let stacked = chart.unit == Unit::Stacked;
    let plot = view! {
        <div class="legend" aria-hidden="true">{legend}</div>
        <div
            class="plot"
            role="slider"
            tabindex="0"
            aria-label=title.clone()
            aria-orientation="horizontal"
            aria-valuemin="1"
            aria-valuemax=steps.to_string()
            aria-valuenow=move || (at.get().unwrap_or(0) + 1).to_string()
            aria-valuetext=said
            on:keydown=on_keydown
            on:focus=move |_| {
                if at.get_untracked().is_none() {
                    at.set(Some(0));
                }
            }
            on:pointerleave=move |_| at.set(None)
        >
            <div class="plot-axis">{ticks.into_iter().collect_view()}</div>
            <div class="plot-bars" class:is-stacked=stacked>{groups}</div>
            <div class="plot-labels">{labels}</div>
        </div>
        <p class="plot-said" aria-hidden="true">
            {move || at.get().and_then(|_| said())}
        </p>
    };
    view! {
        <section class="chart">
            <h2>{title}</h2>
            {match is_empty {
                true => view! { <p class="chart-none">"Nothing in this time."</p> }.into_any(),
                false => view! { {plot} {table(&chart)} }.into_any(),
            }}
        </section>
    }
}

/// The same numbers, for those who read them one by one.
fn table(chart: &Chart) -> impl IntoView + use<> {
    let heads = chart
        .series
        .iter()
        .map(|series| view! { <th scope="col">{series.name}</th> });
    let heads = heads.collect_view();
    let rows = chart.labels.iter().enumerate().map(|(step, label)| {
        let values = chart.series.iter().map(|series| {
            let value = chart.value(series.at(step));
            view! { <td>{value}</td> }
        });
        view! { <tr><th scope="row">{label.clone()}</th>{values.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    let title = chart.title.clone();
    let (label, caption) = (title.clone(), title.clone());
    let head = chart.head;
    view! {
        <details class="numbers">
            <summary>"Table"<span class="unseen">": "{title}</span></summary>
            <div class="table-wrap" role="region" aria-label=label tabindex="0">
                <table class="table">
                    <caption class="unseen">{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{head}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (most, expected) in [
            (0.0, 2.0),
            (1.0, 2.0),
            (3.0, 4.0),
            (7.0, 10.0),
            (41.0, 60.0),
            (999.0, 1_000.0),
        ] {
            assert_eq!(ceiling(most, Unit::Stacked), expected);
        }
        for (most, expected) in [
            (0.0, 30.0),
            (31.0, 60.0),
            (700.0, 1_200.0),
            (2_000_000.0, 2_419_200.0),
        ] {
            assert_eq!(ceiling(most, Unit::Seconds), expected);
        }
    }

    #[test]
    fn a_step_is_said_in_one_line() {
        let chart = Chart {
            title: String::new(),
            head: "Day",
            labels: vec!["3 Nov".to_owned()],
            unit: Unit::Stacked,
            series: vec![
                Series::new("Answered", "", vec![Some(12.0)]),
                Series::new("Missed", "", vec![None]),
            ],
        };
        assert_eq!(chart.said(0), "3 Nov: answered 12, missed 0");
        assert_eq!(chart.most(), 12.0);
        assert_eq!(labelled_every(31), 6);
        assert_eq!(labelled_every(0), 1);
    }
}
