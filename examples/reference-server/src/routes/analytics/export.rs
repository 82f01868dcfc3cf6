//! Records as a file, page by page: however many there are, one page is in memory.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header;
use palisade::{
    analytics::{Cursor, Filter, StoreError},
    core::Rejection,
};

use super::{asked::on_a_thread, csv, question::Form};
use crate::app::Shared;

/// Records of one page: some hundred kilobytes at the most.
const PAGE: usize = 500;

/// A file that is being made. When the client hangs up it is dropped, and nothing more is asked.
pub(super) struct File {
    pub(super) shared: Arc<Shared>,
    pub(super) filter: Filter,
    pub(super) form: Form,
    /// Where it goes on.
    pub(super) before: Option<Cursor>,
    /// How many records are left to tell; none, if there is no limit.
    pub(super) left: Option<usize>,
}

// === impl File ===

impl File {
    /// Makes the first page, so that a store that does not answer is a 503 and no broken file; the rest as it is read.
    pub(super) async fn into_response(mut self) -> Result<Response, Rejection> {
        let form = self.form;
        on_a_thread(&self.shared, |analytics| {
            analytics.flush();
            Ok(())
        })
        .await?;
        let mut first = form.header().into_bytes();
        let (page, has_more) = self.page().await?;
        first.extend_from_slice(&page);
        let state = (Some(Bytes::from(first)), has_more.then_some(self));
        let pages = stream::unfold(state, async |(ready, file)| {
            if let Some(ready) = ready {
                return Some((Ok(ready), (None, file)));
            }
            let mut file: Self = file?;
            match file.page().await {
                Ok((page, has_more)) => {
                    Some((Ok(Bytes::from(page)), (None, has_more.then_some(file))))
                }
                // The file ends without its end, which every client notices.
                Err(_) => {
                    Some((Err(std::io::Error::other("the store does not answer")), (None, None)))
                }
            }
        });
        let headers = [
            (header::CONTENT_TYPE, form.media_type()),
            (header::CONTENT_DISPOSITION, form.disposition()),
        ];
        Ok((headers, Body::from_stream(pages)).into_response())
    }

    /// The next page, and whether there are more.
    async fn page(&mut self) -> Result<(Vec<u8>, bool), Rejection> {
        let (filter, before, form) = (self.filter.clone(), self.before, self.form);
        let limit = self.left.map_or(PAGE, |left| left.min(PAGE));
        let (text, next, count) = on_a_thread(&self.shared, move |analytics| {
            let page = analytics.store().page(&filter, before, limit)?;
            let mut text = String::new();
            for record in &page.records {
                match form {
                    Form::Csv => csv::push(&mut text, record).map_err(StoreError::new)?,
                    Form::Ndjson => {
                        text += &serde_json::to_string(&**record).map_err(StoreError::new)?;
                        text.push('\n');
                    }
                }
            }
            Ok((text, page.next, page.records.len()))
        })
        .await?;
        self.before = next;
        self.left = self.left.map(|left| left.saturating_sub(count));
        Ok((text.into_bytes(), next.is_some() && self.left != Some(0)))
    }
}

// === impl Form ===

impl Form {
    fn header(self) -> String {
        match self {
            Self::Csv => csv::header(),
            Self::Ndjson => String::new(),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    const fn disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"analytics.csv\"",
            Self::Ndjson => "attachment; filename=\"analytics.ndjson\"",
        }
    }
}
