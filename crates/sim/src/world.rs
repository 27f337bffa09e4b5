//! One world, from the first poll to the comparison of what was written, what the
//! endpoint has, and what is displayed.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use parlor_server::{
    auth::Passwords,
    clock::{Clock, Timestamp},
    entropy::Entropy,
    setup::{Setup, SetupRequest},
    store::{Store, memory::MemoryStore, sqlite::SqliteStore},
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
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
    network::{Counts, Network, Weather, count},
    plan::{Act, Plan},
    wire::Site,
};

/// After the last fault, doubled and delayed requests may still arrive for this long: no
/// world has settled before.
const STILL_COMING_MS: u64 = 6_000;

/// A tab that is opened displays the conversation after this time.
const COMES_BACK_MS: u64 = 5_000;

/// A world is judged this often until it has settled.
const LOOKS_AGAIN_MS: u64 = 4_000;

/// How a world ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub seed: u64,
    /// What is wrong: empty if no message was lost or came twice, the order was kept, and
    /// everything settled.
    pub wrong: Vec<String>,
    /// Requests that the visitor made.
    pub calls: u64,
    /// Messages in the log.
    pub messages: u64,
    /// Faults that happened, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// How long it took another tab to lead, in milliseconds.
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
    LocalSet::new().block_on(&runtime, world(plan.clone(), store))
}

/// Runs these worlds side by side in real time, each over a database of its own
/// in `folder`.
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
            Ok(store) => world(plan.clone(), Arc::new(store)).await,
            Err(error) => failed(plan, error.to_string()),
        }
    });
    LocalSet::new().block_on(&runtime, futures_util::future::join_all(worlds))
}

fn failed(plan: &Plan, wrong: String) -> Outcome {
    Outcome {
        seed: plan.seed,
        wrong: vec![wrong],
        ..Outcome::default()
    }
}

async fn world(plan: Plan, store: Arc<dyn Store>) -> Outcome {
    match talk(&plan, store).await {
        Ok(outcome) => outcome,
        Err(wrong) => failed(&plan, wrong),
    }
}

