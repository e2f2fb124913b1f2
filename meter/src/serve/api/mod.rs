//! The HTTP API of a file: routes, Lambda authorizers in front of them, and CORS.
//!
//! ```text
//! key           finds the route of a request
//! authorizer    asks the authorizer, and keeps its answers
//! identity      reads the identity sources from a request
//! decision      reads the authorizer's answer
//! policy        evaluates an IAM policy
//! cors          answers preflights, and sets headers
//! ```

mod authorizer;
mod cors;
mod decision;
mod identity;
mod key;
mod policy;

use super::api_error::ApiError;
use super::functions::Functions;
use super::pool::Pool;
use super::reply::{Reply, message, read};
use super::web::{self, Face, Matched};
use crate::event::MAX_SIZE;
use crate::matrix::{Draft, DraftRoute, MatrixError, PayloadFormat, suggestion};
use authorizer::Authorizer;
use cors::Cors;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use key::RouteKey;
use std::sync::Arc;

/// An HTTP API.
#[derive(Debug)]
pub(super) struct HttpApi {
    routes: Vec<Route>,
    cors: Option<Cors>,
}

#[derive(Debug)]
struct Route {
    key: RouteKey,
    pool: Arc<Pool>,
    authorizer: Option<Arc<Authorizer>>,
    payload: PayloadFormat,
}

impl HttpApi {
    /// The routes of a file, if it has any.
    ///
    /// # Errors
    ///
    /// For a wrong key or identity source, an unknown name, or a name that is there twice.
    pub(super) fn open(file: &Draft, functions: &Functions) -> Result<Option<Self>, MatrixError> {
        let mut authorizers: Vec<Arc<Authorizer>> = Vec::new();
        for draft in &file.authorizers {
            let pool = functions.named(format!("the authorizer {}", draft.name), &draft.target)?;
            if authorizers.iter().any(|other| other.name == draft.name) {
                let hint = "routes refer to an authorizer by its name";
                return Err(MatrixError::Twice { kind: "authorizer", name: draft.name.clone(), hint });
            }
            authorizers.push(Arc::new(Authorizer::new(draft, pool)?));
        }
        let mut routes: Vec<Route> = Vec::new();
        for draft in &file.routes {
            let route = route(draft, functions, &authorizers)?;
            if routes.iter().any(|other| other.key == route.key) {
                let hint = "one function answers a route";
                return Err(MatrixError::Twice { kind: "route", name: draft.key.clone(), hint });
            }
            routes.push(route);
        }
        let cors = file.cors.as_ref().map(Cors::new).transpose()?;
        if routes.is_empty() && cors.is_some() {
            return Err(MatrixError::missing(
                "[cors] belongs to the routes, and the file has none",
                "a [[route]] with key and target, or a file without [cors]",
            ));
        }
        Ok((!routes.is_empty()).then_some(Self { routes, cors }))
    }

    /// A line for each route.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.routes.iter().map(|route| {
            let guard = route.authorizer.as_ref();
            let guard =
                guard.map_or_else(String::new, |authorizer| format!(", authorizer {}", authorizer.name));
            format!("{} -> {}{guard}", route.key.text, route.pool.configuration().function_name)
        })
    }

    /// Answers a request, by its route and the route's authorizer.
    ///
    /// As on AWS, a preflight needs no route, and one that matches `ANY` or `$default` is for that route's
    /// authorizer too.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Result<Reply, ApiError> {
        let (parts, body) = request.into_parts();
        let body = read(Request::new(body), MAX_SIZE).await?;
        let found = key::find(self.routes.iter().map(|route| &route.key), &parts.method, parts.uri.path());
        let preflight = self.cors.as_ref().and_then(|cors| cors.preflight(&parts));
        let Some((index, parameters)) = found else {
            return Ok(preflight.unwrap_or_else(|| message(StatusCode::NOT_FOUND, "Not Found")));
        };
        let route = &self.routes[index];
        let mut matched =
            Matched { key: route.key.text.clone(), parameters, context: None, payload: route.payload };
        if let Some(authorizer) = &route.authorizer {
            match authorizer.ask(&parts, &matched).await {
                Ok(context) => matched.context = Some(context),
                Err(refusal) => {
                    let (status, text) = refusal.reply();
                    return Ok(message(status, text));
                }
            }
        }
        if let Some(reply) = preflight {
            return Ok(reply);
        }
        let mut reply = web::invoke(&route.pool, Face::Api, &parts, &body, &matched).await?;
        if let Some(cors) = &self.cors {
            cors.dress(&parts, &mut reply);
        }
        Ok(reply)
    }
}

fn route(
    draft: &DraftRoute,
    functions: &Functions,
    authorizers: &[Arc<Authorizer>],
) -> Result<Route, MatrixError> {
    let key = RouteKey::parse(&draft.key).map_err(|problem| {
        MatrixError::missing(
            format!("the key {:?} of a [[route]] {problem}", draft.key),
            "key = \"GET /pi/{digits}\", \"ANY /{proxy+}\" or \"$default\"",
        )
    })?;
    let pool = functions.named(format!("the route {}", draft.key), &draft.target)?;
    let named = |name: &String| {
        let found = authorizers.iter().find(|authorizer| authorizer.name == *name).cloned();
        found.ok_or_else(|| {
            let names: Vec<&str> = authorizers.iter().map(|authorizer| authorizer.name.as_str()).collect();
            MatrixError::missing(
                format!("the route {} names the unknown authorizer {name}", draft.key),
                format!("{}the authorizers are {}", suggestion(name, &names), names.join(", ")),
            )
        })
    };
    let authorizer = draft.authorizer.as_ref().map(named).transpose()?;
    Ok(Route { key, pool, authorizer, payload: draft.payload })
}
