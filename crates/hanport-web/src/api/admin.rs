//! What an administrator sees and changes: settings, backups, a new start.
//!
//! Everything here may read and write files, and is done where nobody waits.

use std::io::{self, Read, Write};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hanport_engine::outside::administration::{Administration, Applied, Failure, Parts};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::corrections::parse_body;
use super::meters::fresh;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::site::{Shared, Site};

/// Pieces of a backup on their way. When there are more, whoever makes them waits for who takes
/// them.
const PIECES: usize = 16;
/// How large a piece is, in octets.
const PIECE: usize = 32 * 1024;

fn office(site: &Site) -> Result<Arc<dyn Administration>, Problem> {
    site.outside.administration.clone().ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "not-set-up", "Not set up")
            .detail("this program runs without a configuration that could be changed")
    })
}

fn failed(failure: Failure) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not-done", "Not done").detail(failure.0)
}

/// Does something with the office where nobody waits.
async fn there<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce(&dyn Administration) -> T + Send + 'static,
) -> Result<T, Problem> {
    let office = office(site)?;
    tokio::task::spawn_blocking(move || work(&*office))
        .await
        .map_err(|_| failed(Failure("a fault of the program".into())))
}

/// All settings: what there is, and how it is set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Configuration {
    /// Every setting with its type, range, default, unit, help and choices.
    #[schema(value_type = Object)]
    settings: Value,
    /// The settings as they are; a secret that is set stands as `***`.
    #[schema(value_type = Object)]
    values: Value,
}

/// All settings
#[utoipa::path(get, path = "/api/v1/admin/config", tag = "admin",
    responses((status = 200, body = Configuration)))]
pub(crate) async fn configuration(State(site): State<Shared>) -> Result<Response, Problem> {
    let (settings, values) = there(&site, |office| (office.describe(), office.values())).await?;
    Ok(fresh(&Configuration { settings, values: values.map_err(failed)? }))
}

/// What became of a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfigurationChange {
    /// The settings that are different now.
    changed: Vec<String>,
    /// Those of them that do nothing until the program is started again.
    restart_needed: Vec<String>,
    /// What is not good, but was done.
    #[schema(value_type = Vec<Object>)]
    warnings: Value,
}

/// Change settings
///
/// An object from paths to values, as in `{"site.zone": "Europe/Oslo"}`; `null` goes back to the
/// default. All of it or nothing. With `?check=true` nothing is changed.
#[utoipa::path(patch, path = "/api/v1/admin/config", tag = "admin",
    params(("check" = Option<bool>, Query, description = "Only tell what would be wrong")),
    request_body = Object,
    responses((status = 200, body = ConfigurationChange), (status = 400)))]
pub(crate) async fn change(
    State(site): State<Shared>,
    parameters: Parameters,
    body: Bytes,
) -> Result<Response, Problem> {
    let parameters = parameters.only(&["check"])?;
    let patch: Value = parse_body(&body)?;
    if !patch.is_object() {
        return Err(Problem::body("settings are an object from paths to values"));
    }
    let only_check = parameters.flag("check")?;
    let done = there(&site, move |office| {
        if only_check {
            let problems = office.check(&patch);
            let bad = problems.iter().any(|problem| {
                problem.severity == hanport_engine::outside::administration::Severity::Error
            });
            if bad {
                Err(problems)
            } else {
                Ok(Applied { warnings: problems, ..Applied::default() })
            }
        } else {
            office.change(&patch)
        }
    })
    .await?;
    match done {
        Ok(applied) => Ok(fresh(&ConfigurationChange {
            changed: applied.changed,
            restart_needed: applied.restart_needed,
            warnings: json!(applied.warnings),
        })),
        Err(problems) => {
            let first = problems.first();
            let mut problem = Problem::new(StatusCode::BAD_REQUEST, "bad-setting", "Bad setting");
            if let Some(first) = first {
                problem = problem.detail(format!("`{}`: {}", first.path, first.message));
                if !first.remedy.is_empty() {
                    problem = problem.remedy(first.remedy.clone());
                }
            }
            Err(problem.with("problems", json!(problems)))
        }
    }
}

/// Start again
#[utoipa::path(post, path = "/api/v1/admin/restart", tag = "admin",
    responses((status = 202), (status = 500)))]
pub(crate) async fn restart(State(site): State<Shared>) -> Result<StatusCode, Problem> {
    there(&site, |office| office.restart()).await?.map_err(failed)?;
    Ok(StatusCode::ACCEPTED)
}

/// What has to be said to reset.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    /// `true`: it is meant.
    perform: bool,
}

/// Put the configuration aside
///
/// The next start is the first again. The history stays.
#[utoipa::path(post, path = "/api/v1/admin/reset", tag = "admin", request_body = Reset,
    responses((status = 204), (status = 400)))]
