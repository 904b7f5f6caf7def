//! A client of HTTP/1.1 that hides nothing.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// GET.
pub async fn get(to: SocketAddr, path: &str) -> Reply {
    send(to, "GET", path, &[], "").await
}

/// Any request; `Host` is sent unless it is among the headers.
pub async fn send(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut stream = BufReader::new(TcpStream::connect(to).await.unwrap());
    write_request(&mut stream, to, method, path, headers, body).await;
    let (status, headers) = read_head(&mut stream).await;
    let mut raw = Vec::new();
    let rest = stream.read_to_end(&mut raw);
    tokio::time::timeout(Duration::from_secs(30), rest).await.unwrap().unwrap();
    let is_chunked = headers.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked");
    let body = if is_chunked { joined(&raw) } else { raw };
    Reply { status, headers, body }
}

/// The status of an answer, however long it goes on.
pub async fn status(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    let mut stream = BufReader::new(TcpStream::connect(to).await.unwrap());
    write_request(&mut stream, to, method, path, headers, "").await;
    read_head(&mut stream).await.0
}

/// The open connection of a request whose answer goes on.
pub async fn open(
    to: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, BufReader<TcpStream>) {
    let mut stream = BufReader::new(TcpStream::connect(to).await.unwrap());
    write_request(&mut stream, to, "GET", path, headers, "").await;
    let (status, _) = read_head(&mut stream).await;
    (status, stream)
}

async fn write_request(
    stream: &mut BufReader<TcpStream>,
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) {
    use std::fmt::Write as _;
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        write!(head, "Host: {to}\r\n").unwrap();
    }
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if !body.is_empty() {
        write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> (u16, Vec<(String, String)>) {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    (status, headers)
}

fn joined(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = raw.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&raw[end + 2..end + 2 + size]);
        raw = &raw[end + 2 + size + 2..];
        if size == 0 {
            break;
        }
    }
    body
}

/// One server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentEvent {
    pub id: String,
    pub kind: String,
    pub data: String,
}

impl SentEvent {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Reads the next event of a stream; `None` when the stream has ended.
pub async fn next_event(stream: &mut BufReader<TcpStream>) -> Option<SentEvent> {
    let mut event = SentEvent::default();
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line);
        let octets = tokio::time::timeout(Duration::from_secs(30), read).await.unwrap().unwrap();
        if octets == 0 {
            return None;
        }
        let line = line.trim_end_matches(['\r', '\n']);
        match line.split_once(": ") {
            Some(("id", id)) => event.id = id.to_owned(),
            Some(("event", kind)) => event.kind = kind.to_owned(),
            Some(("data", data)) => event.data = data.to_owned(),
            // sizes of chunks, comments, the time to come back
            _ if line.is_empty() && !event.kind.is_empty() => return Some(event),
            _ => {}
        }
    }
}
