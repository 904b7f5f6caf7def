//! Against servers of our own on free ports.

use std::io::{Read as _, Write as _};

use tokio::net::TcpListener;

use super::*;

/// A server that answers one request, and what it was asked.
async fn serve(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::task::spawn_blocking(move || {
        let listener = listener.into_std().unwrap();
        listener.set_nonblocking(false).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut piece = [0u8; 1024];
        while !asked.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut piece).unwrap();
            asked.extend_from_slice(&piece[..read]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(asked).unwrap()
    });
    (format!("http://{address}/a?key=secret"), served)
}

fn downloads() -> Downloads {
    Downloads::new(Duration::from_secs(5)).expect("certificates can be read")
}

#[tokio::test]
async fn a_text_is_fetched_and_says_who_asks() {
    let (address, asked) =
        serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi").await;
    assert_eq!(downloads().text(&address, 10).await, Ok("hi".to_owned()));
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("GET /a?key=secret HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("user-agent: hanport/"), "{asked}");
}

#[tokio::test]
async fn too_much_is_refused_without_telling_secrets() {
    let (address, asked) =
        serve("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await;
    let error = downloads().text(&address, 4).await.unwrap_err();
    assert!(matches!(&error, DownloadError::Large(text) if !text.contains("secret")), "{error}");
    asked.await.unwrap();
}

#[tokio::test]
async fn another_status_is_told_with_when_to_come_again() {
    let answer = "HTTP/1.1 429 Too Many\r\nretry-after: 60\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (address, asked) = serve(answer).await;
    let page = downloads().page(&address, 10).await.unwrap();
    assert_eq!((page.status, page.retry_after.as_deref()), (429, Some("60")));
    asked.await.unwrap();
    let (address, asked) = serve(answer).await;
    assert!(matches!(downloads().text(&address, 10).await, Err(DownloadError::Status(429, _))));
    asked.await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://u:p@{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = downloads().text(&address, 10).await.unwrap_err();
    assert!(matches!(&error, DownloadError::Connection(text) if !text.contains("u:p")), "{error}");
}
