//! `hanport decode`, as a user or a script runs it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends at what it did not expect"
)]

mod program;

use std::fs;

use program::{
    AIDON, KAIFA, NETZ_NOE, NETZ_NOE_KEY, SMARTY, SMARTY_AUTH_KEY, SMARTY_KEY, TELEGRAM,
    complained, decode, hanport, octets, said,
};
use rstest::rstest;
use serde_json::{Value, json};

/// A number as it was printed, digit by digit.
fn digits(value: &Value) -> String {
    value.to_string()
}

#[rstest]
#[case::binary(octets(KAIFA))]
#[case::hex(KAIFA.into())]
#[case::solid(KAIFA.replace(' ', "").to_lowercase().into())]
#[case::c_array(format!("0x{}", KAIFA.replace(' ', ", 0x")).into())]
#[case::escapes(format!("\\x{}", KAIFA.replace(' ', "\\x")).into())]
#[case::level(format!("(V) {KAIFA}\n").into())]
#[case::receiver(format!("12:34:56.789 RX: {KAIFA}\n").into())]
#[case::wrapped_log(format!("[1] RX: {}\n[2] RX: {}\n", &KAIFA[..47], &KAIFA[48..]).into())]
#[case::json(format!("{:?}", octets(KAIFA)).into())]
fn the_same_reading_from_every_notation(#[case] input: Vec<u8>) {
    let (status, message) = decode(&["-"], &input);
    assert_eq!(status, Some(0), "{message}");
    assert_eq!(message["values"], json!({ "active_import_w": 1234 }));
    assert_eq!(message["time"], "2018-01-15T15:30:10");
    assert_eq!(message["framing"], "hdlc");
    assert_eq!(message["encrypted"], false);
    assert_eq!(message["authenticity"], "plain");
    assert_eq!(message["error"], Value::Null);
}

#[test]
fn every_key_of_the_shape_is_there() {
    let (_, message) = decode(&[], AIDON.as_bytes());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(&message),
        [
            "meter",
            "time",
            "energy_time",
            "framing",
            "encrypted",
            "authenticity",
            "values",
            "obis",
            "error"
        ]
    );
    assert_eq!(
        keys(&message["meter"]),
        ["manufacturer", "model", "model_name", "id", "list_id", "system_title"]
    );
    assert_eq!(message["time"], Value::Null);
}

#[test]
fn a_telegram_is_read_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), TELEGRAM).unwrap();
    let (status, message) = decode(&[file.path().to_str().unwrap()], b"");
    assert_eq!(status, Some(0));
    assert_eq!(message["framing"], "dsmr");
    assert_eq!(digits(&message["values"]["active_import_w"]), "400");
}

#[test]
fn numbers_keep_their_digits_and_codes_their_extras() {
    let telegram = "/TST5\\000000000\r\n\r\n1-0:1.8.0(000001.230*kWh)\r\n1-0:32.7.0(230.0*V)\r\n\
                    0-0:17.0.0(016.1*kW)\r\n0-0:17.0.0(003.0*kW)\r\n\
                    0-1:24.2.1(240115110000W)(00012.340*m3)\r\n0-0:96.13.1(303132)\r\n!\r\n";
    let (_, message) = decode(&[], telegram.as_bytes());
    let values = &message["values"];
    assert_eq!(digits(&values["active_import_wh"]), "1230");
    assert_eq!(digits(&values["voltage_l1_v"]), "230.0");
    let limiter = &message["obis"]["0-0:17.0.0*255"];
    assert_eq!(digits(&limiter[0]["value"]), "16100");
    assert_eq!(digits(&limiter[1]["value"]), "3000");
    assert_eq!(limiter[0]["name"], "power_limiter_w");
    let gas = &message["obis"]["0-1:24.2.1*255"];
    assert_eq!(gas.to_string(), r#"{"value":12.340,"unit":"m3","at":"2024-01-15T11:00:00+01:00"}"#);
    assert_eq!(
        message["obis"]["0-0:96.13.1*255"].to_string(),
        r#"{"value":"303132","text":"012"}"#
    );
}

#[test]
fn messages_without_frame_end_with_their_line() {
    let bare = |hex: &str| hex[27..hex.len() - 9].to_owned();
    let log = format!("RX: {}\nRX: {}\n", bare(KAIFA), bare(AIDON));
    let (status, messages) = decode(&[], log.as_bytes());
    assert_eq!(status, Some(0));
    let framings: Vec<&Value> =
        messages.as_array().unwrap().iter().map(|message| &message["framing"]).collect();
    assert_eq!(framings, ["dlms", "dlms"]);
}

#[test]
fn several_messages_are_an_array_or_lines() {
    let input = format!("{KAIFA}\n{AIDON}\n");
    let (status, messages) = decode(&[], input.as_bytes());
    assert_eq!(status, Some(0));
    assert_eq!(messages.as_array().unwrap().len(), 2);
    let output = hanport(&["decode", "--format", "jsonl"], input.as_bytes());
    let lines: Vec<Value> =
        said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::from(lines), messages);
}

