//! What it costs to join the queue, to leave it, to be accepted and to end, where few wait and where
//! many do. All of them poll, and ask for their places.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    Setting,
    measure::Latencies,
    report::{Compared, Figure, Report, grouped},
    stage::{Crowd, Stage},
    visitor::Visitor,
};

/// In each round two join, one leaves, and one is accepted and ends: as many wait as before.
const ROUNDS: usize = 100;

/// A level that takes longer is not measured to its end.
const TIME: Duration = Duration::from_secs(30);

/// What the calls took, by kind.
#[derive(Default)]
struct Times {
    join: Latencies,
    accept: Latencies,
    end: Latencies,
    leave: Latencies,
    waiting: usize,
}

pub(super) async fn run(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let few = (size / 100).max(2);
    let mut stage = Stage::open(setting).await?;
    let mut queue = VecDeque::new();
    fill(&mut stage, &mut queue, few).await;
    let first = measure(&mut stage, &mut queue, setting.time(TIME)).await?;
    fill(&mut stage, &mut queue, size).await;
    let second = measure(&mut stage, &mut queue, setting.time(TIME)).await?;

    let mut report = Report::with_columns(
        format!(
            "{name}={size}: joining, leaving, accepting and ending where {} and where {} wait",
            grouped(second.waiting as u64),
            grouped(first.waiting as u64)
        ),
        ["many", "few"],
    );
    for (what, many, few) in [
        ("join, mean", &second.join, &first.join),
        ("leave, mean", &second.leave, &first.leave),
        ("accept, mean", &second.accept, &first.accept),
        ("end, mean", &second.end, &first.end),
    ] {
        let (many, few) = (Figure::mean(many), Figure::mean(few));
        report.beside(what, many, few, Compared::Ratio, "2 × at most");
    }
    stage.close(&mut report).await?;
    Ok(report)
}

async fn fill(stage: &mut Stage, queue: &mut VecDeque<Arc<Visitor>>, size: usize) {
    let crowd = Crowd {
        chatting: 0,
        waiting: size.saturating_sub(queue.len()),
        hold_ms: None,
    };
    let arrived = stage.arrive(crowd).await;
    stage.settle().await;
    queue.extend(arrived.waiting);
}

async fn measure(
    stage: &mut Stage,
    queue: &mut VecDeque<Arc<Visitor>>,
    time: Duration,
) -> Result<Times> {
    let mut times = Times {
        waiting: queue.len(),
        ..Times::default()
    };
    let begun = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS && begun.elapsed() < time {
        for _ in 0..2 {
            let number = stage.next_number();
            let joining = Visitor::arrive(&stage.site, number);
            let (visitor, caller) = timed(&mut times.join, joining).await?;
            stage.tasks.spawn(visitor.clone().poll(caller, None));
            queue.push_back(visitor);
        }

        let middle = queue.remove(queue.len() / 2).context("nobody waits")?;
        timed(&mut times.leave, middle.end()).await;

        // Whoever has waited longest is accepted, so that all others move.
        let next = queue.pop_front().context("nobody waits")?;
        let chat_id = next.chat_id(&mut next.another_connection()).await?;
        let accepting = stage.agent.accept(next.clone(), chat_id);
        timed(&mut times.accept, accepting).await?;
        timed(&mut times.end, next.end()).await;
        rounds += 1;
    }
    Ok(times)
}

async fn timed<T>(times: &mut Latencies, call: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = call.await;
    times.add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
    done
}
