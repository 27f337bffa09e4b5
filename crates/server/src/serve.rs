//! `parlor serve`: opens the database and files, listens, serves, and shuts
//! down in order. It knows signals; sockets are up to `connections`, and what is
//! served to the router.
//!
//! What must stay true: the address is printed only once the socket is
//! listening; nothing in the data folder is changed before the address is ours
//! and the folder is locked; shutting down ends held polls at once and takes
//! [`SHUTDOWN_TIMEOUT`] at most; an abrupt stop loses nothing that was
//! confirmed.

mod connections;
mod paced_body;
mod shutdown_signal;

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::{Extension, Router, http::StatusCode, middleware, response::IntoResponse as _};
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    net::TcpListener,
    time::{MissedTickBehavior, interval, timeout},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::level_filters::LevelFilter;
use url::Url;

use crate::{
    app::{App, Config},
    assets::Assets,
    auth::Passwords,
    client_address::TrustedProxies,
    clock::Clock,
    data_folder::{FILES_FOLDER, FolderLock},
    entropy::Entropy,
    fault_injection::{self, FaultInjector},
    files::Files,
    router::{metrics_router, router},
    settings::Settings,
    setup::Setup,
    store::{Store as _, sqlite::SqliteStore},
    telemetry::{self, LogFormat},
};
use connections::ConnectionLimits;
use shutdown_signal::ShutdownSignal;

pub use connections::CONNECTIONS_MAX;

/// Service managers kill a process after 30 s or more; a response takes far
/// less.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// A handful of programs collect metrics, each over one connection.
const METRICS_CONNECTIONS_MAX: usize = 16;

/// Sessions time out after minutes, so that a few seconds more do not matter.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(5);

/// How much of what clients acknowledged a killed process may forget, against a
/// transaction each time.
const MEMORY_WRITTEN_EVERY: Duration = Duration::from_millis(500);

/// Nobody needs to know more often that they have moved up.
const QUEUE_UPDATES_INTERVAL: Duration = Duration::from_secs(1);

/// Nobody waits for mail by the second.
const MAIL_INTERVAL: Duration = Duration::from_secs(1);

/// The options of `parlor serve`.
#[derive(Debug, Clone)]
pub struct Options {
    pub data: PathBuf,
    pub listen: String,
    /// How many connections are open at a time.
    pub max_connections: usize,
    pub public_url: Option<String>,
    /// From where proxies connect, besides this machine.
    pub trusted_proxies: Vec<IpNet>,
    pub settings: Option<PathBuf>,
    /// Where metrics are served; nowhere when absent.
    pub metrics_listen: Option<String>,
    /// The rules file for fault injection.
    pub faults: Option<PathBuf>,
    pub assets: Option<PathBuf>,
    pub log_format: LogFormat,
    pub log_level: LevelFilter,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When the database, the files, the settings or the address cannot be used.
pub async fn serve(options: Options) -> anyhow::Result<()> {
    telemetry::start(options.log_format, options.log_level);
    telemetry::start_metrics();
    let trusted_proxies = TrustedProxies::and_loopback(options.trusted_proxies);
    let mut config = Config {
        public_url: options.public_url.as_deref().map(public_url).transpose()?,
        trusted_proxies: trusted_proxies.clone(),
        ..Config::default()
    };
    let settings = Settings::load(options.settings.as_deref(), &options.data)?;
    let assets = match options.assets {
        Some(folder) if !folder.is_dir() => bail!("there is no folder {}", folder.display()),
        Some(folder) => Assets::Folder(folder.into()),
        None => Assets::Embedded,
    };
    let mut signal = ShutdownSignal::listen().context("cannot listen for signals")?;
    let (listener, address) = listen(&options.listen).await?;
    let metrics_listener = match &options.metrics_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    // Held until the process ends. Opening migrates the database and deletes
    // unfinished uploads.
    let _lock = FolderLock::take(&options.data)?;
    let store = SqliteStore::open(&options.data).await?;
    config.files = open_files(&options.data.join(FILES_FOLDER))?;

    let clock = Clock::system_after(store.newest_time().await?);
    let entropy = Entropy::os();
    let setup = Setup {
        store: &store,
        entropy: &entropy,
        passwords: &Passwords::default(),
        now: clock.now(),
    };
    // Deployments that the file makes are there before the first start, which then
    // makes none.
    let makes_deployments = settings
        .as_ref()
        .is_some_and(|(_, settings)| settings.makes_its_deployments());
    let mut link = None;
    if !makes_deployments {
        link = setup.first_start().await?;
    }
    if let Some((path, settings)) = settings {
        config.limits = settings.limits;
        config.grace = settings.grace;
        config.routing = settings.routing.clone();
        config.mail = settings.mail.clone();
        config.webhooks = settings.webhooks.clone();
        config.geolocation = settings.geolocation.clone();
        config.archive = settings.archive.clone();
        let applied = settings.apply(&path, &store).await?;
        config.identity_secrets = applied.identity_secrets;
        config.goals = applied.goals;
        tracing::info!(file = %path.display(), "the settings are as in the file");
    }
    if makes_deployments {
        link = setup.first_start().await?;
    }
    warn_of_empty_groups(&store).await?;

    let app = App::new(Arc::new(store.clone()), clock, entropy, config);
    let mut router = router(app.clone());
    if let Some(path) = &options.faults {
        router = fault_injection::inject_into(router, FaultInjector::load(path)?);
        tracing::warn!("faults are made on purpose: this is no endpoint for visitors");
    }
    let serving = tokio::spawn(connections::serve(
        listener,
        with_layers(router, assets),
        ConnectionLimits {
            listener: "chat",
            max: connections::reserve_descriptors(options.max_connections),
            trusted_proxies: trusted_proxies.clone(),
        },
        app.shutdown.clone(),
    ));
    app.watch_after_start();
    app.tasks.spawn(maintenance_loop(app.clone()));
    app.tasks.spawn(fill_archive(app.clone()));
    app.tasks.spawn(writing_loop(app.clone()));
    app.tasks.spawn(queue_updates_loop(app.clone()));
    app.tasks.spawn(mail_loop(app.clone()));
    app.run_webhooks();
    print_address(address, link);
    if let Some((listener, address)) = metrics_listener {
        let metrics = metrics_router(app.clone());
        let stop = app.shutdown.clone();
        app.tasks.spawn(connections::serve(
            listener,
            metrics,
            ConnectionLimits {
                listener: "metrics",
                max: METRICS_CONNECTIONS_MAX,
                trusted_proxies,
            },
            stop,
        ));
        print(&format!("parlor: metrics at http://{address}/metrics\n"));
    }

    signal.received().await;
    tracing::info!("stopping");
    app.shutdown.cancel();
    app.tasks.close();
    let stopped = async {
        let served = serving.await;
        app.tasks.wait().await;
        store.close().await;
        served
    };
    tokio::select! {
        stopped = timeout(SHUTDOWN_TIMEOUT, stopped) => match stopped {
            Ok(served) => served?,
            Err(_) => tracing::warn!("stopped while some connections were still open"),
        },
        () = signal.received() => tracing::warn!("stopped at once"),
    }
    Ok(())
}

/// Nobody answers the visitors of a group without members.
async fn warn_of_empty_groups(store: &SqliteStore) -> anyhow::Result<()> {
    let mut tx = store.read().await?;
    let agents = tx.agents().await?;
    for group in tx.groups().await? {
        let mut members = agents.iter().filter(|agent| agent.removed_at.is_none());
        if !members.any(|agent| agent.group_ids.contains(&group.id)) {
            tracing::warn!(
                group = group.id,
                "the group has no agents: `parlor agent set EMAIL --groups` adds them"
            );
        }
    }
    Ok(())
}

fn open_files(folder: &Path) -> anyhow::Result<Files> {
    Files::folder(folder).with_context(|| format!("cannot keep files in {}", folder.display()))
}

/// Adds the layers of a real server: assets, panic handling, request logs.
fn with_layers(router: Router, assets: Assets) -> Router {
    router.layer((
        middleware::from_fn(telemetry::record_requests),
        CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        Extension(assets),
    ))
}

/// Writes what is known of sessions in memory, until the process stops.
async fn writing_loop(app: Arc<App>) {
    let mut ticks = interval(MEMORY_WRITTEN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stops = tokio::select! {
            () = app.shutdown.cancelled() => true,
            _ = ticks.tick() => false,
        };
        if let Err(error) = app.write_memory().await {
            tracing::error!(%error, "what is known of sessions was not written");
        }
        if stops {
            return;
        }
    }
}

/// Puts into the archive what ended before there was one.
async fn fill_archive(app: Arc<App>) {
    match app.archive_what_has_ended().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "conversations were put into the archive"),
        Err(error) => {
            tracing::error!(%error, "the archive is not complete: the next start goes on");
        }
    }
}

