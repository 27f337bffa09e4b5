//! Runs one world, and compares the messages that were sent, the endpoint's log, and what the tabs
//! display.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use parlor_server::{
    app::Config,
    auth::Passwords,
    clock::{Clock, Timestamp},
    entropy::Entropy,
    setup::{Setup, SetupRequest},
    store::{self, Store, memory::MemoryStore, row::WhenOffline, sqlite::SqliteStore},
};
use parlor_wire::DeploymentId;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::{
    task::LocalSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    agent::{Agent, is_about_an_event},
    device::Device,
    endpoint::Endpoint,
    judge::{self, Log},
    network::{Conditions, Counts, Network, count},
    plan::{Act, Plan},
    staff::{self, Staff},
    wire::Site,
};

/// How long duplicated and delayed requests may still arrive after the last fault. The judge checks a
/// world for the first time after it.
const LATE_REQUESTS_MS: u64 = 6_000;

/// A newly opened tab displays the conversation within this time.
const REOPENED_MS: u64 = 5_000;

/// How often a world is judged until it has settled.
const JUDGED_EVERY_MS: u64 = 4_000;

/// The result of a world.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub seed: u64,
    /// The violations: empty if no message was lost, duplicated or out of order, and everything
    /// settled.
    pub violations: Vec<String>,
    /// The number of requests by the visitor.
    pub calls: u64,
    /// The number of messages in the log.
    pub messages: u64,
    /// How often each kind of fault has happened.
    pub faults: BTreeMap<&'static str, u64>,
    /// How long each take-over of the lead took, in milliseconds.
    pub take_overs: Vec<u64>,
}

/// Runs one world on a virtual clock. The same plan gives the same outcome.
pub fn run(plan: &Plan) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(plan, error.to_string()),
    };
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    LocalSet::new().block_on(&runtime, run_world(plan.clone(), store))
}

/// Runs these worlds at the same time in real time, each over a database of its own in `folder`.
pub fn run_over_sqlite(plans: &[Plan], folder: &Path) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return plans.iter().map(|p| failed(p, error.to_string())).collect(),
    };
    let worlds = plans.iter().map(|plan| async {
        match SqliteStore::open(&folder.join(plan.seed.to_string())).await {
            Ok(store) => run_world(plan.clone(), Arc::new(store)).await,
            Err(error) => failed(plan, error.to_string()),
        }
    });
    LocalSet::new().block_on(&runtime, futures_util::future::join_all(worlds))
}

fn failed(plan: &Plan, error: String) -> Outcome {
    Outcome {
        seed: plan.seed,
        violations: vec![error],
        ..Outcome::default()
    }
}

async fn run_world(plan: Plan, store: Arc<dyn Store>) -> Outcome {
    match simulate(&plan, store).await {
        Ok(outcome) => outcome,
        Err(error) => failed(&plan, error),
    }
}

