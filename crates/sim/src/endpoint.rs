//! The endpoint: the real router in one or two processes over one store. One process serves; it can be
//! killed, restarted or replaced.

use std::{cell::RefCell, fmt, rc::Rc, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use parlor_server::{
    app::{App, Config},
    clock::Clock,
    entropy::Entropy,
    router::router,
    store::{
        Store, StoreError,
        row::{AgentStreamEvent, OfflineMessage, Thread},
    },
};
use parlor_wire::ChatId;
use tokio::{sync::watch, time::sleep};
use tower::ServiceExt as _;

use crate::network::{Answer, Counts, Packet, count};

/// More rows than are appended between two reads of the agent.
const STREAM_EVENTS_MAX: i64 = 200;

#[derive(Clone)]
pub(crate) struct Endpoint {
    store: Arc<dyn Store>,
    clock: Clock,
    entropy: Entropy,
    config: Config,
    state: Rc<RefCell<State>>,
    counts: Counts,
}

#[derive(Default)]
struct State {
    /// The process that serves; none while the endpoint is down.
    process: Option<Process>,
    /// A second process over the same store. It runs, and gets no new requests.
    standby: Option<Process>,
    /// Whether the process is killed after it has carried out the next POST.
    crashes_after_post: bool,
}

struct Process {
    app: Arc<App>,
    router: Router,
    killed: watch::Sender<bool>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl Endpoint {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        entropy: Entropy,
        config: Config,
        counts: Counts,
    ) -> Self {
        let endpoint = Self {
            store,
            clock,
            entropy,
            config,
            state: Rc::default(),
            counts,
        };
        endpoint.start();
        endpoint
    }

    fn start(&self) {
        let app = App::new(
            self.store.clone(),
            self.clock.clone(),
            self.entropy.clone(),
            self.config.clone(),
        );
        if !self.config.shares_store {
            app.watch_after_start();
        }
        self.state.borrow_mut().process = Some(Process {
            router: router(app.clone()),
            app,
            killed: watch::Sender::new(false),
        });
    }

    fn kill(&self) {
        if let Some(process) = self.state.borrow_mut().process.take() {
            process.killed.send_replace(true);
            // What a process does by itself ends with it.
            if !self.config.shares_store {
                process.app.shutdown.cancel();
            }
        }
    }

    /// Kills the process (`kill -9`). A new one serves after `down_ms` milliseconds.
    pub(crate) fn restart(&self, down_ms: u64) {
        count(&self.counts, "process killed");
        self.kill();
        let endpoint = self.clone();
        tokio::task::spawn_local(async move {
            sleep(Duration::from_millis(down_ms)).await;
            if endpoint.state.borrow().process.is_none() {
                endpoint.start();
            }
        });
    }

    /// A new process serves from now on. The old one ends its polls and stops.
    pub(crate) fn hand_over(&self) {
        count(&self.counts, "handed over to another process");
        let old = self.state.borrow_mut().process.take();
        self.start();
        if let Some(old) = old {
            old.app.shutdown.cancel();
        }
    }

    /// The other of two processes gets all requests from now on. Neither stops: the first keeps the
    /// polls that it holds.
    pub(crate) fn move_over(&self) {
        count(&self.counts, "requests moved to the other process");
        {
            let mut state = self.state.borrow_mut();
            let (from, to) = (state.process.take(), state.standby.take());
            (state.process, state.standby) = (to, from);
        }
        if self.state.borrow().process.is_none() {
            self.start();
        }
    }

    pub(crate) fn crash_after_commit(&self) {
        self.state.borrow_mut().crashes_after_post = true;
    }

    /// Ends all faults, and starts a process if none runs.
    pub(crate) fn end_faults(&self) {
        self.state.borrow_mut().crashes_after_post = false;
        if self.state.borrow().process.is_none() {
            self.start();
        }
    }

    pub(crate) async fn run_maintenance(&self) -> Result<(), String> {
        let app = self.state.borrow().process.as_ref().map(|p| p.app.clone());
        match app {
            Some(app) => app
                .run_maintenance()
                .await
                .map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    pub(crate) async fn run_queue_updates(&self) -> Result<(), String> {
        let app = self.state.borrow().process.as_ref().map(|p| p.app.clone());
        match app {
            Some(app) => app
                .run_queue_updates()
                .await
                .map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    /// The threads of these chats, with the message that each of them is, if it is one.
    pub(crate) async fn threads(
        &self,
        chats: &[ChatId],
    ) -> Result<Vec<(Thread, Option<OfflineMessage>)>, String> {
        let rows = async {
            let mut tx = self.store.read().await?;
            let mut all = Vec::new();
            for chat in chats {
                for thread in tx.threads_of(chat).await? {
                    let message = tx.offline_message(&thread.id).await?;
                    all.push((thread, message));
                }
            }
            Ok::<_, StoreError>(all)
        };
        rows.await.map_err(|error| error.to_string())
    }

    /// The rows of the agent event stream after this position.
    pub(crate) async fn agent_stream_events(
        &self,
        after: i64,
    ) -> Result<Vec<AgentStreamEvent>, String> {
        let rows = async {
            self.store
                .read()
                .await?
                .agent_stream_events(after, STREAM_EVENTS_MAX)
                .await
        };
        let page = rows.await.map_err(|error| error.to_string())?;
        Ok(page.events)
    }

    /// The answer of the process; none if there is no process, or it is killed.
    pub(crate) async fn handle(&self, packet: Packet) -> Option<Answer> {
        let (router, mut killed) = {
            let state = self.state.borrow();
            let process = state.process.as_ref()?;
            (process.router.clone(), process.killed.subscribe())
        };
        let is_post = packet.method == "POST";
        let answer = tokio::select! {
            biased;
            _ = killed.changed() => return None,
            answer = answer(router, packet) => answer,
        };
        if is_post && std::mem::take(&mut self.state.borrow_mut().crashes_after_post) {
            count(&self.counts, "killed between commit and answer");
            self.restart(100);
            return None;
        }
        Some(answer)
    }
}

async fn answer(router: Router, packet: Packet) -> Answer {
    let mut request = Request::builder().method(packet.method).uri(packet.uri);
    for (name, value) in packet.headers {
        request = request.header(name, value);
    }
    let Ok(request) = request.body(Body::from(packet.body)) else {
        return Answer {
            status: StatusCode::BAD_REQUEST,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
    };
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap_or_default(),
    }
}
