//! The base map at `/map`: one file of vector tiles, of which browsers fetch the parts they show.
//!
//! Source of the format: `PMTiles` version 3 (<https://github.com/protomaps/PMTiles>), read by the page.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::web::customers::basemap::Basemap;

/// Most bytes of one answer; tiles are far smaller.
const ANSWER_MAX: u64 = 4 << 20;

/// Where the tiles of the base map are.
#[derive(Debug, Clone)]
pub enum Map {
    /// There is none; maps show routes and places on an empty ground.
    None,
    /// In the program.
    Embedded(&'static [u8]),
    /// In a file.
    File(PathBuf),
}

/// Serves the tiles.
pub(crate) fn router(map: Map) -> Router {
    Router::new().route("/map/region.pmtiles", get(part)).with_state(Arc::new(map))
}

async fn part(State(map): State<Arc<Map>>, headers: HeaderMap) -> Response {
    let asked = headers.get(RANGE).and_then(|value| value.to_str().ok()).and_then(asked);
    let read = tokio::task::spawn_blocking(move || map.read(asked)).await;
    match read {
        Ok(Ok(Some((from, bytes, length)))) => answer(from, bytes, length),
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "The base map cannot be read");
            StatusCode::NOT_FOUND.into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "Reading the base map broke off");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// First and last byte of `bytes=0-99`; other forms of the header are not used by maps.
fn asked(range: &str) -> Option<(u64, u64)> {
    let (from, until) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, until): (u64, u64) = (from.trim().parse().ok()?, until.trim().parse().ok()?);
    (from <= until).then_some((from, until))
}

fn answer(from: u64, bytes: Vec<u8>, length: u64) -> Response {
    if bytes.is_empty() {
        let range = [(CONTENT_RANGE, format!("bytes */{length}"))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
    }
    let until = from + bytes.len() as u64 - 1;
    let headers = [
        (CONTENT_TYPE, "application/vnd.pmtiles".to_owned()),
        (CONTENT_RANGE, format!("bytes {from}-{until}/{length}")),
        (ACCEPT_RANGES, "bytes".to_owned()),
        // Tiles are packed already.
        (CONTENT_ENCODING, "identity".to_owned()),
        (CACHE_CONTROL, "private, max-age=3600".to_owned()),
        (ETAG, format!("\"{length:x}\"")),
    ];
    (StatusCode::PARTIAL_CONTENT, headers, bytes).into_response()
}

impl Map {
    /// The base map for small pictures; none if there is none, or it cannot be read.
    pub fn basemap(&self) -> Option<Basemap> {
        match self {
            Self::None => None,
            Self::Embedded(bytes) => Basemap::open(*bytes),
            Self::File(path) => Basemap::open(std::fs::read(path).ok()?),
        }
    }

    /// Where the bytes begin, they themselves, and the length of the whole; none without a map.
    fn read(&self, asked: Option<(u64, u64)>) -> std::io::Result<Option<(u64, Vec<u8>, u64)>> {
        // Nobody needs the whole of it: without a part that is asked for there is none to give.
        let (from, until) = asked.unwrap_or((u64::MAX >> 1, u64::MAX >> 1));
        let count = (until - from + 1).min(ANSWER_MAX);
        match self {
            Self::None => Ok(None),
            Self::Embedded(all) => {
                let length = all.len() as u64;
                let start = usize::try_from(from.min(length)).unwrap_or(all.len());
                let end = usize::try_from((from + count).min(length)).unwrap_or(all.len());
                Ok(Some((from, all[start..end.max(start)].to_vec(), length)))
            }
            Self::File(path) => {
                let mut file = File::open(path)?;
                let length = file.metadata()?.len();
                file.seek(SeekFrom::Start(from))?;
                let mut bytes = Vec::new();
                file.take(count).read_to_end(&mut bytes)?;
                Ok(Some((from, bytes, length)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_whole_and_cut_at_the_end() {
        let map = Map::Embedded(b"0123456789");
        let read = |asked| map.read(Some(asked)).unwrap().unwrap();
        assert_eq!(read((2, 4)), (2, b"234".to_vec(), 10));
        assert_eq!(read((8, 20)), (8, b"89".to_vec(), 10));
        assert_eq!(read((10, 20)).1, Vec::<u8>::new());
        assert_eq!(asked("bytes=5-3"), None);
        assert_eq!(asked("bytes=0-126"), Some((0, 126)));
    }
}
