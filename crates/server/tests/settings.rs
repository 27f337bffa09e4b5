//! The settings file: its values become the database's settings, and mistakes
//! are reported with line and field.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not find, fails it"
)]

#[path = "mmdb/mod.rs"]
mod mmdb;

use std::{fs, io, path::Path, time::Duration};

use parlor_server::{
    auth::Passwords,
    clock::Timestamp,
    entropy::Entropy,
    goals::PagePattern,
    limits::{Limits, Rate},
    mail::{EmailAddress, Language, MailConfig, Security},
    presence::Grace,
    private::Private,
    settings::{SecretSource, Settings},
    setup::{Setup, SetupRequest, Site},
    store::{
        Store as _, Tx,
        memory::MemoryStore,
        row::{Agent, Deployment, EntityKind, Role, Routing, WhenOffline},
    },
    webhooks::{NEW_CHAT_SESSION, STATUS_CHANGED, WebhookConfig},
    working_hours::Hours,
};
use parlor_wire::event::{EventBody, FieldKind};
use secrecy::{ExposeSecret as _, SecretSlice};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Has the variables `SECRET` and `SHORT`, and a file of any name. A name without an
/// extension is that of no file, and `.mmdb` that of a database.
struct Kept;

impl SecretSource for Kept {
    fn read_env(&self, name: &str) -> Option<SecretSlice<u8>> {
        match name {
            "SECRET" => Some(Vec::from(SECRET).into()),
            "SHORT" => Some(Vec::from("short").into()),
            _ => None,
        }
    }

    fn read_file(&self, _: &Path) -> Option<SecretSlice<u8>> {
        Some(Vec::from(SECRET).into())
    }

    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.extension() {
            Some(it) if it == "mmdb" => Ok(mmdb::database(&[("198.51.100.0/24", mmdb::city())])),
            Some(_) => Ok(Vec::from(SECRET)),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// The settings of the demo shop.
#[test]
fn the_demo_shops_settings_are_valid() {
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../embed/demo.toml");
    let shop = fs::read_to_string(shop).unwrap();
    let shop = shop.replace("{{here}}", "http://127.0.0.1:8080");
    Settings::read(&shop, &Kept).unwrap();
}

/// The samples in docs/DEPLOYING.md, as one settings file.
fn sample() -> String {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/DEPLOYING.md");
    let manual = fs::read_to_string(manual).unwrap();
    let (_, samples) = manual.split_once("```toml\n").unwrap();
    let samples: Vec<&str> = samples
        .split("```toml\n")
        .map(|sample| sample.split_once("\n```").unwrap().0)
        .collect();
    samples.join("\n")
}

async fn site() -> (MemoryStore, Site) {
    let store = MemoryStore::default();
    let site = Setup {
        store: &store,
        entropy: &Entropy::seeded(1),
        passwords: &Passwords::default(),
        now: Timestamp(0),
    }
    .run(&SetupRequest {
        email: Private("ada@example.com".to_owned()),
        name: None,
        password: None,
        allow_origins: vec!["https://old.example".to_owned()],
    })
    .await
    .unwrap();
    (store, site)
}

async fn applied(text: &str) -> Deployment {
    let (store, site) = site().await;
    let settings = Settings::read(text, &Kept).unwrap();
    settings.apply(Path::new("x.toml"), &store).await.unwrap();
    let mut tx = store.read().await.unwrap();
    tx.deployment(&site.deployment_id).await.unwrap().unwrap()
}

fn wrong(text: &str) -> String {
    match Settings::read(text, &Kept) {
        Ok(_) => panic!("taken: {text}"),
        Err(error) => {
            let words = error.to_string();
            assert_eq!(words.lines().count(), 1, "{words}");
            words
        }
    }
}

#[tokio::test]
async fn the_addresses_of_the_sites_own_pages_are_kept() {
    let (store, _) = site().await;
    let text = r#"
moved_to = "https://new.example/chat"
[[group]]
id = 7
name = "Hats"
[[deployment]]
content_server_url = "https://shop.example/content"
[[deployment.button]]
id = "hats"
group = 7
prechat_url = "https://shop.example/before"
endpoint_url = "https://shop.example/window"
"#;
    let settings = Settings::read(text, &Kept).unwrap();
    settings.apply(Path::new("x.toml"), &store).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let deployment = tx.deployments().await.unwrap().remove(0).settings;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        deployment.content_server_url,
        text("https://shop.example/content")
    );
    let urls = &deployment.button_urls[&"hats".into()];
    assert_eq!(urls.prechat, text("https://shop.example/before"));
    assert_eq!(urls.endpoint, text("https://shop.example/window"));
    let organization = tx.organization().await.unwrap().unwrap();
    assert_eq!(organization.switch_url, text("https://new.example/chat"));
    drop(tx);
    // Without the line it has not moved.
    let settings = Settings::read("", &Kept).unwrap();
    settings.apply(Path::new("x.toml"), &store).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.organization().await.unwrap().unwrap().switch_url, None);
}

