//! Who is at a port, when it does not look like the broker that was expected: one plain greeting,
//! and what comes back.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::trouble::say;
use super::{BrokerOptions, Trouble};

/// As long as somebody who is there takes to answer.
const WAIT: Duration = Duration::from_secs(2);

/// CONNECT of MQTT 3.1.1: clean session, keep-alive 5 s, client id `hanport-probe`.
const GREETING: &[u8] = b"\x10\x19\x00\x04MQTT\x04\x02\x00\x05\x00\x0dhanport-probe";

/// Finds out more about a trouble that has several causes; others stay as they are.
pub(crate) async fn look_closer(trouble: Trouble, options: &BrokerOptions) -> Trouble {
    if !matches!(trouble.kind, "closed_at_once" | "no_broker" | "no_tls" | "timeout" | "tls") {
        return trouble;
    }
    let address = options.address();
    let Ok(Some(answer)) = tokio::time::timeout(WAIT * 2, ask(&address)).await else {
        return trouble;
    };
    let has_tls = options.tls.is_some();
    match answer.as_slice() {
        // CONNACK, whatever it says
        [0x20, 0x02, ..] if has_tls => say(
            "no_tls",
            trouble.code,
            format!(
                "the broker at {address} does not speak TLS at this port; brokers speak it on another one than the plain (usually 8883)"
            ),
        ),
        // an alert
        [0x15, 0x03, ..] if !has_tls => say(
            "wants_tls",
            trouble.code,
            format!(
                "{address} speaks TLS at this port; switch TLS on, or take the plain port (usually 1883)"
            ),
        ),
        text if text.starts_with(b"HTTP/") => say(
            "no_broker",
            trouble.code,
            format!(
                "a web server answers at {address}, no MQTT broker; brokers listen at port 1883, with TLS at 8883"
            ),
        ),
        text if text.len() > 3 && text.iter().take(4).all(u8::is_ascii_graphic) => {
            let shown: String = text
                .iter()
                .take(40)
                .take_while(|octet| octet.is_ascii_graphic() || **octet == b' ')
                .map(|octet| char::from(*octet))
                .collect();
            let text = format!(
                "what answers at {address} is no MQTT broker: it says `{shown}`; is the port right?"
            );
            say("no_broker", trouble.code, text)
        }
        _ => trouble,
    }
}

async fn ask(address: &str) -> Option<Vec<u8>> {
    let mut stream = tokio::time::timeout(WAIT, TcpStream::connect(address)).await.ok()?.ok()?;
    stream.write_all(GREETING).await.ok()?;
    let mut answer = vec![0; 64];
    let length = tokio::time::timeout(WAIT, stream.read(&mut answer)).await.ok()?.ok()?;
    answer.truncate(length);
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_states_its_own_length() {
        assert_eq!(GREETING.len(), 2 + usize::from(GREETING[1]));
        assert_eq!(GREETING.len() - 14, usize::from(GREETING[13]));
    }
}
