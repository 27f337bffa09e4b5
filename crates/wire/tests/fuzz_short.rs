//! A short run of the fuzzer's own targets, on mutations of the samples. The seed is
//! printed and replays: `PARLOR_FUZZ_SEED=<seed> cargo test -p parlor-wire --test fuzz_short`.

#![cfg(test)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use serde_json::{Value, json};

/// In all, for each target.
const CASES: u32 = 20_000;
/// Inputs that grow past this teach nothing new.
const INPUT_MAX_BYTES: usize = 16 * 1024;
const SEED: u64 = 0x5eed_0002;

#[test]
fn events_survive_mutation() {
    run("event", &["event", "chat", "user", "agent"], targets::event);
}

#[test]
fn poll_messages_survive_mutation() {
    run("poll_message", &["visitor"], targets::poll_message);
}

fn run(name: &str, folders: &[&str], target: fn(&[u8])) {
    let seed = match std::env::var("PARLOR_FUZZ_SEED") {
        Ok(seed) => seed.parse().expect("a number"),
        Err(_) => SEED,
    };
    println!("{name}: seed {seed}, {CASES} cases");
    let samples = samples(folders);
    let mut dice = Dice(seed);
    for case in 0..CASES {
        let input = if dice.below(2) == 0 {
            mutated_bytes(&mut dice, &samples)
        } else {
            mutated_json(&mut dice, &samples)
        };
        if catch_unwind(|| target(&input)).is_err() {
            let shown = String::from_utf8_lossy(&input);
            panic!("{name}: seed {seed}, case {case}: {shown}");
        }
    }
}

fn samples(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// xorshift64*: enough to choose with, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() >> 16) as usize % limit.max(1)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const BITS_OF_JSON: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "18446744073709551615",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[[[",
    "\"type\":",
    ",",
    "\u{feff}",
];

fn mutated_bytes(dice: &mut Dice, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(samples).clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => bytes.insert(at, dice.roll() as u8),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => {
                let bit = dice.pick(BITS_OF_JSON).as_bytes().to_vec();
                bytes.splice(at..end, bit);
            }
            _ => {
                let other = dice.pick(samples).clone();
                let from = dice.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
    bytes.truncate(INPUT_MAX_BYTES);
    bytes
}

/// Still JSON, but some values are not what they should be.
fn mutated_json(dice: &mut Dice, samples: &[Vec<u8>]) -> Vec<u8> {
    let bytes = dice.pick(samples);
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    for _ in 0..=dice.below(3) {
        mutate(dice, &mut value);
    }
    serde_json::to_vec(&value).unwrap()
}

fn mutate(dice: &mut Dice, value: &mut Value) {
    let deeper = dice.below(5) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = dice.pick(&keys).clone();
            match dice.below(8) {
                0 => drop(fields.remove(&key)),
                1 => {
                    let taken = fields.remove(&key).unwrap_or_default();
                    fields.insert(dice.pick(&keys).clone(), taken);
                }
                _ => mutate(dice, fields.entry(key).or_insert(Value::Null)),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let index = dice.below(items.len());
            mutate(dice, &mut items[index]);
        }
        other => *other = odd_value(dice, other),
    }
}

fn odd_value(dice: &mut Dice, was: &Value) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(dice.roll()),
        3 => json!(dice.roll() as i64),
        4 => json!(dice.roll() as f64 / 3.0),
        5 => json!(dice.below(3).to_string()),
        6 => json!(""),
        7 => json!([was]),
        8 => json!({ "id": was, "type": "message", "text": was }),
        9 => json!(["message", "rich_message", "agent", "poem"][dice.below(4)]),
        10 => json!("x".repeat(dice.below(40))),
        _ => json!({}),
    }
}
