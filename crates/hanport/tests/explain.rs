//! `hanport explain`, as a user runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

mod program;

use program::{AIDON, KAIFA, NETZ_NOE, NETZ_NOE_KEY, TELEGRAM, complained, hanport, octets, said};
use rstest::rstest;
use serde_json::Value;

fn explain(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let output = hanport(&[&["explain"], arguments].concat(), input.as_bytes());
    (output.status.code(), said(&output))
}

#[test]
fn a_message_is_annotated_octet_by_octet() {
    let (status, text) = explain(&[], KAIFA);
    assert_eq!(status, Some(0));
    insta::assert_snapshot!("explained_kaifa", text);
    insta::assert_snapshot!("explained_telegram", explain(&[], TELEGRAM).1);
}

#[test]
fn what_is_ciphered_is_opened_with_the_key_and_only_with_it() {
    let (status, open) = explain(&["--key", NETZ_NOE_KEY], NETZ_NOE);
    assert_eq!(status, Some(0));
    assert!(open.contains("12937 Wh"), "{open}");
    let (_, closed) = explain(&[], NETZ_NOE);
    assert!(!closed.contains("12937"), "{closed}");
    assert!(closed.contains("no key is given"), "{closed}");
}

#[test]
fn a_wrong_check_is_shown_with_both_sides() {
    let (_, text) = explain(&[], &KAIFA.replace("04 D2", "04 D3"));
    assert!(text.contains("wrong: computed"), "{text}");
    assert!(text.contains("the checksum is wrong"), "{text}");
}

#[rstest]
#[case::idle("FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF", "looks like an idle line")]
#[case::cut_off(&AIDON[60..], "looks like the end of a message")]
fn what_is_no_message_is_told_by_its_looks(#[case] input: &str, #[case] likeness: &str) {
    let (status, text) = explain(&[], input);
    assert_eq!(status, Some(2));
    assert!(text.contains(likeness), "{text}");
}

#[test]
fn programs_get_a_tree_that_covers_every_octet() {
    let (_, text) = explain(&["--format", "json"], KAIFA);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["readings"], 1);
    assert_eq!(document["diagnosis"], Value::Null);
    let nodes = document["nodes"].as_array().unwrap();
    let mut at = 0;
    for node in nodes {
        assert_eq!(node["start"], at);
        at = node["end"].as_u64().unwrap();
    }
    assert_eq!(at, octets(KAIFA).len() as u64);
}

#[test]
fn messages_without_frame_are_explained_line_by_line() {
    let bare = |hex: &str| hex.get(27..hex.len() - 9).unwrap().to_owned();
    let log = format!("RX: {}\nRX: {}\n", bare(KAIFA), bare(AIDON));
    let output = hanport(&["explain"], log.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(said(&output).matches("data-notification").count(), 2, "{}", said(&output));
    assert!(complained(&output).contains("a log"), "{}", complained(&output));
}

#[test]
fn no_colours_go_into_a_pipe() {
    assert!(!explain(&[], KAIFA).1.contains('\x1B'));
}
