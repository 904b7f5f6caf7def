//! A real broker on a free port, and what one needs to talk to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// A port that nobody listens at.
pub(crate) async fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

/// A running broker; killed when dropped.
pub(crate) struct Mosquitto {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    config: PathBuf,
    /// Its files.
    pub(crate) folder: TempDir,
}

impl Mosquitto {
    /// Everybody may do everything.
    pub(crate) async fn open() -> Self {
        Self::start(|_, _| "allow_anonymous true\n".to_owned()).await
    }

    /// With more lines of configuration, which may name files in its folder.
    pub(crate) async fn start(more: impl Fn(&Path, u16) -> String) -> Self {
        // another program may take the port between the finding and the listening
        for _ in 0..5 {
            let port = free_port().await;
            if let Some(broker) = Self::try_start(port, &more).await {
                return broker;
            }
        }
        panic!("mosquitto does not start; is the package mosquitto installed?");
    }

    async fn try_start(port: u16, more: impl Fn(&Path, u16) -> String) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("mosquitto.conf");
        let text = format!(
            "user root\npersistence false\nmax_queued_messages 0\nmax_inflight_messages 0\nlog_dest none\nlistener {port} 127.0.0.1\n{}",
            more(folder.path(), port)
        );
        std::fs::write(&config, text).unwrap();
        let mut child = spawn(&config);
        let up = listening(port, &mut child).await;
        up.then_some(Self { child, port, config, folder })
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM.
    pub(crate) async fn stop(&mut self) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap());
        rustix::process::kill_process(id.unwrap(), rustix::process::Signal::TERM).unwrap();
        self.child.wait().await.unwrap();
    }

    /// Again, at the same port.
    pub(crate) async fn again(&mut self) {
        for _ in 0..20 {
            self.child = spawn(&self.config);
            if listening(self.port, &mut self.child).await {
                return;
            }
        }
        panic!("mosquitto does not start again at {}", self.port);
    }
}

fn spawn(config: &Path) -> Child {
    Command::new(
        ["/usr/sbin/mosquitto", "mosquitto"]
            [usize::from(!Path::new("/usr/sbin/mosquitto").exists())],
    )
    .arg("-c")
    .arg(config)
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .kill_on_drop(true)
    .spawn()
    .expect("mosquitto is not installed: apt install mosquitto")
}

async fn listening(port: u16, child: &mut Child) -> bool {
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    for _ in 0..200 {
        if TcpStream::connect(at).await.is_ok() {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// A CA and what it signed.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
        let key = KeyPair::generate().unwrap();
        Self { issuer: CertifiedIssuer::self_signed(params, key).unwrap() }
    }

    /// Writes its certificate.
    pub(crate) fn write(&self, path: &Path) {
        std::fs::write(path, self.issuer.pem()).unwrap();
    }

    /// Writes a certificate for a name, and its key.
    pub(crate) fn issue(&self, name: &str, certificate: &Path, key: &Path) {
        let pair = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let signed = params.signed_by(&pair, &self.issuer).unwrap();
        std::fs::write(certificate, signed.pem()).unwrap();
        std::fs::write(key, pair.serialize_pem()).unwrap();
    }
}
