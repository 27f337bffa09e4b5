//! The pages: the chat document, the agents' console, the demo shop, and the
//! script that websites embed. It knows by whom each page may be framed and
//! what it may load. The files themselves come from `assets`.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
            HOST, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use url::Url;

use crate::{
    app::App,
    assets::Assets,
    http::{
        openapi::answers::{Page, Text, TooMany},
        store_failure,
    },
    origin,
    store::{
        StoreError, Tx,
        row::{Button, Deployment},
    },
};

/// The loader, and all files below `/chat/`, `/agent/` and `/demo/`. The routes
/// of the APIs are more specific and take precedence. Redirects are relative,
/// because a proxy may serve the endpoint under a path.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(|| async { Redirect::to("agent/") }))
        .route("/parlor.js", get(loader))
        .route("/parlor.d.ts", get(loader_types))
        .route("/chat", get(|| async { Redirect::to("chat/") }))
        .route("/chat/", get(chat))
        .route("/chat/{*file}", get(chat_file).fallback(unknown))
        .route("/agent", get(|| async { Redirect::to("agent/") }))
        .route("/agent/", get(console))
        .route("/agent/{*file}", get(console_file).fallback(unknown))
        .route("/demo", get(|| async { Redirect::to("demo/") }))
        .route("/demo/", get(demo))
        .route("/demo/{*file}", get(demo_file).fallback(unknown))
}

/// The APIs have paths below these folders too: a method other than GET on an
/// unknown path is 404.
async fn unknown() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// The script that websites embed.
#[utoipa::path(
    get,
    path = "/parlor.js",
    operation_id = "loader",
    tag = "pages",
    responses(
        (status = 200, description = "The script.", body = String, content_type = "text/javascript"),
        (status = 404, description = "The program was built without pages."),
        (status = 429, response = TooMany),
    ),
)]
pub(super) async fn loader(assets: Assets, request: HeaderMap) -> Response {
    allow_any_origin(assets.serve("embed/parlor.js", &request).await)
}

async fn loader_types(assets: Assets, request: HeaderMap) -> Response {
    allow_any_origin(assets.serve("embed/parlor.d.ts", &request).await)
}

/// Allows every origin to load the response: pages with
/// `Cross-Origin-Embedder-Policy`, and script tags with `integrity`, require
/// it.
fn allow_any_origin(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

async fn chat_file(Path(file): Path<String>, assets: Assets, request: HeaderMap) -> Response {
    assets.serve(&format!("chat/{file}"), &request).await
}

async fn console_file(Path(file): Path<String>, assets: Assets, request: HeaderMap) -> Response {
    assets.serve(&format!("agent/{file}"), &request).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatQuery {
    deployment: Option<String>,
    button: Option<String>,
    /// Origin of the page that embeds the chat; `None` when the document is
    /// opened on its own.
    origin: Option<String>,
}

/// The chat document, framed by an allowed page or opened on its own.
///
/// Without a deployment, a redirect to the first one.
#[utoipa::path(
    get,
    path = "/chat/",
    operation_id = "chatDocument",
    tag = "pages",
    params(
        ("deployment" = Option<String>, Query, description = "Which deployment."),
        ("button" = Option<String>, Query, description = "Which of its buttons."),
        (
            "origin" = Option<String>,
            Query,
            description = "The page that frames the document. Absent when it is opened on its own.",
            example = "https://shop.example",
        ),
    ),
    responses(
        (status = 200, response = Page),
        (status = 303, description = "To the first deployment and its button."),
        (status = 400, response = Text),
        (status = 403, response = Text),
        (status = 404, response = Text),
        (status = 429, response = TooMany),
    ),
)]
pub(super) async fn chat(
    State(app): State<Arc<App>>,
    Query(query): Query<ChatQuery>,
    assets: Assets,
    request: HeaderMap,
) -> Result<Response, PageError> {
    let mut tx = app.store.read().await?;
    let Some(id) = query.deployment else {
        return match default_site(&mut *tx).await? {
            Some((deployment, button)) => Ok(Redirect::to(&format!(
                "?deployment={}&button={}",
                deployment.id, button.id
            ))
            .into_response()),
            None => Err(PageError::NotFound),
        };
    };
    let deployment = tx
        .deployment(&id.into())
        .await?
        .ok_or(PageError::NotFound)?;
    if let Some(button) = query.button {
        let button = tx
            .button(&button.into())
            .await?
            .ok_or(PageError::NotFound)?;
        if button.deployment_id != deployment.id {
            return Err(PageError::NotFound);
        }
    }
    let ancestors = match &query.origin {
        None => "'self'".to_owned(),
        Some(page) => {
            let public_url = app.config.public_url.as_deref();
            if !origin::may_embed(&deployment, page, host(&request), public_url) {
                return Err(PageError::Forbidden);
            }
            origin::normal(page).ok_or(PageError::Forbidden)?
        }
    };
    let images = image_sources(&app, &[deployment]);
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; img-src {images}; media-src 'self'; \
         frame-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    );
    document(&assets, "chat/index.html", &policy, &[]).await
}

