//! Who gets in: passwords, sessions, tokens, old clients, and pages of other sites.

mod support;

use hanport_engine::outside::Clock;
use hanport_engine::state::Settings;
use serde_json::json;
use support::client::{Reply, get, send};
use support::meter::Simulated;
use support::{Running, options, start};

const PASSWORD: &str = r#"{"password":"korrekt hest"}"#;
const CORRECTIONS: &str = "/api/v1/admin/meters/main/corrections";
const FROM_AFAR: (&str, &str) = ("X-Forwarded-For", "203.0.113.9");

async fn set_up() -> (Running, String) {
    let running = start(options()).await;
    let mut meter = Simulated::new("main", "aidon-no", "2026-01-10T11:58:00", Settings::default());
    meter.run_until(support::NOON.plus(60_000), &running);
    let reply = send(running.address, "POST", "/api/v1/setup", &[], PASSWORD).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    (running, cookie(&reply))
}

#[expect(clippy::unwrap_used, reason = "an answer without its cookie fails the test")]
fn cookie(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

fn correction() -> String {
    json!({
        "register": "active_import",
        "reason": "the meter was opened",
        "change": {"what": "total", "from": "2026-01-09T00:00:00Z", "to": "2026-01-09T01:00:00Z", "wh": 1234},
    })
    .to_string()
}

#[tokio::test]
async fn who_logged_in_may_correct_and_it_is_recorded_who_did() {
    let (running, cookie) = set_up().await;
    let to = running.address;
    let body = correction();
    let reply = send(to, "POST", CORRECTIONS, &[], &body).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"hanport\""));
    let with_cookie = [("Cookie", cookie.as_str())];
    let reply = send(to, "POST", CORRECTIONS, &with_cookie, &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let listed = get(to, "/api/v1/meters/main/corrections").await.json();
    assert_eq!(listed[0]["by"], "owner");
    assert_eq!(listed[0]["wh"], 1234);
    assert_eq!(listed[0]["made"], running.clock.now().to_string());
    // a correction of a day of which nothing was kept counts in its sums
    let path =
        "/api/v1/meters/main/energy?from=2026-01-09T00:00:00Z&to=2026-01-09T00:30:00Z&by=hour";
    let energy = get(to, path).await.json();
    assert_eq!(energy["periods"][0]["registers"]["active_import"]["wh"], 1234);
    assert_eq!(energy["periods"][0]["registers"]["active_import"]["corrected"], true);
    let out = send(to, "DELETE", "/api/v1/session", &with_cookie, "").await;
    assert_eq!(out.status, 204);
    assert_eq!(send(to, "POST", CORRECTIONS, &with_cookie, &body).await.status, 401);
}

#[tokio::test]
async fn a_correction_that_makes_no_sense_is_refused_with_words() {
    let (running, cookie) = set_up().await;
    let sent = |body: String| {
        let cookie = cookie.clone();
        let to = running.address;
        async move { send(to, "POST", CORRECTIONS, &[("Cookie", &cookie)], &body).await }
    };
    for (from, with, words) in [
        ("\"wh\":1234", "\"wh\":-1", "`wh`"),
        ("01:00:00Z", "01:07:00Z", "no edge"),
        ("2026-01-09T01", "2026-01-08T01", "before"),
        ("2026-01-09T01", "2026-03-09T01", "not over"),
        ("the meter was opened", " ", "`reason`"),
        ("active_import", "gas", "register"),
        ("\"what\":\"total\"", "\"what\":\"erase\"", "erase"),
        ("{", "[", "/api/docs"),
    ] {
        let reply = sent(correction().replacen(from, with, 1)).await;
        assert_eq!(reply.status, 400, "{words}");
        assert!(reply.text().contains(words), "{words}: {}", reply.text());
    }
    assert_eq!(get(running.address, "/api/v1/meters/main/corrections").await.json(), json!([]));
}