async fn talk(plan: &Plan, store: Arc<dyn Store>) -> Result<Outcome, String> {
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

    let counts: Counts = Rc::default();
    let endpoint = Endpoint::new(store, clock, entropy, counts.clone());
    let weather = Rc::new(Cell::new(Weather::FAIR));
    let network = |rng: &mut ChaCha8Rng, weather: &Rc<Cell<Weather>>| Network {
        endpoint: endpoint.clone(),
        weather: weather.clone(),
        rng: Rc::new(RefCell::new(ChaCha8Rng::seed_from_u64(rng.random()))),
        counts: counts.clone(),
    };
    let agent = Agent {
        network: network(&mut rng, &weather),
        token: site.agent_token.0.clone(),
        id: site.agent_id.to_string(),
    };
    let honest = Agent {
        network: network(&mut rng, &Rc::new(Cell::new(Weather::FAIR))),
        ..agent.clone()
    };
    let mut device = Device::new(
        network(&mut rng, &weather),
        Site {
            organization_id: site.organization_id.to_string(),
            deployment_id: site.deployment_id.to_string(),
            button_id: site.button_id.to_string(),
        },
        ChaCha8Rng::seed_from_u64(rng.random()),
        plan,
        counts.clone(),
    );
    let answered: Rc<RefCell<Vec<String>>> = Rc::default();
    let to_say = Rc::new(RefCell::new(Vec::new()));

    let maintaining = async {
        loop {
            sleep(Duration::from_secs(5)).await;
            if let Err(error) = endpoint.run_maintenance().await {
                return error;
            }
        }
    };
    let answering = answer(&agent, &endpoint, &to_say, &answered);
    let visiting = async {
        let started = Instant::now();
        let ms = Duration::from_millis;
        for (at, act) in &plan.acts {
            device.run_until(started + ms(*at)).await;
            match act {
                Act::Answer { n } => to_say.borrow_mut().push(*n),
                Act::Restart { down_ms } => endpoint.restart(*down_ms),
                Act::HandOver => endpoint.hand_over(),
                Act::MoveOver => endpoint.move_over(),
                Act::CrashAfterCommit => endpoint.crash_after_commit(),
                Act::Weather {
                    ms: lasts,
                    weather: new,
                } => {
                    blow(&weather, *new, ms(*lasts));
                    count(&counts, "weather changed");
                }
                act => device.act(act),
            }
        }
        device.run_until(started + ms(plan.talk_ms)).await;
        weather.set(Weather::FAIR);
        endpoint.mend();
        device.mend(plan.looks);
        let mended = Instant::now();
        let (first, last) = (mended + ms(STILL_COMING_MS), mended + ms(plan.settles_ms()));
        let mut at = if plan.stays() { last } else { first };
        let (mut wrong, log) = loop {
            device.run_until(at).await;
            let threads = honest.threads().await?;
            let log: Vec<Log> = threads.iter().map(texts).collect();
            let mut wrong = judge::judge(&device, &log, &answered.borrow());
            if !to_say.borrow().is_empty() {
                wrong.push("there was no conversation to answer in".to_owned());
            }
            if (wrong.is_empty() && device.seen.wrong.is_empty()) || at >= last {
                break (wrong, log);
            }
            at = last.min(at + ms(LOOKS_AGAIN_MS));
        };
        // A fresh fetch gives the same as all changes on the way.
        device.come_back();
        let last = Instant::now() + ms(COMES_BACK_MS);
        let (strange, newest) = loop {
            device.run_until(Instant::now() + ms(1_000)).await;
            let threads = honest.threads().await?;
            let log: Vec<Log> = threads.iter().map(texts).collect();
            let shown = device.mirrors().into_iter().map(judge::shown);
            let strange: Vec<_> =
                { shown.filter(|it| !judge::goes_on(&device, &log, it)) }.collect();
            if strange.is_empty() || Instant::now() >= last {
                break (strange, log.last().cloned().unwrap_or_default());
            }
        };
        wrong.append(&mut device.seen.wrong);
        for fresh in strange {
            wrong.push(format!(
                "a fresh tab shows {fresh:?}, and the log has {newest:?}"
            ));
        }
        Ok::<_, String>((wrong, log))
    };
    let (wrong, log) = tokio::select! {
        biased;
        done = visiting => done?,
        error = maintaining => return Err(error),
        () = answering => return Err("the agent left".to_owned()),
    };
    Ok(Outcome {
        seed: plan.seed,
        wrong,
        calls: device.seen.calls,
        messages: u64::try_from(log.concat().len()).unwrap_or(0),
        faults: counts.borrow().clone(),
        take_overs: device.seen.take_overs,
    })
}

/// The weather changes, and clears up by itself.
fn blow(weather: &Rc<Cell<Weather>>, new: Weather, lasts: Duration) {
    weather.set(new);
    let weather = weather.clone();
    tokio::task::spawn_local(async move {
        sleep(lasts).await;
        if weather.get() == new {
            weather.set(Weather::FAIR);
        }
    });
}

/// Accepts waiting chats, and sends what the agent is to say. The agents' event stream,
/// which a console gets through its socket, tells when there is something new.
async fn answer(
    agent: &Agent,
    endpoint: &Endpoint,
    to_say: &RefCell<Vec<usize>>,
    answered: &RefCell<Vec<String>>,
) {
    let mut next = Instant::now();
    let (mut heard_up_to, mut chat) = (0, None);
    loop {
        next += Duration::from_millis(900);
        sleep_until(next.max(Instant::now())).await;
        let rows = endpoint
            .agent_stream_events(heard_up_to)
            .await
            .unwrap_or_default();
        heard_up_to = rows.last().map_or(heard_up_to, |row| row.position);
        agent.see(&rows).await;
        if rows.iter().any(|row| !is_about_an_event(row)) {
            chat = agent.look().await;
        }
        let Some(chat) = &chat else { continue };
        let all = std::mem::take(&mut *to_say.borrow_mut());
        for n in all {
            let text = format!("agent {n}");
            let said = agent.say(chat, &text, &format!("a{n}"), "all").await;
            if said.is_ok() {
                answered.borrow_mut().push(text);
            }
            // No visitor may see it.
            let note = format!("note {n}");
            let _ = agent.say(chat, &note, &format!("n{n}"), "agents").await;
        }
    }
}

/// All texts that the visitor may see, in order.
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
    /// Every thread of every chat, in order of time.
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
