//! Logging in and out, the first password, and the tokens of programs.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gate::Visitor;
use super::header::COOKIE;
use super::password::complaint;
use super::sessions::{IDLE, hash, hexadecimal, random};
use super::vault::Token;
use crate::api::corrections::parse_body;
use crate::api::meters::fresh;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::site::{Shared, Site};

/// Tokens at one time.
const TOKENS: usize = 64;

/// What the asker may do.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "independent answers to a page's questions")]
pub(crate) struct SessionState {
    /// Whether they are logged in.
    logged_in: bool,
    /// Whether a password is set.
    password_set: bool,
    /// Whether they may set the first password.
    may_set_up: bool,
    /// Whether they may read data as they are.
    may_read: bool,
    /// What needs a login: `changes` or `everything`.
    protection: &'static str,
}

/// What the asker may do
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = SessionState)))]
pub(crate) async fn state(
    State(site): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Extension(origin): Extension<Origin>,
) -> Response {
    let password_set = site.gate.has_password();
    let logged_in = visitor == Visitor::Owner;
    let everything = site.options.protection == super::Protection::Everything;
    fresh(&SessionState {
        logged_in,
        password_set,
        may_set_up: !password_set && origin.is_near,
        may_read: logged_in || origin.is_near && !(password_set && everything),
        protection: site.options.protection.name(),
    })
}

/// A password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// The password, at least 8 characters.
    password: String,
}

/// Log in
///
/// The answer sets a cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = PasswordBody,
    responses((status = 204), (status = 401), (status = 429)))]
pub(crate) async fn log_in(
    State(site): State<Shared>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Problem> {
    let PasswordBody { password } = parse_body(&body)?;
    site.gate.check(password, origin.address).await?;
    begin(&site, &origin)
}

/// Log out
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)))]
pub(crate) async fn log_out(
    State(site): State<Shared>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
) -> Response {
    site.gate.log_out(&headers);
    with_cookie(&origin, "", 0)
}

/// Set the first password
///
/// Only from the private network, and only as long as there is none. Logs in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "session", request_body = PasswordBody,
    responses((status = 204), (status = 403), (status = 409)))]
pub(crate) async fn set_up(
    State(site): State<Shared>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Problem> {
    let PasswordBody { password } = parse_body(&body)?;
    let hash = new_hash(&site, password).await?;
    // of two that come at once the first one wins
    site.gate.change(|credentials| {
        if credentials.password.is_some() {
            let problem = Problem::new(StatusCode::CONFLICT, "password-set", "A password is set");
            return Err(problem.detail("somebody else set the first password just now"));
        }
        credentials.password = Some(hash);
        Ok(())
    })?;
    tracing::info!(address = %origin.address, "the first password is set");
    begin(&site, &origin)
}

/// An old and a new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The password as it is.
    current: String,
    /// The new one, at least 8 characters.
    new: String,
}

/// Change the password
///
/// Ends all sessions but the one this asks for. Tokens stay.
#[utoipa::path(post, path = "/api/v1/admin/password", tag = "admin", request_body = NewPassword,
    responses((status = 204), (status = 401)))]
pub(crate) async fn change_password(
    State(site): State<Shared>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Problem> {
    let NewPassword { current, new } = parse_body(&body)?;
    site.gate.check(current, origin.address).await?;
    let hash = new_hash(&site, new).await?;
    site.gate.change(|credentials| {
        credentials.password = Some(hash);
        Ok(())
    })?;
    site.gate.log_out_all();
    tracing::info!(address = %origin.address, "the password is changed");
    begin(&site, &origin)
}

async fn new_hash(site: &Site, password: String) -> Result<String, Problem> {
    if let Some(complaint) = complaint(&password) {
        return Err(Problem::body(complaint));
    }
    site.gate.hashed(password).await
}

fn begin(site: &Site, origin: &Origin) -> Result<Response, Problem> {
    let secret = site.gate.log_in().ok_or_else(no_random)?;
    Ok(with_cookie(origin, &secret, IDLE.as_secs()))
}

fn no_random() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "A fault of the machine")
        .detail("the operating system gives no random numbers")
}

fn with_cookie(origin: &Origin, secret: &str, seconds: u64) -> Response {
    let secure = if origin.is_secure { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={secret}; Path={}/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
        origin.base
    );
    let mut response =
        (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenRow {
    /// What it is for.
    name: String,
    /// `admin` or `read`.
    scope: &'static str,
    /// When it was made.
    made: String,
}

impl From<Token> for TokenRow {
    fn from(token: Token) -> Self {
        let scope = if token.admin { "admin" } else { "read" };
        Self { name: token.name, scope, made: token.made }
    }
}

/// The tokens of programs
#[utoipa::path(get, path = "/api/v1/admin/tokens", tag = "admin",
    responses((status = 200, body = [TokenRow])))]
pub(crate) async fn tokens(State(site): State<Shared>) -> Response {
    let rows: Vec<TokenRow> = site.gate.tokens().into_iter().map(TokenRow::from).collect();
    fresh(&rows)
}

/// A token that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is for, in your words.
    name: String,
    /// What it may do.
    scope: Scope,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Read and change.
    Admin,
    /// Read.
    Read,
}

/// A token as it is shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// What it is for.
    name: String,
    /// The token. It cannot be shown again.
    token: String,
}

/// Make a token
///
/// The answer shows it; only its hash is kept.
#[utoipa::path(post, path = "/api/v1/admin/tokens", tag = "admin", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 409)))]
pub(crate) async fn make_token(
    State(site): State<Shared>,
    body: Bytes,
) -> Result<Response, Problem> {
    let NewToken { name, scope } = parse_body(&body)?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.len() > 60 || name.chars().any(char::is_control) {
        return Err(Problem::body("`name` must have 1 to 60 characters"));
    }
    let token = format!("hp_{}", random().ok_or_else(no_random)?);
    let kept = Token {
        name: name.clone(),
        hash: hexadecimal(&hash(&token)),
        admin: matches!(scope, Scope::Admin),
        made: site.now().to_string(),
    };
    site.gate.change(|credentials| {
        let taken = credentials.tokens.iter().any(|known| known.name == kept.name);
        if taken || credentials.tokens.len() >= TOKENS {
            let reason =
                if taken { "there is a token of this name" } else { "there are 64 tokens" };
            return Err(Problem::new(StatusCode::CONFLICT, "token", "No new token")
                .detail(reason)
                .remedy("delete one that is not needed"));
        }
        credentials.tokens.push(kept);
        Ok(())
    })?;
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(MadeToken { name, token })).into_response())
}

/// Delete a token
#[utoipa::path(delete, path = "/api/v1/admin/tokens/{name}", tag = "admin",
    params(("name" = String, Path, description = "Name of the token")),
    responses((status = 204), (status = 404)))]
pub(crate) async fn delete_token(
    State(site): State<Shared>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    site.gate.change(|credentials| {
        let before = credentials.tokens.len();
        credentials.tokens.retain(|token| token.name != name);
        if credentials.tokens.len() == before {
            return Err(Problem::new(StatusCode::NOT_FOUND, "unknown-token", "Unknown token")
                .detail(format!("there is no token `{name}`")));
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_belongs_to_the_path_and_to_nobody_else() {
        let origin = Origin {
            address: "10.0.0.1".parse().unwrap(),
            is_near: true,
            base: "/meter".into(),
            is_secure: true,
        };
        let response = with_cookie(&origin, "abc", 60);
        let cookie = response.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        assert_eq!(
            cookie,
            "hanport_session=abc; Path=/meter/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