#[test]
fn junk_beside_a_reading_is_not_a_message() {
    let input = format!("00 FF 55 AA {KAIFA} 12 34 56");
    let (status, message) = decode(&[], input.as_bytes());
    assert_eq!(status, Some(0));
    assert_eq!(message["values"]["active_import_w"], json!(1234));
}

#[rstest]
#[case::plain(NETZ_NOE_KEY.to_owned())]
#[case::lower(NETZ_NOE_KEY.to_lowercase())]
#[case::prefixed(format!("0x{NETZ_NOE_KEY}"))]
#[case::quoted(format!("\"{NETZ_NOE_KEY}\""))]
#[case::spaced("36 C6 66 39 E4 8A 8C A4 D6 BC 8B 28 2A 79 3B BB".to_owned())]
#[case::colons("36:C6:66:39:E4:8A:8C:A4:D6:BC:8B:28:2A:79:3B:BB".to_owned())]
fn a_key_in_any_notation_opens_the_message(#[case] key: String) {
    let (status, message) = decode(&["--key", &key], NETZ_NOE.as_bytes());
    assert_eq!(status, Some(0), "{message}");
    assert_eq!(message["framing"], "mbus");
    assert_eq!(message["encrypted"], true);
    assert_eq!(message["authenticity"], "unverified");
    assert_eq!(message["meter"]["manufacturer"], "Kaifa");
    assert_eq!(message["meter"]["system_title"], "4B464D6750000009");
    assert_eq!(message["time"], "2021-09-27T09:47:15+02:00");
    assert_eq!(digits(&message["values"]["active_import_wh"]), "12937");
    assert_eq!(digits(&message["values"]["voltage_l1_v"]), "233.7");
}

#[test]
fn the_key_may_come_from_the_environment() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), NETZ_NOE).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(["decode", "--format", "json"])
        .arg(file.path())
        .env("HANPORT_KEY", NETZ_NOE_KEY)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[rstest]
#[case::right_way([SMARTY_KEY, SMARTY_AUTH_KEY], None)]
#[case::swapped([SMARTY_AUTH_KEY, SMARTY_KEY], Some("keys-swapped"))]
fn two_keys_are_found_either_way_round(#[case] keys: [&str; 2], #[case] note: Option<&str>) {
    let arguments = ["--key", keys[0], "--auth-key", keys[1]];
    let (status, message) = decode(&arguments, SMARTY.as_bytes());
    assert_eq!(status, Some(0), "{message}");
    assert_eq!(message["authenticity"], "verified");
    assert_eq!(message["time"], "2024-01-15T12:00:00+01:00");
    assert_eq!(digits(&message["values"]["active_import_w"]), "1234");
    let notes: Vec<&str> = note.into_iter().collect();
    let said = message.get("notes").cloned().unwrap_or_else(|| json!([]));
    assert_eq!(said, json!(notes));
}

