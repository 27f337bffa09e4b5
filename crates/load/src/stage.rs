//! An endpoint with visitors and an agent, ready for what a scenario does with them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use crate::{
    Setting,
    agent::{Agent, Chat},
    measure::{Usage, own_cpu},
    pace::at_rate,
    program::{Endpoint, Program},
    report::{Figure, Report},
    site::Site,
    visitor::Visitor,
};

/// So many visitors arrive at the same time.
const ARRIVING: usize = 64;

/// Who is not there after so much time for each is not waited for: an endpoint that gets slower with
/// each visitor would take for ever.
const ARRIVAL_TIME: Duration = Duration::from_millis(50);

/// The same for all together, where only few come.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a message may be on its way after the last was sent, before it counts as lost.
const DELIVERY_TIME: Duration = Duration::from_secs(20);

/// Who is to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) chatting: usize,
    pub(crate) waiting: usize,
    /// Asked for in each poll; the endpoint's own default when `None`.
    pub(crate) hold_ms: Option<u64>,
}

impl Crowd {
    pub(crate) fn all(&self) -> usize {
        self.chatting + self.waiting
    }
}

/// Who has come.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) chats: Vec<Arc<Chat>>,
    pub(crate) waiting: Vec<Arc<Visitor>>,
    pub(crate) took: Duration,
}

impl Arrived {
    pub(crate) fn all(&self) -> usize {
        self.chats.len() + self.waiting.len()
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) endpoint: Endpoint,
    pub(crate) program: Program,
    pub(crate) site: Arc<Site>,
    pub(crate) agent: Arc<Agent>,
    /// Memory and CPU before anybody came.
    pub(crate) empty: Usage,
    /// What goes on beside the scenario, such as polls.
    pub(crate) tasks: JoinSet<()>,
    /// Polls of those who arrived together.
    polls: Vec<AbortHandle>,
    numbers: AtomicUsize,
    /// How many have arrived by now, and how many of them were accepted.
    arrived: (usize, usize),
}

impl Stage {
    pub(crate) async fn open(setting: &Setting) -> Result<Self> {
        let endpoint = Endpoint::set_up(&setting.endpoint, &setting.data)?;
        let program = endpoint.start("127.0.0.1:0")?;
        let site = Arc::new(Site::new(program.address, endpoint.installation.clone()));
        let agent = Agent::new(&site);
        agent.come().await?;
        Ok(Self {
            empty: program.usage()?,
            agent,
            tasks: JoinSet::new(),
            polls: Vec::new(),
            numbers: AtomicUsize::new(0),
            arrived: (0, 0),
            endpoint,
            program,
            site,
        })
    }

    /// With so many visitors in chats.
    pub(crate) async fn with_chats(
        setting: &Setting,
        chatting: usize,
    ) -> Result<(Self, Vec<Arc<Chat>>)> {
        let mut stage = Self::open(setting).await?;
        let crowd = Crowd {
            chatting,
            waiting: 0,
            hold_ms: None,
        };
        let arrived = stage.arrive(crowd).await;
        stage.settle().await;
        Ok((stage, arrived.chats))
    }

