//! What an OSRM server answers, checked before it is believed.

use serde::Deserialize;

use crate::travel::legs::LegRaw;

/// Longest drive believed, in seconds, and longest distance, in metres: a year, and around the
/// Earth ten times.
const SECONDS_MAX: f64 = 31_536_000.0;
const METRES_MAX: f64 = 400_000_000.0;

#[derive(Debug, Deserialize)]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
    durations: Option<Vec<Vec<Option<f64>>>>,
    distances: Option<Vec<Vec<Option<f64>>>>,
}

/// Reads the answer to one block: the drives of a hub to or from `count` others.
///
/// Seconds are rounded up so that a promise holds, metres to the nearest. A drive that is null has
/// no way.
///
/// # Errors
/// What is wrong with the answer, in words.
pub fn parse(body: &[u8], count: usize, outward: bool) -> Result<Vec<LegRaw>, String> {
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|error| format!("its answer is not what the table service says: {error}"))?;
    if answer.code != "Ok" {
        let message: String = answer.message.chars().take(200).collect();
        return Err(format!("it says {}: {message}", answer.code));
    }
    let durations = flat("durations", answer.durations, count, outward)?;
    let distances = flat("distances", answer.distances, count, outward)?;
    durations.into_iter().zip(distances).map(|(seconds, metres)| leg(seconds, metres)).collect()
}

/// One row, or one column, as a list.
fn flat(
    name: &str,
    table: Option<Vec<Vec<Option<f64>>>>,
    count: usize,
    outward: bool,
) -> Result<Vec<Option<f64>>, String> {
    let table = table.ok_or_else(|| format!("its answer has no {name}"))?;
    let (rows, columns) = if outward { (1, count) } else { (count, 1) };
    if table.len() != rows || table.iter().any(|row| row.len() != columns) {
        return Err(format!("its {name} are not a table of {rows} by {columns}"));
    }
    Ok(table.into_iter().flatten().collect())
}

fn leg(seconds: Option<f64>, metres: Option<f64>) -> Result<LegRaw, String> {
    let (Some(seconds), Some(metres)) = (seconds, metres) else {
        return Ok(LegRaw::UNREACHABLE);
    };
    let believable = (0.0..=SECONDS_MAX).contains(&seconds) && (0.0..=METRES_MAX).contains(&metres);
    if !believable {
        return Err(format!("it says a drive takes {seconds} s and {metres} m"));
    }
    Ok(LegRaw { seconds: whole(seconds.ceil()), metres: whole(metres.round()) })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value was checked to be between 0 and 400,000,000"
)]
fn whole(value: f64) -> u32 {
    value as u32
}
