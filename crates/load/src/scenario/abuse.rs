//! Strangers who want to stop the endpoint, while five hundred visitors chat: they are to notice
//! nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{
    join,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    Setting,
    agent::Chat,
    http::{Caller, Callers, Connection, Fault, Reply, client, source},
    measure::Tally,
    pace::at_rate,
    report::{Compared, Figure, Report, grouped},
    session::Session,
    site::Site,
    stage::{Stage, Window},
};

const CHATTING: usize = 500;

/// Messages of the agent a second.
const RATE: u32 = 50;

/// Before the strangers come, and after they have gone.
const CALM: Duration = Duration::from_secs(10);
const ABUSE: Duration = Duration::from_secs(60);

/// Between their end and the last measurement.
const AFTER: Duration = Duration::from_secs(5);

/// A stranger does not wait longer for an answer.
const STRANGERS_PATIENCE: Duration = Duration::from_secs(10);

/// Connections of a flood.
const CONNECTIONS: usize = 64;

/// Part of 127.0.0.0/8 that strangers have their addresses in.
const NETWORK: u8 = 66;

/// New sessions from one address, each with a request for a chat where it is given one.
pub(super) async fn flood(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let (stage, chats) = Stage::with_chats(setting, CHATTING).await?;
    let time = setting.time(ABUSE);
    let tally = Arc::new(Tally::default());
    let caller = |_| Caller::new(source(NETWORK, 0), stage.site.address);
    let callers = Arc::new(Callers::new((0..CONNECTIONS).map(caller)));
    let rate = u32::try_from(size).unwrap_or(u32::MAX);
    let flood = at_rate(rate, time, |_| {
        let (site, callers, tally) = (stage.site.clone(), callers.clone(), tally.clone());
        async move { come(&site, &callers, &tally).await }
    });
    // What an endpoint that cannot cope has not answered by then is dropped.
    let flood = async {
        let _ = timeout(time, flood).await;
    };
    let parts = measure(&stage, &chats, setting, flood).await?;
    let mut report = parts.report(format!(
        "{name}={size}: {} new sessions a second from one address for {} s, while {CHATTING} chat",
        grouped(size as u64),
        time.as_secs()
    ));
    report.note(format!("the flood was answered: {}", tally.statuses()));
    report.violations(tally.violations());
    stage.close(&mut report).await?;
    Ok(report)
}

/// Connections that send one byte a second, and never a whole request.
pub(super) async fn slowloris(setting: &Setting, name: &str, size: usize) -> Result<Report> {
    let (stage, chats) = Stage::with_chats(setting, CHATTING).await?;
    let time = setting.time(ABUSE);
    let counts = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    let address = stage.site.address;
    let strangers = async {
        let mut tasks = JoinSet::new();
        for index in 0..size {
            let counts = counts.clone();
            tasks.spawn(async move {
                // All of them come within two seconds.
                sleep(Duration::from_secs(2).mul_f64(index as f64 / size as f64)).await;
                loop {
                    if let Ok(connection) = Connection::open(source(NETWORK, 0), address).await {
                        counts.0.fetch_add(1, Ordering::Relaxed);
                        send_slowly(connection).await;
                        counts.1.fetch_add(1, Ordering::Relaxed);
                    }
                    // Whoever is thrown out comes again.
                    sleep(Duration::from_secs(1)).await;
                }
            });
        }
        sleep(time).await;
        tasks.shutdown().await;
    };
    let parts = measure(&stage, &chats, setting, strangers).await?;
    let mut report = parts.report(format!(
        "{name}={size}: {} connections send a byte a second for {} s, while {CHATTING} chat",
        grouped(size as u64),
        time.as_secs()
    ));
    let [opened, closed] = [&counts.0, &counts.1].map(|it| grouped(it.load(Ordering::Relaxed)));
    report.note(format!(
        "strangers opened {opened} connections; the endpoint closed {closed} of them"
    ));
    stage.close(&mut report).await?;
    Ok(report)
}

/// Sends until the endpoint answers or closes the connection.
async fn send_slowly(mut connection: Connection) {
    let head = b"GET /chat/rest/System/SessionId HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ";
    let mut next: &[u8] = head;
    while connection.write(next).await.is_ok() {
        next = b"a";
        if timeout(Duration::from_secs(1), connection.read())
            .await
            .is_ok()
        {
            break;
        }
    }
}

/// Before, while and after something happens.
struct Parts([Window; 3]);

async fn measure(
    stage: &Stage,
    chats: &[Arc<Chat>],
    setting: &Setting,
    abuse: impl Future<Output = ()>,
) -> Result<Parts> {
    let calm = setting.time(CALM);
    let before = stage.talk(chats, RATE, calm).await?;
    let (during, ()) = join!(stage.talk(chats, RATE, setting.time(ABUSE)), abuse);
    sleep(setting.time(AFTER)).await;
    let after = stage.talk(chats, RATE, calm).await?;
    stage.all_received(chats).await;
    Ok(Parts([before, during?, after]))
}

impl Parts {
    fn report(&self, title: String) -> Report {
        let Self([before, during, after]) = self;
        let mut report = Report::with_columns(title, ["then", "before it"]);
        for (when, window, wanted) in [
            ("during it", during, "2 × at most"),
            ("after it", after, "as before"),
        ] {
            for percent in [50, 99] {
                report.beside(
                    &format!("wake p{percent}, {when}"),
                    Figure::percentile(&window.wakes, percent),
                    Figure::percentile(&before.wakes, percent),
                    Compared::Ratio,
                    wanted,
                );
            }
            report.beside(
                &format!("private memory, {when}"),
                Figure::Bytes(window.private_bytes as f64),
                Figure::Bytes(before.private_bytes as f64),
                Compared::Difference,
                "",
            );
            report.beside(
                &format!("CPU of one core, {when}"),
                Figure::Cores(window.cpu),
                Figure::Cores(before.cpu),
                Compared::Ratio,
                "",
            );
        }
        report
    }
}

/// A new session, and a request for a chat in it. Each takes its turn among the strangers' few
/// connections.
async fn come(site: &Site, callers: &Callers, tally: &Tally) {
    let client = client(source(NETWORK, 0));
    let request = Session::request(client);
    let result = callers.call(&request, STRANGERS_PATIENCE).await;
    judge(tally, "SessionId", &result);
    if let Ok(Reply {
        status: 200, body, ..
    }) = &result
        && let Ok(mut session) = Session::read(client, body)
        && let Ok(init) = session.init(site, "A stranger".to_owned())
    {
        let result = callers.call(&init, STRANGERS_PATIENCE).await;
        judge(tally, "ChasitorInit", &result);
    }
}

/// A flood is refused with a clear answer that says when to come again, or its connections are closed.
fn judge(tally: &Tally, what: &str, result: &Result<Reply, Fault>) {
    tally.observe(result);
    match result {
        Ok(Reply { status: 200, .. }) | Err(_) => {}
        Ok(reply) if [429, 503].contains(&reply.status) => {
            if reply.retry_after.is_none() {
                let status = reply.status;
                tally.violation(format!("{what} was answered {status} without Retry-After"));
            }
        }
        Ok(reply) => tally.violation(format!("{what} was answered {}", reply.status)),
    }
}
