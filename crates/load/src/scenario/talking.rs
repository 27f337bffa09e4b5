//! Visitors write as fast as they are answered, up to a pace that no person keeps: how many messages
//! a second become durable, beside a bare SQLite writer of the same rows.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval_at, sleep},
};

use crate::{
    Setting,
    agent::Chat,
    console::Console,
    measure::{Latencies, stamp},
    report::{Compared, Figure, Report, grouped},
    stage::{Crowd, Stage},
    yardstick,
};

const TIME: Duration = Duration::from_secs(10);
const WARM_UP: Duration = Duration::from_secs(1);

/// Between two messages of one visitor, at least. It also keeps a session within any limit that
/// spares people.
const PAUSE: Duration = Duration::from_millis(250);

pub(super) async fn run(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let time = setting.time(TIME);
    let bare = yardstick::messages_a_second(&setting.data, size, time / 2).await?;
    let mut stage = Stage::open(setting).await?;
    let (console, reading) = Console::open(&stage.site, 0).await?;
    stage.tasks.spawn(reading);
    let crowd = Crowd {
        chatting: size,
        waiting: 0,
        hold_ms: None,
    };
    let arrived = stage.arrive(crowd).await;
    stage.settle().await;

    let talkers = Talkers::start(&arrived.chats);
    sleep(WARM_UP).await;
    let before = talkers.written();
    let begun = Instant::now();
    talkers.take_times();
    console.take_wakes();
    let window = stage.idle(time).await?;
    let written = talkers.written() - before;
    let took = begun.elapsed();
    let times = talkers.take_times();
    let wakes = console.take_wakes();
    let events = talkers.stop().await;
    console.all_pushed(&events).await;

    let mut report = Report::new(format!(
        "{name}={size}: {} visitors write, {} times a second each at most",
        grouped(size as u64),
        1_000 / PAUSE.as_millis(),
    ));
    report.beside(
        "messages a second, visitor to disk",
        Figure::rate(written as u64, took),
        Figure::Rate(bare),
        Compared::Ratio,
        "0.5 × at least",
    );
    let offered = size as f64 / PAUSE.as_secs_f64();
    report.row(
        "messages a second, offered at most",
        Figure::Rate(offered),
        "",
    );
    for percent in [50, 99] {
        let figure = Figure::percentile(&times, percent);
        report.row(&format!("answer to a message p{percent}"), figure, "");
    }
    for percent in [50, 99] {
        let figure = Figure::percentile(&wakes, percent);
        report.row(&format!("visitor to console p{percent}"), figure, "");
    }
    report.row("CPU of one core", Figure::Cores(window.cpu), "");
    report.row("CPU of the load program", Figure::Cores(window.own_cpu), "");
    stage.close(&mut report).await?;
    Ok(report)
}

/// Visitors who write until they are stopped.
pub(super) struct Talkers {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    /// Ids of the events of answered messages.
    events: Mutex<Vec<String>>,
    times: Mutex<Latencies>,
}

impl Talkers {
    pub(super) fn start(chats: &[Arc<Chat>]) -> Self {
        let shared = Arc::new(Shared::default());
        let mut tasks = JoinSet::new();
        for (index, chat) in chats.iter().enumerate() {
            let (shared, visitor) = (shared.clone(), chat.visitor.clone());
            // They do not all write at the same time.
            let first = PAUSE * u32::try_from(index).unwrap_or(0) / chats.len().max(1) as u32;
            tasks.spawn(async move {
                let mut ticks = interval_at((Instant::now() + first).into(), PAUSE);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                for number in visitor.written() + 1.. {
                    ticks.tick().await;
                    if shared.stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    let begun = stamp();
                    let text = format!("v{number} {begun}");
                    let Some(event) = visitor.write(text, format!("v{number}")).await else {
                        break;
                    };
                    lock(&shared.times).add(stamp() - begun);
                    lock(&shared.events).push(event);
                }
            });
        }
        Self { shared, tasks }
    }

    pub(super) fn written(&self) -> usize {
        lock(&self.shared.events).len()
    }

    /// From a visitor's wish to write to the answer.
    pub(super) fn take_times(&self) -> Latencies {
        std::mem::take(&mut *lock(&self.shared.times))
    }

    /// Waits for the last answers; returns the ids of all events.
    pub(super) async fn stop(mut self) -> Vec<String> {
        self.shared.stopped.store(true, Ordering::Relaxed);
        while self.tasks.join_next().await.is_some() {}
        std::mem::take(&mut *lock(&self.shared.events))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
