//! Files of visitors and agents: described by their bytes, served so that
//! nothing in them is executed, and deleted when they are not sent.

use std::io::Cursor;

use axum::http::HeaderMap;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use parlor_server::{app::Config, files::Files, store::row::FilePolicy};
use serde_json::{Value, json};

use crate::{
    actors::{Agent, Visitor},
    server::{TestRequest, TestResponse, TestServer, seconds},
};

const DAY_S: u64 = 24 * 3600;

/// A multipart body with one field, and its Content-Type.
pub(crate) fn multipart(field: &str, name: &str, content: &[u8]) -> (String, Vec<u8>) {
    let mut body = format!(
        "--x-x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--x-x--\r\n");
    ("multipart/form-data; boundary=x-x".to_owned(), body)
}

async fn upload(visitor: &Visitor, name: &str, content: &[u8]) -> TestResponse {
    upload_body(visitor, multipart("file", name, content)).await
}

pub(crate) async fn upload_body(
    visitor: &Visitor,
    (kind, body): (String, Vec<u8>),
) -> TestResponse {
    let length = body.len().to_string();
    visitor
        .signed(TestRequest::post("Chasitor/FileUpload", body))
        .header("content-type", &kind)
        .header("content-length", &length)
        .send_to(&visitor.router)
        .await
}

async fn agent_uploads(agent: &Agent, name: &str, content: &[u8]) -> TestResponse {
    let (kind, body) = multipart("file", name, content);
    agent.ask_with("upload_file", body, &kind).await
}

async fn send(visitor: &mut Visitor, event: Value) -> TestResponse {
    let body = json!({ "type": event["type"], "data": event.to_string() });
    visitor.post("CustomEvent", body).await
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    let image: DynamicImage = image.into();
    image
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb([200, 30, 30]))
}

/// A PNG that is only a header.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(photo(1, 1), ImageFormat::Png);
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let sum = crc32(&header);
    png[12..29].copy_from_slice(&header);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (0u32.wrapping_sub(crc & 1)));
        }
    }
    !crc
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers[name].to_str().unwrap()
}

/// A server whose file storage the test can inspect.
async fn server_with_files() -> (TestServer, Files) {
    let files = Files::memory();
    let config = Config {
        files: files.clone(),
        ..Config::default()
    };
    (TestServer::new().await.process_with(2, config).await, files)
}

#[tokio::test(start_paused = true)]
async fn an_image_is_described_by_its_bytes() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let picture = encoded(photo(800, 400), ImageFormat::Jpeg);
    let told = upload(&visitor, "cat.JPG", &picture)
        .await
        .status(200)
        .json();
    let url = told["url"].as_str().unwrap();
    let folder = url.strip_suffix("/file").unwrap();
    assert_eq!(
        told,
        json!({
            "url": url,
            "name": "cat.JPG",
            "content_type": "image/jpeg",
            "size": picture.len(),
            "width": 800,
            "height": 400,
            "thumbnail_url": format!("{folder}/thumbnail"),
            "thumbnail2x_url": format!("{folder}/thumbnail2x"),
        })
    );
    assert!(folder.starts_with("http://chat.example/chat/files/"));
    assert_eq!(folder.rsplit('/').next().unwrap().len(), 43);

    // Everything that the sender claims is ignored, except the URL and the
    // alternative text.
    let event = json!({
        "type": "file", "custom_id": "c1", "url": url, "alternative_text": "a red wall",
        "name": "../lies.exe", "content_type": "text/html", "size": 1, "width": 9,
        "thumbnail_url": "javascript:alert(1)",
    });
    let posted = send(&mut visitor, event.clone()).await.ok();
    let id = posted.header("x-chat-event-id").unwrap().to_owned();
    let thread = agent.thread(&chat).await;
    let mut shown = thread["events"].as_array().unwrap().last().unwrap().clone();
    let mut expected = told.clone();
    expected["type"] = json!("file");
    expected["alternative_text"] = json!("a red wall");
    expected["custom_id"] = json!("c1");
    expected["id"] = json!(id);
    expected["visibility"] = json!("all");
    for given in ["created_at", "author_id"] {
        assert!(shown.as_object_mut().unwrap().remove(given).is_some());
    }
    assert_eq!(shown, expected);
    // Sent twice, it is written once.
    let again = send(&mut visitor, event).await.ok();
    assert_eq!(again.header("x-chat-event-id"), Some(id.as_str()));

    let original = server.file(url).await.status(200);
    assert_eq!(original.bytes, picture);
    for (what, side) in [("thumbnail", 320), ("thumbnail2x", 640)] {
        let small = server.file(&format!("{folder}/{what}")).await.status(200);
        assert_eq!(header(&small.headers, "content-type"), "image/jpeg");
        let small = image::load_from_memory(&small.bytes).unwrap();
        assert_eq!((small.width(), small.height()), (side, side / 2));
    }
}

