//! Starts the real program and hands back what it said.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

/// The Kaifa list 1 of the description of the format: 1234 W, 2018-01-15 15:30:10.
pub(crate) const KAIFA: &str = "7E A0 27 01 02 01 10 5A 87 E6 E7 00 0F 40 00 00 00 09 0C 07 E2 01 0F 01 \
                         0F 1E 0A FF 80 00 00 02 01 06 00 00 04 D2 72 A7 7E";

/// The Aidon list 1 of the description of the format: 1234 W.
pub(crate) const AIDON: &str = "7E A0 2A 41 08 83 13 04 13 E6 E7 00 0F 40 00 00 00 00 01 01 02 03 09 06 \
                         01 00 01 07 00 FF 06 00 00 04 D2 02 02 0F 00 16 1B 19 F2 7E";

/// A telegram with its checksum: 400 W.
pub(crate) const TELEGRAM: &str =
    "/TST5\\000000000\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.7.0(00.400*kW)\r\n!1726\r\n";

/// The example that `Netz NOe` prints for its customers, two M-Bus frames of a Kaifa MA309.
pub(crate) const NETZ_NOE: &str = "\
68 FA FA 68 53 FF 00 01 67 DB 08 4B 46 4D 67 50 00 00 09 81 F8 20 00 00 00 23 88 D5 AB 4F 97 51
5A AF C6 B8 8D 2F 85 DA A7 A0 E3 C0 C4 0D 00 45 35 C3 97 C9 D0 37 AB 7D BD A3 29 10 76 15 44 48
94 A1 A0 DD 7E 85 F0 2D 49 6C EC D3 FF 46 AF 5F B3 C9 22 9C FE 8F 3E E4 60 6A B2 E1 F4 09 F3 6A
AD 2E 50 90 0A 43 96 FC 6C 2E 08 3F 37 32 33 A6 96 16 95 07 58 BF C7 D6 3A 9E 9B 6E 99 E2 1B 2C
BC 2B 93 47 72 CA 51 FD 4D 69 83 07 11 CA B1 F8 CF F2 5F 0A 32 93 37 CB A5 19 04 F0 CA ED 88 D6
19 68 74 3C 84 54 BA 92 2E B0 00 38 18 2C 22 FE 31 6D 16 F2 A9 F5 44 D6 F7 5D 51 A4 E9 2A 1C 4E
F8 AB 19 A2 B7 FE AA 32 D0 72 6C 0E D8 02 29 AE 6C 0F 76 21 A4 20 92 51 AC E2 B2 BC 66 FF 03 27
A6 53 BB 68 6C 75 6B E0 33 C7 A2 81 F1 D2 A7 E1 FA 31 C3 98 3E 15 F8 FD 16 CC 57 87 E6 F5 17 16
68 14 14 68 53 FF 11 01 67 41 9A 3C FD A4 4B E4 38 C9 6F 0E 38 BF 83 D9 83 16";

/// The key printed beside it.
pub(crate) const NETZ_NOE_KEY: &str = "36C66639E48A8CA4D6BC8B282A793BBB";

/// A telegram ciphered whole, as in Luxembourg: 1234 W, 2024-01-15 12:00:00 winter time.
pub(crate) const SMARTY: &str = "\
DB 08 53 41 47 59 67 70 12 34 82 00 6A 30 00 00 01 F2 61 60 5B D6 E8 38 81 63 7F 43 C7 E4 40 55
7C EF 2F 74 82 22 33 FD B8 6C 15 0D 47 F6 9D 15 11 CF 90 34 A1 B1 8C ED 0F 5C 4D E5 9D 93 93 47
AE 0E 98 69 0B 90 8D CB B4 13 14 A6 C7 D9 49 29 85 DB 2C C8 6B 99 D6 3A 30 7E BF 18 22 F2 E9 A9
E3 66 53 15 2C 13 22 17 EA 32 BF 38 81 D4 CD 7A E4 19 28 DC 5D F5 BB";

/// Its encryption key.
pub(crate) const SMARTY_KEY: &str = "000102030405060708090A0B0C0D0E0F";
/// The authentication key that all meters of that country share.
pub(crate) const SMARTY_AUTH_KEY: &str = "00112233445566778899AABBCCDDEEFF";

/// The octets behind hexadecimal text.
pub(crate) fn octets(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// Runs `hanport` with `arguments` and `input` on standard input.
pub(crate) fn hanport(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hanport"))
        .args(arguments)
        .env_remove("HANPORT_KEY")
        .env_remove("HANPORT_AUTH_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The program speaks while it reads.
    thread::scope(|scope| {
        scope.spawn(move || {
            // A program that refuses its arguments never reads.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().unwrap()
    })
}

/// What it said on standard output.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it said on standard error.
pub(crate) fn complained(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs `decode --format json` with more `arguments`.
pub(crate) fn decode(arguments: &[&str], input: &[u8]) -> (Option<i32>, Value) {
    let output = hanport(&[&["decode", "--format", "json"], arguments].concat(), input);
    let text = said(&output);
    let value = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("no JSON: {text}{}", complained(&output)));
    (output.status.code(), value)
}
