//! Decimal numbers of documents as whole numbers of a finer unit, and back.

/// Largest whole number that every step of a document's arithmetic keeps exact.
const EXACT_MAX: f64 = 9e15;

/// `value` as a whole number, rounded down; `None` if it is not finite or too large.
pub(super) fn floor(value: f64) -> Option<i64> {
    whole(value.floor())
}

/// `value` rounded to the nearest whole number, halves away from zero.
pub(super) fn round(value: f64) -> Option<i64> {
    whole(value.round())
}

/// `value` rounded up.
pub(super) fn ceil(value: f64) -> Option<i64> {
    whole(value.ceil())
}

#[expect(clippy::cast_possible_truncation, reason = "whole and within the range just checked")]
fn whole(value: f64) -> Option<i64> {
    (value.is_finite() && value.abs() <= EXACT_MAX).then_some(value as i64)
}

/// `grains` in units of `scale` grains, without digits that say nothing.
pub(super) fn text(grains: i64, scale: i64) -> String {
    let scale = scale.max(1);
    let (sign, grains) = (if grains < 0 { "-" } else { "" }, grains.unsigned_abs());
    let scale = scale.unsigned_abs();
    let (mut units, rest) = (grains / scale, grains % scale);
    // Three digits: thousandths, rounded to the nearest.
    let mut thousandths = (u128::from(rest) * 2000 + u128::from(scale)) / (u128::from(scale) * 2);
    if thousandths == 1000 {
        (units, thousandths) = (units + 1, 0);
    }
    let digits = format!("{thousandths:03}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { format!("{sign}{units}") } else { format!("{sign}{units}.{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grains_become_decimals_with_as_many_digits_as_needed() {
        assert_eq!(text(8273, 10), "827.3");
        assert_eq!(text(-5, 10), "-0.5");
        assert_eq!(text(1_000, 1_000), "1");
        // 2 / 3 = 0.6666.., and 2.9996 rounds to 3.
        assert_eq!(text(2, 3), "0.667");
        assert_eq!(text(29_996, 10_000), "3");
    }

    #[test]
    fn what_is_no_number_stays_none() {
        assert_eq!(floor(f64::NAN), None);
        assert_eq!(ceil(f64::INFINITY), None);
        assert_eq!((floor(2.9), round(2.5), ceil(2.1)), (Some(2), Some(3), Some(3)));
    }
}
