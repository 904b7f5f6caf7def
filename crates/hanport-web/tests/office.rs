//! What an administrator sees and changes, through the sockets.

mod support;

use serde_json::json;
use support::client::{Reply, send};
use support::office::{MARK, SIZE};
use support::{Running, options, start};

struct Door {
    running: Running,
    cookie: String,
}

impl Door {
    async fn open() -> Self {
        let running = start(options()).await;
        let body = r#"{"password":"korrekt hest"}"#;
        let reply = send(running.address, "POST", "/api/v1/setup", &[], body).await;
        let cookie = reply.header("set-cookie").and_then(|text| text.split(';').next());
        let cookie = cookie.map(str::to_owned).unwrap_or_default();
        Self { running, cookie }
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> Reply {
        let path = format!("/api/v1/admin/{path}");
        send(self.running.address, method, &path, &[("Cookie", &self.cookie)], body).await
    }
}

#[tokio::test]
async fn settings_are_seen_checked_and_changed() {
    let door = Door::open().await;
    let seen = door.send("GET", "config", "").await.json();
    assert_eq!(seen["values"]["site"]["zone"], "Europe/Oslo");
    assert_eq!(seen["settings"][0]["path"], "site.zone");
    let wrong = r#"{"site.zone": "Mars"}"#;
    for path in ["config", "config?check=true"] {
        let reply = door.send("PATCH", path, wrong).await;
        assert_eq!(reply.status, 400);
        let problem = reply.json();
        assert_eq!(problem["type"], "urn:hanport:problem:bad-setting");
        assert_eq!(problem["problems"][0]["path"], "site.zone");
        assert!(problem["remedy"].as_str().unwrap().contains("Europe/Oslo"));
    }
    let right = r#"{"site.zone": "Europe/Vienna"}"#;
    let checked = door.send("PATCH", "config?check=true", right).await.json();
    assert_eq!(checked["changed"], json!([]));
    let zone =
        || async { door.send("GET", "config", "").await.json()["values"]["site"].to_string() };
    assert!(zone().await.contains("Oslo"));
    let changed = door.send("PATCH", "config", right).await.json();
    assert_eq!(changed["restart_needed"], json!(["site.zone"]));
    assert!(zone().await.contains("Vienna"));
    assert_eq!(door.send("PATCH", "config", "[1]").await.status, 400);
}

#[tokio::test]
async fn a_backup_goes_out_and_comes_in_whole() {
    let door = Door::open().await;
    let reply = door.send("POST", "backup", "").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-disposition").unwrap().contains("hanport-2026-01-10T110000Z"));
    assert_eq!(reply.body.len(), SIZE);
    assert!(reply.body.starts_with(MARK));
    let text = String::from_utf8(reply.body).unwrap();
    assert_eq!(door.send("POST", "restore", &text).await.status, 204, "larger than other bodies");
    let cut = door.send("POST", "restore", &text[..SIZE - 1]).await;
    assert_eq!(cut.status, 400);
    assert!(cut.text().contains("no backup"), "{}", cut.text());
    let nothing = r#"{"configuration": false, "history": false}"#;
    let reply = door.send("POST", "backup", nothing).await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("nothing to back up"));
}

#[tokio::test]
async fn what_cannot_be_undone_has_to_be_meant() {
    let door = Door::open().await;
    assert_eq!(door.send("POST", "reset", r#"{"perform": false}"#).await.status, 400);
    assert_eq!(door.send("POST", "reset", r#"{"perform": true}"#).await.status, 204);
    let reply = door.send("POST", "restart", "").await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("by hand"));
}
