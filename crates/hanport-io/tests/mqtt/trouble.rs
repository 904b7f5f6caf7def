//! What is said when a broker cannot be reached, and what becomes of it.

use std::net::Ipv4Addr;
use std::path::Path;

use hanport_engine::publish::Format;
use hanport_io::broker::{BrokerOptions, ClientCertificate, Login, Password, TlsOptions};
use rstest::rstest;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::meter::{Publisher, message, settings, to};
use crate::mosquitto::{Authority, Mosquitto, free_port};
use crate::subscriber::Subscriber;

const JSON: &[Format] = &[Format::Json];

async fn trouble(broker: BrokerOptions) -> (String, String) {
    let queue = tempfile::tempdir().unwrap();
    let mut publisher = Publisher::start(settings(broker, queue.path(), JSON));
    let trouble = publisher.trouble().await;
    publisher.stop().await;
    trouble
}

async fn connects(broker: BrokerOptions) {
    let queue = tempfile::tempdir().unwrap();
    let mut publisher = Publisher::start(settings(broker, queue.path(), JSON));
    publisher.connected().await;
    publisher.stop().await;
}

async fn with_password() -> Mosquitto {
    Mosquitto::start(|folder, _| {
        let file = folder.join("passwords");
        let made = std::process::Command::new("mosquitto_passwd")
            .args(["-b", "-c"])
            .arg(&file)
            .args(["meter", "secret"])
            .output()
            .expect("mosquitto_passwd is not installed: apt install mosquitto");
        assert!(made.status.success());
        format!("allow_anonymous false\npassword_file {}\n", file.display())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_used_and_a_wrong_one_is_told() {
    let broker = with_password().await;
    let login = |password: &str| {
        Some(Login { user: "meter".to_owned(), password: Password(password.to_owned()) })
    };
    connects(BrokerOptions { login: login("secret"), ..to(broker.port) }).await;
    let (kind, text) = trouble(BrokerOptions { login: login("wrong"), ..to(broker.port) }).await;
    assert_eq!(kind, "login");
    assert!(text.contains("`meter`") && !text.contains("wrong`"), "{text}");
    let (kind, text) = trouble(to(broker.port)).await;
    assert_eq!(kind, "login");
    assert!(text.contains("wants a user name"), "{text}");
}

struct Encrypted {
    broker: Mosquitto,
    authority: Authority,
}

impl Encrypted {
    async fn start(name: &str, wants_client: bool) -> Self {
        let authority = Authority::new();
        let broker = Mosquitto::start(|folder, _| {
            let file = |name: &str| folder.join(name);
            authority.write(&file("ca.pem"));
            authority.issue(name, &file("server.pem"), &file("server.key"));
            let shown = |name: &str| file(name).display().to_string();
            format!(
                "allow_anonymous true\ncafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate {wants_client}\n",
                shown("ca.pem"),
                shown("server.pem"),
                shown("server.key"),
            )
        })
        .await;
        Self { broker, authority }
    }

    fn folder(&self) -> &Path {
        self.broker.folder.path()
    }

    fn options(&self, host: &str) -> BrokerOptions {
        let tls = TlsOptions { ca: Some(self.folder().join("ca.pem")), ..TlsOptions::default() };
        BrokerOptions { host: host.to_owned(), tls: Some(tls), ..to(self.broker.port) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_of_ones_own_is_believed_and_nobody_else() {
    let encrypted = Encrypted::start("localhost", false).await;
    connects(encrypted.options("localhost")).await;
    // the name has to be right
    let (kind, text) = trouble(encrypted.options("127.0.0.1")).await;
    assert_eq!(kind, "tls_name", "{text}");
    let mut named = encrypted.options("127.0.0.1");
    named.tls.as_mut().unwrap().server_name = Some("localhost".to_owned());
    connects(named).await;
    // and so has the authority
    let other = encrypted.folder().join("other.pem");
    Authority::new().write(&other);
    let mut wrong = encrypted.options("localhost");
    wrong.tls.as_mut().unwrap().ca = Some(other);
    let (kind, text) = trouble(wrong).await;
    assert_eq!(kind, "tls_issuer", "{text}");
    // without one those of the system are asked, and they do not know it
    let mut system = encrypted.options("localhost");
    system.tls = Some(TlsOptions::default());
    let (kind, text) = trouble(system).await;
    assert!(["tls_issuer", "certificate"].contains(&kind.as_str()), "{text}");
    // plain words to a port that wants TLS
    let (kind, text) = trouble(to(encrypted.broker.port)).await;
    assert!(["closed_at_once", "wants_tls"].contains(&kind.as_str()), "{kind} {text}");
    assert!(text.contains("TLS"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_shown_and_a_renewed_one_is_taken_without_a_restart() {
    let mut encrypted = Encrypted::start("localhost", true).await;
    let (kind, text) = trouble(encrypted.options("localhost")).await;
    assert!(["tls_client", "closed_at_once"].contains(&kind.as_str()), "{kind} {text}");
    assert!(text.contains("client certificate"), "{text}");
    let client = ClientCertificate {
        certificate: encrypted.folder().join("client.pem"),
        key: encrypted.folder().join("client.key"),
    };
    let mut options = encrypted.options("localhost");
    options.tls.as_mut().unwrap().client = Some(client.clone());
    // the files are not there yet
    let queue = tempfile::tempdir().unwrap();
    let mut publisher = Publisher::start(settings(options, queue.path(), JSON));
    let (kind, text) = publisher.trouble().await;
    assert_eq!(kind, "certificate");
    assert!(text.contains("client.pem"), "{text}");
    let issue = |authority: &Authority| {
        authority.issue("meter", &client.certificate, &client.key);
    };
    issue(&encrypted.authority);
    publisher.connected().await;
    // one that the broker does not know, then a renewed right one
    issue(&Authority::new());
    encrypted.broker.stop().await;
    encrypted.broker.again().await;
    publisher
        .until("refused", |health| {
            health.trouble().is_some_and(|trouble| {
                trouble.kind == "tls_client"
                    || trouble.kind == "closed_at_once"
                    || trouble.kind == "tls"
            })
        })
        .await;
    issue(&encrypted.authority);
    publisher.connected().await;
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_speak_tls_does_not_look_like_a_broker_or_is_not_there_is_told() {
    let plain = Mosquitto::open().await;
    let tls = TlsOptions { ca: Some("/nowhere/ca.pem".into()), ..TlsOptions::default() };
    let (kind, text) = trouble(BrokerOptions { tls: Some(tls), ..to(plain.port) }).await;
    assert_eq!(kind, "certificate");
    assert!(text.contains("/nowhere/ca.pem"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    Authority::new().write(&folder.path().join("ca.pem"));
    let tls = TlsOptions { ca: Some(folder.path().join("ca.pem")), ..TlsOptions::default() };
    let (kind, text) = trouble(BrokerOptions { tls: Some(tls), ..to(plain.port) }).await;
    assert_eq!(kind, "no_tls", "{text}");
    let (kind, text) = trouble(to(free_port().await)).await;
    assert_eq!(kind, "refused");
    assert!(text.contains("nobody listens at 127.0.0.1:"), "{text}");
    let (kind, text) =
        trouble(BrokerOptions { host: "no-such-broker.invalid".to_owned(), ..to(1883) }).await;
    assert_eq!(kind, "name", "{text}");
}

#[rstest]
#[case::web_server(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")]
#[case::shell(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")]
#[tokio::test(flavor = "multi_thread")]
async fn another_service_at_the_port_is_told(#[case] greeting: &'static [u8]) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut service = JoinSet::new();
    service.spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            client.write_all(greeting).await.unwrap();
            open.push(client);
        }
    });
    let (kind, text) = trouble(to(port)).await;
    assert_eq!(kind, "no_broker", "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_of_one_id_are_told_apart_from_a_bad_line() {
    let broker = Mosquitto::open().await;
    let queue = tempfile::tempdir().unwrap();
    let mut publisher = Publisher::start(settings(to(broker.port), queue.path(), JSON));
    publisher.connected().await;
    let twin = rumqttc::MqttOptions::new("publisher", ("127.0.0.1", broker.port));
    let _twin = Subscriber::with(twin).await;
    let health = publisher
        .until("thrown out", |h| h.trouble().is_some_and(|trouble| trouble.kind == "taken_over"))
        .await;
    let text = &health.trouble().unwrap().text;
    assert!(text.contains("client id `publisher`"), "{text}");
    publisher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_at_an_address_of_version_six_is_reached() {
    let broker =
        Mosquitto::start(|_, port| format!("allow_anonymous true\nlistener {port} ::1\n")).await;
    let mut subscriber = Subscriber::new(broker.port).await;
    let queue = tempfile::tempdir().unwrap();
    let options = BrokerOptions { host: "[::1]".to_owned(), ..to(broker.port) };
    let mut publisher = Publisher::start(settings(options, queue.path(), JSON));
    publisher.connected().await;
    publisher.board.publish(&message("main", 5));
    subscriber.wait(|heard| heard.topic == "ams").await;
    publisher.stop().await;
}
