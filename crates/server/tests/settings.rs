//! The settings file: its values become the database's settings, and mistakes
//! are reported with line and field.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not find, fails it"
)]

use std::{fs, path::Path};

use parlor_server::{
    auth::Passwords,
    clock::Timestamp,
    entropy::Entropy,
    limits::{Limits, Rate},
    private::Private,
    settings::{SecretSource, Settings},
    setup::{Setup, SetupRequest, Site},
    store::{Store as _, memory::MemoryStore, row::Deployment},
};
use parlor_wire::event::{EventBody, FieldKind};
use secrecy::{ExposeSecret as _, SecretSlice};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Has the variables `SECRET` and `SHORT`, and a file of any name.
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
async fn the_sample_of_the_manual_is_valid() {
    let (store, site) = site().await;
    let settings = Settings::read(&sample(), &Kept).unwrap();
    let expected = Limits {
        requests_per_address: Rate::new(20_000, 10),
        sessions_per_address: Rate::new(1_000, 60),
        ..Limits::default()
    };
    assert_eq!(settings.limits, expected);
    let secrets = settings.apply(Path::new("x.toml"), &store).await.unwrap();
    let secret = secrets[&site.deployment_id].expose_secret();
    assert_eq!(secret, SECRET.as_bytes());
    let mut tx = store.read().await.unwrap();
    let row = tx.deployment(&site.deployment_id).await.unwrap().unwrap();
    assert_eq!(row.allowed_origins, ["https://shop.example"]);
    let settings = row.settings;
    assert_eq!(settings.team_name, "Ada's Hats");
    assert_eq!(settings.accent_color.as_deref(), Some("#1d4ed8"));
    assert!(settings.markdown && settings.asks_rating && settings.sneak_peek_enabled);
    assert_eq!(settings.history_days, Some(365));
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
        "x.toml, line 4: deployment[1]: there is no such deployment in the database"
    );
    let mut tx = store.read().await.unwrap();
    let row = tx.deployment(&site.deployment_id).await.unwrap().unwrap();
    assert_eq!(row.settings.team_name, "Support");
}

#[test]
fn mistakes_are_named_by_line_and_field() {
    for (text, words) in [
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
            "line 1: xyzzy: there is no such setting; known are deployment, limits",
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
