//! Stands before every handler.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::gate::{Visitor, refused};
use super::level::{Level, Protection};
use crate::origin::Origin;
use crate::problem::Problem;
use crate::site::{Shared, Site};

/// Lets in who may, with the visitor noted in the request.
pub(crate) async fn guard(
    State((site, level)): State<(Shared, Level)>,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = request.extensions().get::<Origin>().cloned();
    let admitted = match origin {
        Some(origin) => admit(&site, level, &origin, request.headers()).await,
        None => Err(refused()),
    };
    match admitted {
        Ok(visitor) => {
            request.extensions_mut().insert(visitor);
            next.run(request).await
        }
        Err(problem) => {
            let asks_for_login = problem.status() == StatusCode::UNAUTHORIZED;
            let mut response = problem.into_response();
            if asks_for_login {
                let challenge = challenge(request.uri().path());
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

/// Programs for existing readers answer a challenge for name and password; the page has a form of
/// its own, over which a browser must not put another.
fn challenge(path: &str) -> HeaderValue {
    HeaderValue::from_static(if path.starts_with("/api/") {
        "Bearer realm=\"hanport\""
    } else {
        "Basic realm=\"Secure Area\", charset=\"UTF-8\""
    })
}

async fn admit(
    site: &Site,
    level: Level,
    origin: &Origin,
    headers: &HeaderMap,
) -> Result<Visitor, Problem> {
    let gate = &site.gate;
    match level {
        Level::Open => Ok(if gate.session(headers) { Visitor::Owner } else { Visitor::Nobody }),
        Level::Setup if gate.has_password() => {
            Err(Problem::new(StatusCode::CONFLICT, "password-set", "A password is set")
                .detail("the first password is set already")
                .remedy("log in and change it there"))
        }
        Level::Setup if origin.is_near => Ok(Visitor::Nobody),
        Level::Setup => Err(from_afar()),
        Level::Read => {
            let visitor = gate.visitor(headers, origin.address).await?;
            let is_public = match (gate.has_password(), site.options.protection) {
                (false, _) | (true, Protection::Changes) => origin.is_near,
                (true, Protection::Everything) => false,
            };
            if visitor != Visitor::Nobody || is_public {
                Ok(visitor)
            } else if gate.has_password() {
                Err(refused()
                    .detail("this needs a login")
                    .remedy("log in on the page, or send a token: `Authorization: Bearer TOKEN`"))
            } else {
                Err(from_afar())
            }
        }
        Level::Admin => {
            let visitor = gate.visitor(headers, origin.address).await?;
            match visitor {
                visitor if visitor.is_admin() => Ok(visitor),
                Visitor::Program { name, .. } => {
                    Err(Problem::new(StatusCode::FORBIDDEN, "read-only", "Read-only token")
                        .detail(format!("the token `{name}` may only read")))
                }
                Visitor::Nobody | Visitor::Owner if gate.has_password() => {
                    Err(refused().detail("changes need a login"))
                }
                Visitor::Nobody | Visitor::Owner => {
                    Err(Problem::new(StatusCode::FORBIDDEN, "no-password", "No password is set")
                        .detail("nothing can be changed before a password is set")
                        .remedy("set one: open the page from the private network"))
                }
            }
        }
    }
}

/// Before a password is set, only the private network comes in.
fn from_afar() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not-from-here", "Not from here")
        .detail("no password is set, so only the private network is answered")
        .remedy(
            "open the page from the private network by its address or local name and set a \
             password; behind a proxy, name it in `trusted_proxies`",
        )
}
