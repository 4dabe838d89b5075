//! What people reported, for the operator.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use conf_core::id::MeetingId;
use conf_proto::Problem;
use conf_proto::rest::ReportMade;
use serde::Deserialize;

use crate::app::App;
use crate::clock::utc_now;
use crate::edge::Answer;
use crate::edge::problem::Refusal;
use crate::reports::written;
use crate::store::Wanted;

/// Which of them: all, those of a meeting, or one.
#[derive(Deserialize)]
pub(crate) struct Which {
    meeting: Option<MeetingId>,
    number: Option<u64>,
}

/// `GET /api/v1/reports`: with the operator's key, from this machine too.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Answer<Vec<ReportMade>> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !app.operator.admits(authorization) {
        let problem = Problem::new("key_needed", "reading reports needs the operator's key");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, problem));
    }
    let wanted = Wanted { meeting: which.meeting, number: which.number };
    let reports = app.store.reports(utc_now(), wanted).await.map_err(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "reports could not be read");
        Refusal::unavailable()
    })?;
    Ok(Json(reports.iter().map(written).collect()))
}
