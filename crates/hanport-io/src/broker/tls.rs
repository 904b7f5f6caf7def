//! Certificates: whom to believe, and who one is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rumqttc::TlsConfiguration;
use rumqttc::tokio_rustls::rustls::client::ResolvesClientCert;
use rumqttc::tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use rumqttc::tokio_rustls::rustls::pki_types::pem::PemObject;
use rumqttc::tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rumqttc::tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use rumqttc::tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::BrokerError;

/// TLS. What is left out is the safe choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// A file of certificates (PEM) that are believed instead of the authorities of the system:
    /// of a private CA, or the broker's own where it signed itself.
    pub ca: Option<PathBuf>,
    /// What proves this client to the broker.
    pub client: Option<ClientCertificate>,
    /// The name that the broker's certificate must bear, where it is not the host.
    pub server_name: Option<String>,
}

/// A certificate and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, and those that lead to its root.
    pub certificate: PathBuf,
    /// The key, not encrypted.
    pub key: PathBuf,
}

impl TlsOptions {
    /// Reads the files.
    pub(crate) fn load(&self) -> Result<TlsConfiguration, BrokerError> {
        let mut config = match &self.ca {
            None => system_roots()?,
            Some(path) => own_roots(path)?,
        };
        if let Some(client) = &self.client {
            config.client_auth_cert_resolver = client.load()?;
        }
        Ok(TlsConfiguration::Rustls(Arc::new(config)))
    }
}

fn system_roots() -> Result<ClientConfig, BrokerError> {
    match TlsConfiguration::try_default_rustls() {
        Ok(TlsConfiguration::Rustls(config)) => Ok(Arc::unwrap_or_clone(config)),
        Ok(_) => Err(BrokerError::Roots("they have another form".to_owned())),
        Err(error) => Err(BrokerError::Roots(error.to_string())),
    }
}

fn own_roots(path: &Path) -> Result<ClientConfig, BrokerError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| broken("no CA certificate", path, &error))?;
    }
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| BrokerError::Roots(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

impl ClientCertificate {
    fn load(&self) -> Result<Arc<dyn ResolvesClientCert>, BrokerError> {
        let chain = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|error| broken("no usable key", &self.key, &error))?;
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| {
            broken("the key does not belong to the certificate", &self.key, &error)
        })?;
        Ok(Arc::new(SingleCertAndKey::from(certified)))
    }
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, BrokerError> {
    let text = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| broken("no usable certificate", path, &error))?;
    if found.is_empty() {
        return Err(broken("no certificate", path, &"nothing between BEGIN and END CERTIFICATE"));
    }
    Ok(found)
}

fn read(path: &Path) -> Result<Vec<u8>, BrokerError> {
    std::fs::read(path).map_err(|source| BrokerError::Read { path: path.to_owned(), source })
}

fn broken(what: &'static str, path: &Path, why: &dyn std::fmt::Display) -> BrokerError {
    BrokerError::Certificate { what, path: path.to_owned(), why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_and_one_without_a_certificate_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let options = TlsOptions { ca: Some(path.clone()), ..TlsOptions::default() };
        assert!(matches!(options.load(), Err(BrokerError::Read { .. })));
        std::fs::write(&path, "hello").unwrap();
        let error = options.load().unwrap_err().to_string();
        assert!(error.starts_with("no certificate in "), "{error}");
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")
            .unwrap();
        let error = options.load().unwrap_err().to_string();
        assert!(error.starts_with("no CA certificate in "), "{error}");
    }
}
