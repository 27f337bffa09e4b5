//! Backups: made while the server runs under load, and brought back after it was killed.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use crate::{
    program::{Server, parlor},
    site::{Folder, Visitor},
};

const VISITORS: usize = 4;

/// All texts of the visitors' chats.
fn texts(folder: &Folder, server: &Server) -> Vec<String> {
    let chats = folder.act(server, "list_chats", &json!({ "limit": 100 }));
    let chats = chats["chats_summary"].as_array().unwrap().clone();
    let mut texts = Vec::new();
    for chat in chats {
        let chat = folder.act(server, "get_chat", &json!({ "chat_id": chat["id"] }));
        let events = chat["thread"]["events"].as_array().unwrap();
        let said = events.iter().filter_map(|event| event["text"].as_str());
        texts.extend(said.map(str::to_owned));
    }
    texts
}

#[test]
fn a_backup_that_was_made_under_load_has_all_that_was_confirmed_before() {
    let folder = Folder::new("");
    let mut server = folder.serve();
    let address = server.address.clone();
    let mut visitors: Vec<Visitor> = (0..VISITORS)
        .map(|n| Visitor::comes(&folder, &server, &json!({ "visitorName": format!("V{n}") })))
        .collect();
    let path = visitors[0].sends_file(&server, "hat.txt", "the bytes of a hat");
    let mut before = Vec::new();
    for n in 0..10 {
        for (who, visitor) in visitors.iter_mut().enumerate() {
            let text = format!("before {who} {n}");
            assert!(visitor.try_to_say(&address, &text));
            before.push(text);
        }
    }

    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("parlor.tar");
    let (stop, address) = (AtomicBool::new(false), address.as_str());
    let stop = &stop;
    thread::scope(|scope| {
        for (who, visitor) in visitors.iter_mut().enumerate() {
            scope.spawn(move || {
                let mut n = 0;
                while !stop.load(Ordering::Relaxed) {
                    visitor.try_to_say(address, &format!("meanwhile {who} {n}"));
                    n += 1;
                }
            });
        }
        let printed = folder.run(&["backup", archive.to_str().unwrap()]);
        assert!(printed.contains("files 1"), "{printed}");
        // In the middle of it.
        server.signal("-KILL");
        server.process.wait().unwrap();
        stop.store(true, Ordering::Relaxed);
    });
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&archive).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let restored = Folder {
        data: tempfile::tempdir().unwrap(),
        site: folder.site.clone(),
    };
    let printed = restored.run(&["restore", archive.to_str().unwrap()]);
    assert!(printed.contains("files 1"), "{printed}");
    let here = restored.serve();
    let there = folder.serve();
    let (old, new) = (texts(&folder, &there), texts(&restored, &here));
    for text in &before {
        assert!(new.contains(text), "{text}");
    }
    // What it has of the time after is what the old one has too.
    for text in &new {
        assert!(old.contains(text), "{text}");
    }
    assert_eq!(here.get(&path, &[]), (200, "the bytes of a hat".to_owned()));

    // The restored site goes on.
    let mut visitor = Visitor::comes(&restored, &here, &json!({ "visitorName": "Bea" }));
    assert!(visitor.try_to_say(&here.address, "afterwards"));
}

/// One sentence on stderr.
fn refused(folder: &Path, words: &[&str]) -> String {
    let output = parlor(folder, words).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(words.lines().count(), 1, "{words}");
    words
}