#[tokio::test(start_paused = true)]
async fn no_uploaded_file_can_be_executed() {
    let server = TestServer::new().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let png = encoded(photo(2, 2), ImageFormat::Png);
    let shown = upload(&visitor, "ä \u{201c}b\u{201d}.png", &png)
        .await
        .json();
    let text = upload(&visitor, "notes.txt", b"<3 but no markup? a < b".as_slice()).await;
    text.status(415);
    let text = upload(&visitor, "notes.html", b"plain words".as_slice())
        .await
        .json();
    for (file, disposition, kind) in [
        (
            &shown,
            "inline; filename*=UTF-8''%C3%A4%20%E2%80%9Cb%E2%80%9D.png",
            "image/png",
        ),
        (
            &text,
            "attachment; filename*=UTF-8''notes.html.txt",
            "text/plain; charset=utf-8",
        ),
    ] {
        let served = server.file(file["url"].as_str().unwrap()).await.status(200);
        for (name, value) in [
            ("content-type", kind),
            ("content-disposition", disposition),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "private, max-age=31536000, immutable"),
        ] {
            assert_eq!(header(&served.headers, name), value, "{name}");
        }
        let length: usize = header(&served.headers, "content-length").parse().unwrap();
        assert_eq!(length, served.bytes.len());
    }
    assert!(text.get("thumbnail_url").is_none() && text.get("width").is_none());
    let url = shown["url"].as_str().unwrap();
    for nowhere in [
        url.replace("/file", "/original"),
        url.replace("/file", "/..%2ffile"),
        format!("http://chat.example/chat/files/{}/file", "a".repeat(43)),
        "http://chat.example/chat/files/..%2f..%2fparlor.db/file".to_owned(),
        text["url"].as_str().unwrap().replace("/file", "/thumbnail"),
    ] {
        server.file(&nowhere).await.status(404);
    }
}

#[tokio::test(start_paused = true)]
async fn false_images_are_refused_or_kept_as_plain_files() {
    let (server, files) = server_with_files().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let png = encoded(photo(40, 30), ImageFormat::Png);
    let cut = &png[..png.len() / 2];
    for (name, content) in [
        (
            "page.png",
            b"<!DOCTYPE html><script>alert(1)</script>".as_slice(),
        ),
        ("drawing.svg", b"<svg xmlns='x' onload='alert(1)'/>"),
        (
            "drawing.png",
            b"<?xml version='1.0'?><svg><script>alert(1)</script></svg>",
        ),
        ("cut.png", cut),
        ("garbage.png", b"\x89PNG\r\n\x1a\ngarbage"),
        ("garbage.jpg", b"\xff\xd8\xff\xe0garbage"),
        ("garbage.gif", b"GIF89a\x02\0garbage"),
        ("garbage.webp", b"RIFF\x10\0\0\0WEBPVP8 garbage"),
        ("program.png", b"MZ\x90\0\x03\0\0\0"),
        ("zip.png", b"PK\x03\x04\x14\0\0\0"),
    ] {
        let refused = upload(&visitor, name, content).await;
        assert_eq!(refused.status.as_u16(), 415, "{name}: {}", refused.text);
    }
    seconds(1).await;
    assert!(files.names().await.unwrap().is_empty());

    // A decompression bomb: its header claims 12 GB of pixels.
    let bomb = upload(&visitor, "bomb.png", &claims(65_500, 65_500))
        .await
        .status(200)
        .json();
    assert!(bomb.get("thumbnail_url").is_none() && bomb.get("width").is_none());
    let served = server.file(bomb["url"].as_str().unwrap()).await.status(200);
    assert!(header(&served.headers, "content-disposition").starts_with("attachment;"));
    let wide = upload(&visitor, "wide.png", &claims(10_000, 10_000))
        .await
        .status(200)
        .json();
    assert!(wide.get("thumbnail_url").is_none());

    // An image that is valid HTML too is an image, and saved as one.
    let mut both = png.clone();
    both.extend_from_slice(b"<script>alert(1)</script>");
    let polyglot = upload(&visitor, "page.html", &both)
        .await
        .status(200)
        .json();
    assert_eq!(polyglot["name"], "page.html.png");
    assert_eq!(polyglot["content_type"], "image/png");
    let thumbnail = server
        .file(polyglot["thumbnail_url"].as_str().unwrap())
        .await;
    assert!(!thumbnail.text.contains("script"));
}

