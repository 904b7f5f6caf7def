//! Lets in or refuses.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::level::Level;
use super::vault::Vault;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::site::Shared;

/// Decides who may do what.
#[derive(Debug, Default)]
pub(crate) struct Gate;

impl Gate {
    /// With the credentials that were kept.
    pub(crate) fn open(vault: &dyn Vault) -> Result<Self, String> {
        vault.load()?;
        Ok(Self)
    }
}

/// Who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// Somebody who did not log in.
    Nobody,
}

impl Visitor {
    /// The name under which changes are recorded.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Nobody => "nobody".into(),
        }
    }
}

/// Stands before every handler.
pub(crate) async fn guard(
    State((_site, level)): State<(Shared, Level)>,
    mut request: Request,
    next: Next,
) -> Response {
    let near = request.extensions().get::<Origin>().is_some_and(|origin| origin.is_near);
    let visitor = match level {
        Level::Open => Visitor::Nobody,
        Level::Read if near => Visitor::Nobody,
        Level::Admin | Level::Read => {
            return Problem::new(StatusCode::FORBIDDEN, "refused", "Refused").into_response();
        }
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}
