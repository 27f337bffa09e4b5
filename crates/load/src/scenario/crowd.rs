//! Many visitors who do nothing, and an agent who now and then writes to one of them: what a held
//! poll costs, and how long a message takes through the crowd.

use std::time::Duration;

use anyhow::Result;

use crate::{
    Setting,
    report::{Compared, Figure, Report, grouped},
    stage::{Arrived, Crowd, Stage, Window},
    yardstick::{BareCrowd, BareFigures},
};

/// Messages of the agent a second: what a slow disk bears, so that times are not those of a queue.
const RATE: u32 = 50;
const TALK: Duration = Duration::from_secs(20);

/// The endpoint holds a poll for 25 s: so much of a time counts each visitor's next poll once.
const WHOLE_POLL: Duration = Duration::from_secs(25);

const FEW_SECONDS: Duration = Duration::from_secs(5);

/// As our own widget does while it is visible.
const LOOKED_AT_HOLD_MS: u64 = 3_000;
const THREE_POLLS: Duration = Duration::from_millis(3 * LOOKED_AT_HOLD_MS);

/// Who chats in a scenario about those who wait.
const CHATTING: usize = 50;

struct Plan {
    title: String,
    crowd: Crowd,
    idle: Duration,
    talk: Duration,
    /// While the agent talks, the first of the queue is accepted each second.
    accepts: bool,
    idle_cpu_wanted: &'static str,
}

pub(super) async fn waiting(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let plan = Plan {
        title: format!(
            "{name}={size}: {} visitors wait in the queue, {CHATTING} chat, one is accepted each second",
            grouped(size as u64)
        ),
        crowd: crowd(CHATTING, size, None),
        idle: setting.time(FEW_SECONDS),
        talk: setting.time(TALK),
        accepts: true,
        idle_cpu_wanted: "",
    };
    plan.run(setting).await
}

pub(super) async fn held(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let waiting = size / 5;
    let plan = Plan {
        title: format!(
            "{name}={size}: {} visitors hold a poll, {} of them in the queue",
            grouped(size as u64),
            grouped(waiting as u64)
        ),
        crowd: crowd(size - waiting, waiting, None),
        idle: setting.time(WHOLE_POLL),
        talk: setting.time(TALK),
        accepts: false,
        idle_cpu_wanted: "10 % at most, for 10,000",
    };
    plan.run(setting).await
}

pub(super) async fn looked_at(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let plan = Plan {
        title: format!(
            "{name}={size}: {} visitors look at their window (hold={LOOKED_AT_HOLD_MS})",
            grouped(size as u64)
        ),
        crowd: crowd(size, 0, Some(LOOKED_AT_HOLD_MS)),
        idle: setting.time(THREE_POLLS),
        talk: setting.time(FEW_SECONDS),
        accepts: false,
        idle_cpu_wanted: "50 % at most, for 3,000",
    };
    plan.run(setting).await
}

pub(super) async fn hidden(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let plan = Plan {
        title: format!(
            "{name}={size}: {} visitors in chats do not look",
            grouped(size as u64)
        ),
        crowd: crowd(size, 0, None),
        idle: setting.time(WHOLE_POLL),
        talk: Duration::ZERO,
        accepts: false,
        idle_cpu_wanted: "10 % at most, for 10,000",
    };
    plan.run(setting).await
}

fn crowd(chatting: usize, waiting: usize, hold_ms: Option<u64>) -> Crowd {
    Crowd {
        chatting,
        waiting,
        hold_ms,
    }
}

impl Plan {
    async fn run(self, setting: &Setting) -> Result<Report> {
        let bare = BareCrowd {
            polls: self.crowd.all(),
            hold_ms: self.crowd.hold_ms,
            idle: self.idle,
            talk: self.talk,
            rate: RATE,
        };
        let bare = bare.run(&setting.data).await?;
        let mut stage = Stage::open(setting).await?;
        let arrived = stage.arrive(self.crowd).await;
        stage.settle().await;
        let idle = stage.idle(self.idle).await?;
        let talk = match self.talk.is_zero() {
            true => None,
            false => {
                let accepts = async {
                    if self.accepts {
                        accept_each_second(&stage, &arrived, self.talk).await;
                    }
                };
                let talk = stage.talk(&arrived.chats, RATE, self.talk);
                let (talk, ()) = tokio::join!(talk, accepts);
                Some(talk?)
            }
        };
        stage.all_received(&arrived.chats).await;

        let mut report = Report::new(self.title.clone());
        self.rows(&mut report, &stage, &arrived, &idle, &bare);
        if let Some(talk) = &talk {
            talk_rows(&mut report, talk, &bare);
        }
        report.violations(bare.violations);
        stage.close(&mut report).await?;
        Ok(report)
    }

    fn rows(
        &self,
        report: &mut Report,
        stage: &Stage,
        arrived: &Arrived,
        idle: &Window,
        bare: &BareFigures,
    ) {
        let all = arrived.all();
        if all < self.crowd.all() {
            report.note(format!(
                "only {} of {} visitors had arrived after {} s",
                grouped(all as u64),
                grouped(self.crowd.all() as u64),
                arrived.took.as_secs(),
            ));
        }
        let arrivals = Figure::rate(all as u64, arrived.took);
        report.row("visitors a second, arriving", arrivals, "");
        let bytes = idle.private_bytes.saturating_sub(stage.empty.private_bytes) as f64;
        report.beside(
            "private memory a held poll",
            Figure::Bytes(bytes / all.max(1) as f64),
            Figure::Bytes(bare.bytes_a_poll),
            Compared::Difference,
            "+6 KB at most",
        );
        report.row("polls a second, idle", idle.answers_a_second(), "");
        report.beside(
            "CPU of one core, idle",
            Figure::Cores(idle.cpu),
            Figure::Cores(bare.idle_cpu),
            Compared::Ratio,
            self.idle_cpu_wanted,
        );
        report.row(
            "CPU of the load program, idle",
            Figure::Cores(idle.own_cpu),
            "",
        );
    }
}

/// Those who have waited longest are accepted, so that everybody else moves.
async fn accept_each_second(stage: &Stage, arrived: &Arrived, time: Duration) {
    let seconds = usize::try_from(time.as_secs()).unwrap_or(0);
    for visitor in arrived.waiting.iter().take(seconds) {
        let accepted = async {
            let chat_id = visitor.chat_id(&mut visitor.another_connection()).await?;
            stage.agent.accept(visitor.clone(), chat_id).await
        };
        let pause = tokio::time::sleep(Duration::from_secs(1));
        // What is refused is counted where it is.
        let _ = tokio::join!(accepted, pause);
    }
}

fn talk_rows(report: &mut Report, talk: &Window, bare: &BareFigures) {
    let wakes = Figure::rate(talk.wakes.count() as u64, talk.took);
    report.row("messages a second, agent to visitor", wakes, "");
    for (what, bare) in [
        ("wake", &bare.talk),
        ("wake, beside the bare commit", &bare.stored_talk),
    ] {
        for (percent, wanted) in [(50, ""), (99, "3 × at most")] {
            report.beside(
                &format!("{what} p{percent}"),
                Figure::percentile(&talk.wakes, percent),
                Figure::percentile(&bare.wakes, percent),
                Compared::Ratio,
                wanted,
            );
        }
    }
    report.beside(
        "CPU of one core, agent talking",
        Figure::Cores(talk.cpu),
        Figure::Cores(bare.stored_talk.cpu),
        Compared::Ratio,
        "",
    );
    let own = Figure::Cores(talk.own_cpu);
    report.row("CPU of the load program, agent talking", own, "");
}