pub(crate) async fn reset(State(site): State<Shared>, body: Bytes) -> Result<StatusCode, Problem> {
    let Reset { perform } = parse_body(&body)?;
    if !perform {
        return Err(Problem::body("nothing was reset").remedy("send {\"perform\": true}"));
    }
    there(&site, |office| office.reset()).await?.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which parts a backup has.
#[derive(Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BackupParts {
    /// The configuration.
    configuration: bool,
    /// The history.
    history: bool,
    /// The secrets too, encrypted with this.
    passphrase: Option<String>,
}

impl Default for BackupParts {
    fn default() -> Self {
        Self { configuration: true, history: true, passphrase: None }
    }
}

impl From<BackupParts> for Parts {
    fn from(parts: BackupParts) -> Self {
        let BackupParts { configuration, history, passphrase } = parts;
        Self { configuration, history, passphrase: passphrase.filter(|text| !text.is_empty()) }
    }
}

/// Hands pieces over as they fill.
struct Pieces {
    held: Vec<u8>,
    to: mpsc::Sender<io::Result<Bytes>>,
}

impl Pieces {
    fn hand_over(&mut self) -> io::Result<()> {
        let piece = Bytes::from(core::mem::take(&mut self.held));
        self.to.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pieces {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(octets);
        if self.held.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() { Ok(()) } else { self.hand_over() }
    }
}

/// Make a backup
///
/// The answer is the file. When it cannot be finished, the connection is cut.
#[utoipa::path(post, path = "/api/v1/admin/backup", tag = "admin", request_body = BackupParts,
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
pub(crate) async fn backup(State(site): State<Shared>, body: Bytes) -> Result<Response, Problem> {
    let parts: BackupParts =
        if body.is_empty() { BackupParts::default() } else { parse_body(&body)? };
    let parts = Parts::from(parts);
    let office = office(&site)?;
    let (to, mut pieces) = mpsc::channel(PIECES);
    tokio::task::spawn_blocking(move || {
        let mut out = Pieces { held: Vec::new(), to };
        let made = office.backup(&parts, &mut out);
        let flushed = out.flush();
        if let Err(failure) = made {
            tracing::warn!(error = %failure, "the backup was not finished");
            let _ = out.to.blocking_send(Err(io::Error::other(failure)));
        } else if let Err(error) = flushed {
            tracing::debug!(%error, "nobody waits for the backup any more");
        }
    });
    // the first piece tells whether there is a backup at all
    let first = match pieces.recv().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(failed(Failure(error.to_string()))),
        None => return Err(failed(Failure("the backup is empty".into()))),
    };
    let rest = stream::unfold(pieces, |mut pieces| async move {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let name = format!("attachment; filename=\"hanport-{}.backup\"", site.now().timestamp());
    let name = name.replace(':', "");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let body = stream::iter([Ok(first)]).chain(rest);
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Reads pieces as they come.
struct Incoming {
    held: Bytes,
    from: mpsc::Receiver<io::Result<Bytes>>,
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.held.is_empty() {
            match self.from.blocking_recv() {
                Some(piece) => self.held = piece?,
                None => return Ok(0),
            }
        }
        let count = self.held.len().min(into.len());
        let piece = self.held.split_to(count);
        if let Some(place) = into.get_mut(..count) {
            place.copy_from_slice(&piece);
        }
        Ok(count)
    }
}

/// Take a backup
///
/// The body is the file. It is checked through before anything is changed, and takes effect at
/// the next start. The passphrase of its secrets stands in the header `X-Passphrase`.
#[utoipa::path(post, path = "/api/v1/admin/restore", tag = "admin",
    params(
        ("configuration" = Option<bool>, Query, description = "Take the configuration; true"),
        ("history" = Option<bool>, Query, description = "Take the history; true"),
        ("X-Passphrase" = Option<String>, Header, description = "Opens the secrets"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204), (status = 400)))]
pub(crate) async fn restore(
    State(site): State<Shared>,
    parameters: Parameters,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let parameters = parameters.only(&["configuration", "history"])?;
    let passphrase = headers.get("x-passphrase").and_then(|text| text.to_str().ok());
    let wanted =
        |name| if parameters.text(name).is_none() { Ok(true) } else { parameters.flag(name) };
    let parts = Parts {
        configuration: wanted("configuration")?,
        history: wanted("history")?,
        passphrase: passphrase.map(str::to_owned),
    };
    let (to, from) = mpsc::channel(PIECES);
    let reading = there(&site, move |office| {
        office.restore(&parts, &mut Incoming { held: Bytes::new(), from })
    });
    let sending = async move {
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(io::Error::other);
            let broken = piece.is_err();
            // the reader has seen enough, or has failed: it says so
            if to.send(piece).await.is_err() || broken {
                break;
            }
        }
    };
    let (restored, ()) = tokio::join!(reading, sending);
    restored?.map_err(|failure| Problem::body(failure.0).remedy("is it a backup of hanport?"))?;
    Ok(StatusCode::NO_CONTENT)
}