#[test]
fn nothing_is_written_over_unless_it_is_asked_for() {
    let folder = Folder::new("");
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("parlor.tar");
    let archive = archive.to_str().unwrap();
    folder.run(&["backup", archive]);
    let first = fs::read(archive).unwrap();
    assert!(refused(folder.path(), &["backup", archive]).contains("--force"));
    folder.run(&["backup", archive, "--force"]);
    assert_ne!(
        fs::read(archive).unwrap(),
        first,
        "it says when it was made"
    );

    let said = refused(folder.path(), &["restore", archive]);
    assert!(said.contains("--force"), "{said}");
    let server = folder.serve();
    let said = refused(folder.path(), &["restore", archive, "--force"]);
    assert!(said.contains("another parlor uses"), "{said}");
    let mut visitor = Visitor::comes(&folder, &server, &json!({ "visitorName": "Bea" }));
    visitor.sends_file(&server, "hat.txt", "not in the backup");
    drop(server);
    folder.run(&["restore", archive, "--force"]);
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let left = ["files", "parlor.db", "parlor.lock", "parlor.toml"];
    assert_eq!(names(folder.path()), left);
    assert_eq!(names(&folder.path().join("files")), [""; 0]);
    let server = folder.serve();
    let chats = folder.act(&server, "list_chats", &json!({}));
    assert_eq!(chats["chats_summary"], json!([]));
}

/// Who was erased after a backup is not back with it.
#[test]
fn who_was_erased_meanwhile_is_erased_again() {
    let folder = Folder::new("");
    let server = folder.serve();
    let init = json!({ "visitorName": "Bea", "prechatDetails": [
        { "label": "E-mail", "value": "bea@example.com", "displayToAgent": true,
          "transcriptFields": [] }] });
    Visitor::comes(&folder, &server, &init);
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("parlor.tar");
    let archive = archive.to_str().unwrap();
    folder.run(&["backup", archive]);
    folder.run(&["customer", "erase", "bea@example.com"]);
    drop(server);
    let printed = folder.run(&["restore", archive, "--force"]);
    assert!(
        printed.contains("erased again at the next start 1"),
        "{printed}"
    );
    let server = folder.serve();
    let chats = || folder.act(&server, "list_chats", &json!({}))["chats_summary"].clone();
    while chats() != json!([]) {
        thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        if *kind == EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        // The builder refuses names that lead out of the folder.
        let name_field = &mut header.as_old_mut().name;
        name_field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn what_is_no_backup_changes_nothing() {
    let folder = Folder::new("");
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("parlor.tar");
    let name = path.to_str().unwrap();
    folder.run(&["backup", name]);
    let whole = fs::read(&path).unwrap();
    let manifest = br#"{"format":1,"parlor":"1","made_at":""}"#;
    let first = ("parlor-backup.json", EntryType::Regular, &manifest[..]);
    let file = |name| archive(&[first, (name, EntryType::Regular, b"x")]);
    let newer = br#"{"format":2,"parlor":"9","made_at":""}"#;
    let mut damaged = whole.clone();
    // Inside of the database.
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8_192].fill(0xff);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"nonsense".repeat(200), "is no backup"),
        (Vec::new(), "it has no database"),
        (whole[..whole.len() / 2].to_vec(), "is no backup"),
        (damaged, "is no backup"),
        (archive(&[first]), "it has no database"),
        (
            archive(&[("parlor-backup.json", EntryType::Regular, newer)]),
            "use a newer parlor",
        ),
        (
            archive(&[("parlor.db", EntryType::Regular, b"x")]),
            "no manifest",
        ),
        (file("../escaped"), "do not belong"),
        (file("/tmp/escaped"), "do not belong"),
        (file("files/../../escaped"), "do not belong"),
        (file("files/key/../file"), "do not belong"),
        (file("files/key/file/more"), "do not belong"),
        (file("parlor.toml"), "do not belong"),
        (
            archive(&[first, ("parlor.db", EntryType::Symlink, b"")]),
            "are no files",
        ),
        (file("parlor.db"), "is no backup"),
    ];
    for (bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        let data = tempfile::tempdir().unwrap();
        let said = refused(data.path(), &["restore", name]);
        assert!(said.contains(expected), "{expected}: {said}");
        let left: Vec<Value> = fs::read_dir(data.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().to_str().unwrap().into())
            .collect();
        assert_eq!(left, ["parlor.lock"], "{expected}");
        let said = refused(folder.path(), &["restore", name, "--force"]);
        assert!(said.contains(expected), "{said}");
    }
    // The folder is as it was.
    folder.serve();
    assert!(refused(place.path(), &["backup", name]).contains("no database"));
}