    /// A number that no visitor has had.
    pub(crate) fn next_number(&self) -> usize {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Lets visitors come, and those who chat be accepted by the agent. Each has a poll open then.
    pub(crate) async fn arrive(&mut self, crowd: Crowd) -> Arrived {
        let begun = Instant::now();
        let arriving = Arc::new(Semaphore::new(ARRIVING));
        let mut coming = JoinSet::new();
        // Those who chat come first, so that they need not wait behind the others.
        for index in 0..crowd.all() {
            let (site, agent, arriving) = (self.site.clone(), self.agent.clone(), arriving.clone());
            let number = self.next_number();
            let chats = index < crowd.chatting;
            coming.spawn(async move {
                let _permit = arriving.acquire().await;
                let (visitor, mut caller) = Visitor::arrive(&site, number).await?;
                let chat_id = match chats {
                    true => Some(visitor.chat_id(&mut caller).await?),
                    false => None,
                };
                let poll = tokio::spawn(visitor.clone().poll(caller, crowd.hold_ms));
                let chat = match chat_id {
                    Some(chat_id) => Some(agent.accept(visitor.clone(), chat_id).await?),
                    None => None,
                };
                anyhow::Ok((visitor, chat, poll))
            });
        }
        let mut arrived = Arrived {
            chats: Vec::new(),
            waiting: Vec::new(),
            took: Duration::ZERO,
        };
        let count = u32::try_from(crowd.all()).unwrap_or(u32::MAX);
        let polls = &mut self.polls;
        let all = async {
            while let Some(joined) = coming.join_next().await {
                if let Ok(Ok((visitor, chat, poll))) = joined {
                    polls.push(poll.abort_handle());
                    match chat {
                        Some(chat) => arrived.chats.push(chat),
                        None => arrived.waiting.push(visitor),
                    }
                }
            }
        };
        let _ = timeout(PATIENCE + ARRIVAL_TIME * count, all).await;
        coming.abort_all();
        arrived.took = begun.elapsed();
        self.arrived.0 += arrived.all();
        self.arrived.1 += arrived.chats.len();
        arrived
    }

    /// Waits until all who have come know it, and their polls are held.
    pub(crate) async fn settle(&self) {
        let (all, accepted) = self.arrived;
        let settled = async {
            while self.site.queued.load(Ordering::Relaxed) < all
                || self.site.established.load(Ordering::Relaxed) < accepted
            {
                sleep(Duration::from_millis(10)).await;
            }
        };
        if timeout(DELIVERY_TIME, settled).await.is_err() {
            let what = "not every visitor was told of being queued or accepted";
            self.site.tally.violation(what.to_owned());
        }
        sleep(Duration::from_secs(1)).await;
    }

    /// Does nothing for this time, and measures the endpoint.
    pub(crate) async fn idle(&self, time: Duration) -> Result<Window> {
        let opened = self.open_window()?;
        sleep(time).await;
        self.close_window(opened)
    }

    /// The agent writes so many messages a second, to one visitor after the other.
    pub(crate) async fn talk(
        &self,
        chats: &[Arc<Chat>],
        rate: u32,
        time: Duration,
    ) -> Result<Window> {
        let opened = self.open_window()?;
        at_rate(rate, time, |number| {
            let index = usize::try_from(number).unwrap_or(0) % chats.len().max(1);
            let chat = chats.get(index).cloned();
            async move {
                if let Some(chat) = chat {
                    chat.write().await;
                }
            }
        })
        .await;
        self.close_window(opened)
    }

    fn open_window(&self) -> Result<(Usage, Duration, u64, Instant)> {
        let usage = self.program.usage()?;
        self.site.take_wakes();
        Ok((usage, own_cpu(), self.polls(), Instant::now()))
    }

    fn close_window(
        &self,
        (usage, own, polls, begun): (Usage, Duration, u64, Instant),
    ) -> Result<Window> {
        let took = begun.elapsed();
        let now = self.program.usage()?;
        let share = |cpu: Duration| cpu.as_secs_f64() / took.as_secs_f64();
        Ok(Window {
            took,
            cpu: share(now.cpu - usage.cpu),
            own_cpu: share(own_cpu().saturating_sub(own)),
            polls: self.polls() - polls,
            private_bytes: now.private_bytes,
            wakes: self.site.take_wakes(),
        })
    }

    fn polls(&self) -> u64 {
        self.site.tally.answered(200) + self.site.tally.answered(204)
    }

    /// Waits until each message of the agent has arrived; one that does not is a violation.
    pub(crate) async fn all_received(&self, chats: &[Arc<Chat>]) {
        let missing = || chats.iter().map(|chat| chat.missing()).sum::<u64>();
        let all = async {
            while missing() > 0 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        if timeout(DELIVERY_TIME, all).await.is_err() {
            let what = format!("{} messages of the agent did not arrive", missing());
            self.site.tally.violation(what);
        }
    }

    /// Ends the endpoint, as a power cut would if `abruptly`, and starts it again at its address.
    ///
    /// # Errors
    /// When it does not end, or does not start.
    pub(crate) async fn restart(&mut self, abruptly: bool) -> Result<()> {
        if abruptly {
            self.program.kill().await?;
        } else {
            let status = self.program.stop().await?;
            self.expect_success(status);
        }
        self.program = self.endpoint.start(&self.site.address.to_string())?;
        self.agent.come().await
    }

    fn expect_success(&self, status: std::process::ExitStatus) {
        if !status.success() {
            let what = format!("the endpoint ended with {status}");
            self.site.tally.violation(what);
        }
    }

    /// Visitors leave, the endpoint is stopped, and the report gets what it did on the way.
    pub(crate) async fn close(mut self, report: &mut Report) -> Result<()> {
        self.tasks.shutdown().await;
        for poll in &self.polls {
            poll.abort();
        }
        // An aborted task ends when the runtime comes to it.
        sleep(Duration::from_millis(50)).await;
        let used = self.program.usage()?.cpu;
        let status = self.program.stop().await?;
        self.expect_success(status);
        let log = self.endpoint.log();
        if log.contains("panicked") {
            self.site
                .tally
                .violation("the endpoint panicked".to_owned());
        }
        report.note(format!(
            "answers: {}; endpoint: {:.1} s of CPU, {} errors in its log",
            self.site.tally.statuses(),
            used.as_secs_f64(),
            log.matches("ERROR").count(),
        ));
        report.violations(self.site.tally.violations());
        Ok(())
    }
}

/// What was measured in a part of a scenario.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) took: Duration,
    /// Shares of one core, of the endpoint and of this program.
    pub(crate) cpu: f64,
    pub(crate) own_cpu: f64,
    /// Answers of any kind with 200 or 204.
    pub(crate) polls: u64,
    pub(crate) private_bytes: u64,
    pub(crate) wakes: crate::measure::Latencies,
}

impl Window {
    pub(crate) fn answers_a_second(&self) -> Figure {
        Figure::rate(self.polls, self.took)
    }
}
