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
    report::{Figure, Report, grouped},
    stage::{Crowd, Stage, Window},
    yardstick::BareCrowd,
};

/// Each of them writes four times a second.
const CHATTING: usize = 50;

/// Messages of the agent a second.
const RATE: u32 = 100;
const TIME: Duration = Duration::from_secs(8);

pub(super) async fn run(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let few = (size / 10).max(1);
    let bare = BareCrowd {
        polls: CHATTING,
        hold_ms: None,
        idle: Duration::from_secs(1),
        talk: TIME / 2,
        rate: RATE,
    };
    let bare = bare.run().await?;
    let mut stage = Stage::open(setting)?;
    let crowd = Crowd {
        chatting: CHATTING,
        waiting: 0,
        hold_ms: None,
    };
    let arrived = stage.arrive(crowd).await;
    stage.settle().await;

    let mut consoles = open(&mut stage, 0..few).await?;
    let first = converse(&stage, &arrived.chats, &consoles).await?;
    consoles.extend(open(&mut stage, few..size).await?);
    let second = converse(&stage, &arrived.chats, &consoles).await?;
    stage.all_received(&arrived.chats).await;

    let mut report = Report::new(format!(
        "{name}={size}: {CHATTING} chats both ways, first before {} consoles, then before {}",
        grouped(few as u64),
        grouped(size as u64),
    ));
    let title = |what: &str, consoles: usize| format!("{what}, {consoles} consoles");
    for (consoles, part) in [(few, &first), (size, &second)] {
        let count = part.events as u64;
        let rate = Figure::rate(count, part.took);
        report.row(&title("messages a second, of visitors", consoles), rate, "");
        let wake = Figure::percentile(&part.window.wakes, 99);
        report.row(&title("agent to visitor p99", consoles), wake, "");
        let pushed = Figure::percentile(&part.pushes, 99);
        report.row(&title("visitor to console p99", consoles), pushed, "");
        let cpu = Figure::Cores(part.window.cpu);
        report.row(&title("CPU of one core", consoles), cpu, "");
    }
    report.note(format!(
        "CPU before {size} consoles is {:.2} × that before {few} (to reach: 3 × at most)",
        second.window.cpu / first.window.cpu
    ));
    if let (Some(ours), Some(bare)) = (first.window.wakes.percentile(99), bare.wakes.percentile(99))
    {
        report.note(format!(
            "agent to visitor p99 is {:.2} × the bare server's before {few} consoles",
            ours as f64 / bare as f64
        ));
    }
    report.violations(bare.violations);
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

async fn converse(stage: &Stage, chats: &[Arc<Chat>], consoles: &[Arc<Console>]) -> Result<Part> {
    let begun = Instant::now();
    let talkers = Talkers::start(chats);
    let window = stage.talk(chats, RATE, TIME).await?;
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