#[tokio::test]
async fn the_sample_of_the_manual_is_valid() {
    let (store, site) = site().await;
    let settings = Settings::read(&sample(), &Kept).unwrap();
    let expected = Limits {
        requests_per_address: Rate::new(20_000, 10),
        sessions_per_address: Rate::new(1_000, 60),
        ..Limits::default()
    };
    assert_eq!(settings.limits, expected);
    let expected = Grace {
        socket: Duration::from_secs(90),
        program: Duration::from_secs(600),
        chats: Duration::from_secs(1_800),
    };
    assert_eq!(settings.grace, expected);
    assert_eq!(settings.routing.concurrent_chats, 8);
    assert_eq!(settings.routing.offer_timeout.as_secs(), 20);
    let applied = settings.apply(Path::new("x.toml"), &store).await.unwrap();
    let secret = applied.identity_secrets[&site.deployment_id].expose_secret();
    assert_eq!(secret, SECRET.as_bytes());
    let mut tx = store.read().await.unwrap();
    let row = tx.deployment(&site.deployment_id).await.unwrap().unwrap();
    assert_eq!(row.allowed_origins, ["https://shop.example"]);
    let settings = row.settings;
    assert_eq!(settings.team_name, "Ada's Hats");
    assert_eq!(settings.accent_color.as_deref(), Some("#1d4ed8"));
    assert!(settings.markdown && settings.asks_rating && settings.sneak_peek_enabled);
    assert_eq!(settings.history_days, Some(365));
    assert_eq!(settings.retention.chats_days, Some(365));
    assert_eq!(settings.retention.files_days, Some(90));
    assert_eq!(settings.retention.pages_days, Some(30));
    assert_eq!(settings.retention.addresses_days, Some(7));
    assert_eq!(settings.when_offline, WhenOffline::Message);
    let callback = settings.callback.unwrap();
    assert!(callback.phone && callback.chat && callback.hello && callback.offline);
    let hours = settings.working_hours.unwrap();
    assert_eq!(hours.days[4], [Hours { from: 540, to: 720 }]);
    assert!(hours.holidays.contains("12-25"));
    let url = settings.post_chat_url.as_deref();
    assert_eq!(url, Some("https://shop.example/contact"));
    assert_eq!(settings.files.max_bytes, 10_485_760);
    assert_eq!(settings.files.types.len(), 6);
    assert_eq!(settings.canned_responses[0].shortcut, "hours");
    assert_eq!(settings.sensitive_data_rules.len(), 2);
    assert_eq!(settings.sensitive_data_rules[0].action_type, "Replace");
    assert_eq!(
        settings.image_origins.unwrap(),
        ["https://cdn.shop.example"]
    );
    let EventBody::RichMessage(rich) = &settings.rich_messages[0].event.body else {
        panic!("{:?}", settings.rich_messages[0]);
    };
    assert_eq!(rich.elements()[0].buttons().len(), 2);
    let EventBody::Form(form) = &settings.forms[0].event.body else {
        panic!("{:?}", settings.forms[0]);
    };
    let forms = [
        &settings.prechat.unwrap(),
        &settings.postchat.unwrap(),
        form,
    ];
    let mut kinds: Vec<FieldKind> = Vec::new();
    for field in forms.iter().flat_map(|form| &form.fields) {
        kinds.push(field.kind.clone());
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 9, "{kinds:?}");
}

#[tokio::test]
async fn omitted_settings_have_the_defaults_of_a_new_site() {
    let untouched = applied("").await;
    let row = applied("[[deployment]]\nteam_name = \"Hats\"").await;
    assert_eq!(row.settings.team_name, "Hats");
    assert_eq!(row.settings.prechat, untouched.settings.prechat);
    assert_eq!(row.allowed_origins, ["https://old.example"]);
    let asked = applied("[[deployment]]\nprechat = { fields = [] }\nfiles.types = []").await;
    assert_eq!(asked.settings.prechat, None);
    assert!(asked.settings.files.types.is_empty());
}

#[tokio::test]
async fn an_unknown_deployment_is_named_and_nothing_is_changed() {
    let (store, site) = site().await;
    let text = "[[deployment]]\nteam_name = \"New\"\n\n[[deployment]]\nid = \"572x\"\n";
    let settings = Settings::read(text, &Kept).unwrap();
    let refused = settings
        .apply(Path::new("x.toml"), &store)
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "x.toml, line 4: deployment[1]: there is no such deployment in the database: with an id and a name, the file makes it"
    );
    let mut tx = store.read().await.unwrap();
    let row = tx.deployment(&site.deployment_id).await.unwrap().unwrap();
    assert_eq!(row.settings.team_name, "Support");
}

#[tokio::test]
async fn callbacks_are_offered_where_the_file_says() {
    let policy = async |text: &str| {
        let text = format!("[[deployment]]\n{text}");
        applied(&text).await.settings.callback
    };
    assert_eq!(policy("").await, None);
    let default = policy("[deployment.callback]").await.unwrap();
    assert!(default.phone && default.chat && default.waiting && default.offline);
    assert!(!default.hello);
    let some = "[deployment.callback]\nby = [\"chat\"]\noffered = [\"hello\"]";
    let some = policy(some).await.unwrap();
    assert!(some.chat && some.hello && !some.phone && !some.waiting && !some.offline);
    let alone = "when_offline = \"callback\"\n[deployment.callback]\noffered = []";
    let alone = policy(alone).await.unwrap();
    assert!(alone.offline && !alone.waiting && !alone.hello);
}

const TEAMS: &str = r#"
[[group]]
id = 1
name = "Sales"
[[group]]
id = 7
name = "Repairs"

[[deployment]]
team_name = "Hats"
[[deployment.button]]
id = "sales"
group = 1

