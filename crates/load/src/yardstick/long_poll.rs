//! The clients of the bare long-poll server: as many, and woken as often, as the endpoint's.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    agent,
    http::{Caller, Callers, Reply, Request, source},
    measure::{Latencies, Tally, stamp},
    pace::at_rate,
    program::Program,
};

const TIMEOUT: Duration = Duration::from_secs(40);

/// So many connections are opened at the same time: the queue of connections that the kernel keeps
/// for a server is not endless.
const OPENED_AT_ONCE: usize = 64;

/// Parts of 127.0.0.0/8 for those who poll and those who send.
const POLLING: u8 = 20;
const SENDING: u8 = 21;

/// What the clients do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BareCrowd {
    pub(crate) polls: usize,
    pub(crate) hold_ms: Option<u64>,
    /// How long nothing happens.
    pub(crate) idle: Duration,
    /// How long messages are sent, and how many a second.
    pub(crate) talk: Duration,
    pub(crate) rate: u32,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct BareFigures {
    pub(crate) bytes_a_poll: f64,
    /// Of one core, while nothing happens.
    pub(crate) idle_cpu: f64,
    pub(crate) talk: BareTalk,
    /// Each message is committed by the bare writer before it is sent.
    pub(crate) stored_talk: BareTalk,
    /// What must not have happened here either.
    pub(crate) violations: Vec<String>,
}

/// While messages are sent.
#[derive(Debug)]
pub(crate) struct BareTalk {
    /// Of one core.
    pub(crate) cpu: f64,
    pub(crate) wakes: Latencies,
}

#[derive(Debug, Default)]
struct Client {
    wakes: Mutex<Latencies>,
    tally: Tally,
}

impl BareCrowd {
    /// Starts the server, and lets the clients do this.
    ///
    /// # Errors
    /// When the server does not start, or its polls are not held.
    pub(crate) async fn run(self, folder: &Path) -> Result<BareFigures> {
        std::fs::create_dir_all(folder)?;
        let data = TempDir::with_prefix_in("bare-", folder)?;
        let server = Program::bare_server(data.path(), self.polls)?;
        let address = server.address;
        let before = server.usage()?;
        let client = Arc::new(Client::default());
        let opening = Arc::new(Semaphore::new(OPENED_AT_ONCE));
        let mut polls = JoinSet::new();
        for id in 0..self.polls {
            let (client, opening) = (client.clone(), opening.clone());
            polls.spawn(async move {
                let mut caller = Caller::new(source(POLLING, id), address);
                {
                    let _permit = opening.acquire().await;
                    // A message to oneself opens the connection; the first poll brings it.
                    let hello = Request::post(format_args!("/send/{id}")).body(b"hello");
                    let result = caller.call(&hello, TIMEOUT).await;
                    client.tally.count("a message", &result, &[200]);
                }
                client.poll(caller, id, self.hold_ms).await;
            });
        }
        let greeted = async {
            while client.tally.answered(200) < 2 * self.polls as u64 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let greeted = timeout(TIMEOUT, greeted).await;
        greeted.context("the bare server does not hold all polls")?;
        sleep(Duration::from_millis(500)).await;

        let idle = server.usage()?;
        let window = Instant::now();
        sleep(self.idle).await;
        let after = server.usage()?;
        let idle_cpu = share(after.cpu - idle.cpu, window);

        let talk = self.talk(&server, &client, "send").await?;
        let stored_talk = self.talk(&server, &client, "store").await?;
        polls.abort_all();
        let memory = after.private_bytes.saturating_sub(before.private_bytes);
        Ok(BareFigures {
            bytes_a_poll: memory as f64 / self.polls.max(1) as f64,
            idle_cpu,
            talk,
            stored_talk,
            violations: client.tally.violations(),
        })
    }

    async fn talk(
        &self,
        server: &Program,
        client: &Arc<Client>,
        how: &'static str,
    ) -> Result<BareTalk> {
        let sender = |number| Caller::new(source(SENDING, number), server.address);
        let senders = Arc::new(Callers::new((0..agent::CONNECTIONS).map(sender)));
        let before = server.usage()?;
        let window = Instant::now();
        let polls = self.polls.max(1) as u64;
        at_rate(self.rate, self.talk, |number| {
            let (senders, client) = (senders.clone(), client.clone());
            let id = number % polls;
            let body = stamp().to_string();
            let request = Request::post(format_args!("/{how}/{id}")).body(body.as_bytes());
            async move {
                let result = senders.call(&request, TIMEOUT).await;
                client.tally.count("a message", &result, &[200]);
            }
        })
        .await;
        let cpu = share(server.usage()?.cpu - before.cpu, window);
        let wakes = std::mem::take(&mut *client.lock());
        Ok(BareTalk { cpu, wakes })
    }
}

fn share(cpu: Duration, since: Instant) -> f64 {
    cpu.as_secs_f64() / since.elapsed().as_secs_f64()
}

impl Client {
    async fn poll(&self, mut caller: Caller, id: usize, hold_ms: Option<u64>) {
        let hold = hold_ms.map(|ms| format!("?hold={ms}")).unwrap_or_default();
        let request = Request::get(format_args!("/poll/{id}{hold}")).end();
        loop {
            let result = caller.call(&request, TIMEOUT).await;
            self.tally.count("a bare poll", &result, &[200, 204]);
            let Ok(Reply { body, .. }) = result else {
                return;
            };
            let text = String::from_utf8_lossy(&body);
            for sent in text.lines().filter_map(|line| line.parse::<u64>().ok()) {
                self.lock().add(stamp().saturating_sub(sent));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Latencies> {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
