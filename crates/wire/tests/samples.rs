//! Every sample that the documentation prints, and some of our own, decodes and encodes again to
//! the same JSON. Where a sample differs on purpose, the difference is listed here.

#![cfg(test)]

use std::fs;
use std::path::Path;

use parlor_wire::decode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[path = "samples/coverage.rs"]
mod coverage;
#[path = "samples/types.rs"]
mod types;

use types::*;

type Again = fn(&[u8]) -> Value;

macro_rules! again {
    ($($name:literal => $type:ty,)+) => {
        &[$(($name, again::<$type>),)+]
    };
}

/// Each sample, and how its type reads and writes it.
const SAMPLES: &[(&str, Again)] = for_each_sample!(again);

/// Where a sample is not what we write: the sample, the key that is read, the key that
/// is written, and its value when that differs too.
const TRAPS: &[(&str, &str, &str, Option<i64>)] = &[
    // The documentation misspells the key in two samples.
    ("chat/chat", "properites", "properties", None),
    ("chat/chat_summary", "properites", "properties", None),
    // The table says integer, the sample says "30".
    (
        "visitor/session_id",
        "clientPollTimeout",
        "clientPollTimeout",
        Some(30),
    ),
];

fn again<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Value {
    let read: T = decode(bytes).unwrap();
    serde_json::to_value(read).unwrap()
}

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn expected(name: &str, bytes: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    for (_, read, written, number) in TRAPS.iter().filter(|trap| trap.0 == name) {
        let fields = value.as_object_mut().unwrap();
        let was = fields.remove(*read).unwrap();
        fields.insert(
            (*written).to_owned(),
            number.map_or(was, |number| json!(number)),
        );
    }
    value
}

#[test]
fn every_sample_encodes_to_itself() {
    for (name, again) in SAMPLES {
        let bytes = fs::read(fixtures().join(format!("{name}.json"))).unwrap();
        assert_eq!(
            plain(again(&bytes)),
            plain(expected(name, &bytes)),
            "{name}"
        );
    }
}

#[test]
fn every_file_is_a_sample() {
    for folder in fs::read_dir(fixtures()).unwrap() {
        let folder = folder.unwrap().path();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let part = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let name = format!("{}/{}", part(&folder), part(&file));
            assert!(SAMPLES.iter().any(|(sample, _)| *sample == name), "{name}");
        }
    }
}

#[test]
fn every_trap_is_of_a_sample() {
    for (name, ..) in TRAPS {
        assert!(SAMPLES.iter().any(|(sample, _)| sample == name), "{name}");
    }
}
