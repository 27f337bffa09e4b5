//! Conversations both ways while many consoles are told of them: what one more console costs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::talking::Talkers;
use crate::{
    Setting,
    agent::Chat,
    console::Console,
    measure::Latencies,
    report::{Compared, Figure, Report, grouped},
    stage::{Stage, Window},
};

/// Each of them writes four times a second.
const CHATTING: usize = 50;

/// Messages of the agent a second.
const RATE: u32 = 100;
const TIME: Duration = Duration::from_secs(8);

pub(super) async fn run(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let few = (size / 10).max(1);
    let time = setting.time(TIME);
    let (mut stage, chats) = Stage::with_chats(setting, CHATTING).await?;

    let mut consoles = open(&mut stage, 0..few).await?;
    let first = converse(&stage, &chats, &consoles, time).await?;
    consoles.extend(open(&mut stage, few..size).await?);
    let second = converse(&stage, &chats, &consoles, time).await?;
    stage.all_received(&chats).await;

    let mut report = Report::with_columns(
        format!(
            "{name}={size}: {CHATTING} chats both ways, before {} consoles and before {}",
            grouped(size as u64),
            grouped(few as u64),
        ),
        ["many", "few"],
    );
    let both = |figure: fn(&Part) -> Figure| (figure(&second), figure(&first));
    for (what, (many, few), wanted) in [
        (
            "messages a second, of visitors",
            both(|part| Figure::rate(part.events as u64, part.took)),
            "",
        ),
        (
            "agent to visitor p99",
            both(|part| Figure::percentile(&part.window.wakes, 99)),
            "",
        ),
        (
            "visitor to console p99",
            both(|part| Figure::percentile(&part.pushes, 99)),
            "",
        ),
        (
            "CPU of one core",
            both(|part| Figure::Cores(part.window.cpu)),
            "3 × at most",
        ),
        (
            "CPU of the load program",
            both(|part| Figure::Cores(part.window.own_cpu)),
            "",
        ),
    ] {
        report.beside(what, many, few, Compared::Ratio, wanted);
    }
    stage.close(&mut report).await?;
    Ok(report)
}

struct Part {
    window: Window,
    /// Events that visitors wrote, and how long that took.
    events: usize,
    took: Duration,
    pushes: Latencies,
}

async fn open(stage: &mut Stage, numbers: std::ops::Range<usize>) -> Result<Vec<Arc<Console>>> {
    let mut consoles = Vec::new();
    for number in numbers {
        let (console, reading) = Console::open(&stage.site, number).await?;
        stage.tasks.spawn(reading);
        consoles.push(console);
    }
    Ok(consoles)
}

async fn converse(
    stage: &Stage,
    chats: &[Arc<Chat>],
    consoles: &[Arc<Console>],
    time: Duration,
) -> Result<Part> {
    let begun = Instant::now();
    let talkers = Talkers::start(chats);
    let window = stage.talk(chats, RATE, time).await?;
    let events = talkers.stop().await;
    let took = begun.elapsed();
    let mut pushes = Latencies::default();
    for console in consoles {
        console.all_pushed(&events).await;
        pushes.extend(console.take_wakes());
    }
    Ok(Part {
        window,
        events: events.len(),
        took,
        pushes,
    })
}