async fn simulate(plan: &Plan, store: Arc<dyn Store>) -> Result<Outcome, String> {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed.wrapping_mul(0x9e37_79b9));
    let clock = Clock::starting_at(Timestamp(1_767_225_600_000_000));
    let entropy = Entropy::seeded(rng.random());
    let site = Setup {
        store: store.as_ref(),
        entropy: &entropy,
        passwords: &Passwords::default(),
        now: clock.now(),
    }
    .run(&SetupRequest {
        email: "andy@example.com".to_owned().into(),
        name: None,
        password: None,
        allow_origins: Vec::new(),
    })
    .await
    .map_err(|error| error.to_string())?;
    if plan.departures {
        staff::offer_callbacks(store.as_ref(), &site.deployment_id)
            .await
            .map_err(|error| error.to_string())?;
    } else if !plan.nobody {
        // The agent comes a moment after each process.
        let_visitors_wait(store.as_ref(), &site.deployment_id)
            .await
            .map_err(|error| error.to_string())?;
    }

    let counts: Counts = Rc::default();
    let colleague = match plan.departures {
        true => Some(staff::hire(store.as_ref(), &entropy, clock.now()).await?),
        false => None,
    };
    let config = match plan.departures {
        true => staff::config(),
        false => Config {
            shares_store: true,
            ..Config::default()
        },
    };
    let endpoint = Endpoint::new(store, clock, entropy, config, counts.clone());
    let conditions = Rc::new(Cell::new(Conditions::GOOD));
    let network = |rng: &mut ChaCha8Rng, conditions: &Rc<Cell<Conditions>>| Network {
        endpoint: endpoint.clone(),
        conditions: conditions.clone(),
        rng: Rc::new(RefCell::new(ChaCha8Rng::seed_from_u64(rng.random()))),
        counts: counts.clone(),
    };
    let agent = Agent {
        network: network(&mut rng, &conditions),
        token: site.agent_token.expose_secret().to_owned(),
        id: site.agent_id.to_string(),
    };
    let observer = Agent {
        network: network(&mut rng, &Rc::new(Cell::new(Conditions::GOOD))),
        ..agent.clone()
    };
    let mut device = Device::new(
        network(&mut rng, &conditions),
        Site {
            organization_id: site.organization_id.to_string(),
            deployment_id: site.deployment_id.to_string(),
            button_id: site.button_id.to_string(),
        },
        ChaCha8Rng::seed_from_u64(rng.random()),
        plan,
        counts.clone(),
    );
    let mut agents = vec![agent.clone()];
    if let Some((id, token)) = colleague {
        agents.push(Agent {
            network: network(&mut rng, &conditions),
            token,
            id,
        });
    }
    let staff = Staff::new(agents);
    if plan.departures {
        staff.come(&observer.network).await;
    }
    let agent_sent: Rc<RefCell<Vec<String>>> = Rc::default();
    let agent_texts = Rc::new(RefCell::new(Vec::new()));

    let maintaining = async {
        loop {
            sleep(Duration::from_secs(5)).await;
            if let Err(error) = endpoint.run_maintenance().await {
                return error;
            }
        }
    };
    let updating_queues = async {
        loop {
            sleep(Duration::from_secs(1)).await;
            if let Err(error) = endpoint.run_queue_updates().await {
                return error;
            }
        }
    };
    if plan.nobody {
        let status = json!({"status": "not_accepting_chats"});
        observer.act("set_routing_status", status).await?;
    }
    let answering = async {
        match (plan.nobody, plan.departures) {
            (true, _) => answer_messages(&agent).await,
            (_, true) => staff.run(&agent_texts, &agent_sent).await,
            _ => run_agent(&agent, &endpoint, &agent_texts, &agent_sent).await,
        }
    };
    let visiting = async {
        let started = Instant::now();
        let ms = Duration::from_millis;
        for (at, act) in &plan.acts {
            device.run_until(started + ms(*at)).await;
            match act {
                Act::AgentGoes { agent, ms, says_so } => {
                    count(&counts, "agent gone");
                    staff.goes(*agent, *ms, *says_so);
                }
                Act::AgentSends { n } => agent_texts.borrow_mut().push(*n),
                Act::Restart { down_ms } => endpoint.restart(*down_ms),
                Act::HandOver => endpoint.hand_over(),
                Act::MoveOver => endpoint.move_over(),
                Act::CrashAfterCommit => endpoint.crash_after_commit(),
                Act::Network {
                    ms: lasts,
                    conditions: new,
                } => {
                    set_conditions(&conditions, *new, ms(*lasts));
                    count(&counts, "change of the network's conditions");
                }
                act => device.act(act),
            }
        }
        device.run_until(started + ms(plan.talk_ms)).await;
        conditions.set(Conditions::GOOD);
        endpoint.end_faults();
        device.end_faults(plan.visible_at_end);
        staff.all_come();
        let faults_ended = Instant::now();
        let (first, last) = (
            faults_ended + ms(LATE_REQUESTS_MS),
            faults_ended + ms(plan.settles_ms()),
        );
        let mut at = if plan.runs_to_the_end() { last } else { first };
        let (mut violations, log) = loop {
            device.run_until(at).await;
            let threads = observer.threads().await?;
            let log: Vec<Log> = threads.iter().map(texts).collect();
            let mut violations = match (plan.nobody, plan.departures) {
                (true, _) => judge::judge_messages(&device, &log),
                (_, true) => {
                    let chats = staff::ids(&observer.chats().await?);
                    let rows = endpoint.threads(&chats).await?;
                    staff::judge(&device, &log, &rows, &agent_sent.borrow())
                }
                _ => judge::judge(&device, &log, &agent_sent.borrow()),
            };
            if !plan.departures && !agent_texts.borrow().is_empty() {
                violations.push("the agent had no conversation to send all texts in".to_owned());
            }
            if (violations.is_empty() && device.observed.violations.is_empty()) || at >= last {
                break (violations, log);
            }
            at = last.min(at + ms(JUDGED_EVERY_MS));
        };
        if plan.departures {
            let chats = staff::ids(&observer.chats().await?);
            staff::count_outcomes(&counts, &endpoint.threads(&chats).await?);
        }
        // A new tab, which fetches everything, must display the same as those that got each change.
        device.reopen_site();
        let last = Instant::now() + ms(REOPENED_MS);
        let (unexpected, newest) = loop {
            device.run_until(Instant::now() + ms(1_000)).await;
            let threads = observer.threads().await?;
            let log: Vec<Log> = threads.iter().map(texts).collect();
            let displayed = device.mirrors().into_iter().map(judge::displayed_texts);
            // A message that was left is displayed when the visitor asks for it.
            let unexpected: Vec<_> = {
                displayed.filter(|it| {
                    !plan.nobody && !plan.departures && !judge::is_current(&device, &log, it)
                })
            }
            .collect();
            if unexpected.is_empty() || Instant::now() >= last {
                break (unexpected, log.last().cloned().unwrap_or_default());
            }
        };
        violations.append(&mut device.observed.violations);
        for fresh in unexpected {
            violations.push(format!(
                "a new tab displays {fresh:?}, and the log has {newest:?}"
            ));
        }
        Ok::<_, String>((violations, log))
    };
    let (violations, log) = tokio::select! {
        biased;
        done = visiting => done?,
        error = maintaining => return Err(error),
        error = updating_queues => return Err(error),
        () = answering => return Err("the agent stopped".to_owned()),
    };
    Ok(Outcome {
        seed: plan.seed,
        violations,
        calls: device.observed.calls,
        messages: u64::try_from(log.concat().len()).unwrap_or(0),
        faults: counts.borrow().clone(),
        take_overs: device.observed.take_overs,
    })
}

