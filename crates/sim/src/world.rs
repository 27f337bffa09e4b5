//! One conversation in one world, from the first poll to the comparison of
//! what was said, what is kept, and what is seen.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use parlor_server::{
    app::{App, Config},
    auth::Passwords,
    clock::{Clock, Timestamp},
    entropy::Entropy,
    router::router,
    setup::{Setup, Wish},
    store::{Store, memory::MemoryStore},
};
use parlor_session::{Author, Body, Intent, SendState};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::{
    task::LocalSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    agent::Agent,
    network::{Faults, Network},
    visitor::{self, Script, Seen},
    wire::Site,
};

/// What happens in a world.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub faults: Faults,
    /// Messages that each side sends.
    pub messages: usize,
}

impl Plan {
    /// A short conversation over a network that loses a tenth each way.
    pub const TENTH: Self = Self {
        faults: Faults::TENTH,
        messages: 5,
    };
}

/// What a world came to.
#[derive(Debug)]
pub struct Outcome {
    pub seed: u64,
    /// What is wrong with it: empty when nothing was lost, nothing came twice
    /// and the order was kept.
    pub wrong: Vec<String>,
    /// Requests that the visitor made.
    pub calls: usize,
}

/// Both sides talk for this long; then the network has time to settle. A poll
/// whose loss nobody notices costs the visitor 40 s, and several in a row are
/// lost in one world of some hundred.
const TALK: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_secs(600);

/// Runs one world. The same seed and plan give the same outcome.
pub fn run(seed: u64, plan: Plan) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    match runtime {
        Ok(runtime) => LocalSet::new().block_on(&runtime, world(seed, plan)),
        Err(error) => Outcome {
            seed,
            wrong: vec![error.to_string()],
            calls: 0,
        },
    }
}

async fn world(seed: u64, plan: Plan) -> Outcome {
    match talk(seed, plan).await {
        Ok(outcome) => outcome,
        Err(wrong) => Outcome {
            seed,
            wrong: vec![wrong],
            calls: 0,
        },
    }
}

async fn talk(seed: u64, plan: Plan) -> Result<Outcome, String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let clock = Clock::starting_at(Timestamp(1_767_225_600_000_000));
    let entropy = Entropy::seeded(rng.random());
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let site = Setup {
        store: store.as_ref(),
        entropy: &entropy,
        passwords: &Passwords::default(),
        now: clock.now(),
    }
    .run(&Wish {
        email: "andy@example.com".to_owned().into(),
        name: None,
        password: None,
        allow_origins: Vec::new(),
    })
    .await
    .map_err(|error| error.to_string())?;
    let app = App::new(store, clock, entropy, Config::default());
    let router = router(app.clone());

    let times = |rng: &mut ChaCha8Rng| -> Vec<Duration> {
        let most = u64::try_from(TALK.as_millis()).unwrap_or(u64::MAX);
        let mut times: Vec<_> = (0..plan.messages)
            .map(|_| Duration::from_millis(rng.random_range(1..most)))
            .collect();
        times.sort();
        times
    };
    let mut script: Script = vec![(Duration::ZERO, Intent::StartConversation)];
    script.extend(
        times(&mut rng)
            .into_iter()
            .enumerate()
            .map(|(n, at)| (at, Intent::Send(format!("visitor {n}")))),
    );
    let agent_times = times(&mut rng);
    let network = |rng: &mut ChaCha8Rng, faults| {
        let rng = ChaCha8Rng::seed_from_u64(rng.random());
        Network::new(router.clone(), faults, Rc::new(RefCell::new(rng)))
    };
    let lossy = network(&mut rng, plan.faults);
    let agent = Agent {
        network: network(&mut rng, plan.faults),
        token: site.agent_token.0.clone(),
        id: site.agent_id.to_string(),
    };
    let honest = Agent {
        network: network(&mut rng, Faults::NONE),
        ..agent.clone()
    };

    let visitor = visitor::run(
        lossy,
        Site {
            organization_id: site.organization_id.to_string(),
            deployment_id: site.deployment_id.to_string(),
            button_id: site.button_id.to_string(),
        },
        seed,
        script,
        TALK + SETTLE,
    );
    let answering = answer(&agent, agent_times);
    let sweeping = async {
        loop {
            sleep(Duration::from_secs(5)).await;
            if let Err(error) = app.sweep().await {
                return error.to_string();
            }
        }
    };
    let both = async { tokio::join!(visitor, answering) };
    let (seen, chat) = tokio::select! {
        biased;
        (seen, chat) = both => (seen, chat?),
        error = sweeping => return Err(error),
    };
    let kept = honest.act("get_chat", json!({"chat_id": chat})).await?;
    Ok(Outcome {
        seed,
        wrong: compare(&seen, &kept, plan.messages),
        calls: seen.calls,
    })
}

/// Accepts, then says each message at its time, and a note between them.
async fn answer(agent: &Agent, times: Vec<Duration>) -> Result<String, String> {
    let started = Instant::now();
    let chat = agent.accept().await?;
    for (n, at) in times.into_iter().enumerate() {
        sleep_until(started + at).await;
        agent
            .say(&chat, &format!("agent {n}"), &format!("a{n}"), "all")
            .await?;
        agent
            .say(&chat, &format!("note {n}"), &format!("n{n}"), "agents")
            .await?;
    }
    Ok(chat)
}

fn compare(seen: &Seen, kept: &Value, messages: usize) -> Vec<String> {
    let mut wrong = seen.faults.clone();
    let text = |event: &Value, key: &str| -> Option<String> {
        event.get(key)?.as_str().map(str::to_owned)
    };
    let is = |event: &Value, key: &str, word: &str| text(event, key).as_deref() == Some(word);
    let events = kept.pointer("/thread/events").and_then(Value::as_array);
    let log: Vec<String> = events
        .into_iter()
        .flatten()
        .filter(|e| is(e, "type", "message") && is(e, "visibility", "all"))
        .filter_map(|e| text(e, "text"))
        .collect();
    for side in ["visitor", "agent"] {
        let said: Vec<_> = (0..messages).map(|n| format!("{side} {n}")).collect();
        let written: Vec<_> = log
            .iter()
            .filter(|t| t.starts_with(side))
            .cloned()
            .collect();
        if said != written {
            wrong.push(format!("{side} said {said:?}, and the log has {written:?}"));
        }
    }
    let shown: Vec<String> = seen
        .lines
        .iter()
        .filter(|line| line.author != Author::System)
        .filter_map(|line| match &line.body {
            Body::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    if shown != log {
        wrong.push(format!(
            "the visitor sees {shown:?}, and the log has {log:?}"
        ));
    }
    let unsent = seen
        .lines
        .iter()
        .filter(|l| l.author == Author::Visitor && l.state != Some(SendState::Sent));
    wrong.extend(unsent.map(|line| format!("{:?} is {:?}", line.id, line.state)));
    if !seen.settled() {
        wrong.push("not settled".to_owned());
    }
    wrong
}
