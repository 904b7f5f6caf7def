//! The settings of a broker, as the adapter wants them.

use hanport_io::broker::{BrokerOptions, ClientCertificate, Login, Password, TlsOptions};

use crate::config::meant::{BrokerConfig, Encryption};

/// The way to a broker.
pub(crate) fn options(broker: &BrokerConfig) -> BrokerOptions {
    let login = (!broker.user.is_empty()).then(|| Login {
        user: broker.user.clone(),
        password: Password(
            broker.password.as_ref().map_or_else(String::new, |p| p.reveal().to_owned()),
        ),
    });
    BrokerOptions {
        host: broker.host.clone(),
        port: Some(broker.port),
        client_id: broker.client_id.clone(),
        login,
        keep_alive_s: broker.keep_alive_s,
        tls: broker.encryption.as_ref().map(tls),
    }
}

fn tls(encryption: &Encryption) -> TlsOptions {
    TlsOptions {
        ca: encryption.authority.clone(),
        client: encryption.client.as_ref().map(|(certificate, key)| ClientCertificate {
            certificate: certificate.clone(),
            key: key.clone(),
        }),
        server_name: encryption.server_name.clone(),
    }
}