/// The `img-src` sources of a chat: this endpoint, under whichever name it
/// gives out its files, and everything that one of the deployments allows.
fn image_sources(app: &App, deployments: &[Deployment]) -> String {
    let everywhere = ["https:".to_owned()];
    let public_url = app.config.public_url.as_deref();
    let own = public_url
        .and_then(|text| Url::parse(text).ok())
        .map(|url| url.origin().ascii_serialization());
    let mut sources = vec!["'self'", "data:"];
    sources.extend(own.as_deref());
    for deployment in deployments {
        let allowed = deployment.settings.image_origins.as_deref();
        for source in allowed.unwrap_or(&everywhere) {
            if !sources.contains(&source.as_str()) {
                sources.push(source);
            }
        }
    }
    sources.join(" ")
}

/// The console, in which agents answer.
#[utoipa::path(
    get,
    path = "/agent/",
    operation_id = "console",
    tag = "pages",
    responses(
        (status = 200, response = Page),
        (status = 404, response = Text),
        (status = 429, response = TooMany),
    ),
)]
pub(super) async fn console(
    State(app): State<Arc<App>>,
    assets: Assets,
    request: HeaderMap,
) -> Result<Response, PageError> {
    // Not every browser counts WebSockets to the same host as 'self'.
    let sockets = match host(&request).and_then(origin::plain_host) {
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    };
    // Agents' consoles load images from the same sources as the chats of all
    // deployments.
    let deployments = app.store.read().await?.deployments().await?;
    let images = image_sources(&app, &deployments);
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'{sockets}; img-src {images}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    document(&assets, "agent/index.html", &policy, &[]).await
}

async fn demo(State(app): State<Arc<App>>, assets: Assets) -> Result<Response, PageError> {
    demo_page(&app, &assets, "index.html").await
}

async fn demo_file(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    assets: Assets,
    request: HeaderMap,
) -> Result<Response, PageError> {
    if file.ends_with(".html") {
        return demo_page(&app, &assets, &file).await;
    }
    Ok(assets.serve(&format!("demo/{file}"), &request).await)
}

/// A page of the demo shop, with this endpoint's deployment and button filled
/// in.
async fn demo_page(app: &App, assets: &Assets, file: &str) -> Result<Response, PageError> {
    let mut tx = app.store.read().await?;
    let (deployment, button) = default_site(&mut *tx).await?.ok_or(PageError::NotFound)?;
    let values = [
        ("{{deployment}}", deployment.id.as_str()),
        ("{{button}}", button.id.as_str()),
    ];
    // The shop stands for somebody else's website, so that it gets no policy
    // from us.
    document(assets, &format!("demo/{file}"), "", &values).await
}

/// The deployment and button for callers who name none: the first.
async fn default_site(tx: &mut dyn Tx) -> Result<Option<(Deployment, Button)>, StoreError> {
    let Some(deployment) = tx.deployments().await?.into_iter().next() else {
        return Ok(None);
    };
    let buttons = tx.buttons().await?;
    Ok(buttons
        .into_iter()
        .find(|button| button.deployment_id == deployment.id)
        .map(|button| (deployment, button)))
}