#[tokio::test(start_paused = true)]
async fn every_image_type_has_thumbnails() {
    let server = TestServer::new().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let glass = RgbaImage::from_pixel(700, 10, Rgba([0, 0, 0, 100]));
    for (content, kind, size) in [
        (
            encoded(glass.clone(), ImageFormat::Png),
            "image/png",
            (700, 10),
        ),
        (
            encoded(glass.clone(), ImageFormat::Gif),
            "image/png",
            (700, 10),
        ),
        (encoded(glass, ImageFormat::WebP), "image/png", (700, 10)),
        (
            encoded(photo(30, 20), ImageFormat::WebP),
            "image/jpeg",
            (30, 20),
        ),
        (
            encoded(photo(1, 900), ImageFormat::Png),
            "image/jpeg",
            (1, 900),
        ),
    ] {
        let told = upload(&visitor, "x", &content).await.status(200).json();
        assert_eq!(
            (told["width"].as_u64(), told["height"].as_u64()),
            (Some(size.0), Some(size.1))
        );
        let small = server
            .file(told["thumbnail_url"].as_str().unwrap())
            .await
            .status(200);
        assert_eq!(header(&small.headers, "content-type"), kind);
        let small = image::load_from_memory(&small.bytes).unwrap();
        assert!(small.width() <= 320 && small.height() <= 320);
        // Never scaled up.
        assert!(u64::from(small.width()) <= size.0 && u64::from(small.height()) <= size.1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_has_as_many_bytes_as_its_deployment_allows() {
    let (server, files) = server_with_files().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    server
        .set(|settings| {
            settings.files = FilePolicy {
                max_bytes: 1000,
                types: vec!["text/plain".to_owned()],
            };
        })
        .await;
    upload(&visitor, "a.txt", &[b'x'; 1000]).await.status(200);
    upload(&visitor, "a.txt", &[b'x'; 1001]).await.status(413);
    // Refused by its Content-Length, before anything is read.
    let (kind, body) = multipart("file", "a.txt", b"x");
    visitor
        .signed(TestRequest::post("Chasitor/FileUpload", body))
        .header("content-type", &kind)
        .header("content-length", "99999999999")
        .send_to(&visitor.router)
        .await
        .status(413);
    let (kind, body) = multipart("file", "a.png", &encoded(photo(1, 1), ImageFormat::Png));
    upload_body(&visitor, (kind, body)).await.status(415);
    seconds(1).await;
    assert_eq!(files.names().await.unwrap().len(), 1);
    server.set(|settings| settings.files.types.clear()).await;
    upload(&visitor, "a.txt", b"x").await.status(415);
}

#[tokio::test(start_paused = true)]
async fn only_listed_types_are_accepted() {
    let server = TestServer::new().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let unknown = b"\0\x01\x02\x03".as_slice();
    upload(&visitor, "a.bin", unknown).await.status(415);
    upload(&visitor, "a.txt", b"caf\xe9").await.status(415);
    server
        .set(|settings| {
            settings
                .files
                .types
                .push("application/octet-stream".to_owned())
        })
        .await;
    let told = upload(&visitor, "a.bin", unknown).await.status(200).json();
    assert_eq!(told["content_type"], "application/octet-stream");
    assert_eq!(told["name"], "a.bin");
}

#[tokio::test(start_paused = true)]
async fn a_broken_upload_leaves_nothing_behind() {
    let (server, files) = server_with_files().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let (kind, body) = multipart("file", "a.txt", &[b'x'; 5000]);
    for end in [0, 20, 100, 1000, body.len() - 5] {
        let cut = body[..end].to_vec();
        upload_body(&visitor, (kind.clone(), cut)).await.status(400);
    }
    for (kind, body) in [
        multipart("picture", "a.txt", b"x"),
        multipart("file", "a.txt", b""),
        ("multipart/form-data".to_owned(), body.clone()),
        ("multipart/form-data; boundary=y".to_owned(), body.clone()),
        ("application/json".to_owned(), body),
    ] {
        upload_body(&visitor, (kind, body)).await.status(400);
    }
    seconds(1).await;
    assert!(files.names().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn uploading_needs_an_open_conversation() {
    let server = TestServer::new().await;
    let early = server.visitor().await;
    upload(&early, "a.txt", b"x").await.status(400);
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let mut stranger = visitor.clone();
    stranger.key = "nobody's".to_owned();
    upload(&stranger, "a.txt", b"x").await.status(403);
    let mut stale = visitor.clone();
    stale.affinity = "another".to_owned();
    upload(&stale, "a.txt", b"x").await.status(503);
    for _ in 0..20 {
        upload(&visitor, "a.txt", b"x").await.status(200);
    }
    upload(&visitor, "a.txt", b"x").await.status(400);
    agent.end(&chat).await;
    upload(&visitor, "a.txt", b"x").await.status(403);
    visitor.fetch_all().await;
}

#[tokio::test(start_paused = true)]
async fn a_visitor_can_send_their_own_uploads_only() {
    let server = TestServer::new().await;
    let (mut visitor, agent, _) = server.visitor_with_agent().await;
    let mine = upload(&visitor, "a.txt", b"x").await.json()["url"].clone();
    let agents = agent_uploads(&agent, "a.txt", b"x").await.json()["url"].clone();
    let mut other = server.waiting_visitor().await;
    for url in [
        mine.clone(),
        agents,
        json!("https://evil.example/a.png"),
        json!("javascript:alert(1)"),
        json!(""),
    ] {
        let event = json!({ "type": "file", "url": url });
        send(&mut other, event).await.status(400);
    }
    send(&mut visitor, json!({ "type": "file", "url": mine }))
        .await
        .ok();
}

#[tokio::test(start_paused = true)]
async fn an_unsent_file_is_deleted_after_a_day() {
    let (server, files) = server_with_files().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let sent = upload(&visitor, "sent.txt", b"x").await.json()["url"].clone();
    send(&mut visitor, json!({ "type": "file", "url": sent }))
        .await
        .ok();
    let picture = encoded(photo(2, 2), ImageFormat::Png);
    let unsent = upload(&visitor, "unsent.png", &picture).await.json();
    let agents = agent_uploads(&agent, "unsent.txt", b"x").await.json()["url"].clone();
    assert_eq!(files.names().await.unwrap().len(), 5);
    seconds(DAY_S - 60).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(files.names().await.unwrap().len(), 5);
    seconds(120).await;
    server.app.run_maintenance().await.unwrap();
    assert_eq!(files.names().await.unwrap().len(), 1);
    server.file(sent.as_str().unwrap()).await.status(200);
    server
        .file(unsent["url"].as_str().unwrap())
        .await
        .status(404);
    let late = json!({ "chat_id": chat, "attach_to_last_thread": true,
        "event": { "type": "file", "url": agents, "visibility": "agents" } });
    agent.request("send_event", late).await.status(400);
}

#[tokio::test(start_paused = true)]
async fn an_agents_file_reaches_the_visitor_and_a_private_one_does_not() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let picture = encoded(photo(640, 480), ImageFormat::Png);
    let told = agent_uploads(&agent, "hat.png", &picture)
        .await
        .status(200)
        .json();
    let url = told["url"].clone();
    agent
        .send(
            &chat,
            json!({ "type": "file", "url": url, "visibility": "agents" }),
        )
        .await;
    visitor.poll().await.empty();
    let id = agent
        .send(
            &chat,
            json!({ "type": "file", "url": url, "alternative_text": "a hat" }),
        )
        .await;
    let custom = visitor.poll().await.message("CustomEvent");
    assert_eq!(custom["type"], "file");
    let data: Value = serde_json::from_str(custom["data"].as_str().unwrap()).unwrap();
    assert_eq!(data["id"], json!(id));
    assert_eq!(data["alternative_text"], "a hat");
    for (field, value) in told.as_object().unwrap() {
        assert_eq!(&data[field], value, "{field}");
    }
    let visitors = upload(&visitor, "a.txt", b"x").await.json()["url"].clone();
    for url in [
        visitors,
        json!("javascript:alert(1)"),
        json!("data:text/html,x"),
        json!(format!(
            "https://chat.example/chat/files/{}/file",
            "a".repeat(43)
        )),
    ] {
        let event = json!({ "chat_id": chat, "event": { "type": "file", "url": url } });
        agent.request("send_event", event).await.status(400);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_on_another_server_stays_as_the_agent_sent_it() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    // The sample of the Agent Chat API.
    let sample = json!({
        "type": "file",
        "name": "image25.png",
        "url": "https://example.com/image25.png",
        "thumbnail_url": "https://example.com/thumbnail.png",
        "thumbnail2x_url": "https://example.com/thumbnail2x.png",
        "content_type": "image/png",
        "size": 123444,
        "width": 640,
        "height": 480,
        "alternative_text": "A sample image",
    });
    agent.send(&chat, sample.clone()).await;
    let custom = visitor.poll().await.message("CustomEvent");
    let data: Value = serde_json::from_str(custom["data"].as_str().unwrap()).unwrap();
    for (field, value) in sample.as_object().unwrap() {
        assert_eq!(&data[field], value, "{field}");
    }
    for field in ["url", "thumbnail_url", "thumbnail2x_url"] {
        let mut event = sample.clone();
        event[field] = json!("javascript:alert(1)");
        let refused = json!({ "chat_id": chat, "event": event });
        agent.request("send_event", refused).await.status(400);
    }
}

#[tokio::test(start_paused = true)]
async fn an_agents_upload_has_errors_of_the_agent_api() {
    let server = TestServer::new().await;
    let agent = server.agent();
    let told = agent_uploads(&agent, "a.bin", b"\0\x01")
        .await
        .status(415)
        .json();
    assert_eq!(told["error"]["type"], "validation");
    let told = agent
        .ask_with("upload_file", b"{}".to_vec(), "application/json")
        .await;
    told.status(400);
    let (kind, body) = multipart("file", "a.txt", b"x");
    let mut request = TestRequest::post("", body).header("content-type", &kind);
    request.uri = "/v3.6/agent/action/upload_file".to_owned();
    request.send_to(&server.router).await.status(401);
}

#[tokio::test(start_paused = true)]
async fn settings_say_which_files_are_accepted() {
    let server = TestServer::new().await;
    let path = format!(
        "Visitor/Settings?deployment_id={}",
        server.site.deployment_id
    );
    let told = server.stranger().get(&path).await.message("Settings");
    assert_eq!(told["welcome"]["files"]["maxBytes"], 10 * 1024 * 1024);
    assert_eq!(told["welcome"]["files"]["types"][0], "image/png");
    server.set(|settings| settings.files.types.clear()).await;
    let told = server.stranger().get(&path).await.message("Settings");
    assert!(told["welcome"].get("files").is_none());
}

#[tokio::test(start_paused = true)]
async fn file_urls_begin_with_the_endpoints_origin() {
    let config = Config {
        public_url: Some("https://chat.example/talk".to_owned()),
        ..Config::default()
    };
    let server = TestServer::new().await.process_with(2, config).await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let told = upload(&visitor, "a.txt", b"x").await.json();
    let url = told["url"].as_str().unwrap();
    assert!(
        url.starts_with("https://chat.example/talk/chat/files/"),
        "{url}"
    );
    let server = TestServer::new().await;
    let (visitor, ..) = server.visitor_with_agent().await;
    let (kind, body) = multipart("file", "a.txt", b"x");
    let told = visitor
        .signed(TestRequest::post("Chasitor/FileUpload", body))
        .header("content-type", &kind)
        .header("origin", "https://chat.example")
        .send_to(&visitor.router)
        .await
        .json();
    let url = told["url"].as_str().unwrap();
    assert!(url.starts_with("https://chat.example/chat/files/"), "{url}");
}

/// All addresses of files in a JSON text, without their paths.
fn bases(text: &str) -> Vec<&str> {
    let before = text.split("/chat/files/");
    let count = before.clone().count();
    let bases = before.take(count - 1);
    bases.map(|it| it.rsplit('"').next().unwrap()).collect()
}

#[track_caller]
fn are_at(answer: &TestResponse, base: &str, addresses: usize) {
    let text = answer.text.replace("\\\"", "\"");
    assert_eq!(bases(&text), vec![base; addresses], "{text}");
}

#[tokio::test(start_paused = true)]
async fn files_are_shown_where_the_reader_finds_the_endpoint() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let picture = encoded(photo(30, 20), ImageFormat::Png);
    let sent = upload(&visitor, "a.png", &picture).await.json();
    let event = json!({ "type": "file", "url": sent["url"] });
    send(&mut visitor, event).await.ok();
    let sent = agent_uploads(&agent, "b.png", &picture).await.json();
    let event = json!({ "type": "file", "url": sent["url"] });
    agent.send(&chat, event).await;

    let ask = |path: &str, host: &str| {
        let request = visitor.signed(TestRequest::get(path).header("host", host));
        let router = visitor.router.clone();
        async move { request.send_to(&router).await.status(200) }
    };
    let poll = format!("System/Messages?ack={}", visitor.ack);
    for host in ["chat.example", "moved.example:8443"] {
        let base = format!("http://{host}");
        are_at(&ask(&poll, host).await, &base, 3);
        let history = ask("Visitor/History", host).await;
        are_at(&history, &base, 3);
        let thread = &history.message("History")["threads"][0]["id"];
        let path = format!("Visitor/History/{}", thread.as_str().unwrap());
        are_at(&ask(&path, host).await, &base, 6);
        let get_chat = || {
            let body = json!({ "chat_id": chat }).to_string().into_bytes();
            agent.signed("get_chat", body).header("host", host)
        };
        are_at(&get_chat().send_to(&server.router).await, &base, 6);
        // A proxy, or the browser, says that it is https.
        for (name, value) in [
            ("x-forwarded-proto", "https".to_owned()),
            ("origin", format!("https://{host}")),
        ] {
            let shown = get_chat().header(name, &value);
            let shown = shown.send_to(&server.router).await;
            are_at(&shown, &format!("https://{host}"), 6);
        }
    }
    visitor.fetch_all().await;

    // The same site, moved under a path of another host.
    let config = Config {
        public_url: Some("https://shop.example/support".to_owned()),
        ..Config::default()
    };
    server.app.write_memory().await.unwrap();
    let moved = server.process_with(2, config).await;
    visitor.reconnect_as(&moved, "shop.example").await;
    visitor.ack = -1;
    let poll = visitor.signed(TestRequest::get("System/Messages?ack=-1"));
    let poll = poll.header("host", "shop.example");
    let answer = poll.send_to(&moved.router).await.status(200);
    let data = answer.message("ChasitorSessionData");
    assert_eq!(
        bases(&data.to_string()),
        vec!["https://shop.example/support"; 6]
    );
}

/// As they were written when addresses were stored whole.
#[tokio::test(start_paused = true)]
async fn files_of_old_events_are_shown_there_too() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    visitor.say("hello").await.ok();
    let id = agent.thread(&chat).await["id"].as_str().unwrap().to_owned();
    let mut tx = server.store().begin().await.unwrap();
    let mut thread = tx.thread(&id.as_str().into()).await.unwrap().unwrap();
    thread.last_event += 1;
    tx.put_thread(&thread).await.unwrap();
    let old = format!("http://old.example/chat/files/{}", "k".repeat(43));
    let template = tx
        .event(&thread.id, thread.last_event - 1)
        .await
        .unwrap()
        .unwrap();
    let event = parlor_server::store::row::Event {
        number: thread.last_event,
        custom_id: None,
        kind: "file".to_owned(),
        body: json!({
            "url": format!("{old}/file"),
            "thumbnail_url": format!("{old}/thumbnail"),
        })
        .into(),
        ..template
    };
    tx.append_event(&event).await.unwrap();
    tx.commit().await.unwrap();
    let history = visitor.get("Visitor/History").await.status(200);
    are_at(&history, "http://chat.example", 2);
    let list = agent.request("list_chats", json!({})).await.status(200);
    are_at(&list, "http://chat.example", 2);
}