#[tokio::test]
async fn who_guesses_has_to_wait() {
    let (running, _) = set_up().await;
    let wrong = r#"{"password":"wrong guess"}"#;
    for _ in 0..5 {
        let reply = send(running.address, "POST", "/api/v1/session", &[], wrong).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.header("set-cookie"), None);
    }
    let reply = send(running.address, "POST", "/api/v1/session", &[], PASSWORD).await;
    assert_eq!(reply.status, 429, "the right one has to wait too");
    assert!(reply.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn tokens_are_shown_once_and_do_what_they_may() {
    let (running, cookie) = set_up().await;
    let to = running.address;
    let with_cookie = [("Cookie", cookie.as_str())];
    let make = |name: &str, scope: &str| json!({"name": name, "scope": scope}).to_string();
    let tokens = "/api/v1/admin/tokens";
    let read = send(to, "POST", tokens, &with_cookie, &make("evcc", "read")).await.json();
    let admin = send(to, "POST", tokens, &with_cookie, &make("script", "admin")).await.json();
    assert_eq!(send(to, "POST", tokens, &with_cookie, &make("evcc", "read")).await.status, 409);
    let bearer = |made: &serde_json::Value| format!("Bearer {}", made["token"].as_str().unwrap());
    let (read, admin) = (bearer(&read), bearer(&admin));
    let as_read = [FROM_AFAR, ("Authorization", read.as_str())];
    let as_admin = [FROM_AFAR, ("Authorization", admin.as_str())];
    assert_eq!(send(to, "GET", "/api/v1/meters", &as_read, "").await.status, 200);
    assert_eq!(send(to, "GET", tokens, &as_read, "").await.status, 403);
    let reply = send(to, "POST", CORRECTIONS, &as_admin, &correction()).await;
    assert_eq!(reply.json()["by"], "token script");
    let listed = send(to, "GET", tokens, &as_admin, "").await;
    assert!(!listed.text().contains("hp_"), "the secret is not told again");
    assert_eq!(send(to, "DELETE", "/api/v1/admin/tokens/evcc", &as_admin, "").await.status, 204);
    assert_eq!(send(to, "GET", "/api/v1/meters", &as_read, "").await.status, 401);
}

#[tokio::test]
async fn old_clients_log_in_with_every_request() {
    let (running, _) = set_up().await;
    let to = running.address;
    let refused = send(to, "GET", "/data.json", &[FROM_AFAR], "").await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").unwrap().starts_with("Basic realm=\"Secure Area\""));
    // admin:korrekt hest
    let right = [FROM_AFAR, ("Authorization", "Basic YWRtaW46a29ycmVrdCBoZXN0")];
    let reply = send(to, "GET", "/data.json", &right, "").await;
    assert_eq!((reply.status, &reply.json()["a"]), (200, &json!(true)));
    let again = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(send(to, "GET", "/data.json", &right, "").await.status, 200);
    }
    assert!(again.elapsed() < std::time::Duration::from_secs(2), "it is not hashed every time");
    let wrong = [("Authorization", "Basic YWRtaW46YWRtaW4=")];
    assert_eq!(send(to, "GET", "/data.json", &wrong, "").await.status, 401, "also from nearby");
    assert_eq!(get(to, "/data.json").await.json()["a"], false);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let (running, cookie) = set_up().await;
    let to = running.address;
    for (name, value) in [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://evil.example.com")] {
        let headers = [("Cookie", cookie.as_str()), (name, value)];
        let reply = send(to, "POST", CORRECTIONS, &headers, &correction()).await;
        assert_eq!(reply.status, 403, "{name}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }
    let own = [("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(send(to, "POST", CORRECTIONS, &own, &correction()).await.status, 201);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let (running, cookie) = set_up().await;
    let to = running.address;
    let with_cookie = [("Cookie", cookie.as_str())];
    let change = "/api/v1/admin/password";
    let short = r#"{"current":"korrekt hest","new":"short"}"#;
    assert_eq!(send(to, "POST", change, &with_cookie, short).await.status, 400);
    let wrong = r#"{"current":"korrekt Hest","new":"batteri stift"}"#;
    assert_eq!(send(to, "POST", change, &with_cookie, wrong).await.status, 401);
    let right = r#"{"current":"korrekt hest","new":"batteri stift"}"#;
    let reply = send(to, "POST", change, &with_cookie, right).await;
    assert_eq!(reply.status, 204);
    let fresh = self::cookie(&reply);
    let session = |headers: [(&'static str, String); 1]| async move {
        let [(name, value)] = &headers;
        let reply = send(to, "GET", "/api/v1/session", &[(name, value)], "").await;
        reply.json()["logged_in"].as_bool().unwrap()
    };
    assert!(!session([("Cookie", cookie.clone())]).await);
    assert!(session([("Cookie", fresh)]).await);
    assert_eq!(send(to, "POST", "/api/v1/session", &[], PASSWORD).await.status, 401);
}