async fn maintenance_loop(app: Arc<App>) {
    let mut ticks = interval(MAINTENANCE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = app.run_maintenance().await {
            tracing::error!(%error, "maintenance failed");
        }
        if let Err(error) = app.refresh_limits().await {
            tracing::error!(%error, "sessions could not be counted");
        }
        telemetry::upkeep_metrics();
    }
}

async fn queue_updates_loop(app: Arc<App>) {
    let mut ticks = interval(QUEUE_UPDATES_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = app.run_queue_updates().await {
            tracing::error!(%error, "places in queues cannot be told");
        }
        if let Err(error) = app.run_offers().await {
            tracing::error!(%error, "waiting chats cannot be offered");
        }
    }
}

async fn mail_loop(app: Arc<App>) {
    let mut ticks = interval(MAIL_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = app.send_due_mail().await {
            tracing::error!(%error, "mail cannot be sent");
        }
    }
}

async fn listen(address: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("cannot listen on {address}: another program listens there")
        }
        Err(error) => bail!("cannot listen on {address}: {error}"),
    };
    let address = listener.local_addr().context("cannot listen")?;
    Ok((listener, address))
}

/// Prints the address and the sign-in link, for people and for scripts that
/// wait for these lines.
fn print_address(address: SocketAddr, link: Option<SecretString>) {
    let mut lines = format!("parlor: listening on http://{address}\n");
    if let Some(link) = link {
        let link = link.expose_secret();
        lines += &format!("parlor: sign in at http://{address}/agent/#signin={link}\n");
    }
    print(&lines);
}

/// A closed stdout does not stop the server.
fn print(lines: &str) {
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(lines.as_bytes());
    let _ = stdout.flush();
}

pub(crate) fn public_url(text: &str) -> anyhow::Result<String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => bail!("{text:?} is not a public URL: write it as https://chat.example"),
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    async fn broken() {
        panic!("a handler's mistake")
    }

    #[tokio::test]
    async fn a_panicking_handler_is_answered_500() {
        let router = Router::new().route("/broken", get(broken));
        let service = with_layers(router, Assets::Embedded);
        let request = Request::get("/broken").body(Body::empty()).unwrap();
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().contains_key("x-request-id"));
    }
}
