//! Pages and files fetched over HTTP: prices, plots of other readers, news of versions.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

/// Redirections that are followed.
const REDIRECTIONS: usize = 5;

/// Fetches things. One for the whole program: connections are kept for a while.
#[derive(Clone, Debug)]
pub struct Downloads {
    client: Client,
}

/// Something that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The status: 200, 404.
    pub status: u16,
    /// When to ask again at the earliest, where the server says so: seconds from now, or a date.
    pub retry_after: Option<String>,
    /// What came.
    pub body: Vec<u8>,
}

/// Why something could not be fetched. The text is for people: what, where, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadError {
    /// Nothing came: the name is not known, nobody listens, the network is down.
    Connection(String),
    /// More came than was asked for.
    Large(String),
    /// The server answered with another status than 200.
    Status(u16, String),
    /// It took too long.
    Time(String),
    /// The certificate of the server is not believed.
    Trust(String),
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(text)
            | Self::Large(text)
            | Self::Status(_, text)
            | Self::Time(text)
            | Self::Trust(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for DownloadError {}

impl Downloads {
    /// Waits up to `patience` for a whole answer.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read.
    pub fn new(patience: Duration) -> Result<Self, DownloadError> {
        // somebody else may have chosen it already: it is the same one
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("hanport/", env!("CARGO_PKG_VERSION")))
            .timeout(patience)
            .connect_timeout(patience.min(Duration::from_secs(10)))
            .redirect(Policy::limited(REDIRECTIONS))
            .build()
            .map_err(|error| DownloadError::Trust(format!("nothing can be fetched: {error}")))?;
        Ok(Self { client })
    }

    /// Fetches what stands at an address, whatever its status, up to `most` octets.
    pub async fn page(&self, address: &str, most: usize) -> Result<Page, DownloadError> {
        self.page_with(address, &[], most).await
    }

    /// The same with header fields.
    pub async fn page_with(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        most: usize,
    ) -> Result<Page, DownloadError> {
        let request = self.client.get(address);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut answer = request.send().await.map_err(|error| trouble(address, &error))?;
        let header = answer.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = header.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| trouble(address, &error))? {
            if body.len() + chunk.len() > most {
                let place = place(address);
                let text = format!("{place} sends more than the {most} octets that are expected");
                return Err(DownloadError::Large(text));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Page { status, retry_after, body })
    }

    /// Fetches a text; any other status than 200 is an error.
    pub async fn text(&self, address: &str, most: usize) -> Result<String, DownloadError> {
        let page = self.page(address, most).await?;
        if page.status != 200 {
            let place = place(address);
            let why = match StatusCode::from_u16(page.status) {
                Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                    "it wants a password: write http://user:password@host/".to_owned()
                }
                Ok(StatusCode::NOT_FOUND) => "there is no such page".to_owned(),
                _ => "try again later".to_owned(),
            };
            let text = format!("{place} answers with status {}: {why}", page.status);
            return Err(DownloadError::Status(page.status, text));
        }
        Ok(String::from_utf8_lossy(&page.body).into_owned())
    }
}

/// An address without what may be secret in it: user, password and query.
fn place(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}/{path}")
        }
        None => address.to_owned(),
    }
}

fn trouble(address: &str, error: &reqwest::Error) -> DownloadError {
    let place = place(address);
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    let lower = cause.to_lowercase();
    if error.is_timeout() {
        DownloadError::Time(format!("{place} does not answer in time"))
    } else if lower.contains("certificate") || lower.contains("handshake") {
        DownloadError::Trust(format!("the certificate of {place} is not believed: {cause}"))
    } else if error.is_builder() {
        DownloadError::Connection(format!("{place} is no address: {cause}"))
    } else {
        DownloadError::Connection(format!("{place} cannot be reached: {cause}"))
    }
}

#[cfg(test)]
mod tests;