#[rstest]
#[case::no_key(NETZ_NOE.to_owned(), &[], "needs-key", "cipher")]
#[case::wrong_key(NETZ_NOE.to_owned(), &["--key", SMARTY_KEY], "wrong-key", "cipher")]
#[case::auth_failed(
    SMARTY.replace("F5 BB", "F5 BA"),
    &["--key", SMARTY_KEY, "--auth-key", SMARTY_AUTH_KEY],
    "auth-failed",
    "cipher"
)]
#[case::wrong_crc(KAIFA.replace("04 D2", "04 D3"), &[], "wrong-crc", "frame")]
#[case::truncated(KAIFA[..90].to_owned(), &[], "truncated", "frame")]
#[case::noise("00 11 22 33 44 55 66 77 88 99".to_owned(), &[], "not-data", "line")]
fn faults_say_their_kind_and_end_with_2(
    #[case] input: String,
    #[case] arguments: &[&str],
    #[case] kind: &str,
    #[case] layer: &str,
) {
    let (status, message) = decode(arguments, input.as_bytes());
    assert_eq!(status, Some(2));
    assert_eq!(message["error"]["kind"], kind, "{message}");
    assert_eq!(message["error"]["layer"], layer, "{message}");
    assert!(message["error"]["offset"].is_number());
    assert!(message["error"]["message"].is_string());
    assert_eq!(message.get("values"), None);
}

#[test]
fn a_locked_message_names_its_sender() {
    let (_, message) = decode(&[], NETZ_NOE.as_bytes());
    assert_eq!(message["meter"]["manufacturer"], "Kaifa");
    assert_eq!(message["meter"]["system_title"], "4B464D6750000009");
    assert_eq!(message["encrypted"], true);
}

#[rstest]
#[case::empty("", "the input is empty")]
#[case::prose("nothing of interest\n", "text without any octets")]
fn input_without_octets_is_not_data(#[case] input: &str, #[case] complaint: &str) {
    let output = hanport(&["decode", "--format", "json"], input.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains(complaint), "{}", complained(&output));
    let message: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(message["error"]["kind"], "not-data");
}

#[rstest]
#[case::letter(&["--key", "36C66639E48A8CA4D6BC8B282A793BBX"], "character 32 is no hexadecimal digit")]
#[case::short(&["--key", "36C66639"], "this has 8")]
#[case::authentication(&["--auth-key", "36C66639"], "--auth-key")]
#[case::unquoted(&["--key", "36C6", "6639", "E48A8CA4"], "quotation marks")]
fn a_bad_key_is_explained_and_never_repeated(#[case] arguments: &[&str], #[case] complaint: &str) {
    let output = hanport(&[&["decode"], arguments].concat(), KAIFA.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let text = complained(&output);
    assert!(text.contains(complaint), "{text}");
    for part in ["36C6", "6639", "E48A"] {
        assert!(!text.contains(part), "{text}");
    }
}

#[rstest]
#[case::missing("/nowhere/at/all.hex", "there is no file")]
#[case::folder("/", "is a folder")]
fn a_file_that_cannot_be_read_is_explained(#[case] file: &str, #[case] complaint: &str) {
    let output = hanport(&["decode", file], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(complained(&output).contains(complaint), "{}", complained(&output));
}

#[rstest]
#[case::command(&["decoed"])]
#[case::format(&["decode", "--format", "xml"])]
#[case::nothing(&[])]
fn wrong_usage_ends_with_1(#[case] arguments: &[&str]) {
    let output = hanport(arguments, b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(!complained(&output).is_empty());
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["--version"], &["decode", "--help"]] {
        let output = hanport(arguments, b"");
        assert_eq!(output.status.code(), Some(0));
        assert!(!said(&output).is_empty());
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(["decode", "--format", "jsonl"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let many = octets(KAIFA).repeat(2000);
    // It need not read on when nobody reads it.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), &many);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(complained(&output), "");
}

#[test]
fn the_table_is_for_people() {
    let show = |arguments: &[&str], input: &str| {
        said(&hanport(&[&["decode"], arguments].concat(), input.as_bytes()))
    };
    insta::assert_snapshot!("table_encrypted", show(&["--key", NETZ_NOE_KEY], NETZ_NOE));
    insta::assert_snapshot!("table_locked", show(&[], NETZ_NOE));
    insta::assert_snapshot!("table_short", show(&[], KAIFA));
    insta::assert_snapshot!("table_telegram", show(&[], TELEGRAM));
    insta::assert_snapshot!("table_noise", show(&[], "00 11 22 33 44 55 66 77 88 99"));
}