/// Responds with an HTML page. It is small, and built for each request.
async fn document(
    assets: &Assets,
    name: &str,
    policy: &str,
    values: &[(&str, &str)],
) -> Result<Response, PageError> {
    let asset = assets.find(name).await.ok_or(PageError::NotFound)?;
    let mut html = String::from_utf8_lossy(&asset.bytes).into_owned();
    for (placeholder, value) in values {
        html = html.replace(placeholder, value);
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, asset.content_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if !policy.is_empty() {
        let policy = HeaderValue::from_str(policy).map_err(|_| PageError::Forbidden)?;
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok((headers, html).into_response())
}

fn host(request: &HeaderMap) -> Option<&str> {
    request.get(HOST)?.to_str().ok()
}

/// Why a page is not served. The text may be read by a person, in a frame or a
/// tab.
#[derive(Debug)]
pub(super) enum PageError {
    NotFound,
    Forbidden,
    Store(StoreError),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut retry_after = None;
        let (status, words) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "There is no such page here."),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "This chat may not be shown on this site.",
            ),
            Self::Store(error) => {
                store_failure::record(&error, "a page could not be made");
                retry_after = error.retry_after();
                let status = match retry_after {
                    Some(_) => StatusCode::SERVICE_UNAVAILABLE,
                    None => StatusCode::INTERNAL_SERVER_ERROR,
                };
                (status, "Something went wrong. Please try again.")
            }
        };
        let retry_after = retry_after.map(|after| [(RETRY_AFTER, after.as_secs().to_string())]);
        (status, retry_after, words).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::{Extension, body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{
        app::Config,
        auth::Passwords,
        clock::{Clock, Timestamp},
        entropy::Entropy,
        private::Private,
        setup::{Setup, SetupRequest, Site},
        store::memory::MemoryStore,
    };

    struct World {
        app: Arc<App>,
        router: Router,
        site: Site,
        _folder: tempfile::TempDir,
    }

    impl World {
        /// A site that allows shop.example, with a file of each kind.
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, content) in [
                ("chat/index.html", "<title>Chat</title>"),
                ("chat/style.css", "p {}"),
                ("agent/index.html", "<title>Console</title>"),
                (
                    "demo/index.html",
                    "<s data-d={{deployment}} data-b={{button}}>",
                ),
                ("demo/hats/index.html", "hats {{button}}"),
                ("demo/shop.css", "{{button}}"),
                ("embed/parlor.js", "1"),
            ] {
                let file = folder.path().join(name);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, content).unwrap();
            }
            let (store, entropy) = (MemoryStore::default(), Entropy::seeded(1));
            let site = Setup {
                store: &store,
                entropy: &entropy,
                passwords: &Passwords::default(),
                now: Timestamp(0),
            }
            .run(&SetupRequest {
                email: Private("ada@example.com".to_owned()),
                name: None,
                password: None,
                allow_origins: vec!["https://shop.example".to_owned()],
            })
            .await
            .unwrap();
            let app = App::new(
                Arc::new(store),
                Clock::starting_at(Timestamp(0)),
                entropy,
                Config::default(),
            );
            Self {
                router: routes()
                    .with_state(app.clone())
                    .layer(Extension(Assets::Folder(folder.path().into()))),
                app,
                site,
                _folder: folder,
            }
        }

        async fn load(&self, path: &str) -> Response {
            let request = Request::get(path)
                .header(HOST, "chat.example:8080")
                .body(Body::empty())
                .unwrap();
            self.router.clone().oneshot(request).await.unwrap()
        }
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 9999).await;
        String::from_utf8(bytes.unwrap().to_vec()).unwrap()
    }

    fn policy(response: &Response) -> &str {
        response.headers()[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
    }

    #[tokio::test]
    async fn an_allowed_page_may_frame_the_chat_and_no_other() {
        let world = World::new().await;
        let (deployment, button) = (&world.site.deployment_id, &world.site.button_id);
        let path = format!("/chat/?deployment={deployment}&button={button}");

        let framed = world
            .load(&format!("{path}&origin=https%3A%2F%2Fshop.example"))
            .await;
        assert_eq!(framed.status(), StatusCode::OK);
        assert_eq!(
            policy(&framed),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             connect-src 'self'; img-src 'self' data: https:; media-src 'self'; \
             frame-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors https://shop.example"
        );
        assert_eq!(framed.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(text(framed).await, "<title>Chat</title>");

        let own = world
            .load(&format!("{path}&origin=http://chat.example:8080"))
            .await;
        assert!(policy(&own).ends_with("frame-ancestors http://chat.example:8080"));
        let alone = world.load(&path).await;
        assert!(policy(&alone).ends_with("frame-ancestors 'self'"));

        for stranger in [
            "https://evil.example",
            "http://shop.example",
            "null",
            "",
            "*",
        ] {
            let refused = world.load(&format!("{path}&origin={stranger}")).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{stranger}");
        }
    }

    #[tokio::test]
    async fn image_sources_come_from_the_deployments() {
        let world = World::new().await;
        let path = format!("/chat/?deployment={}", world.site.deployment_id);
        let mut tx = world.app.store.begin().await.unwrap();
        let mut row = tx.deployments().await.unwrap().remove(0);
        row.settings.image_origins = Some(vec!["https://cdn.example".to_owned()]);
        tx.put_deployment(&row).await.unwrap();
        tx.commit().await.unwrap();
        let chat = world.load(&path).await;
        let console = world.load("/agent/").await;
        for document in [&chat, &console] {
            assert!(policy(document).contains("; img-src 'self' data: https://cdn.example;"));
        }

        let public_url = Some("https://chat.example/talk".to_owned());
        let app = App::new(
            world.app.store.clone(),
            world.app.clock.clone(),
            Entropy::seeded(2),
            Config {
                public_url,
                ..Config::default()
            },
        );
        assert_eq!(
            image_sources(&app, &[row.clone()]),
            "'self' data: https://chat.example https://cdn.example"
        );
        // The console loads what any of the deployments allows.
        let mut other = row.clone();
        other.settings.image_origins = None;
        assert_eq!(
            image_sources(&app, &[row, other]),
            "'self' data: https://chat.example https://cdn.example https:"
        );
    }

    #[tokio::test]
    async fn unknown_ids_are_404() {
        let world = World::new().await;
        let (deployment, button) = (&world.site.deployment_id, &world.site.button_id);
        for path in [
            "/chat/?deployment=572".to_owned(),
            format!("/chat/?deployment={deployment}&button=573"),
            format!("/chat/?deployment={button}&button={button}"),
            "/chat/none.js".to_owned(),
            "/chat/../agent/index.html".to_owned(),
            "/chat/%2e%2e/agent/index.html".to_owned(),
        ] {
            assert_eq!(
                world.load(&path).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let bare = world.load("/chat/").await;
        assert_eq!(
            bare.headers()["location"],
            format!("?deployment={deployment}&button={button}").as_str()
        );
        for (path, folder) in [
            ("/", "agent/"),
            ("/agent", "agent/"),
            ("/chat", "chat/"),
            ("/demo", "demo/"),
        ] {
            let redirect = world.load(path).await;
            assert_eq!(redirect.headers()["location"], folder, "{path}");
        }
    }

    #[tokio::test]
    async fn the_console_is_framed_by_nobody() {
        let world = World::new().await;
        let console = world.load("/agent/").await;
        assert_eq!(console.status(), StatusCode::OK);
        assert!(policy(&console).ends_with("frame-ancestors 'none'"));
        assert!(
            policy(&console)
                .contains("connect-src 'self' ws://chat.example:8080 wss://chat.example:8080;")
        );
    }

    #[tokio::test]
    async fn the_shop_embeds_this_endpoints_chat() {
        let world = World::new().await;
        let (deployment, button) = (&world.site.deployment_id, &world.site.button_id);
        assert_eq!(
            text(world.load("/demo/").await).await,
            format!("<s data-d={deployment} data-b={button}>")
        );
        let hats = text(world.load("/demo/hats/index.html").await).await;
        assert_eq!(hats, format!("hats {button}"));
        let style = text(world.load("/demo/shop.css").await).await;
        assert_eq!(style, "{{button}}");
    }

    #[tokio::test]
    async fn anybody_may_load_the_loader() {
        let world = World::new().await;
        let loader = world.load("/parlor.js").await;
        assert_eq!(loader.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(
            loader.headers()["cross-origin-resource-policy"],
            "cross-origin"
        );
        assert_eq!(
            loader.headers()[CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        assert_eq!(text(loader).await, "1");
    }
}