[[deployment]]
id = "coats"
name = "The coats' pages"
[deployment.prechat]
fields = [{ type = "group_chooser", id = "a", label = "Who?", options = [
    { id = "0", label = "Repairs", group_id = 7 },
] }]
[[deployment.button]]
id = "coats-repairs"
name = "Repairs"
group = 7
language = "de"
routing = "least_active"
"#;

async fn apply(store: &MemoryStore, text: &str) -> Result<(), String> {
    let settings = Settings::read(text, &Kept).unwrap();
    let applied = settings.apply(Path::new("x.toml"), store).await;
    applied.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn groups_buttons_and_deployments_are_made() {
    let (store, site) = site().await;
    apply(&store, TEAMS).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let groups = tx.groups().await.unwrap();
    let names: Vec<(i64, &str)> = groups.iter().map(|it| (it.id, it.name.as_str())).collect();
    assert_eq!(names, [(1, "Sales"), (7, "Repairs")]);
    let coats = tx.deployment(&"coats".into()).await.unwrap().unwrap();
    assert_eq!(coats.name, "The coats' pages");
    let sales = tx.button(&"sales".into()).await.unwrap().unwrap();
    assert_eq!(sales.deployment_id, site.deployment_id);
    assert_eq!((sales.name.as_str(), sales.group_id), ("Chat", 1));
    let mut repairs = tx.button(&"coats-repairs".into()).await.unwrap().unwrap();
    assert_eq!(repairs.deployment_id, coats.id);
    assert_eq!(repairs.language, "de");
    assert_eq!(repairs.routing, Routing::LeastActive);
    repairs.average_wait_s = Some(5.0);
    tx.put_button(&repairs).await.unwrap();
    tx.commit().await.unwrap();
    // What was measured meanwhile stays.
    apply(&store, TEAMS).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let again = tx.button(&"coats-repairs".into()).await.unwrap().unwrap();
    assert_eq!(again, repairs);
    assert_eq!(tx.deployments().await.unwrap().len(), 2);
    assert_eq!(tx.buttons().await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_owners_are_members_of_a_new_group() {
    let (store, _) = site().await;
    let mut tx = store.begin().await.unwrap();
    let owner = tx.agents().await.unwrap()[0].clone();
    assert_eq!(owner.role, Role::Owner);
    let with = |name: &str, role| Agent {
        id: name.into(),
        email: Private::from(format!("{name}@shop.example")),
        role,
        ..owner.clone()
    };
    let agent = with("agent", Role::Agent);
    let gone = Agent {
        removed_at: Some(owner.created_at),
        ..with("gone", Role::Owner)
    };
    for row in [&agent, &gone] {
        tx.put_agent(row).await.unwrap();
    }
    tx.commit().await.unwrap();

    apply(&store, TEAMS).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(!is_member(tx.as_mut(), &agent).await);
    assert!(!is_member(tx.as_mut(), &gone).await);
    let mut kept = tx.agent(&owner.id).await.unwrap().unwrap();
    assert!(kept.group_ids.contains(&7));

    // Who left it stays out of it.
    kept.group_ids.remove(&7);
    tx.put_agent(&kept).await.unwrap();
    tx.commit().await.unwrap();
    apply(&store, TEAMS).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(!is_member(tx.as_mut(), &owner).await);
}

/// Whether they are a member of the group 7.
async fn is_member(tx: &mut dyn Tx, agent: &Agent) -> bool {
    let row = tx.agent(&agent.id).await.unwrap().unwrap();
    row.group_ids.contains(&7)
}

#[tokio::test]
async fn what_the_database_contradicts_is_named_and_nothing_is_changed() {
    let (store, _) = site().await;
    apply(&store, TEAMS).await.unwrap();
    for (text, words) in [
        (
            "[[deployment]]\n[[deployment.button]]\nid = \"a\"\ngroup = 3",
            "x.toml, line 4: deployment[0].button[0].group: there is no such group; known are 1 (Sales), 7 (Repairs)",
        ),
        (
            "[[deployment]]\n[deployment.postchat]\nfields = [{ type = \"group_chooser\", id = \"a\", label = \"b\", options = [{ id = \"0\", label = \"c\", group_id = 2 }] }]",
            "x.toml, line 3: deployment[0].postchat.fields[0].options[0].group_id: there is no such group; known are 1 (Sales), 7 (Repairs)",
        ),
        (
            "[[deployment]]\nid = \"coat\"",
            "x.toml, line 1: deployment[0]: there is no such deployment in the database; did you mean coats?",
        ),
        (
            "[[deployment]]\nid = \"scarves\"\nname = \"Scarves\"",
            "x.toml, line 1: deployment[0]: a new deployment needs a [[deployment.button]]",
        ),
        (
            "[[deployment]]\nid = \"coats\"\n[[deployment.button]]\nid = \"sales\"\ngroup = 1",
            "x.toml, line 4: deployment[0].button[0].id: another button has this id",
        ),
    ] {
        let text = format!("{text}\n[[group]]\nid = 1\nname = \"Sales\"");
        assert_eq!(apply(&store, &text).await.unwrap_err(), words);
    }
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.deployments().await.unwrap().len(), 2);
}

fn mail_of(text: &str) -> MailConfig {
    let settings = Settings::read(&format!("[mail]\n{text}"), &Kept).unwrap();
    settings.mail.unwrap()
}

#[test]
fn the_mail_of_the_manual() {
    let config = Settings::read(&sample(), &Kept).unwrap().mail.unwrap();
    assert_eq!(config.server.host, "smtp.hats.example");
    assert_eq!(config.server.port, 587);
    assert_eq!(config.server.security, Security::StartTls);
    let (user, password) = config.server.credentials.unwrap();
    assert_eq!(
        (user.0.as_str(), password.expose_secret()),
        ("hats", SECRET)
    );
    let from = config.from.0.to_string();
    assert_eq!(from, "Ada's Hats <team@hats.example>");
    assert_eq!(config.page.as_deref(), Some("https://shop.example/contact"));
    let address = |text| vec![EmailAddress::parse(text).unwrap()];
    assert_eq!(config.alerts, address("team@hats.example"));
    assert_eq!(
        config.group_alerts,
        [(3, address("repairs@hats.example"))].into()
    );
}

#[test]
fn mail_has_defaults() {
    let least = "host = \"mail.example\"\nfrom = \"a@b.example\"\n";
    let config = mail_of(least);
    assert!(config.server.credentials.is_none() && config.alerts.is_empty());
    assert_eq!(config.answers_gathered.as_secs(), 30);
    assert_eq!(config.attempt_timeout.as_secs(), 60);
    assert_eq!(config.language, Language::English);
    for (more, port) in [
        ("security = \"tls\"", 465),
        ("security = \"none\"", 25),
        ("port = 2525", 2525),
    ] {
        assert_eq!(mail_of(&format!("{least}{more}")).server.port, port);
    }
    let more = "language = \"fr\"\ngather_answers_s = 0\ntimeout_s = 5";
    let config = mail_of(&format!("{least}{more}"));
    assert_eq!(config.language, Language::French);
    assert!(config.answers_gathered.is_zero());
    assert_eq!(config.attempt_timeout.as_secs(), 5);
    let domain = "host = \"mail.example\"\nfrom = \"Hüte <a@bücher.example>\"\n";
    let from = mail_of(domain).from.0;
    assert_eq!(from.email.to_string(), "a@xn--bcher-kva.example");
    let debug = format!(
        "{:?}",
        mail_of(&format!(
            "{least}user = \"hats\"\npassword_env = \"SECRET\""
        ))
    );
    assert!(
        !debug.contains("a@b.example") && !debug.contains(SECRET),
        "{debug}"
    );
}

fn webhooks_of(text: &str) -> Vec<WebhookConfig> {
    Settings::read(text, &Kept).unwrap().webhooks
}

#[test]
fn the_webhook_of_the_manual() {
    let [hook] = &webhooks_of(&sample())[..] else {
        panic!("expected one");
    };
    assert_eq!(hook.name, "crm");
    assert_eq!(hook.url.0.as_str(), "https://crm.example/hooks/chat");
    let events = [STATUS_CHANGED, NEW_CHAT_SESSION, "thread_tagged"];
    assert_eq!(hook.events, events.into());
    let headers: Vec<_> = hook
        .headers
        .0
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    assert_eq!(
        headers,
        [("authorization", SECRET.as_bytes()), ("x-team", b"hats")]
    );
}

#[test]
fn webhooks_have_defaults() {
    let least = "[[webhook]]\nname = \"a\"\nurl = \"http://10.0.0.1:8000/?key=7\"\nsecret_env = \"SECRET\"\n";
    let hook = webhooks_of(least).remove(0);
    assert_eq!(hook.events, [STATUS_CHANGED, NEW_CHAT_SESSION].into());
    assert!(!hook.agents_only_events && hook.headers.0.is_empty());
    assert_eq!(hook.attempt_timeout.as_secs(), 10);
    assert_eq!(hook.given_up_after.as_secs(), 24 * 3600);
    let more = "agents_only_events = true\ntimeout_s = 60\nevents = [\"incoming_event\"]";
    let hook = webhooks_of(&format!("{least}{more}")).remove(0);
    assert!(hook.agents_only_events && hook.events == ["incoming_event"].into());
    assert_eq!(hook.attempt_timeout.as_secs(), 60);
    let debug = format!("{hook:?}");
    assert!(
        !debug.contains("10.0.0.1") && !debug.contains(SECRET),
        "{debug}"
    );
}

#[test]
fn mistakes_of_webhooks_are_named() {
    let name = "name = \"crm\"\n";
    let url = "url = \"https://crm.example\"\n";
    let secret = "secret_env = \"SECRET\"\n";
    let whole = format!("{name}{url}{secret}");
    for (text, words) in [
        (String::new(), "line 1: webhook[0]: name is missing"),
        (name.to_owned(), "line 1: webhook[0]: url is missing"),
        (
            format!("{name}{url}"),
            "line 1: webhook[0]: expected secret_env or secret_file, one of them",
        ),
        (
            format!("name = \"a b\"\n{url}{secret}"),
            "line 2: webhook[0].name: expected letters, digits, _ and -",
        ),
        (
            format!("{name}url = \"ftp://crm.example\"\n{secret}"),
            "line 3: webhook[0].url: expected an address as https://crm.example/hooks/chat",
        ),
        (
            format!("{name}url = \"https://ada:key@crm.example\"\n{secret}"),
            "line 3: webhook[0].url: credentials belong in headers, not in the address",
        ),
        (
            format!("{name}{url}secret_env = \"NONE\""),
            "line 4: webhook[0].secret_env: there is none to be read",
        ),
        (
            format!("{name}{url}secret_env = \"SHORT\""),
            "line 4: webhook[0].secret_env: the secret has 5 bytes, expected 24 to 64: make one by `echo whsec_$(openssl rand -base64 32)`",
        ),
        (
            format!("{whole}events = []"),
            "line 5: webhook[0].events: expected at least one event",
        ),
        (
            format!("{whole}events = [\"incoming_events\"]"),
            "line 5: webhook[0].events[0]: there is no such event; did you mean incoming_event?",
        ),
        (
            format!("{whole}headers = {{ Host = \"x\" }}"),
            "line 5: webhook[0].headers.Host: this header cannot be set",
        ),
        (
            format!("{whole}headers = {{ X-A = {{ env = \"NONE\" }} }}"),
            "line 5: webhook[0].headers.X-A: there is none to be read",
        ),
        (
            format!("{whole}timeout_s = 0"),
            "line 5: webhook[0].timeout_s: expected a whole number from 1 to 60",
        ),
        (
            format!("{whole}[[webhook]]\n{whole}"),
            "line 6: webhook[1].name: another webhook has this name",
        ),
    ] {
        assert_eq!(wrong(&format!("[[webhook]]\n{text}")), words);
    }
}

/// The lines of a `[mail]` table after the host, and what is wrong with them.
#[tokio::test]
async fn goals_keep_their_numbers() {
    let (store, _) = site().await;
    let numbers = async |text: &str| {
        let settings = Settings::read(text, &Kept).unwrap();
        let applied = settings.apply(Path::new("x.toml"), &store).await.unwrap();
        let goals = applied.goals.into_iter();
        goals.map(|it| (it.name, it.id)).collect::<Vec<_>>()
    };
    let of = |names: &[&str]| -> String {
        let table = |name: &&str| format!("[[goal]]\nname = \"{name}\"\n");
        names.iter().map(table).collect()
    };
    let named = |name: &str, id: i64| (name.to_owned(), id);
    let first = numbers(&of(&["a", "b"])).await;
    let (a, b) = (first[0].1, first[1].1);
    assert_eq!(first, [named("a", a), named("b", b)]);
    assert!(a > 0 && b > a);
    // Another order, one that is new, and one that was away.
    let second = numbers(&of(&["c", "b"])).await;
    let c = second[0].1;
    assert_eq!(second, [named("c", c), named("b", b)]);
    assert!(c > b);
    let third = numbers(&of(&["b", "a", "c"])).await;
    assert_eq!(third, [named("b", b), named("a", a), named("c", c)]);
}

#[tokio::test]
async fn the_goals_of_the_manual() {
    let (store, _) = site().await;
    let settings = Settings::read(&sample(), &Kept).unwrap();
    assert_eq!(settings.archive.conversion_window_days, 14);
    assert_eq!(
        Settings::read("", &Kept)
            .unwrap()
            .archive
            .conversion_window_days,
        30
    );
    let applied = settings.apply(Path::new("x.toml"), &store).await.unwrap();
    let [order, newsletter] = &applied.goals[..] else {
        panic!("{:?}", applied.goals);
    };
    assert_eq!(
        order.page,
        Some(PagePattern::parse("/*/checkout/thanks").unwrap())
    );
    assert_eq!(order.description, "The page of thanks after the payment");
    assert_eq!(
        (newsletter.name.as_str(), &newsletter.page),
        ("Newsletter", &None)
    );
}

#[tokio::test]
async fn a_goal_names_its_deployments() {
    let (store, site) = site().await;
    let id = site.deployment_id;
    let text = format!("[[goal]]\nname = \"a\"\ndeployments = [\"{id}\"]\n");
    let settings = Settings::read(&text, &Kept).unwrap();
    let applied = settings.apply(Path::new("x.toml"), &store).await.unwrap();
    assert_eq!(applied.goals[0].deployments, [id]);
    let text = "[[goal]]\nname = \"new\"\n\ndeployments = [\n\"xyzzy\"]\n";
    assert_eq!(
        apply(&store, text).await.unwrap_err(),
        "x.toml, line 5: goal[0].deployments[0]: there is no such deployment in the database"
    );
    let mut tx = store.begin().await.unwrap();
    let number = tx.entity_number(EntityKind::Goal, "new").await.unwrap();
    assert_eq!(number, applied.goals[0].id + 1, "nothing was changed");
}

#[test]
fn mistakes_of_goals_are_named() {
    for (text, words) in [
        ("", "line 1: goal[0]: name is missing"),
        ("name = \"\"", "line 2: goal[0].name: it must not be empty"),
        (
            "name = \"a\"\npage = \"https://shop.example/thanks\"",
            "line 3: goal[0].page: expected the path of an address, as /checkout/thanks or /blog/*",
        ),
        (
            "name = \"a\"\npage = \"/grüße\"",
            "line 3: goal[0].page: expected a path as browsers copy it, as /gr%C3%B6%C3%9Fen",
        ),
        (
            "name = \"a\"\npage = \"/*/*/*/*\"",
            "line 3: goal[0].page: it has more than three *",
        ),
        (
            "name = \"a\"\ndeployments = []",
            "line 3: goal[0].deployments: expected at least one; without the line it is for all",
        ),
        (
            "name = \"a\"\n[[goal]]\nname = \"a\"",
            "line 4: goal[1].name: another goal has this name",
        ),
        (
            "name = \"a\"\npages = \"/\"",
            "line 3: goal[0].pages: there is no such setting; did you mean page?",
        ),
    ] {
        assert_eq!(wrong(&format!("[[goal]]\n{text}")), words);
    }
    assert_eq!(
        wrong("[archive]\nconversion_window_days = 0"),
        "line 2: archive.conversion_window_days: expected a whole number from 1 to 365"
    );
}

#[test]
fn mistakes_of_mail_are_named() {
    for (text, words) in [
        ("", "line 1: mail: from is missing"),
        (
            "from = \"Ada's Hats\"",
            "line 3: mail.from: expected a sender as \"Shop <team@shop.example>\"",
        ),
        (
            "from = \"hüte@hats.example\"",
            "line 3: mail.from: letters before the @ that are not ASCII are not supported",
        ),
        (
            "from = \"a@b.example\"\nsecurity = \"ssl\"",
            "line 4: mail.security: expected starttls, tls or none",
        ),
        (
            "from = \"a@b.example\"\nport = 0",
            "line 4: mail.port: expected a whole number from 1 to 65535",
        ),
        (
            "from = \"a@b.example\"\nuser = \"x\"",
            "line 1: mail: user needs password_env or password_file",
        ),
        (
            "from = \"a@b.example\"\npassword_env = \"SECRET\"",
            "line 4: mail.password_env: a password needs a user",
        ),
        (
            "from = \"a@b.example\"\nuser = \"x\"\npassword_env = \"NONE\"",
            "line 5: mail.password_env: there is none to be read",
        ),
        (
            "from = \"a@b.example\"\nuser = \"x\"\npassword_env = \"SECRET\"\npassword_file = \"x\"",
            "line 5: mail.password_env: expected password_env or password_file, one of them",
        ),
        (
            "from = \"a@b.example\"\nalerts = [\"a@b.example\", \"Ada <a@b.example>\"]",
            "line 4: mail.alerts[1]: it is no e-mail address",
        ),
        (
            "from = \"a@b.example\"\nlanguage = \"it\"",
            "line 4: mail.language: expected en, de, es or fr",
        ),
        (
            "from = \"a@b.example\"\npage = \"contact\"",
            "line 4: mail.page: expected an address as https://shop.example/thanks",
        ),
        (
            "from = \"a@b.example\"\ntimeout_s = 1",
            "line 4: mail.timeout_s: expected a whole number from 5 to 600",
        ),
        (
            "from = \"a@b.example\"\npassword = \"x\"",
            "line 4: mail.password: there is no such setting; did you mean password_env?",
        ),
    ] {
        let text = format!("[mail]\nhost = \"mail.example\"\n{text}");
        assert_eq!(wrong(&text), words, "{text}");
    }
    assert_eq!(
        wrong("[[group]]\nid = 1\nname = \"x\"\nalerts = [\"a@b.example\"]"),
        "line 1: group[0]: alerts need a [mail] table"
    );
    assert_eq!(wrong("[mail]"), "line 1: mail: host is missing");
}

#[test]
fn mistakes_are_named_by_line_and_field() {
    for (text, words) in [
        (
            "[routing]\nconcurrent_chats = 0",
            "line 2: routing.concurrent_chats: expected a whole number from 1 to 1000",
        ),
        (
            "[routing]\noffer_seconds = 0",
            "line 2: routing.offer_seconds: expected a whole number from 1 to 3600",
        ),
        (
            "[routing]\nconcurent_chats = 5",
            "line 2: routing.concurent_chats: there is no such setting; did you mean concurrent_chats?",
        ),
        (
            "[[group]]\nid = 0\nname = \"x\"",
            "line 2: group[0].id: expected a whole number from 1 to 2147483647",
        ),
        ("[[group]]\nid = 1", "line 1: group[0]: name is missing"),
        (
            "[[group]]\nid = 1\nname = \"x\"\n[[group]]\nid = 1\nname = \"y\"",
            "line 5: group[1].id: another group has this id",
        ),
        (
            "[[group]]\nid = 1\nname = \"x\"\n[[group]]\nid = 2\nname = \"x\"",
            "line 6: group[1].name: another group has this name",
        ),
        (
            "[[group]]\nid = 1\nname = \"x\"\nowner = 1",
            "line 4: group[0].owner: there is no such setting; known are alerts, id, name",
        ),
        (
            "[[deployment]]\nid = \"my shop\"\nname = \"x\"",
            "line 2: deployment[0].id: expected up to 64 letters, digits, _ and -",
        ),
        (
            "[[deployment]]\n[[deployment.button]]\nid = \"a,b\"\ngroup = 1",
            "line 3: deployment[0].button[0].id: expected up to 64 letters, digits, _ and -",
        ),
        (
            "[[deployment]]\n[[deployment.button]]\nid = \"a\"",
            "line 2: deployment[0].button[0]: group is missing",
        ),
        (
            "[[deployment]]\n[[deployment.button]]\nid = \"a\"\ngroup = \"Sales\"",
            "line 4: deployment[0].button[0].group: expected a whole number, found a string",
        ),
        (
            "[[deployment]]\n[[deployment.button]]\nid = \"a\"\ngroup = 1\nrouting = \"fair\"",
            "line 5: deployment[0].button[0].routing: expected choice, least_active or most_available",
        ),
        (
            "[[deployment]]\n[[deployment.button]]\nid = \"a\"\ngroup = 1\n[[deployment]]\nid = \"b\"\n[[deployment.button]]\nid = \"a\"\ngroup = 1",
            "line 8: deployment[1].button[0].id: another button has this id",
        ),
        (
            "[[deployment]]\nteam_nam = \"x\"",
            "line 2: deployment[0].team_nam: there is no such setting; did you mean team_name?",
        ),
        (
            "deployments = 1",
            "line 1: deployments: there is no such setting; did you mean deployment?",
        ),
        (
            "xyzzy = 1",
            "line 1: xyzzy: there is no such setting; known are agents, archive, deployment, geolocation, goal, group, limits, mail, moved_to, routing, webhook",
        ),
        (
            "[[deployment]]\n\nteam_name = 5",
            "line 3: deployment[0].team_name: expected a text, found an integer",
        ),
        (
            "[[deployment]]\nteam_name = \" \"",
            "line 2: deployment[0].team_name: it must not be empty",
        ),
        (
            "[[deployment]]\nmarkdown = \"yes\"",
            "line 2: deployment[0].markdown: expected true or false, found a string",
        ),
        (
            "[[deployment]]\naccent_color = \"blue\"",
            "line 2: deployment[0].accent_color: expected a colour as #1d4ed8",
        ),
        (
            "[[deployment]]\nhistory_days = -1",
            "line 2: deployment[0].history_days: expected a whole number from 0 to 36500",
        ),
        (
            "[[deployment]]\nwhen_offline = \"mail\"",
            "line 2: deployment[0].when_offline: expected message, queue or callback",
        ),
        (
            "[[deployment]]\n[deployment.callback]\nby = []",
            "line 3: deployment[0].callback.by: expected phone, chat or both",
        ),
        (
            "[[deployment]]\n[deployment.callback]\nby = [\"mail\"]",
            "line 3: deployment[0].callback.by[0]: expected phone or chat",
        ),
        (
            "[[deployment]]\n[deployment.callback]\noffered = [\"always\"]",
            "line 3: deployment[0].callback.offered[0]: expected hello, waiting or offline",
        ),
        (
            "[[deployment]]\n[deployment.working_hours]\ntime_zone = \"Europe/Berlinn\"",
            "line 3: deployment[0].working_hours.time_zone: there is no such time zone: expected a name as Europe/Berlin",
        ),
        (
            "[[deployment]]\n[deployment.working_hours]\ntime_zone = \"UTC\"\nmonday = [\"09:00-12:00\", \"11:30-17:00\"]",
            "line 4: deployment[0].working_hours.monday[1]: these hours overlap others of the day",
        ),
        (
            "[[deployment]]\n[deployment.working_hours]\ntime_zone = \"UTC\"\nmonday = [\"22:00-06:00\"]",
            "line 4: deployment[0].working_hours.monday[0]: these hours end before they begin: hours after midnight belong to the next day",
        ),
        (
            "[[deployment]]\n[deployment.working_hours]\ntime_zone = \"UTC\"\nmonday = [\"9-17\"]",
            "line 4: deployment[0].working_hours.monday[0]: expected hours as 09:00-17:30",
        ),
        (
            "[[deployment]]\n[deployment.working_hours]\ntime_zone = \"UTC\"\nmonday = [\"09:00-17:00\"]\nholidays = [\"2026-02-30\"]",
            "line 5: deployment[0].working_hours.holidays[0]: expected a date as \"2026-12-24\", or \"12-24\" for that day of every year",
        ),
        (
            "[[deployment]]\n[deployment.working_hours]\ntime_zone = \"UTC\"",
            "line 2: deployment[0].working_hours: no day has hours: nobody would ever be there",
        ),
        (
            "[[deployment]]\npost_chat_url = \"javascript:alert(1)\"",
            "line 2: deployment[0].post_chat_url: expected an address as https://shop.example/thanks",
        ),
        (
            "[[deployment]]\nallowed_origins = [\n\"https://a.example\",\n\"a.example/x\"]",
            "line 4: deployment[0].allowed_origins[1]: expected scheme, host and port alone, as https://shop.example",
        ),
        (
            "[[deployment]]\n[deployment.files]\nmax_bytes = 999999999999",
            "line 3: deployment[0].files.max_bytes: expected a whole number from 1 to 104857600",
        ),
        (
            "[[deployment]]\n[deployment.files]\ntypes = [\"*\"]",
            "line 3: deployment[0].files.types[0]: expected a type in small letters, as image/png",
        ),
        (
            "[[deployment]]\n[deployment.prechat]\nfields = [{ type = \"phone\", id = \"a\", label = \"b\" }]",
            "line 3: deployment[0].prechat.fields[0].type: expected one of name, email, question, subject, textarea, checkbox, radio, select, group_chooser",
        ),
        (
            "[[deployment]]\n[deployment.prechat]\nfields = [{ type = \"name\", id = \"a\" }]",
            "line 3: deployment[0].prechat.fields[0]: label is missing",
        ),
        (
            "[[deployment]]\n[deployment.prechat]\nfields = [{ type = \"radio\", id = \"a\", label = \"b\" }]",
            "line 3: deployment[0].prechat.fields[0]: a field of type radio needs options",
        ),
        (
            "[[deployment]]\n[deployment.prechat]\nfields = [{ type = \"name\", id = \"a\", label = \"b\", options = [] }]",
            "line 3: deployment[0].prechat.fields[0].options: a field of type name has no options",
        ),
        (
            "[[deployment]]\n[deployment.prechat]\nfields = [{ type = \"group_chooser\", id = \"a\", label = \"b\", options = [{ id = \"0\", label = \"c\" }] }]",
            "line 3: deployment[0].prechat.fields[0].options[0]: group_id is missing",
        ),
        (
            "[[deployment]]\n[deployment.prechat]\nfields = [\n{ type = \"name\", id = \"a\", label = \"b\" },\n{ type = \"name\", id = \"a\", label = \"c\" }]",
            "line 5: deployment[0].prechat.fields[1].id: another field of this form has this id",
        ),
        (
            "[[deployment]]\n[[deployment.forms]]\nname = \"x\"\nform = { fields = [] }",
            "line 4: deployment[0].forms[0].form: it has no fields",
        ),
        (
            "[[deployment]]\n[[deployment.rich_messages]]\nname = \"x\"\nevent = { template_id = \"carousel\", elements = [{ title = \"a\" }] }",
            "line 4: deployment[0].rich_messages[0].event: template_id: expected cards, quick_replies or sticker",
        ),
        (
            "[[deployment]]\n[[deployment.rich_messages]]\nname = \"x\"\nevent = { template_id = \"cards\", elements = [{ buttons = [{ text = \"a\", type = \"url\" }] }] }",
            "line 4: deployment[0].rich_messages[0].event: `elements[0].buttons[0]` needs both `type` and `value`, or neither",
        ),
        (
            "[[deployment]]\n[[deployment.canned_responses]]\nshortcut = \"two words\"\ntext = \"x\"",
            "line 3: deployment[0].canned_responses[0].shortcut: a shortcut is one word",
        ),
        (
            "[[deployment]]\n[[deployment.sensitive_data_rules]]\npattern = '(?=x)'\naction = \"remove\"",
            "line 3: deployment[0].sensitive_data_rules[0].pattern: a look ahead, (?=…), is not known on every side",
        ),
        (
            "[[deployment]]\n[[deployment.sensitive_data_rules]]\npattern = 'x'\naction = \"hide\"",
            "line 4: deployment[0].sensitive_data_rules[0].action: expected replace or remove",
        ),
        (
            "[[deployment]]\nidentity = { secret_env = \"NONE\" }",
            "line 2: deployment[0].identity.secret_env: there is none to be read",
        ),
        (
            "[[deployment]]\nidentity = { secret_env = \"SHORT\" }",
            "line 2: deployment[0].identity.secret_env: the secret has less than 32 bytes: make one by `openssl rand -hex 32`",
        ),
        (
            "[[deployment]]\nidentity = { secret = \"x\" }",
            "line 2: deployment[0].identity: expected secret_env or secret_file, one of them",
        ),
        (
            "[[deployment]]\n[[deployment]]",
            "line 2: deployment[1]: this deployment is in the file already: give each its id",
        ),
        (
            "[[deployment]]\nidle_timeout = { warning_s = 60, timeout_s = 60 }",
            "line 2: deployment[0].idle_timeout.timeout_s: expected more than warning_s",
        ),
        (
            "[[deployment]]\nretention = { chats_days = 0 }",
            "line 2: deployment[0].retention.chats_days: expected a whole number from 1 to 36500",
        ),
        (
            "[[deployment]]\nretention = { chats = 1 }",
            "line 2: deployment[0].retention.chats: there is no such setting; did you mean chats_days?",
        ),
        (
            "[[deployment]]\nsilence = { waiting_s = 60 }",
            "line 2: deployment[0].silence.waiting_s: expected a whole number from 120 to 86400",
        ),
        (
            "moved_to = \"https://new.example\"",
            "line 1: moved_to: expected the address of an endpoint, as https://chat.example.com/chat",
        ),
        (
            "[[group]]\nid = 7\nname = \"a\"\n[[deployment]]\n[[deployment.button]]\nid = \"a\"\ngroup = 7\nprechat_url = \"a\"",
            "line 8: deployment[0].button[0].prechat_url: expected an address as https://shop.example/thanks",
        ),
        (
            "[geolocation]\n\nfile = \"missing\"",
            "line 3: geolocation.file: it cannot be read: entity not found",
        ),
        (
            "[geolocation]\nfile = \"a.csv\"",
            "line 2: geolocation.file: it is no MaxMind database, or it is damaged: invalid database: could not find MaxMind DB metadata in file",
        ),
        (
            "[geolocation]\nfile = \"\"",
            "line 2: geolocation.file: it must not be empty",
        ),
        ("[geolocation]", "line 1: geolocation: file is missing"),
        (
            "[archive]\ntime_zone = \"Berlin\"",
            "line 2: archive.time_zone: there is no such time zone: expected a name as Europe/Berlin",
        ),
        (
            "[archive]\ntime_zone = \"\"",
            "line 2: archive.time_zone: it must not be empty",
        ),
        (
            "[geolocation]\nfile = \"a.mmdb\"\nurl = \"x\"",
            "line 3: geolocation.url: there is no such setting; known are file",
        ),
        (
            "[agents]\noffline_after_s = 0",
            "line 2: agents.offline_after_s: expected a whole number from 1 to 3600",
        ),
        (
            "[agents]\noffline_after = 60",
            "line 2: agents.offline_after: there is no such setting; did you mean offline_after_s?",
        ),
        (
            "[limits]\nopen_session = 5",
            "line 2: limits.open_session: there is no such setting; did you mean open_sessions?",
        ),
        (
            "[limits]\nwaiting_chats = 0",
            "line 2: limits.waiting_chats: expected a whole number from 1 to 1000000",
        ),
    ] {
        assert_eq!(wrong(text), words, "{text}");
    }
    assert!(wrong("[[deployment]]\nteam_name = \"x").starts_with("line 2: "));
    assert!(wrong("[[deployment]]\nteam_name = \"x\"\nteam_name = \"y\"").contains("line 3: "));
}