/// Visitors wait although nobody is there, instead of leaving a message.
async fn let_visitors_wait(store: &dyn Store, deployment: &DeploymentId) -> store::Result<()> {
    let mut tx = store.begin().await?;
    if let Some(mut row) = tx.deployment(deployment).await? {
        row.settings.when_offline = WhenOffline::Queue;
        tx.put_deployment(&row).await?;
    }
    tx.commit().await
}

/// Changes the conditions of the network for a while.
fn set_conditions(conditions: &Rc<Cell<Conditions>>, new: Conditions, lasts: Duration) {
    conditions.set(new);
    let conditions = conditions.clone();
    tokio::task::spawn_local(async move {
        sleep(lasts).await;
        if conditions.get() == new {
            conditions.set(Conditions::GOOD);
        }
    });
}

/// Runs the agent: accepts waiting chats, and sends its texts. It reads the agent event stream, which a
/// console gets over its socket, and lists the chats only if something has changed.
async fn run_agent(
    agent: &Agent,
    endpoint: &Endpoint,
    agent_texts: &RefCell<Vec<usize>>,
    agent_sent: &RefCell<Vec<String>>,
) {
    let mut next = Instant::now();
    let (mut position, mut chat) = (0, None);
    loop {
        next += Duration::from_millis(900);
        sleep_until(next.max(Instant::now())).await;
        let rows = endpoint
            .agent_stream_events(position)
            .await
            .unwrap_or_default();
        position = rows.last().map_or(position, |row| row.position);
        // A process that has just started does not know the agent.
        agent.comes().await;
        agent.mark_seen(&rows).await;
        if rows.iter().any(|row| !is_about_an_event(row)) {
            chat = agent.accept_chats().await;
        }
        let Some(chat) = &chat else { continue };
        let all = std::mem::take(&mut *agent_texts.borrow_mut());
        for n in all {
            let text = format!("agent {n}");
            let sent = agent.send(chat, &text, &format!("a{n}"), "all").await;
            if sent.is_ok() {
                agent_sent.borrow_mut().push(text);
            }
            // A private note, which no visitor may see.
            let note = format!("note {n}");
            let _ = agent.send(chat, &note, &format!("n{n}"), "agents").await;
        }
    }
}

/// Answers every message that was left, once.
async fn answer_messages(agent: &Agent) {
    loop {
        sleep(Duration::from_secs(2)).await;
        let listed = agent.act("list_offline_messages", json!({})).await;
        let listed = listed.unwrap_or_default();
        let messages = listed.get("messages").and_then(Value::as_array);
        for message in messages.into_iter().flatten() {
            let thread = message.get("thread_id");
            let event = json!({"type": "message", "text": "answer", "custom_id": thread});
            let payload = json!({"chat_id": message.get("chat_id"), "thread_id": thread,
                "event": event});
            // Refused only if it is answered already.
            let _ = agent.act("send_event", payload).await;
        }
    }
}

/// The texts of a thread that the visitor may see, in order.
fn texts(thread: &Value) -> Vec<String> {
    let text = |event: &Value, key: &str| -> Option<String> {
        event.get(key)?.as_str().map(str::to_owned)
    };
    let is = |event: &Value, key: &str, word: &str| text(event, key).as_deref() == Some(word);
    let events = thread.get("events").and_then(Value::as_array);
    events
        .into_iter()
        .flatten()
        .filter(|e| is(e, "type", "message") && is(e, "visibility", "all"))
        .filter_map(|e| text(e, "text"))
        .collect()
}

impl Agent {
    /// All threads of all chats, in the order of their creation.
    async fn threads(&self) -> Result<Vec<Value>, String> {
        let mut all = Vec::new();
        for chat in self.chats().await? {
            let asked = json!({"chat_id": chat.get("id"), "limit": 100, "sort_order": "asc"});
            let found = self.act("list_threads", asked).await?;
            let threads = found.get("threads").and_then(Value::as_array).cloned();
            all.extend(threads.unwrap_or_default());
        }
        all.sort_by_key(|thread| {
            let at = thread.get("created_at").and_then(Value::as_str);
            at.unwrap_or_default().to_owned()
        });
        Ok(all)
    }
}
